//! An iPhone on the cable: trust, a password on its backups, one backup of which only what is wanted is kept, and everything
//! that can go wrong on that way.

use super::{
    counting::messages,
    desk::{Call, Desk, VAULT_PASSPHRASE},
    outcome::Outcome,
    search::{Word, find},
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    fs,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use uitlezen_check::GapReason;
use uitlezen_twin::{
    backup::{BackupFile, Rounds},
    content::iphone::messages::{Messages, MessagesOptions, generate},
    device::Times,
    iphone::{App, Builder, Fault, How, Iphone, Moment, Passcode, Supervision, Trust, usbmuxd},
};
use uitlezen_vault::{PasswordOrigin, Unlock, Vault};

const CANARY: &str = "KANARIE-d1e5a0c7";
/// Of a holder that had one set already.
const OWN_PASSWORD: &str = "Zeven-groene-fietsen";

fn made() -> Messages {
    let now = jiff::Timestamp::now().as_second();
    generate(&MessagesOptions { messages: 300, now: now - 3600, oddities: false, ..MessagesOptions::default() }).unwrap()
}

/// Other apps' files are on it too, with something in them that is nobody's business here.
fn phone(made: &Messages) -> Builder {
    let now = jiff::Timestamp::now().as_second();
    let camera = BackupFile::of("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0001.HEIC", CANARY.repeat(20_000).into_bytes(), now);
    let notes = BackupFile::of("AppDomain-com.example.dagboek", "Documents/dagboek.txt", CANARY.as_bytes().to_vec(), now);
    Iphone::builder()
        .files(made.files.clone())
        .files([camera, notes])
        .rounds(Rounds { first: 1000, second: 1000 })
        .app(App::new("net.whatsapp.WhatsApp", "WhatsApp", "25.30.70"))
        .trust(Trust::After(Duration::from_millis(300)))
        .passcode(Passcode::Typed(Duration::from_millis(300)))
}

/// A desk, and the phone of its official behind a daemon.
struct Cable {
    desk: Desk,
    phone: Arc<Iphone>,
    mux: usbmuxd::Running,
}

impl Cable {
    fn with(phone: Builder) -> Self {
        let phone = phone.build();
        let udid = phone.identity().udid.clone();
        let desk = Desk::ready();
        desk.registers(["set", "phone", &udid, "official=wethouder-1", "platform=iphone"]).go().ends_with(0);
        desk.plan_says("serial = \"TWIN0001\"\nplatform = \"android\"", &format!("serial = \"{udid}\"\nplatform = \"iphone\""));
        desk.plan_says("whatsapp = true\nwhatsapp_business = false", "imessage = true");
        let mux = usbmuxd::spawn(std::slice::from_ref(&phone)).unwrap();
        Self { desk, phone, mux }
    }

    fn reads(&self) -> Call {
        self.desk.readout().through_usbmuxd(self.mux.address())
    }

    fn resumes(&self) -> Call {
        self.desk.runs(["resume"]).through_usbmuxd(self.mux.address())
    }

    fn udid(&self) -> &str {
        &self.phone.identity().udid
    }

    /// What the vault keeps for the phone's backups.
    fn kept(&self) -> Option<(String, PasswordOrigin)> {
        let unlock = Unlock::Passphrase(SecretString::from(VAULT_PASSPHRASE));
        let vault = Vault::open(&self.desk.state().join("vault.json"), &unlock).unwrap();
        let kept = vault.contents().backup_passwords.get(self.udid())?.clone();
        Some((kept.password().expose_secret().to_owned(), kept.origin))
    }

    /// Of how many backups the station keeps what the next one goes on from.
    fn keeps_backups(&self) -> usize {
        fs::read_dir(self.desk.state().join("iphones")).map_or(0, Iterator::count)
    }

    fn sealed_whole(&self, made: &Messages) {
        self.desk.verifies(&self.desk.seal()).ends_with(0).says("Zegel: ongeschonden");
        let conversations = self.desk.conversations("imessage");
        assert_eq!(conversations.len() as u64, made.expected.conversations);
        assert_eq!(messages(&conversations).count() as u64, made.expected.messages);
        let counts = self.desk.report().apps[0].attachments;
        assert_eq!(counts.present, made.expected.files_present);
    }
}

/// Voice messages go after two minutes unless the phone is told otherwise, and no backup says which.
fn read_whole(told: &Outcome) {
    assert!(matches!(told.code, Some(3 | 8)), "{:?}\n{}\n{}", told.code, told.out, told.err);
}

#[test]
fn a_phone_is_trusted_once_gets_a_password_once_and_only_what_is_wanted_is_kept() {
    let made = made();
    let cable = Cable::with(phone(&made));
    let first = cable.reads().go();
    read_whole(&first);
    let first = first.says("Vertrouw deze computer?").says("typ nu de toegangscode").says("hij mag eruit");
    cable.sealed_whole(&made);
    let (password, origin) = cable.kept().unwrap();
    assert_eq!(origin, PasswordOrigin::Set);
    assert_eq!(cable.phone.backup_password().as_deref(), Some(password.as_str()));
    let report = cable.desk.report();
    let statement = fs::read_to_string(cable.desk.seal().with_extension("verklaring.html")).unwrap();
    assert!(statement.contains("Reservekopie van de iPhone") && statement.contains("2 andere ongelezen voorbijgegaan"));
    assert!(statement.contains("geen (profielen: 0)"));
    let backed_up = report.backed_up.unwrap();
    assert_eq!(backed_up.counts.drained_files, 2, "{:?}", backed_up.counts);
    assert!(backed_up.counts.drained_bytes >= (CANARY.len() * 20_000) as u64);
    assert_eq!(report.phone.unwrap().serial.known().unwrap(), cable.udid());
    // Neither what was passed over nor the password lies anywhere in the open.
    let words = [Word::new(CANARY), Word::new(&password)];
    assert_eq!(find(&words, first.out.as_bytes()), None);
    assert_eq!(find(&words, first.err.as_bytes()), None);
    cable.desk.unseals(&cable.desk.seal(), "verantwoording", "div.txt", "v").go().ends_with(0);
    cable.desk.unseals(&cable.desk.seal(), "gesprekken", "div.txt", "g").go().ends_with(0);
    for place in [cable.desk.out(), cable.desk.state(), cable.desk.at("v"), cable.desk.at("g")] {
        for file in super::files_below(&place) {
            assert_eq!(find(&words, &fs::read(&file).unwrap()), None, "in {}", file.display());
        }
    }

    fs::remove_file(cable.desk.seal()).unwrap();
    let second = cable.reads().go();
    read_whole(&second);
    assert!(!second.out.contains("Vertrouw deze computer?") && !second.err.contains("Vertrouw deze computer?"));
    assert_eq!(cable.kept(), Some((password, PasswordOrigin::Set)));
    assert_eq!(cable.phone.trusted_hosts(), 1);
    // Nobody can throw away what opens the phone's backups.
    let vault = cable.desk.secret("vault", VAULT_PASSPHRASE);
    let call = cable.desk.says(["keys", "forget", "--app", "iphone-backup", "--phone"]).with(cable.udid());
    call.with("--secret").with(vault).go().ends_with(2).says("remove-after");
}

#[test]
fn a_password_that_the_holder_had_is_asked_for_before_anything_is_fetched_and_never_replaced() {
    let made = made();
    let cable = Cable::with(phone(&made).backup_password(OWN_PASSWORD));
    cable.reads().go().ends_with(7).says("er is geen wachtwoord gegeven").says("Vraag de houder");
    assert!(cable.desk.unfinished().is_empty());
    // Only with the whole backup here it shows that a password is another one; the phone is not needed again for that.
    let wrong = cable.desk.secret("iphone-backup", "Zes-groene-fietsen");
    cable.reads().with("--secret").with(wrong).go().ends_with(7).says("niet het wachtwoord van deze reservekopie");
    assert_eq!(cable.desk.unfinished().len(), 1);
    cable.phone.unplug();
    let right = cable.desk.secret("iphone-backup", OWN_PASSWORD);
    let told = cable.resumes().with("--secret").with(right).go();
    read_whole(&told);
    let _ = told.says("de reservekopie van de iPhone is al binnen");
    cable.sealed_whole(&made);
    assert_eq!(cable.phone.backup_password().as_deref(), Some(OWN_PASSWORD));
    assert_eq!(cable.kept(), None);
    // Kept by the holder's choice it need not be given again, and goes when the holder says so.
    cable.phone.plug_in();
    fs::remove_file(cable.desk.seal()).unwrap();
    let right = cable.desk.secret("iphone-backup", OWN_PASSWORD);
    read_whole(
        &cable
            .reads()
            .with("--secret")
            .with(right)
            .with("--keep-secret")
            .with("iphone-backup")
            .with("--chosen-by")
            .with("de houder")
            .go(),
    );
    assert_eq!(cable.kept(), Some((OWN_PASSWORD.to_owned(), PasswordOrigin::Holder)));
    fs::remove_file(cable.desk.seal()).unwrap();
    read_whole(&cable.reads().go());
    let forget = || {
        let vault = cable.desk.secret("vault", VAULT_PASSPHRASE);
        let call = cable.desk.says(["keys", "forget", "--app", "iphone-backup", "--phone"]).with(cable.udid());
        call.with("--secret").with(vault).go()
    };
    forget().ends_with(0);
    assert_eq!(cable.kept(), None);
}

#[test]
fn a_password_for_one_readout_is_taken_away_again() {
    let made = made();
    let cable = Cable::with(phone(&made));
    cable.desk.plan_says("platform = \"iphone\"", "platform = \"iphone\"\nbackup_password = \"remove-after\"");
    let told = cable.reads().go();
    read_whole(&told);
    let _ = told.says("Het wachtwoord is weer van de reservekopieën van deze iPhone gehaald");
    assert_eq!((cable.phone.backup_password(), cable.kept()), (None, None));
    cable.sealed_whole(&made);
}

#[test]
fn the_last_readout_of_a_term_takes_the_password_away_and_keeps_nothing_to_go_on_from() {
    let made = made();
    let cable = Cable::with(phone(&made));
    read_whole(&cable.reads().go());
    assert!(cable.phone.backup_password().is_some() && cable.kept().is_some());
    assert_eq!(cable.keeps_backups(), 1);
    let told = cable.reads().with("--purpose").with("einde-ambtstermijn").go();
    read_whole(&told);
    let _ = told.says("Het wachtwoord is weer van de reservekopieën van deze iPhone gehaald");
    assert_eq!((cable.phone.backup_password(), cable.kept(), cable.keeps_backups()), (None, None, 0));
}

#[test]
fn what_is_kept_of_a_backup_does_not_outlive_the_time_in_which_it_is_of_use() {
    let made = made();
    let cable = Cable::with(phone(&made));
    read_whole(&cable.reads().go());
    let lists = || {
        let call = cable.desk.says(["runs", "list"]).with("--secret");
        call.with(cable.desk.secret("vault", VAULT_PASSPHRASE)).go().ends_with(0)
    };
    let _ = lists();
    assert_eq!(cable.keeps_backups(), 1);
    let weeks = |weeks: i64| {
        let unlock = Unlock::Passphrase(SecretString::from(VAULT_PASSPHRASE));
        let mut vault = Vault::open(&cable.desk.state().join("vault.json"), &unlock).unwrap();
        vault
            .change(|c| {
                let kept = c.backup_states.get_mut(cable.udid()).unwrap();
                kept.started = jiff::Timestamp::now().as_second() - weeks * 7 * 86_400;
            })
            .unwrap();
    };
    weeks(12);
    let _ = lists();
    assert_eq!(cable.keeps_backups(), 1);
    weeks(13);
    let _ = lists().says("ouder dan dertien weken");
    assert_eq!(cable.keeps_backups(), 0);
    read_whole(&cable.reads().go());
    assert_eq!((cable.phone.asked().last_full, cable.keeps_backups()), (Some(true), 1));
}

#[test]
fn a_phone_that_is_released_has_nothing_of_this_station_and_the_station_nothing_of_it() {
    let made = made();
    let cable = Cable::with(phone(&made));
    let release = || {
        let call = cable.desk.says(["phones", "release", cable.udid()]).through_usbmuxd(cable.mux.address());
        call.with("--secret").with(cable.desk.secret("vault", VAULT_PASSPHRASE))
    };
    release().go().ends_with(2).says("bewaart dit station niets");
    read_whole(&cable.reads().go());
    assert!(cable.phone.backup_password().is_some() && cable.phone.trusted_hosts() == 1 && cable.keeps_backups() == 1);

    // The phone does not do it: everything stays, and can be done later.
    cable.phone.inject(Fault::At(Moment::PasswordAsked, How::fails(208, "locked")), Times::Only(1));
    release().go().ends_with(7).says("(208)");
    assert!(cable.kept().is_some() && cable.phone.backup_password().is_some() && cable.keeps_backups() == 1);

    release().go().ends_with(0).says("typ nu de toegangscode").says("van de reservekopieën gehaald");
    assert_eq!((cable.phone.backup_password(), cable.kept(), cable.keeps_backups()), (None, None, 0));
    assert_eq!(cable.phone.trusted_hosts(), 0);
    assert_eq!(cable.desk.seals().len(), 1, "what was sealed stays");
    release().go().ends_with(2);
}

#[test]
fn a_password_of_the_holders_own_survives_a_release_and_a_phone_that_is_gone_is_forgotten() {
    let made = made();
    let cable = Cable::with(phone(&made).backup_password(OWN_PASSWORD));
    let reads = || {
        let own = cable.desk.secret("iphone-backup", OWN_PASSWORD);
        read_whole(&cable.reads().with("--secret").with(own).go());
    };
    let release = || {
        let call = cable.desk.says(["phones", "release", cable.udid()]).through_usbmuxd(cable.mux.address());
        call.with("--secret").with(cable.desk.secret("vault", VAULT_PASSPHRASE))
    };
    reads();
    release().go().ends_with(0).says("wachtwoord van de houder zelf");
    assert_eq!(cable.phone.backup_password().as_deref(), Some(OWN_PASSWORD));
    assert_eq!((cable.phone.trusted_hosts(), cable.keeps_backups()), (0, 0));

    reads();
    cable.phone.unplug();
    release().go().ends_with(7);
    release().with("--gone").json().go().ends_with(2);
    assert_eq!(cable.keeps_backups(), 1, "nobody agreed");
    release().with("--gone").with("--yes").go().ends_with(0).says("wordt niets meer bewaard");
    assert_eq!(cable.keeps_backups(), 0);
}

/// The request went out and no answer came: what the phone did shows at the next readout, either way.
#[test]
fn a_readout_that_is_killed_while_a_password_is_set_leaves_a_task_that_settles_itself() {
    for (moment, was_set) in [(Moment::PasswordAsked, false), (Moment::PasswordSet, true)] {
        let made = made();
        let cable = Cable::with(phone(&made).fault(Fault::At(moment, How::Hangs), Times::Always));
        let mut run = cable.reads().start();
        let deadline = Instant::now() + Duration::from_secs(60);
        while cable.kept().is_none() || cable.phone.backup_password().is_some() != was_set {
            assert!(Instant::now() < deadline, "{moment:?}");
            thread::sleep(Duration::from_millis(20));
        }
        run.kill().unwrap();
        run.wait().unwrap();
        let (asked, origin) = cable.kept().unwrap();
        assert_eq!(origin, PasswordOrigin::Asked, "{moment:?}");
        cable
            .desk
            .says(["phones"])
            .through_usbmuxd(cable.mux.address())
            .with("--secret")
            .with(cable.desk.secret("vault", VAULT_PASSPHRASE))
            .go()
            .says("OPENSTAANDE TAAK");
        cable.phone.mend();
        read_whole(&cable.reads().go());
        let (now, origin) = cable.kept().unwrap();
        assert_eq!(origin, PasswordOrigin::Set, "{moment:?}");
        assert_eq!(now == asked, was_set, "{moment:?}");
        assert_eq!(cable.phone.backup_password(), Some(now));
        cable.sealed_whole(&made);
    }
}

#[test]
fn a_phone_that_refuses_the_password_has_none_and_the_vault_neither() {
    let made = made();
    let cable = Cable::with(phone(&made).fault(Fault::At(Moment::PasswordAsked, How::fails(208, "locked")), Times::Only(1)));
    cable.reads().go().ends_with(7).says("(208)");
    assert_eq!((cable.phone.backup_password(), cable.kept()), (None, None));
    cable.desk.nothing_sealed();
    // Without its holder a phone gets no password at all.
    cable.reads().with("--holder-present").with("no").go().ends_with(7).says("met de houder erbij");
    assert_eq!((cable.phone.backup_password(), cable.kept()), (None, None));
}

/// A week later the phone sends what changed; the attachments lie in the first seal, the databases with the station.
#[test]
fn the_next_readout_brings_what_changed_and_a_whole_backup_when_something_is_no_longer_here() {
    let made = made();
    let cable = Cable::with(phone(&made).backup_password(OWN_PASSWORD));
    let reads = || {
        let told = cable.reads().with("--secret").with(cable.desk.secret("iphone-backup", OWN_PASSWORD)).go();
        read_whole(&told);
        told
    };
    // So that the time of no file is of just now.
    let old = jiff::Timestamp::now().as_second() - 7200;
    cable.phone.change_files(|files| files.iter_mut().for_each(|file| file.modified = file.modified.min(old)));
    reads();
    let first = cable.desk.seals().remove(0);
    assert_eq!((cable.phone.asked().last_full, cable.keeps_backups()), (Some(true), 1));
    let sent = cable.phone.asked().files_sent;

    // Nothing changed but a photo, which is nobody's business.
    let now = jiff::Timestamp::now().as_second();
    cable.phone.change_files(|files| files.push(BackupFile::of("CameraRollDomain", "Media/DCIM/2.HEIC", vec![1; 50_000], now)));
    cable.phone.forget_asked();
    let told = reads();
    let asked = cable.phone.asked();
    assert_eq!((asked.last_full, asked.files_sent), (Some(false), 1), "of {sent}\n{}\n{}", told.out, told.err);
    let report = |seal: &std::path::Path| {
        let _ = fs::remove_dir_all(cable.desk.at("r"));
        cable.desk.unseals(seal, "verantwoording", "div.txt", "r").go().ends_with(0);
        let text = fs::read(cable.desk.at("r/verantwoording/verslag.json")).unwrap();
        serde_json::from_slice::<uitlezen_readout::Report>(&text).unwrap()
    };
    let second = cable.desk.seals().into_iter().find(|seal| *seal != first).unwrap();
    let of_second = report(&second);
    let (was, is) = (report(&first).apps.remove(0), of_second.apps[0].clone());
    assert_eq!(is.records.unwrap().messages, was.records.unwrap().messages);
    assert_eq!((is.attachments.held, is.attachments.present), (was.attachments.present, 0), "{:?}", is.attachments);
    assert_eq!(is.attachments.missing, was.attachments.missing);
    assert!(is.attachments.broken == 0 && of_second.backed_up.unwrap().full == Some(false));
    assert_eq!(cable.keeps_backups(), 1, "the old one goes");

    // The seal that holds the attachments is gone: the phone must send everything once more.
    fs::rename(&first, cable.desk.at("weg")).unwrap();
    fs::remove_file(&second).unwrap();
    let told = reads();
    assert_eq!(cable.phone.asked().last_full, Some(true), "{}", told.out);
    let third = cable.desk.seals().remove(0);
    assert_eq!(report(&third).apps[0].attachments.present, was.attachments.present);

    // More is asked than before: what was not wanted then, the phone would not send again.
    cable.desk.plan_says("imessage = true", "imessage = true\nwhatsapp = true");
    cable.phone.forget_asked();
    cable.reads().with("--secret").with(cable.desk.secret("iphone-backup", OWN_PASSWORD)).go().ends_with(6);
    assert_eq!(cable.phone.asked().last_full, Some(true));
}

#[test]
fn every_ending_has_its_own_words_and_seals_nothing() {
    let made = generate(&MessagesOptions { messages: 5, oddities: false, ..MessagesOptions::default() }).unwrap();
    let cable = Cable::with(phone(&made).backup_password(OWN_PASSWORD));
    let reads = || cable.reads().with("--secret").with(cable.desk.secret("iphone-backup", OWN_PASSWORD));
    for code in [1_u64, 3, 100, 102, 103, 104, 105, 205, 207, 208, 211, 212, 9_999] {
        cable.phone.inject(Fault::At(Moment::Answer, How::fails(code, "asked for")), Times::Only(1));
        let told = reads().go().ends_with(7).says(&format!("({code})"));
        let english = {
            cable.phone.inject(Fault::At(Moment::Answer, How::fails(code, "asked for")), Times::Only(1));
            reads().in_english().go().ends_with(7).says(&format!("({code})"))
        };
        assert!(!told.err.contains("asked for") && !english.err.contains("asked for"), "the phone's own words");
        cable.desk.runs(["discard", "--yes"]).go();
    }
    cable.desk.nothing_sealed();
    for (fault, says) in [
        (Fault::CancelledByHolder, "op Annuleer getikt"),
        (Fault::SyncLockBusy, "Een ander programma synchroniseert"),
        (Fault::NeverFinished, "dat de reservekopie niet af is"),
    ] {
        cable.phone.inject(fault, Times::Always);
        reads().go().ends_with(7).says(says);
        cable.phone.mend();
        cable.desk.runs(["discard", "--yes"]).go();
    }
    cable.desk.nothing_sealed();
}

#[test]
fn a_holder_who_does_not_trust_a_daemon_that_is_not_there_and_another_phone_are_told_apart() {
    let made = generate(&MessagesOptions { messages: 5, oddities: false, ..MessagesOptions::default() }).unwrap();
    let cable = Cable::with(phone(&made).trust(Trust::Refuses));
    cable.reads().go().ends_with(7).says("op Vertrouw niet getikt");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    cable.desk.readout().through_usbmuxd(nobody.to_string()).go().ends_with(7).says("draait geen usbmuxd");
    cable.desk.readout().through_usbmuxd("geen adres").go().ends_with(2).says("is geen adres");
    let mux = usbmuxd::spawn(&[]).unwrap();
    cable.desk.readout().through_usbmuxd(mux.address()).go().ends_with(7).says("is niet aangesloten");
    cable.desk.nothing_sealed();
}

#[test]
fn a_cable_that_is_pulled_anywhere_leaves_nothing_that_looks_whole() {
    let made = made();
    let cable = Cable::with(phone(&made).backup_password(OWN_PASSWORD));
    let secret = || cable.desk.secret("iphone-backup", OWN_PASSWORD);
    let moments = [
        Moment::Requested,
        Moment::Passcode,
        Moment::Folders,
        Moment::Uploading(30_000),
        Moment::Moving,
        Moment::Manifest,
        Moment::Answer,
    ];
    for moment in moments {
        cable.phone.inject(Fault::At(moment, How::Unplugged), Times::Only(1));
        cable.reads().with("--secret").with(secret()).go().ends_with(7);
        cable.desk.nothing_sealed();
        cable.phone.mend();
        cable.phone.plug_in();
        assert_eq!(cable.desk.unfinished().len(), 1, "{moment:?}");
        // The backup begins anew; nothing of the first is taken for a part of the second.
        if moment == Moment::Moving {
            read_whole(&cable.resumes().with("--secret").with(secret()).go());
            cable.sealed_whole(&made);
            fs::remove_file(cable.desk.seal()).unwrap();
        } else {
            cable.desk.runs(["discard", "--yes"]).go().ends_with(0);
        }
    }
}

#[test]
fn a_file_that_the_phone_could_not_send_makes_the_readout_incomplete() {
    let made = made();
    let lost = made.files.iter().find(|file| file.domain == "MediaDomain" && file.path.contains("Attachments/")).unwrap();
    let name = lost.path.rsplit('/').next().unwrap().to_owned();
    let fault = Fault::FileShort { ends_with: name, after: 3 };
    let cable = Cable::with(phone(&made).fault(fault, Times::Always));
    cable.reads().go().ends_with(6).says("ONVOLLEDIG");
    let gaps = cable.desk.report().gaps;
    assert!(gaps.iter().any(|gap| gap.reason == GapReason::Damaged), "{gaps:?}");
}

/// An identity as an administrator exports it, made by OpenSSL in the form of today and in that of old Macs.
#[test]
fn a_supervised_phone_pairs_with_the_identity_of_its_organisation_and_without_its_holder() {
    if !super::has("openssl", &["version"]) {
        return;
    }
    let made = generate(&MessagesOptions { messages: 20, oddities: false, ..MessagesOptions::default() }).unwrap();
    for legacy in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name).display().to_string();
        let openssl = |arguments: &[&str]| {
            let out = std::process::Command::new("openssl").args(arguments).output().unwrap();
            assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
            out.stdout
        };
        let (key, pem, p12) = (at("k.pem"), at("c.pem"), at("toezicht.p12"));
        openssl(&[
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            &key,
            "-out",
            &pem,
            "-subj",
            "/CN=Gemeente",
            "-days",
            "30",
        ]);
        let mut export = vec!["pkcs12", "-export", "-inkey", &key, "-in", &pem, "-out", &p12, "-passout", "pass:toezicht-1"];
        if legacy {
            export.push("-legacy");
        }
        openssl(&export);
        let der = openssl(&["x509", "-in", &pem, "-outform", "DER"]);
        let supervision = Supervision { pairing_forbidden: true, supervisors: vec![der], ..Supervision::default() };
        let cable = Cable::with(phone(&made).backup_password(OWN_PASSWORD).trust(Trust::Refuses).supervision(supervision));
        let reads = || cable.reads().with("--secret").with(cable.desk.secret("iphone-backup", OWN_PASSWORD));
        reads()
            .go()
            .ends_with(7)
            .says("staat niet toe dat hij met deze computer wordt gekoppeld")
            .says("keys supervision import");
        let import = |password: &str| {
            let vault = cable.desk.secret("vault", VAULT_PASSPHRASE);
            let call = cable.desk.says(["keys", "supervision", "import"]).with(&p12).with("--secret").with(vault);
            call.with("--secret").with(cable.desk.secret("supervision", password)).go()
        };
        import("toezicht-2").ends_with(2).says("het wachtwoord klopt niet");
        import("toezicht-1").ends_with(0).says("staat in de kluis");
        let told = reads().go();
        read_whole(&told);
        assert!(!told.out.contains("Vertrouw deze computer?"));
    }
}
