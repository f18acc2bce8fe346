//! The files that messages name: which of them are on the phone, pulled, and what became of each.

use super::{
    Going, RunError,
    already::Already,
    app::{App, kept, name},
    chosen,
    numbers::Numbers,
    receive::{Receive, put},
};
use crate::{
    Event, Stage,
    link::{Link, Listed, Outcome},
    reader::WantedFile,
    records::{self, AttachmentLine},
    report::LatestFile,
};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap, HashSet};
use uitlezen_apps::{App as AskedApp, whatsapp::wanted::MediaIndex};
use uitlezen_chat::{AttachmentState, Moment};
use uitlezen_check::{Finding, GapReason, Subject};
use uitlezen_evidence::{Item, ItemName};
use uitlezen_seal::{
    part::ChunkSize,
    role::{Role, RoleSet},
    store::{Home, WorkStore},
};

impl Going<'_, '_> {
    /// Pulls the files that messages name, and writes down what became of each. `before` is what the stage expected of the apps
    /// before this one; says what this one adds.
    pub(super) fn media(
        &mut self,
        link: Option<&mut Link>,
        app: &mut App,
        store: &WorkStore,
        before: u64,
    ) -> Result<u64, RunError> {
        let name_of_app = app.name();
        let wanted = std::mem::take(&mut app.wanted);
        app.report.attachments.wanted = (wanted.len() as u64).saturating_add(app.report.attachments.missing);
        let mut states: Vec<(String, AttachmentState)> = Vec::with_capacity(wanted.len());
        let Some(link) = link else {
            states.extend(wanted.into_iter().map(|file| (file.path, AttachmentState::NotAsked)));
            self.settle(app, states, store)?;
            return Ok(0);
        };
        let listed_at = self.phone_now();
        let Listed { mut items, not_here, mut blind } =
            link.list(chosen::media_patterns(self.platform(), app.app).map_err(|_| RunError::Internal("patterns"))?)?;
        // What the phone sent once it does not send again: it lies in an earlier seal, or nobody asks for it.
        let not_here: HashSet<ItemName> = if self.is_incremental() {
            blind.broken_files = blind.broken_files.saturating_sub(not_here.len() as u64);
            items.extend(not_here.iter().cloned());
            not_here.into_iter().map(|item| item.name).collect()
        } else {
            HashSet::new()
        };
        if blind.refused_folders > 0 {
            self.gap(Subject::Evidence("media".into()), GapReason::Refused, blind.refused_folders, "refused-folders");
        }
        if blind.cut_off {
            self.gap(Subject::Evidence("media".into()), GapReason::Broken, 1, "listing-cut-off");
        }
        if blind.broken_files > 0 {
            self.gap(Subject::Evidence("media".into()), GapReason::Damaged, blind.broken_files, "files-not-whole");
        }
        // Copies of files have the times of their copying.
        if self.job.reach.is_a_phone() {
            let newest = app.report.records.as_ref().and_then(|records| records.newest.as_ref());
            app.report.latest_file = latest_file(&items, listed_at, newest);
        }
        let mut numbers = Numbers::of(app, store)?;
        let home = Home::Kept(RoleSet::only(Role::Gesprekken));
        let known = numbers.files().map(|name| (kept_as(name_of_app, &numbers, name), name.clone())).collect();
        let already = Already::of(store, home, known);
        items.extend(already.gone_since(&items));
        let by_name: HashMap<&ItemName, &Item> = items.iter().map(|item| (&item.name, item)).collect();
        let index = match &app.root {
            Some(root) => Named::Android(MediaIndex::new(root, &items)),
            None => Named::InBackup { app: app.app, there: &by_name },
        };
        let mut found: Vec<(ItemName, Option<String>)> = Vec::new();
        let mut lasting: HashMap<ItemName, ItemName> = HashMap::new();
        let mut left: HashMap<String, AttachmentState> = HashMap::new();
        let mut pull: BTreeMap<ItemName, Item> = BTreeMap::new();
        for file in &wanted {
            let Some(item) = index.resolve(&file.path).and_then(|name| by_name.get(name)) else { continue };
            if !already.has(&item.name)
                && let Some(state) = self.held_as_listed(app.app, item, file)
            {
                left.insert(file.path.clone(), state);
                continue;
            }
            if not_here.contains(&item.name) {
                left.insert(file.path.clone(), AttachmentState::NotRead { reason: "not-sent-again".into() });
                continue;
            }
            if pull.insert(item.name.clone(), (*item).clone()).is_none() {
                found.push((item.name.clone(), ending(&item.name, file)));
                lasting.extend(chosen::lasting(app.app, &file.path).map(|name| (item.name.clone(), name)));
            }
        }
        numbers.give(&found, store)?;
        let total: u64 = pull.values().fold(0, |sum, item| sum.saturating_add(item.bytes));
        let (here, items) = already.apart(pull.values().cloned().collect(), store)?;
        self.space(items.iter().fold(0, |sum, item| sum.saturating_add(item.bytes)))?;
        self.expect(Stage::Media, before.saturating_add(total));
        let listener = &mut *self.listener;
        let mut receive = Receive::new(
            store,
            home,
            ChunkSize::MEDIA,
            |item: &Item| kept_as(name_of_app, &numbers, &item.name),
            |done| listener.event(Event::Progress { stage: Stage::Media, done: before.saturating_add(done) }),
        );
        receive.have(here);
        link.pull(&items, &mut receive)?;
        let (arrived, missed, confirmed) = (receive.arrived, receive.missed, receive.confirmed);
        let counts = &mut app.report.attachments;
        counts.confirmed = confirmed;
        counts.bytes = arrived.values().map(|a| a.bytes).sum();
        self.keep_taken(app, (&pull, &lasting), &arrived, listed_at, store)?;
        for file in wanted {
            if let Some(state) = left.remove(&file.path) {
                states.push((file.path, state));
                continue;
            }
            let name = index.resolve(&file.path);
            let state = match name.map(|name| (arrived.get(name), missed.get(name), numbers.beside(name))) {
                Some((Some(here), _, Some(beside))) => {
                    let beside = format!("bijlagen/{beside}");
                    if file.sha256.as_ref().is_none_or(|recorded| *recorded == here.sha256) {
                        AttachmentState::Present { file: beside, bytes: here.bytes, sha256: here.sha256.clone() }
                    } else {
                        AttachmentState::Differs { file: beside, bytes: here.bytes, sha256: here.sha256.clone() }
                    }
                }
                Some((_, Some(Outcome::Refused), _)) => AttachmentState::Refused { reason: "refused-by-phone".into() },
                Some((_, Some(Outcome::Changing), _)) => AttachmentState::NotRead { reason: "changing".into() },
                Some((_, Some(Outcome::Absent), _)) => AttachmentState::Missing,
                Some(_) => AttachmentState::NotRead { reason: "broken".into() },
                // Where a folder was refused we cannot say that a file is not there.
                None if blind.is_blind() => AttachmentState::NotRead { reason: "folder-not-listed".into() },
                None => AttachmentState::Missing,
            };
            let state = self.held_instead(state, &file, app);
            states.push((file.path, state));
        }
        self.settle(app, states, store)?;
        Ok(total)
    }

