//! Named byte sources with random access, and SQLite read straight out of them.
