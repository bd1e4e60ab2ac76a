//! The JSON Schema of `summary.json`, made from the types that write it.
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::{SCHEMA, Summary};

/// The JSON Schema (draft 2020-12) of this version's `summary.json`.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema: Value = generator.into_root_schema_for::<Summary>().into();
    let version = schema.pointer_mut("/properties/schema");
    if let Some(version) = version.and_then(Value::as_object_mut) {
        version.insert("const".into(), json!(SCHEMA));
    }
    schema["title"] = json!(format!("summary.json of driftband, schema {SCHEMA}"));
    schema
}
