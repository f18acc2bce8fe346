//! A folder or a zip with a phone's files, in place of a phone.

use super::{
    counting::{added, assert_same, found, made},
    desk::Desk,
    phone::{BACKUP, SERIAL, folder, nothing_to_find, plain, usual},
};
use std::{fs, io::Write};
use uitlezen_twin::content::Options;

#[test]
fn a_folder_gives_what_the_phone_gives() {
    let desk = Desk::ready();
    let options = Options { increments: false, damaged_media: true, ..usual() };
    let (content, from) = folder(&options, desk.at("telefoon"));
    desk.reads_files(&content, &from).shown_off().go().ends_with(3);
    let files = desk.conversations("whatsapp");
    // There is no address book beside a folder: numbers without any other name stay numbers.
    assert_same(&found(&files), &made(&content.expected.whatsapp));
    desk.verifies(&desk.seal()).ends_with(0).never_says("LAB").never_says("DEMO");
    assert_eq!(desk.report().phone.unwrap().route, "files");
}

#[test]
fn a_folder_with_nothing_to_find_ends_with_0() {
    let desk = Desk::ready();
    let (content, from) = folder(&nothing_to_find(), desk.at("telefoon"));
    desk.reads_files(&content, &from).shown_off().go().ends_with(0).says("Uitlezing: volledig volgens plan");
}

#[test]
fn a_zip_gives_what_the_folder_gives_stored_or_deflated() {
    for method in [zip::CompressionMethod::Stored, zip::CompressionMethod::Deflated] {
        let desk = Desk::ready();
        let (content, from) = folder(&usual(), desk.at("telefoon"));
        let path = desk.at("telefoon.zip");
        let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        for file in super::files_below(&from) {
            zip.start_file(file.strip_prefix(&from).unwrap().to_str().unwrap(), options).unwrap();
            zip.write_all(&fs::read(file).unwrap()).unwrap();
        }
        zip.finish().unwrap();
        fs::remove_dir_all(&from).unwrap();
        desk.reads_files(&content, &path).shown_off().go().ends_with(3);
        let expected = &content.expected.whatsapp;
        let found = found(&desk.conversations("whatsapp"));
        assert_eq!(found["messages"], expected.messages + added(&expected.increments, |i| i.new));
        assert_eq!(found["attachments present"], expected.attachments.present);
    }
}

#[test]
fn a_single_loose_backup_file_is_enough() {
    let desk = Desk::ready();
    let (content, from) = folder(&Options { increments: false, ..plain() }, desk.at("telefoon"));
    let loose = desk.at("los");
    fs::create_dir(&loose).unwrap();
    fs::copy(from.join(BACKUP), loose.join("msgstore.db.crypt15")).unwrap();
    desk.reads_files(&content, &loose).shown_off().go().ends_with(3);
    let expected = &content.expected.whatsapp;
    assert_eq!(found(&desk.conversations("whatsapp"))["messages"], expected.messages);
    let report = desk.report();
    assert_eq!(report.apps[0].backups.len(), 1);
    assert_eq!(report.apps[0].records.as_ref().unwrap().contacts_read, None);
}

#[test]
fn a_folder_without_a_phone_in_it_gives_nothing_and_ends_with_7() {
    let desk = Desk::ready();
    let empty = desk.at("leeg");
    fs::create_dir_all(empty.join("DCIM/Camera")).unwrap();
    fs::write(empty.join("DCIM/Camera/IMG_0001.jpg"), "geen telefoon").unwrap();
    desk.readout().with("--from").with(&empty).go().ends_with(7).says("geen reservekopie").says("Nu doen:");
    desk.nothing_sealed();
    assert!(desk.unfinished().is_empty());
    desk.readout().with("--from").with(desk.at("nergens")).go().ends_with(7).says("Nu doen:");
    fs::write(desk.at("geen.zip"), "PK\u{3}\u{4} of toch niet").unwrap();
    desk.readout().with("--from").with(desk.at("geen.zip")).go().ends_with(7).says("Nu doen:");
    desk.nothing_sealed();
}

#[test]
fn a_zip_that_climbs_writes_nothing_outside_and_its_names_are_counted() {
    let desk = Desk::ready();
    let (content, from) = folder(&Options { increments: false, ..plain() }, desk.at("telefoon"));
    let path = desk.at("vijandig.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    for file in super::files_below(&from) {
        zip.start_file(file.strip_prefix(&from).unwrap().to_str().unwrap(), options).unwrap();
        zip.write_all(&fs::read(file).unwrap()).unwrap();
    }
    for name in ["../../../../uitgebroken.txt", "/uitgebroken.txt", "a/../../uitgebroken.txt"] {
        zip.start_file(name, options).unwrap();
        zip.write_all(b"uitgebroken").unwrap();
    }
    zip.finish().unwrap();
    desk.reads_files(&content, &path).shown_off().go().ends_with(6);
    let gaps = desk.report().gaps;
    assert!(gaps.iter().any(|g| g.detail == "refused-names" && g.count == 3), "{gaps:?}");
    assert!(super::files_below(&desk.at("")).iter().all(|p| !p.ends_with("uitgebroken.txt")));
}

#[test]
fn a_link_out_of_the_folder_is_not_followed() {
    let desk = Desk::ready();
    let (content, from) = folder(&Options { increments: false, ..plain() }, desk.at("telefoon"));
    fs::write(desk.at("buiten.db"), "van iemand anders").unwrap();
    std::os::unix::fs::symlink(desk.at("buiten.db"), from.join("Android/media/com.whatsapp/WhatsApp/Databases/x.db.crypt15"))
        .unwrap();
    let told = desk.reads_files(&content, &from).shown_off().go();
    assert!(matches!(told.code, Some(3 | 6)), "{:?}\n{}{}", told.code, told.out, told.err);
    assert!(desk.report().apps[0].backups.iter().all(|b| b.bytes != 17));
}

#[test]
fn a_folder_does_not_say_which_phone_it_was_and_the_plan_names_it() {
    let desk = Desk::ready();
    let (content, from) = folder(&Options { increments: false, ..plain() }, desk.at("telefoon"));
    let told = desk.reads_files(&content, &from).json().go().ends_with(3);
    assert!(told.events_called("phone").is_empty(), "nobody may think that a phone said {SERIAL}");
    assert_eq!(told.event("started")["origin"], "files");
}
