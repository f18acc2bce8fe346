//! The completeness statement and the receipt: what they say is what is in the seal, and nothing more.

use super::{
    INTEROP,
    desk::Desk,
    phone::{Phone, folder, plain, usual},
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use uitlezen_chat::ConversationFile;
use uitlezen_check::Finding;
use uitlezen_readout::{
    statement::{Answer, Closed, Reachable, Statement, receipt},
    words::Language,
};
use uitlezen_twin::{
    content::Options,
    device::{Package, User},
};

/// The statement in the only seal, as role *verantwoording* gets it.
fn statement(desk: &Desk) -> Statement {
    let _ = desk.report();
    let json = fs::read(desk.at("open-verantwoording/verantwoording/volledigheidsverklaring.json")).unwrap();
    serde_json::from_slice(&json).unwrap()
}

/// The page beside the only seal.
fn beside(desk: &Desk, ending: &str) -> String {
    fs::read_to_string(desk.seal().with_extension(ending)).unwrap()
}

fn by_month(files: &[ConversationFile]) -> BTreeMap<String, u64> {
    let mut months = BTreeMap::new();
    for message in files.iter().flat_map(|file| &file.messages) {
        let month = message.sent.local.as_deref().and_then(|local| local.get(..7)).unwrap_or_default();
        *months.entry(month.to_owned()).or_default() += 1;
    }
    months
}

fn answer(statement: &Statement, app: &str) -> Answer {
    statement.apps.iter().find(|a| a.app == app).unwrap().answer
}

#[test]
fn what_the_statement_counts_is_what_the_seal_holds_app_by_app_and_month_by_month() {
    let (desk, phone) = (Desk::ready(), Phone::with(&Options { with_business: true, ..usual() }));
    desk.plan_says("whatsapp_business = false", "whatsapp_business = true");
    let key = desk.secret("whatsapp-business", &phone.content.business_secrets.as_ref().unwrap().hex64);
    desk.reads(&phone).with("--secret").with(key).go().ends_with(3);
    let statement = statement(&desk);
    assert_eq!(statement.apps.len(), 2);
    for app in &statement.apps {
        let files = desk.conversations(&app.app);
        let counts = app.counts.as_ref().unwrap();
        let mut recounted = by_month(&files);
        assert_eq!(recounted.remove("").unwrap_or(0), counts.undated);
        assert_eq!(recounted, counts.by_month, "{}", app.app);
        assert_eq!(counts.conversations, files.len() as u64);
        assert_eq!(counts.messages, files.iter().map(|f| f.messages.len() as u64).sum::<u64>());
        let newest = files.iter().flat_map(|f| &f.messages).filter_map(|m| m.sent.utc).max();
        assert_eq!(counts.newest.as_ref().and_then(|m| m.utc), newest);
        assert_eq!(app.answer, Answer::Read);
        // The page shows the same numbers.
        let cells: String = beside(&desk, "verklaring.html");
        assert!(recounted.values().all(|n| cells.contains(&format!("<td>{n}</td>"))));
    }
}

#[test]
fn the_pages_carry_the_digest_that_verify_and_openssl_show() {
    let (desk, phone) = (Desk::ready(), Phone::with(&plain()));
    let told = desk.reads(&phone).shown_off().json().go().ends_with(3);
    let digest = told.event("sealed")["digest"].as_str().unwrap().to_owned();
    let pages = told.event("pages");
    assert_eq!(pages["statement"], format!("{}.verklaring.html", desk.seal().file_stem().unwrap().to_str().unwrap()));
    for ending in ["verklaring.html", "ontvangstbewijs.html"] {
        let page = beside(&desk, ending);
        assert!(page.contains(&digest), "{ending}");
        assert!(page.contains("Uitlezing: volledig volgens plan") && page.contains("niet ingezien"), "{ending}");
    }
    // The one inside cannot know it, and says where it stands.
    let _ = desk.report();
    for language in ["nl", "en"] {
        let inside = desk.at(&format!("open-verantwoording/verantwoording/volledigheidsverklaring.{language}.html"));
        let inside = fs::read_to_string(inside).unwrap();
        assert!(!inside.contains(&digest) && inside.contains(&format!("<html lang=\"{language}\">")));
    }
    // As the page tells an independent officer to do it.
    if super::has("openssl", &["version"]) && super::has("unzip", &["-v"]) {
        let dir = desk.at("x");
        assert!(Command::new("unzip").arg("-q").arg(desk.seal()).arg("-d").arg(&dir).status().unwrap().success());
        let out = Command::new("openssl").args(["dgst", "-sha256", "META-INF/ASiCManifest001.xml"]).current_dir(&dir).output();
        assert!(String::from_utf8(out.unwrap().stdout).unwrap().contains(&digest));
    }
}

#[test]
fn the_receipt_comes_in_the_language_of_the_desk() {
    let (desk, phone) = (Desk::ready(), Phone::with(&plain()));
    desk.reads(&phone).in_english().go().ends_with(3);
    let page = beside(&desk, "ontvangstbewijs.html");
    assert!(page.contains("<html lang=\"en\">") && page.contains("Nobody read messages"), "{page}");
    assert!(page.contains("automatic deletion is ON in conversation"), "{page}");
}

#[test]
fn an_app_that_was_asked_and_is_not_there_gets_a_negative_report() {
    let (desk, phone) = (Desk::ready(), Phone::with(&plain()));
    desk.plan_says("whatsapp_business = false", "whatsapp_business = true");
    desk.reads(&phone).go().ends_with(3);
    let statement = statement(&desk);
    assert_eq!(answer(&statement, "whatsapp"), Answer::Read);
    assert_eq!(answer(&statement, "whatsapp-business"), Answer::NotInstalled);
    assert!(beside(&desk, "verklaring.html").contains("WhatsApp Business: staat volgens de telefoon niet op de telefoon"));
}

#[test]
fn a_phone_with_none_of_the_asked_apps_gets_a_negative_report_alone() {
    let (desk, phone) = (Desk::ready(), Phone::with(&plain()));
    desk.plan_says("whatsapp = true", "whatsapp = false").plan_says("whatsapp_business = false", "whatsapp_business = true");
    desk.readout().over(&phone).go().ends_with(0);
    assert_eq!(answer(&statement(&desk), "whatsapp-business"), Answer::NotInstalled);
    assert!(desk.report().apps.is_empty());
    // An app that is there and has no backup is no such answer: nothing is sealed.
    let business = Package::new("com.whatsapp.w4b", "2.26.1.1", 1, 10_301);
    let (desk, phone) = (Desk::ready(), Phone::built(&plain(), |phone| phone.package(business)));
    desk.plan_says("whatsapp = true", "whatsapp = false").plan_says("whatsapp_business = false", "whatsapp_business = true");
    let key = desk.key_of(&phone.content);
    let told = desk.readout().over(&phone).with("--secret").with(key).json().go();
    assert_eq!(told.code, Some(7), "{}", told.err);
    desk.nothing_sealed();
}

#[test]
fn an_app_without_a_backup_is_not_said_to_be_absent() {
    let business = Package::new("com.whatsapp.w4b", "2.26.1.1", 1, 10_301);
    let (desk, phone) = (Desk::ready(), Phone::built(&plain(), |phone| phone.package(business)));
    desk.plan_says("whatsapp_business = false", "whatsapp_business = true");
    desk.reads(&phone).go().ends_with(6);
    assert_eq!(answer(&statement(&desk), "whatsapp-business"), Answer::NoData);
    assert!(beside(&desk, "verklaring.html").contains("Dat zegt niet dat er geen berichten zijn"));
}

#[test]
fn files_cannot_tell_which_apps_a_phone_has() {
    let desk = Desk::ready();
    let (content, from) = folder(&plain(), desk.at("telefoon"));
    desk.plan_says("whatsapp_business = false", "whatsapp_business = true");
    desk.reads_files(&content, &from).go().ends_with(3);
    let statement = statement(&desk);
    assert_eq!(answer(&statement, "whatsapp-business"), Answer::NotKnown);
    assert!(statement.other_apps.known().is_none());
    assert!(statement.blind_spots.spots.iter().any(|spot| spot.id == "what-was-not-copied"));
}

#[test]
fn a_chat_app_that_is_installed_and_cannot_be_read_is_named() {
    let snapchat = Package::new("com.snapchat.android", "13.20.0", 1, 10_300);
    let (desk, phone) = (Desk::ready(), Phone::built(&plain(), |phone| phone.package(snapchat)));
    desk.reads(&phone).go().ends_with(3);
    let statement = statement(&desk);
    let others: Vec<_> = statement.not_read().map(|o| (o.app.as_str(), o.reach, o.version.as_deref())).collect();
    assert_eq!(others, [("snapchat", Reachable::None, Some("13.20.0"))]);
    assert!(beside(&desk, "verklaring.html").contains("niet veilig te stellen"));
}

#[test]
fn apps_of_a_work_profile_are_named_and_a_closed_one_is_told() {
    let teams = Package::new("com.microsoft.teams", "1416", 1, 10_301).also_for(10);
    let open = Phone::built(&plain(), |phone| phone.user(User::work_profile(false)).package(teams));
    let desk = Desk::ready();
    desk.reads(&open).go().ends_with(3);
    let made = statement(&desk);
    let others: Vec<_> = made.not_read().map(|o| (o.app.as_str(), o.reach, o.profile)).collect();
    assert_eq!(others, [("teams", Reachable::Administered, None), ("teams", Reachable::Administered, Some(10))]);
    assert!(made.closed_profiles.is_empty() && beside(&desk, "verklaring.html").contains("Microsoft Teams (profiel 10)"));
    let closed = Phone::built(&plain(), |phone| phone.user(User::work_profile(true)));
    let desk = Desk::ready();
    desk.reads(&closed).go().ends_with(3);
    let made = statement(&desk);
    assert_eq!((made.closed_profiles.as_slice(), made.not_read().count()), (&[10][..], 0));
    assert!(beside(&desk, "verklaring.html").contains("Profiel 10 van de telefoon zegt niet"));
}

/// Pages that a browser prints a document on; `None` where there is none to print with.
fn printed_pages(html: &Path) -> Option<usize> {
    if !super::has("chromium", &["--version"]) {
        return None;
    }
    let (home, pdf) = (tempfile::tempdir().unwrap(), html.with_extension("pdf"));
    let print = |path: &Path| format!("--print-to-pdf={}", path.display());
    let out = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-pdf-header-footer"])
        .arg(format!("--user-data-dir={}", home.path().display()))
        .arg(print(&pdf))
        .arg(format!("file://{}", html.display()))
        .env("HOME", home.path())
        .output()
        .unwrap();
    let bytes = fs::read(&pdf).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out.stderr)));
    Some(bytes.windows(12).filter(|w| *w == b"/Type /Page\n").count())
}

