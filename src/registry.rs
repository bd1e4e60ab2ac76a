//! The one macro that turns a list of models into an enum a scenario can name.
use serde_json::{Value, json};

/// Declares the enum of a family of models: names, serde (externally tagged, after the scenario's lifter has moved
/// `kind` outside), JSON Schema (as the user writes it, with `kind`), and the names that later versions will know.
macro_rules! registry {
    ($(#[$meta:meta])* $vis:vis enum $Name:ident {
        $( $key:literal => $module:ident :: $Model:ident ),+ $(,)?
    } later { $( $later:literal ),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        $vis enum $Name {
            $( #[doc = concat!("`kind = \"", $key, "\"`")] #[serde(rename = $key)] $Model($module::$Model) ),+
        }

        impl $Name {
            /// Names a scenario may use, in the order of the documentation.
            $vis const NAMES: &'static [&'static str] = &[$($key),+];
            /// Names that this version knows of but cannot run.
            $vis const LATER: &'static [&'static str] = &[$($later),*];

            /// Name of this variant in a scenario.
            $vis fn name(&self) -> &'static str {
                match self { $( Self::$Model(_) => $key ),+ }
            }
        }

        impl schemars::JsonSchema for $Name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($Name).into()
            }
            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let known = vec![$( $crate::registry::tagged($key, &<$module::$Model as schemars::JsonSchema>::json_schema(generator)) ),+];
                let later: &[&str] = &[$($later),*];
                $crate::registry::one_of(known, later)
            }
        }
    };
}

/// Schema of one alternative: the model's own table with its `kind`.
pub(crate) fn tagged(key: &str, model: &schemars::Schema) -> Value {
    let mut value = model.clone().to_value();
    if let Some(table) = value.as_object_mut() {
        table.remove("$schema");
        let properties = table.entry("properties").or_insert_with(|| json!({}));
        if let Some(properties) = properties.as_object_mut() {
            properties.insert("kind".into(), json!({ "const": key }));
        }
        let required = table.entry("required").or_insert_with(|| json!([]));
        if let Some(required) = required.as_array_mut() {
            required.insert(0, json!("kind"));
        }
    }
    value
}

/// Schema of a family: one of the known alternatives, or one that a later version will run.
pub(crate) fn one_of(known: Vec<Value>, later: &[&str]) -> schemars::Schema {
    let mut alternatives = known;
    alternatives.extend(later.iter().map(|key| {
        json!({ "type": "object", "properties": { "kind": { "const": key } }, "required": ["kind"], "x-later": true })
    }));
    let mut schema = schemars::Schema::default();
    schema.insert("oneOf".into(), Value::Array(alternatives));
    schema
}
