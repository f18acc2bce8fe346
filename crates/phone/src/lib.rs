//! A phone on USB: discovery, identity, preflight, acquisition.
