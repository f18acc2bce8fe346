//! Files in both directions: batches from the phone to the caller, and what the phone wants back.

use super::{
    super::error::IphoneError,
    counts::Counts,
    device_link::{Answer, Block, DeviceLink, FRAME},
    host::{FileEnd, Host, Incoming, Take},
    message::Asked,
    path::BackupPath,
    status,
};
use crate::iphone::line::Tick;
use std::io::Read;
use uitlezen_property_list::Value;

/// Taken from the wire at a time.
const PIECE: usize = 128 * 1024;

/// Files that come in.
pub(crate) struct Inward<'a> {
    pub(crate) host: &'a mut dyn Host,
    pub(crate) counts: &'a mut Counts,
    buf: Vec<u8>,
}

/// A file of which the end is there.
pub(crate) struct Received {
    pub(crate) path: BackupPath,
    pub(crate) bytes: u64,
    /// The content, when it is a Status.plist.
    pub(crate) status: Option<Vec<u8>>,
}

impl<'a> Inward<'a> {
    pub(crate) fn new(host: &'a mut dyn Host, counts: &'a mut Counts) -> Self {
        Self { host, counts, buf: vec![0; PIECE] }
    }

    /// One batch. `each` hears of every file; how often a name led outside is the answer.
    pub(crate) fn batch(
        &mut self,
        link: &mut DeviceLink,
        total: Option<u64>,
        tick: &mut Tick<'_>,
        each: &mut dyn FnMut(Received) -> Result<(), IphoneError>,
    ) -> Result<u64, IphoneError> {
        let mut outside = 0;
        while let Some(device_name) = link.name(tick)? {
            let name = link.name(tick)?.unwrap_or_default();
            match BackupPath::new(&name) {
                Some(path) => each(self.file(link, &device_name, path, total, tick)?)?,
                None => {
                    outside += 1;
                    self.skip(link, tick)?;
                }
            }
            tick(std::time::Duration::ZERO)?;
        }
        self.counts.names_refused += outside;
        Ok(outside)
    }

    fn file(
        &mut self,
        link: &mut DeviceLink,
        device_name: &str,
        path: BackupPath,
        total: Option<u64>,
        tick: &mut Tick<'_>,
    ) -> Result<Received, IphoneError> {
        let file = Incoming { device_name, path: &path, batch_bytes: total };
        let taken = self.host.begin(&file).map_err(IphoneError::Host)?;
        let mut status = (path.split().1 == "Status.plist").then(Vec::new);
        let (mut bytes, mut remark) = (0_u64, None);
        loop {
            match link.block(tick)? {
                Block::Data(length) => {
                    let mut left = length as usize;
                    while left > 0 {
                        let most = left.min(self.buf.len());
                        let n = link.data(self.buf.get_mut(..most).unwrap_or_default(), tick)?;
                        let piece = self.buf.get(..n).unwrap_or_default();
                        left -= n;
                        bytes += n as u64;
                        if taken == Take::Keep {
                            self.host.bytes(piece).map_err(IphoneError::Host)?;
                        }
                        if let Some(status) = &mut status {
                            status.extend(piece.iter().take(status::LONGEST.saturating_sub(status.len())));
                        }
                    }
                }
                Block::Done => break,
                // Nothing more of this file comes behind it.
                Block::Remark(words) => {
                    remark = Some(words);
                    break;
                }
            }
        }
        let end = FileEnd { taken, bytes, remark };
        self.counts.add(&end);
        self.host.end(&file, &end).map_err(IphoneError::Host)?;
        Ok(Received { path, bytes, status })
    }

    /// A file that nobody is told of.
    fn skip(&mut self, link: &mut DeviceLink, tick: &mut Tick<'_>) -> Result<(), IphoneError> {
        while let Block::Data(length) = link.block(tick)? {
            let mut left = length as usize;
            while left > 0 {
                let most = left.min(self.buf.len());
                left -= link.data(self.buf.get_mut(..most).unwrap_or_default(), tick)?;
            }
        }
        Ok(())
    }
}

/// Gives the phone the files it asks for, in frames it can hold.
pub(crate) fn give(
    link: &mut DeviceLink,
    wanted: &[(String, Asked)],
    host: &mut dyn Host,
    counts: &mut Counts,
) -> Result<(), IphoneError> {
    let mut failed = Value::dictionary();
    for (name, asked) in wanted {
        link.give_name(name)?;
        let file = match asked {
            Some(path) => host.open(path).map_err(IphoneError::Host)?,
            None => {
                counts.names_refused += 1;
                None
            }
        };
        if let Some(file) = file {
            counts.given += give_one(link, file)?;
        } else {
            link.give_error(Answer::NoEntry)?;
            let (code, words) = Answer::NoEntry.words();
            failed.set(name, Value::of([("DLFileErrorString", Value::from(words)), ("DLFileErrorCode", code.into())]));
        }
    }
    link.give_end()?;
    if failed.dict().is_some_and(|failed| failed.is_empty()) {
        link.answer(Answer::Done, Some(Value::dictionary()))
    } else {
        link.answer(Answer::Several, Some(failed))
    }
}

fn give_one(link: &mut DeviceLink, mut file: Box<dyn Read + '_>) -> Result<u64, IphoneError> {
    let mut buf = vec![0; FRAME - 5];
    let mut given = 0;
    loop {
        let n = match file.read(&mut buf) {
            Ok(n) => n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(IphoneError::Host(error)),
        };
        if n == 0 {
            link.give_done()?;
            return Ok(given);
        }
        link.give_data(buf.get(..n).unwrap_or_default())?;
        given += n as u64;
    }
}
