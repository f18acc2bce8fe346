//! Cancelling a run from outside: a flag that every wait looks at.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A shared flag. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
