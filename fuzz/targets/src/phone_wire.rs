//! What a phone sends over its cable, below everything that knows what it means: the adb session, the sync service, shell
//! frames, the banner. A phone made of a script answers instantly, so a case takes no waiting.

use crate::framing::{Script, joined};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};
use uitlezen_phone::{
    PhoneError,
    android::{AdbKey, AndroidLink, Banner, Cancel, Channel, DirectLink, Patience, Transport, Via},
};

const HEADER: usize = 24;
/// Stands in a script for the number of the stream that was opened last: streams are numbered at random.
const LAST_STREAM: u32 = 0xeeee_0000;
const FEATURES: [&str; 3] = [
    "device::ro.product.name=x;ro.product.model=y;features=shell_v2,cmd,stat_v2,ls_v2,sendrecv_v2",
    "device::features=shell_v2,cmd,stat_v2,ls_v2,sendrecv_v2,delayed_ack",
    "device::features=shell_v2",
];

pub(crate) fn key() -> &'static AdbKey {
    static KEY: OnceLock<AdbKey> = OnceLock::new();
    KEY.get_or_init(|| AdbKey::generate().unwrap())
}

/// Nothing here ever waits: when the script has ended the phone is gone.
pub(crate) const PATIENCE: Patience =
    Patience { connect: Duration::from_secs(2), silence: Duration::from_secs(2), allow: Duration::from_secs(2) };

fn frame(command: &[u8; 4], arg0: u32, arg1: u32, payload: &[u8]) -> Vec<u8> {
    let id = u32::from_le_bytes(*command);
    let sum = payload.iter().fold(0_u32, |sum, b| sum.wrapping_add((*b).into()));
    let words = [id, arg0, arg1, payload.len() as u32, sum, !id];
    words.iter().flat_map(|word| word.to_le_bytes()).chain(payload.iter().copied()).collect()
}

fn connected(banner: &str) -> Vec<u8> {
    frame(b"CNXN", 0x0100_0001, 1 << 20, banner.as_bytes())
}

/// What the other end does with what it is sent.
trait Phone: Send {
    /// A message of ours, whole.
    fn hear(&mut self, command: [u8; 4], arg0: u32, arg1: u32, payload: &[u8]);
    /// The next bytes of the phone's; empty when it has no more.
    fn say(&mut self, most: usize) -> Vec<u8>;
}

struct Wire<P>(P);

impl<P> std::fmt::Debug for Wire<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wire")
    }
}

impl<P: Phone> Transport for Wire<P> {
    fn fill(&mut self, buf: &mut [u8], filled: &mut usize, _: Duration) -> Result<bool, PhoneError> {
        while *filled < buf.len() {
            let said = self.0.say(buf.len() - *filled);
            if said.is_empty() {
                return Err(PhoneError::Vanished);
            }
            buf[*filled..*filled + said.len()].copy_from_slice(&said);
            *filled += said.len();
        }
        Ok(true)
    }

    fn send(&mut self, header: &[u8; HEADER], payload: &[u8], _: Duration) -> Result<(), PhoneError> {
        let word = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().unwrap());
        assert_eq!((word(12) as usize, word(20)), (payload.len(), !word(0)), "a message of ours is malformed");
        self.0.hear(word(0).to_le_bytes(), word(4), word(8), payload);
        Ok(())
    }

    fn resynchronise(&mut self) -> bool {
        true
    }

    fn via(&self) -> Via {
        Via::Usb
    }
}

/// Says what its script holds, whatever it hears.
struct Deaf {
    says: VecDeque<u8>,
    last: u32,
}

impl Phone for Deaf {
    fn hear(&mut self, command: [u8; 4], arg0: u32, _: u32, _: &[u8]) {
        if &command == b"OPEN" {
            self.last = arg0;
        }
    }

    fn say(&mut self, most: usize) -> Vec<u8> {
        // A header is asked for whole: there the placeholder becomes a number.
        let mut said: Vec<u8> = self.says.drain(..most.min(self.says.len())).collect();
        if said.len() == HEADER && said[8..12] == LAST_STREAM.to_le_bytes() {
            said[8..12].copy_from_slice(&self.last.to_le_bytes());
        }
        said
    }
}

