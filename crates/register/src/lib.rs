//! The register of an office: key officials with their terms, their phones and accounts, contacts and groups with a kind, and
//! the decisions about what is left out. `readout` asks it whether a phone may be read; `cli` fills it.
