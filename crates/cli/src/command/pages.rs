//! The pages beside a seal: the completeness statement and the receipt for the holder.

use crate::{Context, advice};
use uitlezen_readout::{run::Sealed, statement::leave_beside};

/// Writes both and says where they lie. The seal stands also when they cannot be written; that is said.
pub(crate) fn leave(context: &Context, sealed: &Sealed) {
    let screen = &context.screen;
    match leave_beside(sealed, screen.texts.language()) {
        Ok(pages) => {
            let path = |path: &std::path::Path| path.display().to_string();
            screen.say(&screen.texts.get("page-statement", &[("file", path(&pages.statement).into())]));
            screen.say(&screen.texts.get("page-receipt", &[("file", path(&pages.receipt).into())]));
            screen.event(&serde_json::json!({
                "event": "pages",
                "statement": pages.statement.file_name().map(|n| n.to_string_lossy()),
                "receipt": pages.receipt.file_name().map(|n| n.to_string_lossy()),
            }));
        }
        Err(error) => screen.problem(&advice::disk(&error)),
    }
}
