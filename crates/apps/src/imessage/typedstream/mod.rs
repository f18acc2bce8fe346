//! Apple's typedstream, as far as `message.attributedBody` needs it: the text of a message and what was said of its parts.
//!
//! The form (`reference/ios.md §6`) is a stream of typed values with two growing tables: strings (type descriptors and class
//! names) and objects. It may nest and refer back, and it is hostile: its size, its depth and the number of its values are
//! bounded before anything is kept, every length is held against what is there, and a reference is never followed deeper than
//! the fixed steps that an attributed string has. [`stream`] reads the values, [`attributed`] what they mean.

mod attributed;
mod stream;

pub use attributed::{Attribute, Attributed, Piece};
pub use stream::Decoder;

/// Why a blob gave no text. Says nothing of what stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypedStreamError {
    #[error("no typedstream of a known version")]
    NotATypedStream,
    #[error("the stream ends too early")]
    Ends,
    #[error("the stream is larger, deeper or richer than a message can be")]
    TooLarge,
    #[error("a byte stands where it means nothing")]
    Unexpected,
    #[error("a reference points at nothing of its kind")]
    Reference,
    #[error("the text is not UTF-8")]
    NotUtf8,
    #[error("the stream holds no attributed string")]
    NotAnAttributedString,
}

#[cfg(test)]
mod tests;
