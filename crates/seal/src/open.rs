//! See FORMAT.md (being written).
