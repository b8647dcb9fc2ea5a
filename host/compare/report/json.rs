//! A report as one JSON document: `{"run": …, "comparisons": […], "summary": …}`.

use super::{Line, Writer};
use std::io;

/// Writes a report as one JSON document, a comparison a line.
#[derive(Debug)]
pub struct JsonWriter<W> {
    to: W,
    buffer: Vec<u8>,
    /// Whether a comparison was written.
    has_comparison: bool,
}

impl<W: io::Write> JsonWriter<W> {
    /// A writer to this destination. It needs no buffer: each line is written with one call.
    pub fn new(to: W) -> Self {
        Self { to, buffer: Vec::new(), has_comparison: false }
    }
}

impl<W: io::Write> Writer for JsonWriter<W> {
    fn write(&mut self, line: &Line) -> io::Result<()> {
        self.buffer.clear();
        match line {
            Line::Run(run) => {
                self.buffer.extend(b"{\"run\":");
                serde_json::to_writer(&mut self.buffer, run)?;
                self.buffer.extend(b",\n\"comparisons\":[");
            }
            Line::Comparison(comparison) => {
                self.buffer.extend(if self.has_comparison { b",\n".as_slice() } else { b"\n" });
                serde_json::to_writer(&mut self.buffer, comparison)?;
                self.has_comparison = true;
            }
            Line::Summary(summary) => {
                self.buffer.extend(b"\n],\n\"summary\":");
                serde_json::to_writer(&mut self.buffer, summary)?;
                self.buffer.extend(b"}\n");
            }
        }
        self.to.write_all(&self.buffer)?;
        match line {
            Line::Summary(_) => self.to.flush(),
            Line::Run(_) | Line::Comparison(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::report::samples;
    use serde_json::{Value, json};

    #[test]
    fn a_report_is_one_document_of_the_run_its_comparisons_and_its_summary() {
        for report in [samples::report(), samples::report_of(Vec::new())] {
            let document: Value = serde_json::from_str(&samples::written(&report, JsonWriter::new)).unwrap();
            let lines: Vec<Value> = report.iter().map(|line| serde_json::to_value(line).unwrap()).collect();
            let comparisons: Vec<&Value> = lines.iter().filter_map(|line| line.get("comparison")).collect();
            assert_eq!(document["run"], lines[0]["run"]);
            assert_eq!(document["comparisons"], json!(comparisons));
            assert_eq!(document["summary"], lines.last().unwrap()["summary"]);
        }
    }
}
