//! One backup, from the request to the answer (`reference/ios.md §2.3, §2.6`).

use super::{CANCEL_SHOWS, Failure, Stop, hostile, link::DeviceLink, previous, status, store::Image};
use crate::backup::Entry;
use crate::iphone::{Fault, Hostile, Iphone, IphoneError, Lock, Moment, values::now};
use plist::{Dictionary, Value};
use std::{collections::BTreeSet, io::Read};

/// Files of one batch.
const BATCH_FILES: usize = 512;
/// Bytes of one batch, more or less.
const BATCH_BYTES: u64 = 256 * 1024 * 1024;
/// What the phone wants free beyond what it sends, and what it adds to a request to make room (pymobiledevice3
/// `services/device_link.py`).
const HEADROOM: u64 = 128 * 1024 * 1024;
const PURGE_MORE: u64 = 2 * 1024 * 1024 * 1024;

pub(super) fn backup(phone: &Iphone, link: &mut DeviceLink<'_>, request: &Dictionary, escrow: bool) -> Result<(), Stop> {
    phone.passes(Moment::Requested)?;
    let udid = phone.facts.identity.udid.clone();
    if request.get("TargetIdentifier").and_then(Value::as_string) != Some(&udid) {
        return Err(Failure::new(1, "Unknown target").into());
    }
    let lock = phone.state().lock;
    if lock == Lock::NeverUnlocked || (lock == Lock::Locked && !escrow) {
        return Err(Failure::new(208, "Device locked (MBErrorDomain/208)").into());
    }
    let options = request.get("Options").and_then(Value::as_dictionary);
    let forced = options.and_then(|options| options.get("ForceFullBackup")).and_then(Value::as_boolean).unwrap_or(false);
    phone.ask_passcode()?;
    let image = Image::of(phone)?;
    phone.passes(Moment::Previous)?;
    let previous = previous::look(link, &udid, &image, forced)?;
    Run { phone, link, udid, image: &image, full: previous.full }.go(&previous)
}

struct Run<'a, 'l> {
    phone: &'a Iphone,
    link: &'a mut DeviceLink<'l>,
    udid: String,
    image: &'a Image,
    full: bool,
}

impl Run<'_, '_> {
    fn go(mut self, previous: &previous::Previous) -> Result<(), Stop> {
        let image = self.image;
        let all = image.whole.entries();
        let files: Vec<&Entry> = all.iter().filter(|file| self.full || !image.is_unchanged(file, &previous.rows)).collect();
        let unchanged = all.len() - files.len();
        self.phone.record(|asked| {
            asked.last_full = Some(self.full);
            (asked.files_sent, asked.bytes_sent, asked.files_unchanged) = (0, 0, unchanged as u64);
        });
        let there = self.folder_names("")?;
        self.room(files.iter().map(|file| file.size).sum())?;
        self.phone.passes(Moment::Folders)?;
        self.folders(&files, &there)?;
        if let Some(hostile) = self.phone.fire(|fault| match fault {
            Fault::Hostile(hostile) => Some(*hostile),
            _ => None,
        }) {
            self.misbehave(hostile)?;
        }
        let uuid = format!("{:08X}-0000-4000-8000-{:012X}", self.phone.facts.seed as u32, now(&self.phone.facts.clock) as u64);
        let begun = self.status(status::Snapshot::Uploading, &uuid)?;
        self.metadata(&[("Status.plist", &begun)], 0.0)?;
        self.upload(&files)?;
        self.phone.passes(Moment::Moving)?;
        self.place(&files)?;
        self.clean(previous)?;
        self.phone.passes(Moment::Manifest)?;
        let end = match self.phone.fire(|fault| matches!(fault, Fault::NeverFinished).then_some(())) {
            Some(()) => status::Snapshot::Uploading,
            None => status::Snapshot::Finished,
        };
        let ended = self.status(end, &uuid)?;
        self.metadata(
            &[
                ("Manifest.plist", image.whole.manifest_plist()),
                ("Manifest.db", image.whole.manifest_db()),
                ("Status.plist", &ended),
            ],
            100.0,
        )?;
        self.phone.state().last_backup = Some(now(&self.phone.facts.clock) as i64);
        self.phone.passes(Moment::Answer)
    }

