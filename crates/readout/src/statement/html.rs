//! A page of HTML without script, that nothing written into it can break out of.
//!
//! Tags and attributes come from our own source alone; everything else goes through [`Html::text`], which escapes it. There
//! is no other way to write.

use crate::words::Language;

/// As much of one text as is shown, in characters.
const LONGEST_TEXT: usize = 4000;

/// Prints on A4 and reads on a screen.
const STYLE: &str = include_str!("../../data/page.css");

/// Names and values of attributes, all of them ours.
type Attributes<'a> = &'a [(&'static str, &'static str)];

#[derive(Debug, Default)]
pub(super) struct Html {
    out: String,
}

impl Html {
    /// A whole document.
    pub(super) fn document(language: Language, title: &str, body: impl FnOnce(&mut Self)) -> String {
        let mut page = Self { out: String::with_capacity(32 << 10) };
        page.out.push_str("<!DOCTYPE html>\n<html lang=\"");
        page.out.push_str(language.code());
        page.out.push_str("\">\n<head>\n<meta charset=\"utf-8\">\n");
        page.out.push_str(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n",
        );
        page.out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.line("title", title);
        page.out.push_str("<style>\n");
        page.out.push_str(STYLE);
        page.out.push_str("</style>\n</head>\n<body>\n");
        body(&mut page);
        page.out.push_str("</body>\n</html>\n");
        page.out
    }

    /// Text, escaped. Control characters and marks that turn the direction of writing become spaces.
    pub(super) fn text(&mut self, text: &str) {
        for c in text.chars().take(LONGEST_TEXT) {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\'' => self.out.push_str("&#39;"),
                c if crate::words::steers(c) => self.out.push(' '),
                c => self.out.push(c),
            }
        }
        if text.chars().nth(LONGEST_TEXT).is_some() {
            self.out.push('…');
        }
    }

    fn open(&mut self, tag: &'static str, attributes: Attributes<'_>) {
        self.out.push('<');
        self.out.push_str(tag);
        for (name, value) in attributes {
            for piece in [" ", name, "=\"", value, "\""] {
                self.out.push_str(piece);
            }
        }
        self.out.push('>');
    }

    fn close(&mut self, tag: &'static str) {
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
        let inline = ["strong", "code", "span", "td", "th"];
        if !inline.contains(&tag) {
            self.out.push('\n');
        }
    }

    /// An element with whatever `inside` writes.
    pub(super) fn element(&mut self, tag: &'static str, attributes: Attributes<'_>, inside: impl FnOnce(&mut Self)) {
        self.open(tag, attributes);
        inside(self);
        self.close(tag);
    }

    /// An element with text alone.
    pub(super) fn line(&mut self, tag: &'static str, text: &str) {
        self.element(tag, &[], |page| page.text(text));
    }

    /// Commands to copy, line by line.
    pub(super) fn commands(&mut self, commands: &'static str) {
        self.element("pre", &[], |page| {
            for line in commands.lines() {
                page.text(line);
                page.out.push('\n');
            }
        });
    }

    /// A list; nothing when it is empty.
    pub(super) fn list(&mut self, lines: &[String]) {
        if !lines.is_empty() {
            self.element("ul", &[], |page| lines.iter().for_each(|line| page.line("li", line)));
        }
    }

    /// A table of names and values.
    pub(super) fn facts(&mut self, rows: &[(String, String)]) {
        self.element("table", &[("class", "facts")], |page| {
            page.element("tbody", &[], |page| {
                for (name, value) in rows {
                    page.element("tr", &[], |page| {
                        page.element("th", &[("scope", "row")], |page| page.text(name));
                        page.line("td", value);
                    });
                }
            });
        });
    }

    /// A table with a heading for each column and one for each row.
    pub(super) fn grid(&mut self, caption: &str, columns: &[String], rows: &[Vec<String>]) {
        self.element("table", &[("class", "grid")], |page| {
            page.line("caption", caption);
            page.element("thead", &[], |page| {
                page.element("tr", &[], |page| {
                    columns.iter().for_each(|column| page.element("th", &[("scope", "col")], |page| page.text(column)));
                });
            });
            page.element("tbody", &[], |page| {
                for row in rows {
                    page.element("tr", &[], |page| {
                        let mut cells = row.iter();
                        if let Some(first) = cells.next() {
                            page.element("th", &[("scope", "row")], |page| page.text(first));
                        }
                        cells.for_each(|cell| page.line("td", cell));
                    });
                }
            });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        let page = Html::document(Language::Dutch, "</title><script>", |page| {
            page.line("p", "\"><img src=x onerror='alert(1)'>&amp;\u{202e}\u{7}");
        });
        assert!(page.contains("<title>&lt;/title&gt;&lt;script&gt;</title>"));
        assert!(page.contains("<p>&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;amp;  </p>"));
        assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"nl\">"));
    }

    #[test]
    fn a_text_without_end_ends() {
        let page = Html::document(Language::English, "x", |page| page.line("p", &"<".repeat(1 << 20)));
        assert!(page.len() < 40_000 && page.contains('…'));
    }
}
