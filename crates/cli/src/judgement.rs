//! The auto-delete verdict in words: counts and conversation numbers, never names.

use crate::text::{Texts, Value};
use uitlezen_apps::App;
use uitlezen_check::{AccountDefault, AppVerdict, Verdict};

/// How many conversations are named one by one before the rest is left to the report.
const MOST_LINES: usize = 20;

/// The verdict over one app, a line for each thing to know.
#[must_use]
pub(crate) fn lines(verdict: &AppVerdict, texts: &Texts) -> Vec<String> {
    let app = || -> Value<'_> { verdict.app.as_str().into() };
    let off = verdict.conversations.iter().filter(|c| c.verdict == Verdict::Off).count();
    let mut lines = Vec::new();
    // Of an app without a timer for each conversation there is nothing to count.
    if off > 0 {
        lines.push(texts.get("verdict-off", &[("app", app()), ("count", off.into())]));
    }
    let weaker = verdict.off_by_contact_only().count();
    if weaker > 0 {
        lines.push(texts.get("verdict-off-by-contact", &[("app", app()), ("count", weaker.into())]));
    }
    let telling = verdict.conversations.iter().filter(|c| c.verdict != Verdict::Off);
    let total = telling.clone().count();
    for conversation in telling.take(MOST_LINES) {
        let number: Value<'_> = conversation.conversation.0.into();
        lines.push(one(&conversation.verdict, verdict.app.as_str(), number, texts));
    }
    if total > MOST_LINES {
        lines.push(texts.get("verdict-more", &[("count", (total - MOST_LINES).into())]));
    }
    let seen_once: u64 = verdict.view_once.values().sum();
    if seen_once > 0 {
        lines.push(texts.get("verdict-view-once", &[("app", app()), ("count", seen_once.into())]));
    }
    let keeps = verdict.app == App::IMessage.word();
    let signal = verdict.app == App::Signal.word();
    let threema = App::ALL.iter().any(|known| known.threema().is_some() && known.word() == verdict.app);
    let default = match &verdict.account_default {
        AccountDefault::HolderMustShow if keeps => texts.get("verdict-holder-keep", &[("app", app())]),
        AccountDefault::HolderMustShow if threema => texts.get("verdict-holder-keep-in-app", &[("app", app())]),
        AccountDefault::HolderMustShow if verdict.app == App::Sms.word() => texts.get("verdict-holder-sms", &[("app", app())]),
        AccountDefault::HolderMustShow if signal => texts.get("verdict-holder-timer-in-app", &[("app", app())]),
        AccountDefault::HolderMustShow => texts.get("verdict-holder", &[("app", app())]),
        AccountDefault::SeenIndirectly { seconds: 0, .. } => {
            lines.push(texts.get("verdict-indirect-off", &[("app", app())]));
            texts.get("verdict-holder", &[("app", app())])
        }
        AccountDefault::SeenIndirectly { seconds, .. } => {
            let shown = texts.words().duration(*seconds);
            lines.push(texts.get("verdict-indirect", &[("app", app()), ("duration", shown.into())]));
            texts.get("verdict-holder", &[("app", app())])
        }
        AccountDefault::Set { seconds: 0 } if signal => texts.get("verdict-timer-set-off", &[("app", app())]),
        AccountDefault::Set { seconds } if signal => {
            texts.get("verdict-timer-set-on", &[("app", app()), ("duration", texts.words().duration(*seconds).into())])
        }
        AccountDefault::Limited { messages } => texts.get("verdict-trimmed", &[("app", app()), ("messages", (*messages).into())]),
        AccountDefault::NeverSet if signal => texts.get("verdict-timer-never-set", &[("app", app())]),
        AccountDefault::Set { seconds: 0 } => texts.get("verdict-set-off", &[("app", app())]),
        AccountDefault::Set { seconds } => {
            texts.get("verdict-set-on", &[("app", app()), ("duration", texts.words().duration(*seconds).into())])
        }
        AccountDefault::Administered { seconds: 0 } => texts.get("verdict-administered-off", &[("app", app())]),
        AccountDefault::Administered { seconds } => {
            texts.get("verdict-administered-on", &[("app", app()), ("duration", texts.words().duration(*seconds).into())])
        }
        AccountDefault::NeverSet if threema => texts.get("verdict-never-set-in-app", &[("app", app())]),
        AccountDefault::NeverSet => texts.get("verdict-never-set", &[("app", app())]),
        AccountDefault::Shown { off: true, .. } => texts.get("verdict-holder-off", &[("app", app())]),
        AccountDefault::Shown { off: false, .. } => texts.get("verdict-holder-on", &[("app", app())]),
    };
    lines.push(default);
    for (word, key) in KEEPING {
        let Some(other) = verdict.others.get(word) else { continue };
        lines.push(match other {
            AccountDefault::Set { seconds: 0 } => texts.get(&format!("{key}-off"), &[("app", app())]),
            AccountDefault::Set { seconds } => {
                texts.get("verdict-set-on", &[("app", app()), ("duration", texts.words().duration(*seconds).into())])
            }
            AccountDefault::Limited { messages } => {
                texts.get("verdict-trimmed", &[("app", app()), ("messages", (*messages).into())])
            }
            AccountDefault::NeverSet => texts.get(&format!("{key}-never-set"), &[("app", app())]),
            _ => texts.get(&format!("{key}-holder"), &[("app", app())]),
        });
    }
    if verdict.others.contains_key(AUDIO) {
        lines.push(texts.get("verdict-holder-audio", &[("app", app())]));
    }
    if verdict.others.contains_key(ADMINISTRATOR) {
        lines.push(texts.get("verdict-holder-administrator", &[("app", app())]));
    }
    if verdict.is_on() {
        lines.push(texts.plain("verdict-how-off"));
    }
    lines
}