/// The input is all that the phone sends. No byte reaches a file that did not come in an answer for it.
pub fn phone_wire(data: &[u8]) {
    let phone = Deaf { says: data.iter().copied().collect(), last: 0 };
    let Ok(mut link) = DirectLink::connect(Box::new(Wire(phone)), key(), PATIENCE, Cancel::default(), &mut |_| {}) else {
        return;
    };
    let mut received = 0;
    let mut take = |bytes: &[u8]| {
        received += bytes.len() as u64;
        Ok(())
    };
    match link.pull("/sdcard/x", &mut take) {
        Ok(bytes) => assert_eq!(bytes, received),
        Err(error) if error.ends_the_link() => return,
        Err(_) => {}
    }
    assert!(received <= data.len() as u64, "bytes out of nothing");
    let _ = link.stat("/sdcard/x");
    let _ = link.list("/sdcard", &mut |_| Ok(()));
    if let Ok(output) = link.run("getprop", 4096) {
        assert!(output.stdout.len() <= 4096 && output.stderr.len() <= 4096);
    }
    let _ = link.service("exec:bu backup", 1 << 16, &mut |_| Ok(()));
}

pub fn wire_seeds() -> Vec<Vec<u8>> {
    let to_last = |command: &[u8; 4], payload: &[u8]| frame(command, 77, LAST_STREAM, payload);
    let pull = [to_last(b"OKAY", &[]), to_last(b"OKAY", &[]), to_last(b"WRTE", &file(b"inhoud van een bestand"))].concat();
    let stat = [to_last(b"OKAY", &[]), to_last(b"WRTE", &stat_v2(b"LST2", 0, 0o100_660, 22))].concat();
    let shell = [to_last(b"OKAY", &[]), to_last(b"WRTE", &shell_frames()), to_last(b"CLSE", &[])].concat();
    let token = frame(b"AUTH", 1, 0, &[9; 20]);
    let list = [to_last(b"OKAY", &[]), to_last(b"WRTE", &listing())].concat();
    vec![
        [connected(FEATURES[0]), pull.clone(), stat, list, shell].concat(),
        [token.clone(), token, connected(FEATURES[1]), frame(b"OKAY", 77, LAST_STREAM, &(1_u32 << 20).to_le_bytes()), pull]
            .concat(),
        frame(b"STLS", 0x0100_0000, 0, &[]),
    ]
}

fn file(content: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = content.chunks(10).flat_map(|chunk| block(b"DATA", chunk)).collect();
    out.extend(block(b"DONE", &[]));
    out
}

fn block(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [id.as_slice(), &(body.len() as u32).to_le_bytes(), body].concat()
}

fn stat_v2(id: &[u8; 4], error: u32, mode: u32, size: u64) -> Vec<u8> {
    let mut out = id.to_vec();
    [error, 1, 0, 2, 0, mode, 1, 0, 0].iter().for_each(|word| out.extend(word.to_le_bytes()));
    [size, 1_700_000_000, 1_700_000_000, 1_700_000_000].iter().for_each(|number| out.extend(number.to_le_bytes()));
    out
}

fn listing() -> Vec<u8> {
    let mut out = Vec::new();
    for (name, mode) in [("msgstore.db.crypt15", 0o100_660), ("map", 0o040_770), ("één", 0o120_777)] {
        out.extend(stat_v2(b"DNT2", 0, mode, 5));
        out.extend((name.len() as u32).to_le_bytes());
        out.extend(name.as_bytes());
    }
    out.extend(b"DONE");
    out.extend([0; 72]);
    out
}

fn shell_frames() -> Vec<u8> {
    let channel = |n: u8, bytes: &[u8]| [&[n], (bytes.len() as u32).to_le_bytes().as_slice(), bytes].concat();
    [channel(1, b"regel 1\n"), channel(2, b"let op\n"), channel(1, b"regel 2\n"), channel(3, &[0])].concat()
}

/// Keeps to the protocol, and answers on each stream with a script in pieces of its choosing.
struct Polite {
    out: VecDeque<u8>,
    answer: Vec<u8>,
    piece: usize,
    delayed: bool,
    stream: u32,
    /// The shell answers when it is opened, sync when it is asked.
    sync: bool,
    begun: Arc<Mutex<bool>>,
}

