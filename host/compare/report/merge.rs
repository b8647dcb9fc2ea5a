//! Merging the reports of several machines into one.

use super::{CategoryCost, Line, ReadError, Reader, Run, Summary, Tally, Writer};
use crate::cost::{Bound, Measure};
use crate::shard::Shard;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead};

/// The most numbers of missing shards that an error lists.
const MAX_LISTED: usize = 20;

/// Reports cannot be merged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// There is no report.
    #[error("there is no report to merge; give at least one")]
    NoReports,
    /// A report cannot be read.
    #[error("report {report}: {error}")]
    Read {
        /// The place of the report among those given, from 1.
        report: usize,
        /// What is wrong with it.
        #[source]
        error: ReadError,
    },
    /// Two reports are not of the same run.
    #[error("reports 1 and {report} have different {what}; merge only reports of the same comparison")]
    Different {
        /// The place of the second report among those given, from 1.
        report: usize,
        /// What differs.
        what: Mismatch,
    },
    /// Some reports are of one shard and others of all recordings.
    #[error("some reports are of one shard and others of all recordings; their recordings would count twice")]
    PartlySharded,
    /// The recordings were split into another number of shards.
    #[error(
        "report {report} is of shard {found}, and report 1 is of one of {expected}; split into the same number everywhere"
    )]
    OtherShardCount {
        /// The place of the report among those given, from 1.
        report: usize,
        /// Its shard.
        found: Shard,
        /// The number of shards of the first report.
        expected: u32,
    },
    /// A shard is there twice.
    #[error("report {report} is of shard {shard}, which an earlier report is of too; give each shard once")]
    ShardTwice {
        /// The place of the second report among those given, from 1.
        report: usize,
        /// The shard.
        shard: Shard,
    },
    /// Shards are missing.
    #[error("{count} of {of} shards are missing: {}; give the report of each shard", listed(missing, *count))]
    MissingShards {
        /// The numbers of the first missing ones.
        missing: Vec<u32>,
        /// How many are missing.
        count: u32,
        /// How many there are.
        of: u32,
    },
    /// The merged report cannot be written.
    #[error("cannot write the merged report: {0}")]
    Write(#[source] io::Error),
}

/// What reports of the same comparison have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display)]
#[strum(serialize_all = "lowercase")]
#[non_exhaustive]
pub enum Mismatch {
    /// The versions of the host.
    #[strum(serialize = "versions of the host")]
    Host,
    /// The builds that are judged.
    Services,
    /// The builds that they are compared with.
    Baselines,
    /// The categories.
    Categories,
    /// The rules.
    Rules,
    /// Which costs were measured, and how much they may increase.
    #[strum(serialize = "costs or bounds of them")]
    Costs,
}

/// Merges reports into one, and returns its summary. All reports are open at the same time.
///
/// The comparisons come report by report. The summary is the same as if one machine had compared all recordings.
///
/// # Errors
///
/// A report cannot be read, the reports are not of the same comparison, shards are missing or there twice, or the merged report
/// cannot be written. What was written before is no complete report.
pub fn merge<R: BufRead>(
    reports: impl IntoIterator<Item = Reader<R>>,
    writer: &mut impl Writer,
) -> Result<Summary, MergeError> {
    let mut reports: Vec<Reader<R>> = reports.into_iter().collect();
    let mut runs = Vec::with_capacity(reports.len());
    for (at, report) in reports.iter_mut().enumerate() {
        if let Some(Line::Run(run)) = next(at, report)? {
            runs.push(run);
        }
    }
    writer.write(&Line::Run(merged_run(runs)?)).map_err(MergeError::Write)?;
    let mut tally = Tally::default();
    let mut rules = None;
    for (at, mut report) in reports.into_iter().enumerate() {
        while let Some(line) = next(at, &mut report)? {
            match line {
                Line::Summary(summary) => {
                    let own = Rules::of(&summary);
                    let first = rules.get_or_insert_with(|| own.clone());
                    if let Some(what) = first.mismatch(&own) {
                        return Err(MergeError::Different { report: at + 1, what });
                    }
                    tally.merge(summary);
                }
                line => writer.write(&line).map_err(MergeError::Write)?,
            }
        }
    }
    let summary = tally.finish(Vec::new());
    writer.write(&Line::Summary(summary.clone())).map_err(MergeError::Write)?;
    Ok(summary)
}

