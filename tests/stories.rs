//! The whole chain as a person at the desk lives it: the real binary, a virtual phone or a folder of files, a seal, and what
//! comes out of it. Every test is a story and carries its name.
//!
//! `UITLEZEN_REQUIRE_TESTDATA=1` and `UITLEZEN_REQUIRE_INTEROP=1` turn skipped stories into failures.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    unreachable_pub
)]

mod story;
