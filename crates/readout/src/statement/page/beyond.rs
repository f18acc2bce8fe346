//! What the page says beyond the apps that were read: what was left out, what is elsewhere, what can never be found, and on
//! what basis.

use super::Writer;
use crate::{
    admission::{Admitted, How, Term},
    link::Said,
    statement::{ChatApps, html::Html},
    words::{Language, one_line},
};
use uitlezen_check::separation::{Amount, Class, Policy};

impl Writer<'_> {
    /// Counts by rule: the register says who decided it, when and why.
    pub(super) fn separation(&self, page: &mut Html) {
        self.section(page, "section-separation");
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut repeats = 0;
        for app in &self.of.apps {
            let Some(separation) = &app.separation else { continue };
            let name = self.shown.app(&app.app);
            let row = |what: String, amount: Amount| {
                let counts = [amount.conversations, amount.messages, amount.attachments].map(|n| n.to_string());
                [vec![name.clone(), what], counts.to_vec()].concat()
            };
            for left in &separation.left_out {
                let values = [("rule", left.rule.to_string().into()), ("class", self.plain(class(left.class)).into())];
                rows.push(row(self.text("separation-rule", &values), left.amount));
            }
            for (key, amount) in
                [("separation-undecided", separation.undecided), ("separation-councillors", separation.councillors_only)]
            {
                if amount != Amount::default() {
                    rows.push(row(self.plain(key), amount));
                }
            }
            let of = separation.repeats;
            repeats += of.quotes + of.messages + of.attachments + of.names;
        }
        if rows.is_empty() {
            page.line("p", &self.plain("separation-none"));
            return;
        }
        let columns = ["got-app", "separation-what", "got-conversations", "got-messages", "got-attachments"];
        page.grid(&self.plain("separation-caption"), &self.columns(&columns), &rows);
        if repeats > 0 {
            page.line("p", &self.text("separation-repeats", &[("count", repeats.into())]));
        }
        page.element("p", &[("class", "note")], |page| page.text(&self.plain("separation-note")));
    }

    pub(super) fn others(&self, page: &mut Html) {
        self.section(page, "section-others");
        let table = ChatApps::all();
        match &self.of.other_apps {
            Said::Known(others) if others.is_empty() => {
                page.line("p", &self.text("others-none", &[("count", table.apps.len().into())]));
            }
            Said::Known(others) => {
                let rows: Vec<Vec<String>> = others
                    .iter()
                    .map(|app| {
                        let note = if self.words.language() == Language::Dutch { &app.nl } else { &app.en };
                        let version = app.version.as_deref().map_or_else(|| self.plain("not-known"), one_line);
                        let name = match app.profile {
                            Some(profile) => {
                                let values = [("app", app.name.clone().into()), ("profile", profile.into())];
                                self.text("others-in-profile", &values)
                            }
                            None => app.name.clone(),
                        };
                        vec![name, version, self.shown.reach(app.reach), note.clone()]
                    })
                    .collect();
                let date = self.of.chat_apps_checked.to_string();
                let columns = ["got-app", "others-version", "others-reach", "others-note"];
                page.grid(&self.text("others-caption", &[("date", date.into())]), &self.columns(&columns), &rows);
            }
            said @ (Said::Refused | Said::Unreadable | Said::NotAsked) => {
                let why = self.shown.said(said, |_| String::new());
                page.line("p", &self.text("others-not-known", &[("why", why.into())]));
            }
        }
        for profile in &self.of.closed_profiles {
            page.line("p", &self.text("others-closed-profile", &[("profile", (*profile).into())]));
        }
    }

    pub(super) fn earlier(&self, page: &mut Html) {
        self.section(page, "section-earlier");
        match self.of.earlier.as_ref().filter(|e| !e.relied_on.is_empty()) {
            None => page.line("p", &self.plain("earlier-none")),
            Some(earlier) => {
                let rows: Vec<Vec<String>> = earlier
                    .relied_on
                    .iter()
                    .map(|seal| {
                        let verified = self.shown.time(seal.verified);
                        vec![one_line(&seal.file), one_line(&seal.seal), verified, seal.attachments.to_string()]
                    })
                    .collect();
                let columns = ["earlier-seal", "earlier-digest", "earlier-verified", "got-attachments"];
                page.grid(&self.plain("earlier-caption"), &self.columns(&columns), &rows);
            }
        }
        for seal in self.of.earlier.iter().flat_map(|e| &e.unusable) {
            let why = self.words.earlier_fault(seal.why);
            page.line("p", &self.text("earlier-unusable", &[("file", one_line(&seal.file).into()), ("why", why.into())]));
        }
        let previous = |digest: &Option<String>| digest.clone().unwrap_or_else(|| self.plain("none"));
        page.facts(&[
            self.row("previous-phone", previous(&self.of.previous_of_phone)),
            self.row("previous-station", previous(&self.of.previous_of_station)),
        ]);
    }

    pub(super) fn blind_spots(&self, page: &mut Html) {
        let table = &self.of.blind_spots;
        self.section(page, "section-blind");
        page.line("p", &self.text("blind-intro", &[("date", table.checked.to_string().into())]));
        let rows: Vec<Vec<String>> = table
            .spots
            .iter()
            .map(|spot| {
                let what = if self.words.language() == Language::Dutch { &spot.nl } else { &spot.en };
                vec![what.clone(), spot.checked.to_string(), spot.source.clone()]
            })
            .collect();
        let columns = ["blind-what", "blind-checked", "blind-source"];
        page.grid(&self.plain("blind-caption"), &self.columns(&columns), &rows);
    }

    pub(super) fn basis(&self, page: &mut Html) {
        let Some(admitted) = &self.of.admission else { return };
        self.section(page, "section-basis");
        let how = self.plain(match admitted.how {
            How::Register => "how-register",
            How::Unregistered => "how-unregistered",
            How::Demo => "how-demo",
            How::Settings => "how-settings",
        });
        let mut rows = vec![self.row("basis-how", how)];
        self.basis_rows(admitted, &mut rows);
        page.facts(&rows);
    }

    pub(super) fn basis_rows(&self, admitted: &Admitted, rows: &mut Vec<(String, String)>) {
        if let Some(basis) = &admitted.basis {
            rows.push(self.row("basis-doel", basis.doel.clone()));
            rows.push(self.row("basis-grondslag", basis.grondslag.clone()));
            rows.push(self.row("basis-dpia", basis.dpia.clone()));
            rows.push(self.row("basis-fg", basis.fg_advice.to_string()));
        }
        match admitted.term {
            Some(Term { from, to: Some(to) }) => {
                let values = [("from", from.to_string().into()), ("to", to.to_string().into())];
                rows.push(self.row("basis-term", self.text("term-line", &values)));
            }
            Some(Term { from, to: None }) => {
                rows.push(self.row("basis-term", self.text("term-open", &[("from", from.to_string().into())])));
            }
            None => {}
        }
        if let Some(state) = &admitted.register {
            let values = [("change", state.change.into()), ("digest", one_line(&state.digest).into())];
            rows.push(self.row("basis-register", self.text("register-line", &values)));
        }
        rows.push(self.row(
            "basis-policy",
            self.plain(match admitted.policy {
                Policy::TenzijUitgesloten => "policy-tenzij-uitgesloten",
                Policy::AlleenZakelijk => "policy-alleen-zakelijk",
            }),
        ));
    }
}

/// The text of a class.
fn class(class: Class) -> &'static str {
    match class {
        Class::Zakelijk => "class-zakelijk",
        Class::Prive => "class-prive",
        Class::Partijpolitiek => "class-partijpolitiek",
        Class::Gemengd => "class-gemengd",
        Class::Onbekend => "class-onbekend",
    }
}
