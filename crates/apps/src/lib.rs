//! Messaging apps: where their data lies, how to unlock it, how to read it.