/// Everything that can be on a receipt at once, and long names.
fn fullest() -> Statement {
    let json = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/statement/verklaring.json")).unwrap();
    let mut statement: Statement = serde_json::from_slice(&json).unwrap();
    statement.person = "mr. dr. Anna Wilhelmina van der Voorbeeld-Langenaam tot Proefstede".into();
    statement.function = "wethouder financiën, grondzaken, dienstverlening en bestuurlijke vernieuwing".into();
    statement.organisation = "Gemeenschappelijke regeling Samenwerkingsverband Voorbeeldstreek Noordoost".into();
    statement.findings = (0..12).map(|n| Finding::BackupOld { app: "whatsapp".into(), hours: 400 + n }).collect();
    let app = &mut statement.apps[0];
    let timers = app.timers.as_mut().unwrap();
    let on = timers.on[0].clone();
    timers.on = vec![on; 300];
    let mut second = app.clone();
    second.app = "whatsapp-business".into();
    statement.apps = vec![app.clone(), second];
    statement
}

#[test]
fn a_receipt_is_one_page_however_much_there_is_to_say() {
    let dir = tempfile::tempdir().unwrap();
    let statement = fullest();
    let closed = Closed { file: format!("{}.uitlezing", statement.run), digest: "5e".repeat(32), bytes: u64::MAX };
    for language in Language::BOTH {
        let path: PathBuf = dir.path().join(format!("{}.html", language.code()));
        fs::write(&path, receipt(&statement, language, &closed)).unwrap();
        if let Some(pages) = printed_pages(&path) {
            assert_eq!(pages, 1, "{language:?}");
        } else {
            assert!(std::env::var_os(INTEROP).is_none());
        }
    }
}
