//! The JSON Schema of a conversation file, generated from the types so that it cannot drift from them.

use crate::ConversationFile;

/// JSON Schema (2020-12) of [`ConversationFile`].
#[must_use]
pub fn conversation_schema() -> serde_json::Value {
    schemars::schema_for!(ConversationFile).to_value()
}

#[cfg(test)]
mod tests {
    /// The shipped schema is the one the types give. Rewrite it with `UITLEZEN_BLESS=1 cargo test -p uitlezen-chat`.
    #[test]
    #[allow(clippy::unwrap_used)]
    fn the_shipped_schema_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/conversation.schema.json");
        let now = serde_json::to_string_pretty(&super::conversation_schema()).unwrap() + "\n";
        if std::env::var_os("UITLEZEN_BLESS").is_some() {
            std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/schema")).unwrap();
            std::fs::write(path, &now).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), now);
    }
}