impl Polite {
    fn answer(&mut self) {
        // Once: a second stream gets nothing, and the phone is gone.
        if std::mem::replace(&mut *self.begun.lock().unwrap(), true) {
            return;
        }
        for piece in self.answer.chunks(self.piece) {
            self.out.extend(frame(b"WRTE", 77, self.stream, piece));
        }
        if !self.sync {
            self.out.extend(frame(b"CLSE", 77, self.stream, &[]));
        }
    }
}

impl Phone for Polite {
    fn hear(&mut self, command: [u8; 4], arg0: u32, _: u32, payload: &[u8]) {
        let credit = (1_u32 << 20).to_le_bytes();
        let okay = frame(b"OKAY", 77, arg0, if self.delayed { &credit } else { &[] });
        match &command {
            b"OPEN" => {
                (self.stream, self.sync) = (arg0, payload == b"sync:\0");
                self.out.extend(okay);
                if !self.sync {
                    self.answer();
                }
            }
            b"WRTE" => {
                self.out.extend(okay);
                self.answer();
            }
            _ => {}
        }
    }

    fn say(&mut self, most: usize) -> Vec<u8> {
        self.out.drain(..most.min(self.out.len())).collect()
    }
}

fn polite(features: u8, piece: usize, answer: &[u8]) -> DirectLink {
    let banner = FEATURES[usize::from(features) % FEATURES.len()];
    let phone = Polite {
        out: connected(banner).into(),
        answer: answer.to_vec(),
        piece: piece.max(1),
        delayed: banner.contains("delayed_ack"),
        stream: 0,
        sync: false,
        begun: Arc::default(),
    };
    DirectLink::connect(Box::new(Wire(phone)), key(), PATIENCE, Cancel::default(), &mut |_| {}).expect("a polite phone")
}

/// The input is the answer of the sync service to a question. However it is cut into messages, it means the same; and a
/// pull delivers exactly the DATA blocks before DONE.
pub fn phone_sync(data: &[u8]) {
    let mut script = Script(data);
    let (question, features, piece) = (script.byte(), script.byte(), usize::from(script.byte()) + 1);
    // A session gives up after 100,000 messages without a byte of use; pieces of one byte would only be slow.
    let answer = &script.0[..script.0.len().min(1 << 18)];
    let piece = piece.max(answer.len() / 2000);
    let ask = |piece: usize| {
        let mut link = polite(features, piece, answer);
        let mut got = Vec::new();
        let end = match question % 3 {
            0 => {
                let end = link.pull("/sdcard/x", &mut |bytes| {
                    got.extend_from_slice(bytes);
                    Ok(())
                });
                end.inspect(|bytes| assert_eq!(*bytes, got.len() as u64))
            }
            1 => {
                let end = link.list("/sdcard", &mut |entry| {
                    assert!(entry.name.len() <= 1024);
                    got.extend(format!("{:?}{:?}", entry.name, entry.stat).bytes());
                    Ok(())
                });
                end.map(|listed| listed.entries)
            }
            _ => link.stat("/sdcard/x").map(|stat| {
                got.extend(format!("{stat:?}").bytes());
                1
            }),
        };
        (end.map_err(|error| error.to_string()), got)
    };
    let (end, got) = ask(piece);
    if question % 3 == 0 {
        match done(answer) {
            // Bytes behind the end are a fault where they stand in the same message; a later one is not waited for.
            Some((content, behind)) => {
                assert!(end.is_ok() || !behind.is_empty(), "a whole file came and is not delivered");
                assert!(end.is_err() || got == content, "other bytes than came");
            }
            None => assert!(end.is_err(), "delivered as whole what is not"),
        }
    }
    // Pieces are what the cable does, not what the phone says. (Bytes behind the end are seen or not, as they come.)
    let (other, other_got) = ask(answer.len().max(1));
    if end.is_ok() && other.is_ok() {
        assert_eq!((end, got), (other, other_got));
    }
}

