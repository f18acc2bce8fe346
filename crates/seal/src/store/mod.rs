//! The work store (being written).
