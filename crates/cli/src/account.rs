//! Who acts: the system account, for the ledger, where no plan names an operator.

/// Its name, else its number.
#[must_use]
pub(crate) fn name() -> String {
    std::env::var("USER").unwrap_or_else(|_| rustix::process::getuid().as_raw().to_string())
}
