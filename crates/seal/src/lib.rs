//! The sealed extraction: write, verify, unseal; and the work store of a run.
