use super::*;
use std::path::PathBuf;

/// Beside the checkout; see its INDEX.md.
fn cases() -> Option<PathBuf> {
    let name = "signal-backup-v2/signalapp+Signal-Message-Backup-Tests/test-cases";
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata").join(name);
    if !path.exists() {
        assert!(std::env::var_os("UITLEZEN_REQUIRE_TESTDATA").is_none(), "{name} of the published fixtures is not here");
        eprintln!("SKIPPED: {name} of the published fixtures is not here");
        return None;
    }
    Some(path)
}

/// What kinds of records each feature must give. By the beginning of the file's name.
const FEATURES: [(&str, &[&str]); 26] = [
    ("chat_item_admin_deleted", &["revoked"]),
    ("chat_item_contact_message", &["cards"]),
    ("chat_item_direct_story_reply", &["text"]),
    ("chat_item_expiration_timer_update", &["system"]),
    ("chat_item_gift_badge", &["unknown"]),
    ("chat_item_group_call_update", &["call"]),
    ("chat_item_group_change", &["system"]),
    ("chat_item_individual_call_update", &["call"]),
    ("chat_item_learned_profile_update", &["system"]),
    ("chat_item_payment_notification", &["unknown"]),
    ("chat_item_pin_message_update", &["system"]),
    ("chat_item_pin_message_0", &["text"]),
    ("chat_item_pin_message_1", &["text"]),
    ("chat_item_poll_multiple_vote", &["poll"]),
    ("chat_item_poll_single_vote", &["poll"]),
    ("chat_item_poll_terminate_update", &["system"]),
    ("chat_item_profile_change_update", &["system"]),
    ("chat_item_remote_delete", &["revoked"]),
    ("chat_item_session_switchover_update", &["system"]),
    ("chat_item_simple_updates", &["system"]),
    ("chat_item_standard_message_text_only", &["text"]),
    ("chat_item_standard_message_with", &["text"]),
    ("chat_item_standard_message_sms", &["text"]),
    ("chat_item_sticker_message", &["sticker"]),
    ("chat_item_thread_merge_update", &["system"]),
    ("chat_item_view_once", &["view-once"]),
];

#[test]
fn every_published_permutation_becomes_records_of_its_kind() {
    let Some(cases) = cases() else { return };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut met: BTreeMap<&str, u64> = BTreeMap::new();
    let mut timers = 0;
    for path in paths.iter().filter(|path| path.extension().is_some_and(|e| e == "binproto")) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let main = main_of(&std::fs::read(path).unwrap());
        let (mut items, mut frames) = (0, main.frames(Default::default()));
        frames.info().unwrap();
        while let Some(frame) = frames.next().unwrap() {
            items += u64::from(frame.has("chatItem"));
        }
        let (kept, read) = read_all(&main, &NoFiles);
        // A change of a group may tell of several things.
        assert!(read.summary.messages >= items, "{name}: {} of {items}", read.summary.messages);
        if !name.contains("multiple_update") {
            assert_eq!(read.summary.messages, items, "{name}");
        }
        let long = name.contains("long_text") || name.contains("story_reply");
        assert!(read.summary.stopped.is_empty() && (long || read.summary.is_whole()), "{name} {:?}", read.summary);
        assert!(read.summary.unknown_types.keys().all(|code| matches!(code, 16 | 17)), "{name} {:?}", read.summary.unknown_types);
        assert_eq!(read.summary.uninterpreted_tables().count(), 0, "{name}");
        assert_eq!(read.summary.oddities.unresolved_senders, 0, "{name}");
        assert!(read.made.is_some(), "{name}");
        for (feature, kinds) in FEATURES.iter().filter(|(feature, _)| name.starts_with(feature)) {
            *met.entry(feature).or_default() += 1;
            let wanted = |message: &Message| {
                let kind = kind_of(&message.body);
                kinds.contains(&kind) || message.attachments.iter().any(|a| a.path.is_some() || a.media_type.is_some())
            };
            assert!(kept.messages.iter().any(|(_, m)| wanted(m)), "{name}: {:?}", read.summary.by_kind);
        }
        for conversation in &kept.conversations {
            timers += u64::from(conversation.timer.state != TimerState::Off) + conversation.timer.changes.len() as u64;
            assert!(!matches!(conversation.timer.state, TimerState::NotDeterminable { .. }), "{name}");
        }
        // Simple updates of a type that is 0 are there to be passed over; all others are known.
        assert!(read.summary.unknown_actions.keys().all(|code| *code == 1000), "{name} {:?}", read.summary.unknown_actions);
    }
    for (feature, _) in FEATURES {
        assert!(met.contains_key(feature), "no file for {feature}");
    }
    assert!(timers > 10, "{timers}");
}
