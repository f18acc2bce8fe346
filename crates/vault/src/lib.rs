//! The station's one encrypted state file.
