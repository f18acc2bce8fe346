//! A command on a terminal, typed at by somebody: `script` gives it one.

use super::desk::{Call, Desk};
use std::{
    ffi::OsString,
    io::{Read, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

/// No answer of a program takes longer, however busy the machine.
const LONGEST: Duration = Duration::from_secs(120);

/// Whether this machine has `script`.
pub fn can() -> bool {
    super::has("script", &["--version"])
}

pub struct Terminal {
    child: Child,
    keys: ChildStdin,
    shown: Receiver<Vec<u8>>,
    seen: Vec<u8>,
    /// What was waited for stands before this.
    at: usize,
}

impl Terminal {
    /// 24 rows of 80, as in an ordinary terminal window.
    pub fn with(call: &Call) -> Self {
        let quote = |word: &OsString| format!("'{}'", word.to_str().unwrap().replace('\'', r"'\''"));
        let (words, directory) = call.words();
        let line: Vec<String> = words.iter().map(quote).collect();
        let mut child = Command::new("script")
            .args(["-q", "-e", "-c", &format!("stty rows 24 cols 80; exec {}", line.join(" ")), "/dev/null"])
            .current_dir(directory)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", directory)
            .env("SHELL", "/bin/sh")
            .env("TERM", "xterm")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (keys, mut out) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (send, shown) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = out.read(&mut buffer) {
                if send.send(buffer[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { child, keys, shown, seen: Vec::new(), at: 0 }
    }

    /// Until this stands on the screen, after what was waited for before.
    #[track_caller]
    pub fn shows(&mut self, text: &str) -> &mut Self {
        let end = Instant::now() + LONGEST;
        loop {
            let rest = &self.seen[self.at..];
            if let Some(found) = rest.windows(text.len()).position(|window| window == text.as_bytes()) {
                self.at += found + text.len();
                return self;
            }
            match self.shown.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(more) => self.seen.extend(more),
                Err(_) => panic!("`{text}` was not shown\n{}", String::from_utf8_lossy(&self.seen)),
            }
        }
    }

    pub fn types(&mut self, keys: &str) -> &mut Self {
        // Whoever types at a command that just ended is not heard.
        let _ = self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush());
        self
    }

    /// Whether the command ended within a moment.
    pub fn is_over(&mut self) -> bool {
        thread::sleep(Duration::from_millis(300));
        self.child.try_wait().unwrap().is_some()
    }

    /// Everything that was written to the terminal, once the command ended with this.
    #[track_caller]
    pub fn ends_with(mut self, code: i32) -> String {
        let status = self.child.wait().unwrap();
        while let Ok(more) = self.shown.recv_timeout(LONGEST) {
            self.seen.extend(more);
        }
        let all = String::from_utf8_lossy(&self.seen).into_owned();
        assert_eq!(status.code(), Some(code), "{all}");
        all
    }
}

/// Without what stood on the alternate screen: what somebody finds who scrolls back later.
#[track_caller]
fn left_behind(all: &str) -> String {
    let mut left = String::new();
    let mut rest = all;
    while let Some((before, after)) = rest.split_once("\u{1b}[?1049h") {
        left.push_str(before);
        rest = after.split_once("\u{1b}[?1049l").expect("the alternate screen was left").1;
    }
    left + rest
}

#[test]
fn names_for_the_holder_leave_nothing_on_the_screen() {
    if !can() {
        return;
    }
    let desk = Desk::ready();
    let (content, from) = super::phone::folder(&super::phone::plain(), desk.at("telefoon"));
    let check = || desk.settings().with("--to-holder").with("--from").with(&from).with("--secret").with(desk.key_of(&content));
    let begin = || {
        let mut terminal = Terminal::with(&check());
        terminal.shows("Kijkt de houder nu mee").types("\u{1b}[B").shows("ja").types("\r");
        // Somebody who types ahead does not make the names vanish before they were seen.
        terminal.shows("> ja").types("\r\r");
        terminal.shows("\u{1b}[?1049h").shows("gesprek 1: ").shows("Druk op Enter");
        terminal
    };
    let mut terminal = begin();
    while !terminal.is_over() {
        terminal.types("\r");
    }
    let all = terminal.ends_with(3);
    let names: Vec<&str> =
        content.expected.whatsapp.names.iter().filter_map(|n| n.name.as_deref()).filter(|n| n.len() > 7).collect();
    assert!(names.iter().any(|name| all.contains(name)), "no name was shown at all");
    let left = left_behind(&all);
    assert!(left.contains("staat AAN in gesprek") && !names.iter().any(|name| left.contains(name)), "{left}");
    // Ctrl-C at the names.
    let mut terminal = begin();
    terminal.types("\u{3}");
    let left = left_behind(&terminal.ends_with(130));
    assert!(!names.iter().any(|name| left.contains(name)), "{left}");
}

#[test]
fn a_guided_run_leaves_a_faulty_plan_out_and_stops_where_there_is_no_usb() {
    if !can() || std::path::Path::new("/dev/bus/usb").exists() {
        return;
    }
    let desk = Desk::ready();
    let plan = std::fs::read_to_string(desk.at("plan.toml")).unwrap();
    let faulty = plan.replacen("function =", "functie =", 1);
    std::fs::create_dir(desk.at("state/plannen")).unwrap();
    std::fs::write(desk.at("state/plannen/fout.toml"), &faulty).unwrap();
    let all = Terminal::with(&desk.says([])).ends_with(2);
    assert!(all.contains("regel 5:") && all.contains("Nu doen:"), "{all}");
    std::fs::write(desk.at("state/plannen/goed.toml"), &plan).unwrap();
    let all = Terminal::with(&desk.says([])).ends_with(7);
    let words = ["Overgeslagen", "fout.toml", "regel 5:", "drs. A. Voorbeeld", "geen toegang tot USB"];
    assert!(words.iter().all(|word| all.contains(word)), "{all}");
    // The passphrase is not asked where nothing can come of it.
    assert!(!all.contains("Wachtwoord"), "{all}");
}

#[test]
fn a_passphrase_is_not_shown_and_ctrl_c_stops_at_once() {
    if !can() {
        return;
    }
    let desk = Desk::ready();
    let call = || desk.says(["readout", "--plan"]).with(desk.at("plan.toml")).with("--out").with(desk.out());
    let call = || call().with("--from").with(desk.at(""));
    let mut terminal = Terminal::with(&call());
    terminal.shows("Wachtwoord van de kluis: ");
    terminal.types("half\u{3}");
    let all = terminal.ends_with(130);
    assert!(all.contains("Afgebroken") && !all.contains("half"), "{all}");
    let mut terminal = Terminal::with(&call());
    terminal.shows("Wachtwoord van de kluis: ");
    terminal.types("iets anders\r");
    let all = terminal.ends_with(2);
    assert!(all.contains("klopt niet") && !all.contains("iets anders"), "{all}");
}
