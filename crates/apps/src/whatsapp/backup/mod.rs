//! Backups: unlocking them and the increments beside them.