    fn status(&self, snapshot: status::Snapshot, uuid: &str) -> Result<Vec<u8>, IphoneError> {
        status::write(self.full, now(&self.phone.facts.clock) as i64, snapshot, uuid)
    }

    /// Names in a folder of the backup.
    fn folder_names(&mut self, name: &str) -> Result<BTreeSet<String>, Stop> {
        let path = format!("{}{name}", self.udid);
        let listed = self.link.ask(vec!["DLContentsOfDirectory".into(), path.into()])?;
        Ok(listed
            .payload
            .and_then(Value::into_dictionary)
            .map(|names| names.into_iter().map(|(name, _)| name).collect())
            .unwrap_or_default())
    }

    /// Whether the host has room for what comes; it is asked to make some first (pymobiledevice3 `services/device_link.py`).
    fn room(&mut self, upload: u64) -> Result<(), Stop> {
        self.phone.passes(Moment::Space)?;
        let needed = upload + HEADROOM;
        let free = |status: &super::link::Status| status.payload.as_ref().and_then(Value::as_unsigned_integer).unwrap_or(0);
        let answer = self.link.ask(vec!["DLMessageGetFreeDiskSpace".into()])?;
        let had = free(&answer);
        if had > needed {
            return Ok(());
        }
        let wanted = needed - had + PURGE_MORE;
        let purged = self.link.ask(vec!["DLMessagePurgeDiskSpace".into(), wanted.into(), 4.into()])?;
        if purged.code == 0 && free(&self.link.ask(vec!["DLMessageGetFreeDiskSpace".into()])?) > needed {
            return Ok(());
        }
        Err(Failure::new(105, "Insufficient free disk space on drive to back up (MBErrorDomain/105)").into())
    }

    /// The folders that files go through and to: all 256 for a full backup, as seen in a log, else those needed.
    fn folders(&mut self, files: &[&Entry], there: &BTreeSet<String>) -> Result<(), Stop> {
        let shelves: BTreeSet<String> = if self.full {
            (0..=255_u8).map(|n| format!("{n:02x}")).collect()
        } else {
            files.iter().map(|file| shelf(&file.file_id).to_owned()).collect()
        };
        let mut make = vec![String::new(), "/Snapshot".to_owned()];
        make.extend(shelves.iter().map(|shelf| format!("/Snapshot/{shelf}")));
        make.extend(shelves.iter().filter(|shelf| !there.contains(*shelf)).map(|shelf| format!("/{shelf}")));
        for name in make {
            let path = format!("{}{name}", self.udid);
            let made =
                self.link.ask(vec!["DLMessageCreateDirectory".into(), path.into(), Dictionary::new().into(), 0.0.into()])?;
            if made.code != 0 {
                return Err(Failure::new(102, "Error creating backup directory (MBErrorDomain/102)").into());
            }
        }
        Ok(())
    }

    fn misbehave(&mut self, how: Hostile) -> Result<(), Stop> {
        hostile::misbehave(self.phone, self.link, &self.udid, how)
    }

    fn upload(&mut self, files: &[&Entry]) -> Result<(), Stop> {
        let total: u64 = files.iter().map(|file| file.size).sum();
        let mut sent = 0;
        let mut rest = files;
        let cancelled = self.phone.fire(|fault| matches!(fault, Fault::CancelledByHolder).then_some(())).is_some();
        while !rest.is_empty() {
            let mut bytes = 0;
            let count = rest
                .iter()
                .take(BATCH_FILES)
                .take_while(|file| {
                    let fits = bytes == 0 || bytes + file.size <= BATCH_BYTES;
                    bytes += file.size;
                    fits
                })
                .count();
            let (batch, later) = rest.split_at(count.max(1));
            rest = later;
            let progress = if total == 0 { 0.0 } else { 99.0 * sent as f64 / total as f64 };
            self.link.begin_upload(progress, batch.iter().map(|file| file.size).sum())?;
            for file in batch {
                let host = format!("{}/Snapshot/{}", self.udid, file.place());
                self.link.names(file.device_name.as_bytes(), host.as_bytes())?;
                self.send(file, &mut sent)?;
            }
            if cancelled {
                self.phone.notify("com.apple.itunes-client.syncCancelRequest");
                self.link.flush()?;
                self.phone.rest(Some(CANCEL_SHOWS))?;
            }
            self.link.end_upload()?;
        }
        Ok(())
    }