/// What the rules of two reports must have in common to be counted together.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rules {
    /// Each with its place and its reason.
    differences: Vec<(String, Option<String>)>,
    /// The bounds of each category.
    costs: BTreeMap<String, Vec<(Measure, Option<Bound>)>>,
}

impl Rules {
    fn of(summary: &Summary) -> Self {
        let bounds = |costs: &CategoryCost| {
            costs.measures.iter().map(|(measure, cost)| (*measure, cost.max_increase)).collect()
        };
        Self {
            differences: summary.rules.iter().map(|rule| (rule.at.clone(), rule.why.clone())).collect(),
            costs: summary.costs.iter().map(|(category, costs)| (category.clone(), bounds(costs))).collect(),
        }
    }

    fn mismatch(&self, other: &Self) -> Option<Mismatch> {
        match () {
            () if self.differences != other.differences => Some(Mismatch::Rules),
            () if self.costs != other.costs => Some(Mismatch::Costs),
            () => None,
        }
    }
}

/// Reads the next line of the report at this place.
fn next<R: BufRead>(at: usize, report: &mut Reader<R>) -> Result<Option<Line>, MergeError> {
    report.next().transpose().map_err(|error| MergeError::Read { report: at + 1, error })
}

/// The run that all these are parts of. It began when the first of them did.
fn merged_run(runs: Vec<Run>) -> Result<Run, MergeError> {
    for (at, run) in runs.iter().enumerate().skip(1) {
        if let Some(what) = mismatch(&runs[0], run) {
            return Err(MergeError::Different { report: at + 1, what });
        }
    }
    check_shards(&runs)?;
    let started_at = runs.iter().map(|run| run.started_at).min();
    let first = runs.into_iter().next().ok_or(MergeError::NoReports)?;
    Ok(Run { shard: None, started_at: started_at.unwrap_or(first.started_at), ..first })
}

fn mismatch(a: &Run, b: &Run) -> Option<Mismatch> {
    let is_different = [
        (Mismatch::Host, a.host != b.host),
        (Mismatch::Services, a.services != b.services),
        (Mismatch::Baselines, a.baselines != b.baselines),
        (Mismatch::Categories, a.categories != b.categories),
    ];
    is_different.into_iter().find(|(_, is_different)| *is_different).map(|(what, _)| what)
}

/// Checks that the runs are all shards, each once, or none is a shard.
fn check_shards(runs: &[Run]) -> Result<(), MergeError> {
    let shards: Vec<Shard> = runs.iter().filter_map(|run| run.shard).collect();
    let Some(of) = shards.first().map(Shard::count) else {
        return Ok(());
    };
    if shards.len() < runs.len() {
        return Err(MergeError::PartlySharded);
    }
    let mut numbers = BTreeSet::new();
    for (at, shard) in shards.into_iter().enumerate() {
        let report = at + 1;
        if shard.count() != of {
            return Err(MergeError::OtherShardCount { report, found: shard, expected: of });
        }
        if !numbers.insert(shard.number()) {
            return Err(MergeError::ShardTwice { report, shard });
        }
    }
    // Each number is at most `of`, and each is there once.
    match of.saturating_sub(numbers.len() as u32) {
        0 => Ok(()),
        count => {
            let missing = (1..=of).filter(|number| !numbers.contains(number)).take(MAX_LISTED).collect();
            Err(MergeError::MissingShards { missing, count, of })
        }
    }
}

