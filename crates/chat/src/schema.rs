//! The JSON Schemas of the files that unsealing writes, generated from the types so that they cannot drift from them.

use crate::{ConversationFile, UndecidedFile};

/// JSON Schema (2020-12) of [`ConversationFile`].
#[must_use]
pub fn conversation_schema() -> serde_json::Value {
    schemars::schema_for!(ConversationFile).to_value()
}

/// JSON Schema (2020-12) of [`UndecidedFile`].
#[must_use]
pub fn undecided_schema() -> serde_json::Value {
    schemars::schema_for!(UndecidedFile).to_value()
}

#[cfg(test)]
mod tests {
    /// The shipped schemas are the ones that the types give. Rewrite them with `UITLEZEN_BLESS=1 cargo test -p uitlezen-chat`.
    #[test]
    #[allow(clippy::unwrap_used)]
    fn the_shipped_schemas_are_current() {
        for (name, schema) in [("conversation", super::conversation_schema()), ("undecided", super::undecided_schema())] {
            let path = format!("{}/schema/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
            let now = serde_json::to_string_pretty(&schema).unwrap() + "\n";
            if std::env::var_os("UITLEZEN_BLESS").is_some() {
                std::fs::write(&path, &now).unwrap();
            }
            assert_eq!(std::fs::read_to_string(&path).unwrap(), now);
        }
    }
}