    fn send(&mut self, file: &Entry, sent: &mut u64) -> Result<(), Stop> {
        let bent = self.phone.fire(|fault| match fault {
            Fault::FileError { ends_with, after, text } if file.device_name.ends_with(ends_with) => {
                Some((*after, Some(text.clone())))
            }
            Fault::FileShort { ends_with, after } if file.device_name.ends_with(ends_with) => Some((*after, None)),
            _ => None,
        });
        let end = bent.as_ref().map_or(file.size, |(after, _)| file.size.min(*after));
        let mut block = vec![0; self.phone.facts.block];
        let mut bytes = file.open();
        let mut at = 0;
        while at < end {
            let n = usize::try_from(end - at).unwrap_or(usize::MAX).min(block.len());
            let Some(part) = block.get_mut(..n) else { break };
            bytes.read_exact(part).map_err(IphoneError::from)?;
            self.link.data(part)?;
            at += n as u64;
            *sent += n as u64;
            let now = *sent;
            self.phone.record(|asked| asked.bytes_sent = now);
            let due = |moment: &Moment| matches!(moment, Moment::Uploading(after) if *after <= now);
            if self.phone.expects(due) {
                self.link.flush()?;
                if let Some((code, text)) = self.phone.reach_where(due)? {
                    return self.break_off(code, text);
                }
            }
        }
        self.phone.record(|asked| asked.files_sent += 1);
        match bent {
            Some((_, Some(text))) => self.link.error(&text)?,
            _ => self.link.done()?,
        }
        Ok(())
    }

    /// Ends a batch in the middle of a file, so that the error can be told.
    fn break_off(&mut self, code: u64, text: String) -> Result<(), Stop> {
        self.link.error(&text)?;
        self.link.end_upload()?;
        Err(Failure { code, text }.into())
    }

    fn place(&mut self, files: &[&Entry]) -> Result<(), Stop> {
        for part in files.chunks(self.phone.facts.moves) {
            let moves: Dictionary = part
                .iter()
                .map(|file| {
                    let place = file.place();
                    (format!("{}/Snapshot/{place}", self.udid), Value::String(format!("{}/{place}", self.udid)))
                })
                .collect();
            let moved = self.link.ask(vec!["DLMessageMoveItems".into(), moves.into(), Dictionary::new().into(), 99.0.into()])?;
            if moved.code != 0 {
                return Err(Failure::new(100, "Error moving files into place (MBErrorDomain/100)").into());
            }
        }
        Ok(())
    }

    /// Removes what the phone no longer has, and the snapshot.
    fn clean(&mut self, previous: &previous::Previous) -> Result<(), Stop> {
        let now: BTreeSet<&str> = self.image.whole.entries().iter().map(|file| file.file_id.as_str()).collect();
        let mut gone: Vec<Value> = previous
            .rows
            .keys()
            .filter(|id| !now.contains(id.as_str()))
            .map(|id| Value::String(format!("{}/{}/{id}", self.udid, shelf(id))))
            .collect();
        gone.push(format!("{}/Snapshot", self.udid).into());
        for part in gone.chunks(self.phone.facts.moves) {
            let message = vec!["DLMessageRemoveItems".into(), Value::Array(part.to_vec()), Dictionary::new().into(), 99.0.into()];
            self.link.ask(message)?;
        }
        Ok(())
    }

    /// Sends files of the phone's own making, which lie in a folder for passing things.
    fn metadata(&mut self, files: &[(&str, &[u8])], progress: f64) -> Result<(), Stop> {
        self.link.begin_upload(progress, files.iter().map(|(_, bytes)| bytes.len() as u64).sum())?;
        for (name, bytes) in files {
            let device = format!("/var/tmp/tmp.{name}");
            self.link.names(device.as_bytes(), format!("{}/{name}", self.udid).as_bytes())?;
            for block in bytes.chunks(self.phone.facts.block) {
                self.link.data(block)?;
            }
            self.link.done()?;
        }
        self.link.end_upload()
    }
}

/// First two digits of a file id: the folder it lies in.
fn shelf(id: &str) -> &str {
    id.get(..2).unwrap_or(id)
}