fn listed(missing: &[u32], count: u32) -> String {
    let numbers: Vec<String> = missing.iter().map(u32::to_string).collect();
    let more = if numbers.len() < count as usize { ", and others" } else { "" };
    numbers.join(", ") + more
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::report::samples::{self, equal};
    use crate::report::{Comparison, NdjsonWriter};

    /// The report of a shard. It has the comparisons of the shard.
    fn of_shard(shard: &str, comparisons: &[Comparison]) -> String {
        let shard: Shard = shard.parse().unwrap();
        let own = comparisons.iter().filter(|comparison| shard.has(&comparison.id)).cloned();
        let mut report = samples::report_of(own.collect());
        let mut run = samples::run();
        run.started_at += jiff::SignedDuration::from_secs(shard.number().into());
        report[0] = Line::Run(Run { shard: Some(shard), ..run });
        samples::written(&report, NdjsonWriter::new)
    }

    /// The merged report.
    fn merged(reports: &[String]) -> Result<Vec<Line>, MergeError> {
        let buffer = samples::Buffer::default();
        let readers = reports.iter().map(|report| Reader::new(report.as_bytes()));
        let summary = merge(readers, &mut NdjsonWriter::new(buffer.clone()))?;
        let lines: Vec<Line> = Reader::new(buffer.text().as_bytes()).map(Result::unwrap).collect();
        assert_eq!(lines.last(), Some(&Line::Summary(summary)));
        Ok(lines)
    }

    fn error(reports: &[String]) -> String {
        merged(reports).unwrap_err().to_string()
    }

    #[test]
    fn three_merged_shards_are_the_report_of_one_run() {
        let mut comparisons = samples::comparisons();
        comparisons.extend((100..200).map(|number| equal("orders", number)));
        let one = samples::report_of(comparisons.clone());
        let shards = ["3/3", "1/3", "2/3"].map(|shard| of_shard(shard, &comparisons));
        let merged = merged(&shards).unwrap();
        assert_eq!(merged.len(), one.len());
        assert!(merged.iter().all(|line| matches!(line, Line::Run(_)) || one.contains(line)));
        let Line::Run(run) = &merged[0] else { panic!("{:?}", merged[0]) };
        let earliest = samples::run().started_at + jiff::SignedDuration::from_secs(1);
        assert_eq!(*run, Run { started_at: earliest, ..samples::run() });
        assert_eq!(merged.last(), one.last());
    }

    #[test]
    fn shards_that_are_missing_or_there_twice_are_refused() {
        let shards = |names: &[&str]| -> Vec<String> {
            names.iter().map(|shard| of_shard(shard, &[equal("orders", 1)])).collect()
        };
        let whole = samples::written(&samples::report(), NdjsonWriter::new);
        assert_eq!(
            error(&shards(&["3/4", "1/4"])),
            "2 of 4 shards are missing: 2, 4; give the report of each shard"
        );
        assert!(
            error(&shards(&["2/4294967295"])).contains("4294967294 of 4294967295 shards are missing: 1, 3, ")
        );
        assert!(
            error(&shards(&["1/2", "2/2", "1/2"])).starts_with("report 3 is of shard 1/2, which an earlier")
        );
        assert!(
            error(&shards(&["1/2", "2/3"]))
                .starts_with("report 2 is of shard 2/3, and report 1 is of one of 2")
        );
        assert!(error(&[shards(&["1/1"]).remove(0), whole]).contains("others of all recordings"));
        assert!(error(&[]).contains("no report"));
    }

    #[test]
    fn reports_of_other_comparisons_are_refused() {
        let with = |change: &dyn Fn(&mut Run)| {
            let mut run = samples::run();
            change(&mut run);
            let mut report = samples::report();
            report[0] = Line::Run(run);
            samples::written(&report, NdjsonWriter::new)
        };
        let plain = || with(&|_| ());
        for (what, other) in [
            ("versions of the host", with(&|run| run.host = "0.2.0".into())),
            ("services", with(&|run| run.services[0].digest = "sha256:00".into())),
            ("baselines", with(&|run| run.baselines = run.services.clone())),
            ("categories", with(&|run| run.categories.clear())),
            ("rules", plain().replace("/ok/age", "/ok/ages")),
        ] {
            let expected = format!("reports 1 and 2 have different {what}; merge");
            assert!(error(&[plain(), other]).starts_with(&expected), "{what}");
        }
        let cut = plain().lines().take(3).collect::<Vec<_>>().join("\n");
        assert!(error(&[plain(), cut]).starts_with("report 2: line 4: the report ends here"));
    }
}
