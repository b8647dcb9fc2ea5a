//! A report as one HTML file that needs nothing else: it loads nothing, and a policy forbids it to.
//!
//! Everything recorded is JSON inside of `<script type="application/json">`, which no browser runs, with `<`, `>` and `&`
//! escaped so that no text can end the element. The script of the page puts it on screen as text, never as HTML. The policy
//! allows this one script and this one style sheet by their hashes, so nothing else can run even if something did get through.

use super::{Line, Writer};
use base64::prelude::{BASE64_STANDARD, Engine};
use rows::{Row, SummaryView};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::io;

mod rows;

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = concat!(
    include_str!("html/base.js"),
    include_str!("html/overview.js"),
    include_str!("html/list.js"),
    include_str!("html/detail.js"),
    include_str!("html/keys.js"),
);
/// Where the data goes in the page.
const DATA: &str = "{data}";
/// So many bytes of comparisons go into one element: a browser keeps the text of an element as one string.
const MAX_CHUNK_BYTES: usize = 1 << 20;

/// Writes a report as one HTML file.
#[derive(Debug)]
pub struct HtmlWriter<W> {
    to: W,
    buffer: Vec<u8>,
    /// The number of bytes in the element of comparisons that is open, if one is.
    chunk: Option<usize>,
}

impl<W: io::Write> HtmlWriter<W> {
    /// A writer to this destination. It needs no buffer: each line is written with one call.
    pub fn new(to: W) -> Self {
        Self { to, buffer: Vec::new(), chunk: None }
    }

    /// Adds a comparison to the open element, or to a new one.
    fn add_row(&mut self, row: &Row<'_>) -> io::Result<()> {
        if self.chunk.is_none() {
            self.buffer.extend(b"<script type=\"application/json\" class=\"comparisons\">\n");
        }
        let start = self.buffer.len();
        add_json(&mut self.buffer, row)?;
        self.buffer.push(b'\n');
        self.chunk = Some(self.chunk.unwrap_or_default() + self.buffer.len() - start);
        if self.chunk > Some(MAX_CHUNK_BYTES) {
            self.end_chunk();
        }
        Ok(())
    }

    fn end_chunk(&mut self) {
        if self.chunk.take().is_some() {
            self.buffer.extend(b"</script>\n");
        }
    }

    /// Adds an element with a value that the script finds by its id.
    fn add_element(&mut self, id: &str, value: &impl Serialize) -> io::Result<()> {
        self.buffer.extend(format!("<script type=\"application/json\" id=\"{id}\">").as_bytes());
        add_json(&mut self.buffer, value)?;
        self.buffer.extend(b"</script>\n");
        Ok(())
    }
}

impl<W: io::Write> Writer for HtmlWriter<W> {
    fn write(&mut self, line: &Line) -> io::Result<()> {
        self.buffer.clear();
        match line {
            Line::Run(run) => {
                let page = around_data().0.replace("{policy}", &policy()).replace("{style}", STYLE);
                self.buffer.extend(page.as_bytes());
                self.add_element("run", run)?;
            }
            Line::Comparison(comparison) => self.add_row(&Row::of(comparison))?,
            Line::Summary(summary) => {
                self.end_chunk();
                self.add_element("summary", &SummaryView::of(summary))?;
                self.buffer.extend(around_data().1.replace("{script}", SCRIPT).as_bytes());
            }
        }
        self.to.write_all(&self.buffer)?;
        match line {
            Line::Summary(_) => self.to.flush(),
            Line::Run(_) | Line::Comparison(_) => Ok(()),
        }
    }
}

/// The page before and after its data.
fn around_data() -> (&'static str, &'static str) {
    PAGE.split_once(DATA).unwrap_or((PAGE, ""))
}

/// The policy of the page: no network, no script and no style but its own.
fn policy() -> String {
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(STYLE)
    )
}

/// Adds the value as JSON that can stand inside of a script element.
fn add_json(buffer: &mut Vec<u8>, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(buffer, InScript);
    Ok(value.serialize(&mut serializer)?)
}

/// Writes JSON without the characters that mean something in HTML. They are in strings only.
struct InScript;

impl serde_json::ser::Formatter for InScript {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, text: &str) -> io::Result<()> {
        for part in text.split_inclusive(['<', '>', '&']) {
            let plain = part.trim_end_matches(['<', '>', '&']);
            writer.write_all(plain.as_bytes())?;
            for special in part[plain.len()..].bytes() {
                write!(writer, "\\u{special:04x}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