    /// Whether a message of this app names one of these files, and no earlier seal holds it.
    pub(super) fn is_needed_of(&self, app: &App, not_here: &[Item]) -> bool {
        let there: HashMap<&ItemName, &Item> = not_here.iter().map(|item| (&item.name, item)).collect();
        let index = Named::InBackup { app: app.app, there: &there };
        app.wanted.iter().any(|file| {
            let item = index.resolve(&file.path).and_then(|name| there.get(name));
            item.is_some_and(|item| !self.is_held(app.app, item, file))
        })
    }

    pub(super) fn settle(
        &mut self,
        app: &mut App,
        states: Vec<(String, AttachmentState)>,
        store: &WorkStore,
    ) -> Result<(), RunError> {
        let mut writer =
            store.begin(kept(Role::Gesprekken, name(records::item(app.name(), "attachments.jsonl"))?, ChunkSize::STREAM))?;
        let mut lines = Vec::with_capacity(2 * LINES_AT_ONCE);
        let counts = &mut app.report.attachments;
        for (path, state) in states {
            match &state {
                AttachmentState::Present { .. } => counts.present += 1,
                AttachmentState::Differs { .. } => counts.differs += 1,
                AttachmentState::Missing => counts.missing += 1,
                AttachmentState::Refused { .. } => counts.refused += 1,
                AttachmentState::NotRead { .. } => counts.broken += 1,
                AttachmentState::HeldIn { bytes, .. } => {
                    counts.held += 1;
                    counts.held_bytes += bytes;
                }
                AttachmentState::NotAsked
                | AttachmentState::NotOnPhone { .. }
                | AttachmentState::Wanted
                | AttachmentState::Withheld => {}
            }
            serde_json::to_writer(&mut lines, &AttachmentLine { path, state })
                .map_err(|_| RunError::Internal("attachment lines"))?;
            lines.push(b'\n');
            if lines.len() >= LINES_AT_ONCE {
                put(&mut writer, &lines)?;
                lines.clear();
            }
        }
        put(&mut writer, &lines)?;
        writer.finish()?;
        let counts = app.report.attachments;
        if counts.held_gone > 0 {
            self.finding(Finding::AttachmentGone { count: counts.held_gone });
        }
        if counts.refused > 0 {
            self.gap(Subject::Evidence("media".into()), GapReason::Refused, counts.refused, "files");
        }
        if counts.broken > 0 {
            self.gap(Subject::Evidence("media".into()), GapReason::Broken, counts.broken, "files");
        }
        if counts.missing > 0 {
            self.finding(Finding::AttachmentMissing { count: counts.missing });
        }
        if counts.differs > 0 {
            self.finding(Finding::AttachmentDiffers { count: counts.differs });
        }
        self.report.apps.push(app.report.clone());
        Ok(())
    }
}

