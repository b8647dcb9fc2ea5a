//! Reading a report back that `NdjsonWriter` wrote. It may come from anywhere, so it is read with care.

use super::Line;
use std::io::{self, BufRead, Read as _};

/// The longest line of a report, in bytes.
const MAX_LINE_BYTES: u64 = 256 << 20;

/// Reads a report line by line, in the order of a report: the run, each comparison, the summary.
///
/// After an error it gives nothing more.
#[derive(Debug)]
pub struct Reader<R> {
    from: R,
    buffer: Vec<u8>,
    /// The number of the last line that was read, from 1.
    line: u64,
    expects: Expects,
    max_line_bytes: u64,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expects {
    Run,
    ComparisonOrSummary,
    End,
    /// Nothing more is read.
    Nothing,
}

/// A report cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {reason}")]
#[non_exhaustive]
pub struct ReadError {
    /// The number of the line, from 1.
    pub line: u64,
    /// Why.
    #[source]
    pub reason: ReadErrorReason,
}

/// Why a line of a report cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadErrorReason {
    /// The source cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The line is not one of a report.
    #[error("is not a line of a report: {0}; give an NDJSON report that this version or an older one wrote")]
    Invalid(#[from] serde_json::Error),
    /// The line is too long.
    #[error("is longer than {max} bytes")]
    TooLong {
        /// The most bytes that a line may have.
        max: u64,
    },
    /// A line of this sort cannot be here.
    #[error("has {found}, where a report has {expected}; the report was cut or put together by hand")]
    Order {
        /// What is there.
        found: &'static str,
        /// What would have to be there.
        expected: &'static str,
    },
    /// The report ends without its summary.
    #[error("the report ends here, without its summary; the run that wrote it was killed, so run it again")]
    NoSummary,
}

impl<R: BufRead> Reader<R> {
    /// A reader of this source.
    pub fn new(from: R) -> Self {
        Self { from, buffer: Vec::new(), line: 0, expects: Expects::Run, max_line_bytes: MAX_LINE_BYTES }
    }

    /// Reads the next line into the buffer. Returns `None` at the end of the source.
    fn read(&mut self) -> Result<Option<Line>, ReadErrorReason> {
        self.buffer.clear();
        self.line += 1;
        let max = self.max_line_bytes;
        let length = self.from.by_ref().take(max + 1).read_until(b'\n', &mut self.buffer)?;
        match length as u64 {
            0 => Ok(None),
            length if length > max => Err(ReadErrorReason::TooLong { max }),
            _ => Ok(Some(serde_json::from_slice(&self.buffer)?)),
        }
    }

    fn next_in_order(&mut self) -> Result<Option<Line>, ReadErrorReason> {
        let line = self.read()?;
        self.expects = match (self.expects, &line) {
            (Expects::Run, Some(Line::Run(_))) => Expects::ComparisonOrSummary,
            (Expects::ComparisonOrSummary, Some(Line::Comparison(_))) => Expects::ComparisonOrSummary,
            (Expects::ComparisonOrSummary, Some(Line::Summary(_))) => Expects::End,
            (Expects::End | Expects::Nothing, None) => Expects::Nothing,
            (Expects::ComparisonOrSummary, None) => return Err(ReadErrorReason::NoSummary),
            (expected, found) => {
                let (found, expected) = (kind(found.as_ref()), expected.name());
                return Err(ReadErrorReason::Order { found, expected });
            }
        };
        Ok(line)
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Line, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.expects == Expects::Nothing {
            return None;
        }
        let line = self.next_in_order();
        if line.is_err() {
            self.expects = Expects::Nothing;
        }
        line.map_err(|reason| ReadError { line: self.line, reason }).transpose()
    }
}

impl Expects {
    fn name(self) -> &'static str {
        match self {
            Self::Run => "the run",
            Self::ComparisonOrSummary => "a comparison or the summary",
            Self::End | Self::Nothing => "its end",
        }
    }
}

fn kind(line: Option<&Line>) -> &'static str {
    match line {
        Some(Line::Run(_)) => "a run",
        Some(Line::Comparison(_)) => "a comparison",
        Some(Line::Summary(_)) => "a summary",
        None => "its end",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::report::{NdjsonWriter, samples};

    /// The error that reading these lines ends with.
    fn error(report: &str) -> String {
        let mut reader = Reader { max_line_bytes: 20_000, ..Reader::new(report.as_bytes()) };
        let error = reader.by_ref().find_map(Result::err).unwrap();
        assert!(reader.next().is_none(), "nothing comes after an error");
        error.to_string()
    }

    #[test]
    fn what_was_written_is_read_back() {
        let report = samples::report();
        let text = samples::written(&report, NdjsonWriter::new);
        assert_eq!(text.lines().count(), report.len());
        let read: Vec<Line> = Reader::new(text.as_bytes()).map(Result::unwrap).collect();
        assert_eq!(read, report);
    }

    #[test]
    fn a_report_that_cannot_be_read_is_refused_with_its_line_and_the_reason() {
        let text = samples::written(&samples::report(), NdjsonWriter::new);
        let lines: Vec<&str> = text.lines().collect();
        let (run, comparison, summary) = (lines[0], lines[1], lines.last().unwrap());
        let cut = &comparison[..comparison.len() / 2];
        for (report, line, expected) in [
            (String::new(), 1, "has its end, where a report has the run"),
            (comparison.to_owned(), 1, "has a comparison, where a report has the run"),
            (format!("{run}\n{run}"), 2, "has a run, where a report has a comparison or the summary"),
            (format!("{run}\n{summary}\n{summary}"), 3, "has a summary, where a report has its end"),
            (format!("{run}\n{comparison}\n"), 3, "without its summary"),
            (format!("{run}\n{cut}"), 2, "is not a line of a report: EOF"),
            (format!("{run}\n\n"), 2, "is not a line of a report"),
            (format!("{run}\n\u{0}"), 2, "is not a line of a report"),
            (format!("{run}\n{}", " ".repeat(20_001)), 2, "is longer than 20000 bytes"),
        ] {
            let error = error(&report);
            assert!(error.starts_with(&format!("line {line}: ")) && error.contains(expected), "{error}");
        }
    }
}
