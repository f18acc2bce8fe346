//! The text of messages with buttons, lists and templates: what a reader of the screen saw, taken from the JSON that
//! `message_ui_elements.element_content` holds.

use serde_json::Value;

/// Title, text and footer of the element, then the captions of its buttons; `None` when the JSON says nothing readable.
///
/// `serde_json` bounds the depth; the text was bounded when it was read.
pub(crate) fn text(json: &str) -> Option<String> {
    let value: Value = serde_json::from_str(json).ok()?;
    let of = |key: &str| value.get(key).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty());
    let lines: Vec<&str> = ["title", "sub_title", "description", "footer", "footer_text"].into_iter().filter_map(of).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn the_description_is_the_text_and_nonsense_is_none() {
        assert_eq!(text(r#"{"title":"","description":"Line 1\nLine 2"}"#).as_deref(), Some("Line 1\nLine 2"));
        assert_eq!(text(r#"{"title":"A","description":"B"}"#).as_deref(), Some("A\nB"));
        assert_eq!((text("{"), text("[]"), text("{}"), text(&"[".repeat(100_000))), (None, None, None, None));
    }
}
