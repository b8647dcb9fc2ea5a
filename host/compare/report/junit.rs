//! A report as JUnit XML, as CI servers read it: a suite for each category, a case for each recording.

use super::visible::{cut, on_one_line, visible};
use super::{Comparison, Line, Summary, Writer};
use crate::change::Change;
use crate::cost::{CostSummary, Measure};
use crate::verdict::Verdict;
use jiff::Timestamp;
use quick_xml::events::BytesText;
use spool::{Spool, Suite};
use std::fmt::Write as _;
use std::io;

mod spool;
#[cfg(test)]
mod tests;

/// CI servers show a message on one line.
const MAX_MESSAGE_BYTES: usize = 1_000;
/// The most text of one recording, in bytes. CI servers load all of it.
const MAX_TEXT_BYTES: usize = 64 << 10;

/// Writes a report as JUnit XML.
///
/// A suite begins with its counts, so the cases wait in an anonymous temporary file until the report is complete.
#[derive(Debug)]
pub struct JunitWriter<W> {
    to: W,
    spool: Spool,
    started_at: Option<Timestamp>,
}

impl<W: io::Write> JunitWriter<W> {
    /// A writer to this destination, which should have a buffer.
    ///
    /// # Errors
    ///
    /// There is no temporary file.
    pub fn new(to: W) -> io::Result<Self> {
        Ok(Self { to, spool: Spool::new()?, started_at: None })
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        for (category, reason) in &summary.failed_categories {
            self.spool.add(
                category,
                &failed_category(category, reason)?,
                Counts { tests: 1, errors: 1, ..Counts::default() },
            )?;
        }
        for (category, costs) in &summary.costs {
            for (measure, cost) in &costs.measures {
                if cost.max_increase.is_some() {
                    let counts = Counts { tests: 1, failures: u64::from(cost.exceeded), ..Counts::default() };
                    self.spool.add(category, &bounded_cost(category, *measure, cost)?, counts)?;
                }
            }
        }
        let Self { to, spool, started_at } = self;
        let mut total = Counts::default();
        spool.suites().values().for_each(|suite| total.add(suite.counts));
        writeln!(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(to, "<testsuites name=\"playback-host compare\"{}>", total.attributes())?;
        let started_at = started_at.map(|at| at.strftime(" timestamp=\"%Y-%m-%dT%H:%M:%S\"").to_string());
        let started_at = started_at.unwrap_or_default();
        spool.take(|category, suite: Suite, cases| {
            let name = quick_xml::escape::escape(on_one_line(category)).into_owned();
            writeln!(to, "<testsuite name=\"{name}\"{}{started_at}>", suite.counts.attributes())?;
            io::copy(cases, to)?;
            writeln!(to, "</testsuite>")
        })?;
        writeln!(self.to, "</testsuites>")?;
        self.to.flush()
    }
}

impl<W: io::Write> Writer for JunitWriter<W> {
    fn write(&mut self, line: &Line) -> io::Result<()> {
        match line {
            Line::Run(run) => self.started_at = Some(run.started_at),
            Line::Comparison(comparison) => {
                self.spool.add(comparison.category(), &case(comparison)?, Counts::of(comparison))?;
            }
            Line::Summary(summary) => self.finish(summary)?,
        }
        Ok(())
    }
}

/// The counts of a suite.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    tests: u64,
    failures: u64,
    errors: u64,
    /// The time that the replays took.
    microseconds: u64,
}

impl Counts {
    fn of(comparison: &Comparison) -> Self {
        let is_failure = Verdict::EqualizerFailure == comparison.judgement.verdict;
        Self {
            tests: 1,
            failures: u64::from(comparison.is_bad() && !is_failure),
            errors: u64::from(comparison.is_bad() && is_failure),
            microseconds: comparison.duration_us.map_or(0, |[_, replayed]| replayed),
        }
    }

    fn add(&mut self, other: Self) {
        self.tests += other.tests;
        self.failures += other.failures;
        self.errors += other.errors;
        self.microseconds = self.microseconds.saturating_add(other.microseconds);
    }

    fn attributes(self) -> String {
        let Self { tests, failures, errors, microseconds } = self;
        let time = seconds(microseconds);
        format!(" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" time=\"{time}\"")
    }
}

fn seconds(microseconds: u64) -> String {
    format!("{}.{:06}", microseconds / 1_000_000, microseconds % 1_000_000)
}

