//! Reference entries: reading them, saying them as scenario text, and the table of what disagrees.
pub(crate) mod entries;
pub(crate) mod findings;
pub(crate) mod text;
