//! A small seal for the recipients of a plan, made on the spot to try their keys on. It holds no data of anyone, and says DEMO
//! wherever it is verified: a station that exists for this one seal signs it.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};
use uitlezen_evidence::ItemName;
use uitlezen_readout::Plan;
use uitlezen_seal::{
    closing::Facts,
    header::{Moment, Origin, Status},
    part::ChunkSize,
    role::RoleSet,
    station::{Certificate, Kind, Station, Subject},
    store::{Closing, Digest, Home, ItemSpec, RunKey, StoreOptions, WorkStore},
};

const RUN: &str = "proef";
const TEXT: &[u8] = b"Dit is een proef. / This is a sample.\n";

/// The seal and who signed it; the folder goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Sample {
    folder: PathBuf,
    pub seal: PathBuf,
    pub signer: Certificate,
}

impl Drop for Sample {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Seals for every role that the plan names recipients of, below the state folder.
pub(crate) fn seal(state: &Path, plan: &Plan) -> io::Result<Sample> {
    let folder = state.join(format!("proef-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    let subject = Subject {
        organisation: "proef".to_owned(),
        organisation_code: "proef".to_owned(),
        station_name: RUN.to_owned(),
        kind: Kind::Demo,
    };
    let now = Moment::now();
    let station = Station::generate(&subject, 1, now.timestamp()).map_err(io::Error::other)?;
    let mut sample = Sample { seal: PathBuf::new(), signer: station.certificate().clone(), folder };
    let key = RunKey::random()?;
    let store = WorkStore::create(&sample.folder.join(format!("{RUN}.partial")), RUN, &key, StoreOptions::default())
        .map_err(io::Error::other)?;
    for (role, _) in &plan.recipients {
        let spec = ItemSpec {
            name: ItemName::new(format!("{}/proef.txt", role.as_str())).map_err(io::Error::other)?,
            home: Home::Kept(RoleSet::only(*role)),
            chunk: ChunkSize::RANDOM_ACCESS,
            digest: Digest::Compute,
            modified: None,
        };
        let mut item = store.begin(spec).map_err(io::Error::other)?;
        item.write_all(TEXT)?;
        item.finish().map_err(io::Error::other)?;
    }
    let facts = Facts {
        run: RUN.to_owned(),
        started: now,
        created: Moment::now(),
        organisation: "proef".to_owned(),
        status: Status::Volledig,
        origin: Origin::Demo,
        clock_offset: None,
        previous_of_phone: None,
        previous_of_station: None,
        relies_on: Vec::new(),
        mark: None,
        tool: concat!("uitlezen ", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    let recipients = plan.recipients.iter().cloned().collect();
    let sealed = store.seal(Closing { facts, recipients, station: &station }).map_err(io::Error::other)?;
    sample.seal = sealed.path;
    Ok(sample)
}