/// The content of an answer to a pull, if it is blocks and an end; and what stands behind that.
fn done(mut answer: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut content = Vec::new();
    loop {
        let (head, rest) = answer.split_at_checked(8)?;
        let length = usize::try_from(u32::from_le_bytes(head[4..].try_into().unwrap())).unwrap();
        match &head[..4] {
            b"DATA" if length <= 1 << 16 => {
                let (body, rest) = rest.split_at_checked(length)?;
                content.extend_from_slice(body);
                answer = rest;
            }
            b"DONE" => return Some((content, rest)),
            _ => return None,
        }
    }
}

pub fn sync_seeds() -> Vec<Vec<u8>> {
    let with = |question: u8, features: u8, answer: &[u8]| [&[question, features, 7], answer].concat();
    let v1: Vec<u8> = [0o100_660_u32, 5, 1_700_000_000, 3].iter().flat_map(|word| word.to_le_bytes()).collect();
    let dent = [b"DENT".as_slice(), &v1, b"foo", b"DONE", &[0; 16]].concat();
    vec![
        with(0, 0, &file(b"een bestand dat over meer dan een blok gaat")),
        with(0, 1, &block(b"FAIL", b"open failed: Permission denied")),
        with(0, 2, &file(b"oud")),
        with(1, 0, &listing()),
        with(1, 2, &dent),
        with(2, 0, &stat_v2(b"LST2", 0, 0o100_660, 5 << 30)),
        with(2, 1, &stat_v2(b"LST2", 13, 0, 0)),
        with(2, 2, &[b"STAT".as_slice(), &v1[..12]].concat()),
    ]
}

/// The input is what the shell service sends: stdout, stderr and the exit code come out as they were framed.
pub fn phone_shell(data: &[u8]) {
    let (piece, frames) = data.split_first().map_or((1, data), |(piece, rest)| (usize::from(*piece) + 1, rest));
    let frames = &frames[..frames.len().min(1 << 18)];
    let mut link = polite(0, piece.max(frames.len() / 2000), frames);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = link.shell("true", PATIENCE.silence, &mut |channel, bytes| {
        if channel == Channel::Stdout {
            out.extend_from_slice(bytes)
        } else {
            err.extend_from_slice(bytes)
        }
        Ok(())
    });
    if let Ok(code) = code {
        let (wanted_out, wanted_err, wanted_code) = unframed(frames);
        // What stands behind the exit code in the same message may come along.
        assert!(out.starts_with(&wanted_out) && err.starts_with(&wanted_err));
        assert_eq!(code.is_some(), wanted_code.is_some(), "an exit code that was not sent, or one that was lost");
        if wanted_code.is_none() {
            assert_eq!((out.len(), err.len()), (wanted_out.len(), wanted_err.len()));
        }
    }
}

fn unframed(mut frames: &[u8]) -> (Vec<u8>, Vec<u8>, Option<u8>) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    while let Some((head, rest)) = frames.split_at_checked(5) {
        let length = usize::try_from(u32::from_le_bytes(head[1..].try_into().unwrap())).unwrap();
        let body = &rest[..length.min(rest.len())];
        match head[0] {
            1 => out.extend_from_slice(body),
            2 => err.extend_from_slice(body),
            3 if !body.is_empty() => return (out, err, Some(body[0])),
            _ => {}
        }
        frames = &rest[body.len()..];
    }
    (out, err, None)
}

pub fn shell_seeds() -> Vec<Vec<u8>> {
    vec![[&[6][..], &shell_frames()].concat(), [&[255][..], &shell_frames()].concat()]
}

/// The banner says nothing that was not in it, and is bounded.
pub fn phone_banner(data: &[u8]) {
    let banner = Banner::parse(data);
    let length =
        banner.kind.len() + banner.product.as_ref().map_or(0, String::len) + banner.model.as_ref().map_or(0, String::len);
    // A byte that is no UTF-8 becomes three.
    assert!(length <= 3 * 4096 && banner.features.len() <= 4096);
    assert!(banner.features.iter().all(|feature| banner.has(feature) && !feature.contains([',', ';'])));
    assert!(!banner.has(""));
}

pub fn banner_seeds() -> Vec<Vec<u8>> {
    FEATURES.map(|banner| joined([banner])[4..].to_vec()).to_vec()
}
