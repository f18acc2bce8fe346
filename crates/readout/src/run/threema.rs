//! Which of the three Threemas made a data backup. Nothing in it says so: it follows from what the plan asks for and from what the
//! phone says is on it, and where that leaves more than one, the report must say that too.

use uitlezen_apps::App;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Maker {
    pub(super) app: App,
    /// No other can have made it, as far as is known.
    pub(super) is_sure: bool,
}

/// The asked app that a backup is taken to be of; none where no Threema is asked. `installed` are those on the phone, where it was
/// asked.
pub(super) fn maker(asked: &[App], installed: Option<&[App]>) -> Option<Maker> {
    let mut candidates = asked.iter().copied().filter(|app| app.threema().is_some());
    let first = candidates.clone().next()?;
    let there = installed.unwrap_or_default();
    let app = candidates.clone().find(|app| there.contains(app)).unwrap_or(first);
    let is_sure = match there {
        [] => candidates.nth(1).is_none(),
        [only] => *only == app,
        _ => false,
    };
    Some(Maker { app, is_sure })
}

#[cfg(test)]
mod tests {
    use super::*;
    use App::{Signal, Threema, ThreemaOnPrem, ThreemaWork};

    #[test]
    fn a_backup_is_of_the_asked_app_that_is_there_and_doubt_is_told() {
        let of = |asked: &[App], installed| maker(asked, installed).map(|maker| (maker.app, maker.is_sure));
        assert_eq!(of(&[Signal], None), None);
        // Of files nobody knows what was installed.
        assert_eq!(of(&[Signal, ThreemaWork], None), Some((ThreemaWork, true)));
        assert_eq!(of(&[Threema, ThreemaWork], None), Some((Threema, false)));
        assert_eq!(of(&[Threema, ThreemaWork], Some(&[ThreemaWork])), Some((ThreemaWork, true)));
        assert_eq!(of(&[ThreemaWork], Some(&[])), Some((ThreemaWork, true)));
        // Another one is on the phone, alone or beside it: it may be that one's.
        assert_eq!(of(&[ThreemaWork], Some(&[Threema])), Some((ThreemaWork, false)));
        assert_eq!(of(&[ThreemaWork], Some(&[Threema, ThreemaWork])), Some((ThreemaWork, false)));
        assert_eq!(of(&[ThreemaOnPrem, ThreemaWork], Some(&[ThreemaWork, ThreemaOnPrem])), Some((ThreemaOnPrem, false)));
    }
}
