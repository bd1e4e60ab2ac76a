//! The policy that trades once.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Makes the initial trade and then holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hold {}
