//! How a command ended: its code, its words, its events.

use serde_json::Value;

pub struct Outcome {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Outcome {
    pub fn new(output: &std::process::Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    pub fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\n--- out\n{}\n--- err\n{}", self.out, self.err);
        self
    }

    fn says_it(&self, text: &str) -> bool {
        self.out.contains(text) || self.err.contains(text)
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.says_it(text), "does not say `{text}`\n--- out\n{}\n--- err\n{}", self.out, self.err);
        self
    }

    /// With `--json`: this error.
    #[track_caller]
    pub fn says_error(self, name: &str) -> Self {
        assert_eq!(self.event("error")["error"], name, "{}", self.err);
        self
    }

    #[track_caller]
    pub fn never_says(self, text: &str) -> Self {
        assert!(!self.says_it(text), "says `{text}`\n--- out\n{}\n--- err\n{}", self.out, self.err);
        self
    }

    /// Every line on standard output as JSON: with `--json` nothing else may stand there.
    #[track_caller]
    pub fn events(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
    }

    #[track_caller]
    pub fn events_called(&self, name: &str) -> Vec<Value> {
        self.events().into_iter().filter(|event| event["event"] == name).collect()
    }

    /// The one event of this name.
    #[track_caller]
    pub fn event(&self, name: &str) -> Value {
        let mut found = self.events_called(name);
        assert_eq!(found.len(), 1, "events called {name} in\n{}", self.out);
        found.remove(0)
    }
}