/// What [`AppVerdict::others`] calls two ways of Signal to delete without a timer, and the texts about them.
const KEEPING: [(&str, &str); 2] = [("keep-messages", "verdict-keep"), ("trim-chats", "verdict-trim")];
/// What [`AppVerdict::others`] calls the deletion of voice messages.
const AUDIO: &str = "audio-messages";
/// And what an administrator may have set for the whole account.
const ADMINISTRATOR: &str = "administrator";

/// One conversation's verdict in words.
#[must_use]
pub(crate) fn one(verdict: &Verdict, app: &str, number: Value<'_>, texts: &Texts) -> String {
    match verdict {
        Verdict::Off => texts.get("verdict-off-one", &[("number", number)]),
        Verdict::On { seconds, since } => {
            let after: Value<'_> = texts.words().duration(*seconds).into();
            let since = since.as_ref().and_then(|s| s.local.as_deref()).and_then(|l| l.get(..10));
            match since {
                Some(since) => texts.get(
                    "verdict-on-since",
                    &[("app", app.into()), ("number", number), ("duration", after), ("since", since.into())],
                ),
                None => texts.get("verdict-on", &[("app", app.into()), ("number", number), ("duration", after)]),
            }
        }
        Verdict::NoEvidence { reason } => {
            texts.get("verdict-none", &[("app", app.into()), ("number", number), ("why", why(reason, texts).into())])
        }
    }
}

/// "uit", "AAN, na 7 dagen", or why it cannot be told.
#[must_use]
pub(crate) fn short(verdict: &Verdict, texts: &Texts) -> String {
    match verdict {
        Verdict::Off => texts.plain("verdict-short-off"),
        Verdict::On { seconds, .. } => texts.get("verdict-short-on", &[("duration", texts.words().duration(*seconds).into())]),
        Verdict::NoEvidence { reason } => texts.get("verdict-short-none", &[("why", why(reason, texts).into())]),
    }
}

/// A stable word for why there is no evidence, in the reader's language.
fn why(reason: &str, texts: &Texts) -> String {
    texts.find(&format!("timer-{reason}"), &[]).unwrap_or_else(|| reason.to_owned())
}
