//! A backup that others published: the unencrypted one of MVT's tests, of which most files are left out.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::{collections::BTreeMap, ops::ControlFlow, path::PathBuf, sync::Arc};
use uitlezen_backup::{Backup, RowKind, Snapshot, Trouble, file_id, find};
use uitlezen_evidence::{Database, Evidence, FolderEvidence, ItemName};

fn folder() -> Option<PathBuf> {
    let path = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/testdata/ios-backup/mvt-project+mvt/tests/artifacts/ios_backup"
    ));
    if !path.exists() {
        assert!(std::env::var_os("UITLEZEN_REQUIRE_TESTDATA").is_none(), "required test data is absent: the published backup");
        eprintln!("SKIPPED: test data is absent: the published backup");
        return None;
    }
    Some(path)
}

fn backup() -> Option<Backup> {
    let inner: Arc<dyn Evidence> = Arc::new(FolderEvidence::open(folder()?).unwrap());
    let place = find(&*inner).first().unwrap().clone();
    Some(Backup::at(inner, place).unwrap())
}

#[test]
fn facts_are_those_of_its_info_list() {
    let Some(backup) = backup() else { return };
    let facts = backup.facts();
    assert_eq!(
        (facts.build.as_deref(), facts.ios.as_deref(), facts.product.as_deref()),
        (Some("18C66"), Some("14.3"), Some("iPhone9,3"))
    );
    assert_eq!((facts.encrypted, facts.snapshot, facts.full), (false, Snapshot::NotSaid, None));
    assert_eq!(facts.apps.len(), 6);
    assert!(facts.date.is_some());
}

#[test]
fn every_row_is_read_and_its_id_is_the_digest_of_its_name() {
    let Some(backup) = backup() else { return };
    let (mut kinds, mut domains, mut classes) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut digests = 0;
    let view = &mut |row: Result<uitlezen_backup::Row<'_>, uitlezen_backup::Refusal>| {
        let row = row.unwrap();
        assert!(row.id == file_id(row.domain, row.path));
        let file = row.file().unwrap();
        *domains.entry(row.domain.to_owned()).or_insert(0) += 1;
        let kind = match row.kind {
            RowKind::File => {
                *classes.entry(file.key.unwrap().class()).or_insert(0) += 1;
                digests += u32::from(file.digest.is_some());
                1
            }
            RowKind::Folder => 2,
            RowKind::Symlink => 4,
            RowKind::Other(_) => 0,
        };
        *kinds.entry(kind).or_insert(0) += 1;
        ControlFlow::Continue(())
    };
    backup.manifest(None).unwrap().each(view).unwrap();
    assert_eq!(kinds, BTreeMap::from([(1, 1089), (2, 2618), (4, 14)]));
    assert_eq!((domains.get("HomeDomain"), domains.get("CameraRollDomain")), (Some(&571), Some(&290)));
    assert_eq!(domains.get("AppDomainGroup-group.net.whatsapp.WhatsApp.shared"), Some(&52));
    assert_eq!(classes, BTreeMap::from([(1, 7), (2, 2), (3, 581), (4, 499)]), "all carry keys, of a backup that was encrypted");
    assert_eq!(digests, 477);
}

#[test]
fn what_is_present_is_read_and_what_is_missing_is_counted() {
    let Some(backup) = backup() else { return };
    let evidence = backup.evidence(None, &|_, _| true).unwrap();
    let counts = evidence.counts();
    assert_eq!((counts.rows, counts.wanted, counts.folders, counts.symlinks), (3721, 1089, 2618, 14));
    assert!(counts.refused.is_empty());
    assert_eq!(counts.odd_ids, 0);
    assert_eq!(counts.without_row, 1, "LID.sqlite lies there and no row names it");
    // Ten of the eleven have rows. The databases were replaced by synthetic ones, so their sizes are not those of the rows.
    assert_eq!(counts.trouble(Trouble::Missing), 1089 - 10);
    assert_eq!(evidence.items().len(), 10);
    assert_eq!(evidence.missing().len(), 1079);
    assert_eq!(counts.trouble(Trouble::Size), 9);
    for item in evidence.items() {
        let bytes = evidence.open(&item.name).unwrap();
        if !item.name.as_str().ends_with(".plist") {
            assert!(!Database::open(bytes, None, None).unwrap().tables().unwrap().is_empty());
        }
    }
    let sms = evidence.open(&ItemName::new("HomeDomain/Library/SMS/sms.db").unwrap()).unwrap();
    let sms = Database::open(sms, None, None).unwrap();
    let count = sms.connection().query_row("SELECT count(*) FROM message", [], |row| row.get::<_, i64>(0));
    assert_eq!(count.unwrap(), 1);
}
