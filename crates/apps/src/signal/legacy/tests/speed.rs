//! How fast, and in how much memory: run by hand, in a release build.

use super::*;
use V::{Integer as N, Text as S};

#[derive(Default)]
struct Counted(u64);

#[derive(Default)]
struct Run(u64);

impl crate::RunSink for Run {
    fn message(&mut self, _: ConversationNumber, _: Box<Message>) -> io::Result<()> {
        self.0 += 1;
        Ok(())
    }
}

impl RecordSink for Counted {
    type Run = Run;

    fn conversation(&mut self, _: &Conversation) -> io::Result<()> {
        Ok(())
    }

    fn hand_over(&mut self, run: &mut Run) -> io::Result<()> {
        self.0 += std::mem::take(&mut run.0);
        Ok(())
    }
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
#[ignore = "a measurement: 1 GiB, in a release build"]
fn one_gibibyte_becomes_records_at_the_speed_of_its_cipher() {
    use std::time::Instant;
    let Some(tables) = published_tables() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signal.backup");
    let to = io::BufWriter::with_capacity(1 << 20, std::fs::File::create(&path).unwrap());
    let mut f = LegacyWriter::new(to, &LegacyKeys::new(PASS, [4; 32]), [9; 16], true).unwrap();
    f.version(309).unwrap();
    for sql in &tables {
        f.statement(sql, &[]).unwrap();
    }
    let layout = |table: &str| {
        tables.iter().find_map(|sql| match sql::parse(sql) {
            sql::Sql::Table { table: name, columns } if name == table => Some(columns),
            _ => None,
        })
    };
    let insert = |f: &mut LegacyWriter<_>, table: &str, values: &[(&str, V<'_>)]| {
        let layout = layout(table).unwrap();
        let find = |column: &String| values.iter().find(|(name, _)| name == column).map_or(V::Null, |(_, value)| *value);
        let all: Vec<V<'_>> = layout.iter().map(find).collect();
        f.statement(&format!("INSERT INTO {table} VALUES ({})", vec!["?"; all.len()].join(",")), &all).unwrap();
    };
    for id in 1..=50_i64 {
        insert(
            &mut f,
            "recipient",
            &[("_id", N(id)), ("aci", S(&aci(u8::try_from(id).unwrap()))), ("profile_joined_name", S("Naam"))],
        );
        insert(&mut f, "thread", &[("_id", N(id)), ("recipient_id", N(id))]);
    }
    let content = vec![0x5a; 262_144];
    let body = "Kunnen we het voorstel van de commissie morgen om negen uur bespreken? ".repeat(3);
    for id in 1..=200_000_i64 {
        let thread = id % 49 + 2;
        let (from, kind) = if id % 2 == 0 { (1, 23) } else { (thread, 20) };
        let values = [
            ("_id", N(id)),
            ("date_sent", N(T + id * 1000)),
            ("date_received", N(T + id * 1000)),
            ("thread_id", N(thread)),
            ("from_recipient_id", N(from)),
            ("to_recipient_id", N(1)),
            ("type", N(kind | 0xa0_0000)),
            ("body", S(&body)),
            ("read", N(1)),
            ("date_server", N(T)),
            ("notified", N(1)),
        ];
        insert(&mut f, "message", &values);
        if id % 50 == 0 {
            let values = [("_id", N(id)), ("message_id", N(id)), ("content_type", S("image/jpeg")), ("sticker_id", N(-1))];
            insert(&mut f, "attachment", &values);
            f.attachment(id, None, &content).unwrap();
        }
    }
    io::Write::flush(&mut f.end().unwrap()).unwrap();
    let bytes = std::fs::metadata(&path).unwrap().len();
    // The limit: cipher and hash over as many bytes, one after the other, in pieces that stay in the cache.
    let mut piece = vec![7_u8; 1 << 18];
    let began = Instant::now();
    {
        use aes::cipher::KeyIvInit;
        use ctr::cipher::StreamCipher;
        use hmac::{KeyInit, Mac};
        let mut stream = ctr::Ctr128BE::<aes::Aes256>::new(&[1; 32].into(), &[2; 16].into());
        let mut tag = hmac::Hmac::<sha2::Sha256>::new_from_slice(&[3; 32]).unwrap();
        for _ in 0..bytes / piece.len() as u64 {
            tag.update(&piece);
            stream.apply_keystream(&mut piece);
        }
        assert_ne!(tag.finalize().into_bytes()[0], piece[0].wrapping_add(1).wrapping_mul(0));
    }
    let limit = began.elapsed();
    let keys = {
        let backup = Backup::open(Arc::new(uitlezen_evidence::FileSource::open(&path).unwrap())).unwrap();
        (backup.keys(&Passphrase::parse(PASS.as_bytes()).unwrap()), backup)
    };
    let began = Instant::now();
    let store = take_in(keys.1.unlock(&keys.0).unwrap(), &mut |_| {}).unwrap();
    let taken = began.elapsed();
    let mut sink = Counted::default();
    let read = read(&reading(&store), &mut sink).unwrap();
    let took = began.elapsed();
    assert_eq!((sink.0, store.intake().attachments, read.summary.is_whole()), (200_000, 4_000, true));
    eprintln!(
        "{bytes} bytes: cipher and hash {limit:?}, taken in {taken:?}, records {took:?} = {:.2} of the limit; peak {} KiB",
        limit.as_secs_f64() / took.as_secs_f64(),
        peak_kib()
    );
}
