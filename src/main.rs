//! The binary: hands over to the command line room.
fn main() {}