/// Which listed item a message means by the path that it names.
enum Named<'a> {
    Android(MediaIndex),
    /// An iPhone's backup knows each item under one name.
    InBackup {
        app: AskedApp,
        there: &'a HashMap<&'a ItemName, &'a Item>,
    },
}

impl Named<'_> {
    fn resolve(&self, path: &str) -> Option<&ItemName> {
        match self {
            Self::Android(index) => index.resolve(path),
            Self::InBackup { app, there } => {
                let name = chosen::media_item(*app, path)?;
                there.get_key_value(&name).map(|(name, _)| *name)
            }
        }
    }
}

/// Times beyond `now`, the phone's clock, were set by something else than writing.
fn latest_file(listed: &[Item], now: i64, newest: Option<&Moment>) -> Option<LatestFile> {
    let times = || listed.iter().filter_map(|item| item.modified).filter(|at| *at <= now);
    let newest = newest.and_then(|moment| moment.utc).map_or(i64::MAX, Timestamp::as_second);
    // A file is written when it is downloaded, and that is moments after its message came.
    let after_newest = times().filter(|at| *at > newest.saturating_add(SLOW_DOWNLOAD)).count() as u64;
    times().max().map(|modified| LatestFile { modified, after_newest })
}

/// Bytes of lines about attachments that are put down together.
const LINES_AT_ONCE: usize = 64 << 10;

/// In seconds.
const SLOW_DOWNLOAD: i64 = 600;

/// An ending for a file whose name on the phone has none: what the reader says, or that of the name which the record has.
fn ending(listed: &ItemName, file: &WantedFile) -> Option<String> {
    if listed.file_name().contains('.') {
        return None;
    }
    let named = file.path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending.to_owned());
    file.ending.clone().or(named)
}

/// The item that holds it in the seal.
fn kept_as(app: &str, numbers: &Numbers, name: &ItemName) -> ItemName {
    let file = numbers.beside(name).unwrap_or_default();
    ItemName::new(records::item(app, &format!("bijlagen/{file}"))).unwrap_or_else(|_| name.clone())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_file_whose_name_says_nothing_gets_an_ending() {
        let given = |listed: &str, path: &str, ending: Option<&str>| {
            let file = WantedFile { path: path.into(), sha256: None, ending: ending.map(str::to_owned), bytes: None };
            super::ending(&ItemName::new(listed).unwrap(), &file)
        };
        assert_eq!(given("x/mms-part/17", "x/mms-part/17", Some("jpg")).as_deref(), Some("jpg"));
        assert_eq!(given("x/mms-part/17", "x/mms-part/17/PART_1700000000123_IMG.jpg", None).as_deref(), Some("jpg"));
        assert_eq!(given("x/mms-part/17", "x/mms-part/17", None), None);
        assert_eq!(given("Media/a.b/foto", "Media/a.b/foto", None), None);
        assert_eq!(given("Media/foto.jpg", "Media/foto.jpg", Some("png")), None);
    }

    #[test]
    fn the_newest_file_counts_unless_its_time_is_still_to_come() {
        let item = |n: u32, modified| Item { name: ItemName::new(format!("Media/{n}")).unwrap(), bytes: 1, modified };
        let listed = [item(1, Some(1_000)), item(2, None), item(3, Some(5_000)), item(4, Some(9_000))];
        let newest = Moment::from_millis(4_500_000);
        let found = |now, newest| latest_file(&listed, now, newest).map(|file| (file.modified, file.after_newest));
        // A file of moments after its message is that message's.
        assert_eq!(found(8_000, Some(&newest)), Some((5_000, 0)));
        assert_eq!(found(9_000, Some(&newest)), Some((9_000, 1)));
        assert_eq!(found(9_000, None), Some((9_000, 0)), "nothing to be after");
        assert_eq!(found(900, Some(&newest)), None);
    }
}
