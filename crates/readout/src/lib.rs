//! The run: gate, preflight, acquire, read, check, seal.
