//! Closing: the report goes in, the keys are wrapped, the container is signed and renamed, the work store is destroyed.

use super::{
    Previous, RunError,
    keeping::put_whole,
    log::{self, Log},
};
use crate::{
    Plan, Report,
    link::VIA_SERVER,
    report,
    statement::{self, Statement},
    words::Language,
};
use jiff::Timestamp;
use std::{collections::BTreeMap, path::PathBuf};
use uitlezen_check::Status;
use uitlezen_evidence::ItemName;
use uitlezen_seal::{
    closing::Facts,
    envelope::RoleRecipients,
    header::{Mark, Moment, Origin, Sha256Digest, Status as HeaderStatus},
    part::ChunkSize,
    role::{Role, RoleSet},
    station::Station,
    store::{Closing, Digest, Home, ItemSpec, WipeReport, WorkStore},
};

/// Who closes the seal, and what its header says of where it came from.
#[derive(Debug)]
pub struct SealedBy<'a> {
    pub station: &'a Station,
    pub origin: Origin,
}

/// A closed seal.
#[derive(Debug)]
pub struct Sealed {
    pub path: PathBuf,
    pub bytes: u64,
    /// The seal digest: SHA-256 of its signed manifest. The next seal refers to it.
    pub digest: [u8; 32],
    /// What was destroyed of the work store; `None` when that failed and must be tried again.
    pub wiped: Option<WipeReport>,
    pub(super) closed: Timestamp,
    /// In which parts each item lies.
    pub(super) placed: BTreeMap<ItemName, Vec<u32>>,
    /// The completeness statement that lies in it.
    pub statement: Statement,
}

impl Sealed {
    #[must_use]
    pub fn digest_hex(&self) -> String {
        hex::encode(self.digest)
    }

    /// The file's own name.
    #[must_use]
    pub fn file_name(&self) -> String {
        self.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

/// The way that the bytes really came: over USB that shows only when the link is made.
fn origin(asked: Origin, report: &Report) -> Origin {
    match (asked, &report.phone) {
        (Origin::Usb, Some(phone)) if phone.route == VIA_SERVER => Origin::AdbServer,
        _ => asked,
    }
}

pub(super) fn close(
    by: &SealedBy<'_>,
    plan: &Plan,
    asked: Vec<Role>,
    report: &Report,
    log: &Log,
    previous: Previous,
    store: &WorkStore,
) -> Result<Sealed, RunError> {
    let status = report.status.ok_or(RunError::Internal("no status"))?;
    let json = serde_json::to_vec_pretty(report).map_err(|_| RunError::Internal("report"))?;
    put_whole(store, accounted(report::ITEM)?, &json)?;
    let created = Timestamp::now();
    let origin = origin(by.origin, report);
    let statement = Statement::of(report, plan, status, origin, previous, created);
    let json = serde_json::to_vec_pretty(&statement).map_err(|_| RunError::Internal("statement"))?;
    put_whole(store, accounted(statement::ITEM)?, &json)?;
    for language in Language::BOTH {
        let page = statement::page(&statement, language, None);
        put_whole(store, accounted(&statement::page_item(language))?, page.as_bytes())?;
    }
    put_whole(store, accounted(log::ITEM)?, log.lines())?;
    let facts = Facts {
        run: report.run.clone(),
        started: Moment::new(report.started),
        created: Moment::new(created),
        organisation: plan.organisation.code.clone(),
        status: match status {
            Status::Volledig => HeaderStatus::Volledig,
            Status::Onvolledig => HeaderStatus::Onvolledig,
            Status::OnderdelenGeweigerd => HeaderStatus::OnderdelenGeweigerd,
        },
        origin,
        clock_offset: report.phone.as_ref().and_then(|p| p.clock_offset_ms.known()).map(|(ms, _)| ms / 1000),
        previous_of_phone: previous.of_phone.map(Sha256Digest),
        previous_of_station: previous.of_station.map(Sha256Digest),
        relies_on: report.relies_on(),
        mark: report.admission.as_ref().and_then(|a| a.mark.as_ref()).map(|_| Mark::NietGeregistreerd),
        tool: report.tool.clone(),
    };
    let recipients: BTreeMap<Role, RoleRecipients> =
        plan.recipients.iter().filter(|(role, _)| asked.contains(role)).cloned().collect();
    let sealed = store.seal(Closing { facts, recipients, station: by.station })?;
    Ok(Sealed {
        path: sealed.path,
        bytes: sealed.bytes,
        digest: sealed.digest.0,
        wiped: sealed.wiped.ok(),
        closed: created,
        placed: sealed.placed,
        statement,
    })
}

/// An item of role *verantwoording*.
fn accounted(name: &str) -> Result<ItemSpec, RunError> {
    Ok(ItemSpec {
        name: ItemName::new(name).map_err(|_| RunError::Internal("item name"))?,
        home: Home::Kept(RoleSet::only(Role::Verantwoording)),
        chunk: ChunkSize::STREAM,
        digest: Digest::Compute,
        modified: None,
    })
}
