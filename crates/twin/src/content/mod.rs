//! What is on a generated phone.