/// The element of one recording.
fn case(comparison: &Comparison) -> io::Result<Vec<u8>> {
    let mut xml = quick_xml::Writer::new(Vec::new());
    let time = seconds(comparison.duration_us.map_or(0, |[_, replayed]| replayed));
    let element = xml
        .create_element("testcase")
        .with_attribute(("name", comparison.id.as_str()))
        .with_attribute(("classname", comparison.category()))
        .with_attribute(("time", time.as_str()));
    let verdict = comparison.judgement.verdict;
    if comparison.is_bad() {
        let name = if verdict == Verdict::EqualizerFailure { "error" } else { "failure" };
        element.write_inner_content(|xml| {
            xml.create_element(name)
                .with_attribute(("message", &*message(comparison)))
                .with_attribute(("type", &*verdict.to_string()))
                .write_text_content(BytesText::new(&text(comparison)))
                .map(drop)
        })?;
    } else if verdict == Verdict::Equal && !comparison.stale {
        element.write_empty()?;
    } else {
        element.write_inner_content(|xml| {
            let output = xml.create_element("system-out");
            output.write_text_content(BytesText::new(&passed(comparison))).map(drop)
        })?;
    }
    let mut xml = xml.into_inner();
    xml.push(b'\n');
    Ok(xml)
}

/// The element of a category that could not be compared.
fn failed_category(category: &str, reason: &str) -> io::Result<Vec<u8>> {
    let mut xml = quick_xml::Writer::new(Vec::new());
    let category = on_one_line(category);
    let case = xml
        .create_element("testcase")
        .with_attribute(("name", "the category"))
        .with_attribute(("classname", &*category))
        .with_attribute(("time", "0"));
    case.write_inner_content(|xml| {
        let error = xml
            .create_element("error")
            .with_attribute(("message", &*short(reason)))
            .with_attribute(("type", "equalizer-failure"));
        error.write_text_content(BytesText::new(&cut(&visible(reason), MAX_TEXT_BYTES))).map(drop)
    })?;
    let mut xml = xml.into_inner();
    xml.push(b'\n');
    Ok(xml)
}

/// The element of a bound on the cost of a category.
fn bounded_cost(category: &str, measure: Measure, cost: &CostSummary) -> io::Result<Vec<u8>> {
    let mut xml = quick_xml::Writer::new(Vec::new());
    let category = on_one_line(category);
    let name = format!("max-increase of {measure}");
    let case = xml
        .create_element("testcase")
        .with_attribute(("name", name.as_str()))
        .with_attribute(("classname", &*category))
        .with_attribute(("time", "0"));
    match cost.excess(measure) {
        None => case.write_empty()?,
        Some(excess) => case.write_inner_content(|xml| {
            let failure = xml
                .create_element("failure")
                .with_attribute(("message", excess.as_str()))
                .with_attribute(("type", "cost-exceeded"));
            failure.write_text_content(BytesText::new(&excess)).map(drop)
        })?,
    };
    let mut xml = xml.into_inner();
    xml.push(b'\n');
    Ok(xml)
}

/// What a bad recording says on one line.
fn message(comparison: &Comparison) -> String {
    let judgement = &comparison.judgement;
    match (&judgement.message, &judgement.changes[..]) {
        (Some(message), _) => short(message),
        (None, []) => judgement.verdict.to_string(),
        (None, [only]) => short(&only.cause.to_string()),
        (None, [first, rest @ ..]) => format!("{}, and {} more", short(&first.cause.to_string()), rest.len()),
    }
}

/// All that changed, as text.
fn text(comparison: &Comparison) -> String {
    let judgement = &comparison.judgement;
    let mut text = String::new();
    if let Some(message) = &judgement.message {
        text.push_str(&cut(&visible(message), MAX_TEXT_BYTES / 2));
        text.push('\n');
    }
    // Writing to a string does not fail.
    if judgement.recorded != judgement.replayed {
        let _ = writeln!(text, "recorded: {}; replayed: {}", judgement.recorded, judgement.replayed);
    }
    for (shown, change) in judgement.changes.iter().enumerate() {
        let line = change_line(change);
        if text.len() + line.len() > MAX_TEXT_BYTES {
            let _ = writeln!(text, "and {} more", judgement.changes.len() - shown);
            break;
        }
        text.push_str(&line);
    }
    let _ = writeln!(text, "playback-host replay {}", comparison.id);
    text
}

fn change_line(change: &Change) -> String {
    let Change { cause, call, path, text, accepted, .. } = change;
    let call = call.map(|call| format!(", call {call}")).unwrap_or_default();
    let path = if path.is_empty() || *path == cause.path { String::new() } else { format!(" (at {path})") };
    let accepted = accepted.as_ref().map(|reason| format!(" (accepted: {reason})")).unwrap_or_default();
    let line = format!("{cause}{call}{path}: {text}{accepted}");
    format!("{}\n", cut(&visible(&line), MAX_TEXT_BYTES / 4))
}

/// What a recording says that passes and is not equal.
fn passed(comparison: &Comparison) -> String {
    let mut said = comparison.judgement.verdict.to_string();
    if comparison.is_accepted() {
        said.push_str(", and every change is accepted");
    }
    if comparison.stale {
        said.push_str("; stale: the baseline already differs from the recording");
    }
    format!("{said}\n{}", text(comparison))
}

fn short(text: &str) -> String {
    cut(&on_one_line(text), MAX_MESSAGE_BYTES).into_owned()
}
