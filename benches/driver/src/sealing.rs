//! A file into a closed seal: kept item, indexes, keys, manifest, signature; as the engine does it.

use crate::{Failure, seconds};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read, Write},
    path::Path,
    time::Instant,
};
use uitlezen_evidence::ItemName;
use uitlezen_seal::{
    closing::Facts,
    envelope::{GeneratedIdentity, Recipient, RoleRecipients},
    header::{Moment, Origin, Status},
    part::ChunkSize,
    role::{Role, RoleSet},
    station::{Kind, Station, Subject},
    store::{Closing, Digest, Home, ItemSpec, RunKey, StoreOptions, WorkStore},
};

/// One read of the file: as the frames in which the engine gets it.
const READ: usize = 256 * 1024;
const RUN: &str = "bench";

/// Leaves the seal and its certificate (`station.pem`) in `dir`.
pub(crate) fn seal(file: &Path, dir: &Path, rest: &[&str]) -> Result<Value, Failure> {
    let chunk = rest.first().map_or(Ok(ChunkSize::MEDIA), |log2| Ok::<_, Failure>(ChunkSize::from_log2(log2.parse()?)?))?;
    let mut from = File::open(file)?;
    let bytes = from.metadata()?.len();
    let options = match rest.get(1) {
        Some(mib) => StoreOptions { part_bytes: mib.parse::<u64>()? << 20 },
        None => StoreOptions::for_predicted(bytes),
    };
    let station = Station::generate(
        &Subject {
            organisation: "Bench".into(),
            organisation_code: "gm0000".into(),
            station_name: "Bench".into(),
            kind: Kind::Normal,
        },
        1,
        Timestamp::now(),
    )?;
    std::fs::write(dir.join("station.pem"), station.certificate().to_pem()?)?;
    let each = |identity: GeneratedIdentity, recovery| Recipient::parse(&identity.recipient, recovery);
    let recipients = vec![each(GeneratedIdentity::new(), false)?, each(GeneratedIdentity::new(), true)?];

    let began = Instant::now();
    let store = WorkStore::create(&dir.join(format!("{RUN}.partial")), RUN, &RunKey::random()?, options)?;
    let mut writer = store.begin(ItemSpec {
        name: ItemName::new("gesprekken/whatsapp/bijlagen/000001.bin")?,
        home: Home::Kept(RoleSet::only(Role::Gesprekken)),
        chunk,
        digest: Digest::None, // the engine has it from the link, which compares it with the phone's
        modified: None,
    })?;
    let mut buffer = vec![0; READ];
    loop {
        let n = from.read(&mut buffer)?;
        let Some(piece) = buffer.get(..n).filter(|piece| !piece.is_empty()) else { break };
        writer.write_all(piece)?;
    }
    writer.finish()?;
    let now = Moment::new(Timestamp::now());
    let facts = Facts {
        run: RUN.into(),
        started: now,
        created: now,
        organisation: "gm0000".into(),
        status: Status::Volledig,
        origin: Origin::Files,
        clock_offset: None,
        previous_of_phone: None,
        previous_of_station: None,
        relies_on: Vec::new(),
        mark: None,
        tool: "bench".into(),
    };
    let recipients = BTreeMap::from([(Role::Gesprekken, RoleRecipients::Each(recipients))]);
    let sealed = store.seal(Closing { facts, recipients, station: &station })?;
    let took = began.elapsed();
    Ok(json!({ "seconds": seconds(took), "bytes": bytes, "seal": sealed.path.display().to_string(), "seal_bytes": sealed.bytes }))
}
