//! How each format of a report tells what a build costs.

#![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

use super::samples::{changed, different, equal, id, run, written};
use super::{
    Comparison, HtmlWriter, JunitWriter, Line, MarkdownWriter, NdjsonWriter, Reader, RunVerdict, Summary,
    Tally, merge,
};
use crate::cost::{CostChange, MaxIncrease, Measure};
use crate::verdict::{End, Verdict};
use playback_tape::Cost;

fn cost(instructions: u64, crossings: u64) -> Cost {
    let mut cost = Cost::default();
    (cost.instructions, cost.memory) = (Some(instructions), Some(65_536));
    (cost.crossings, cost.bytes) = (crossings, crossings * 10);
    cost
}

fn costing(comparison: Comparison, before: u64, after: u64) -> Comparison {
    let cost = CostChange { before: cost(before, 4), after: cost(after, 4) };
    Comparison { cost: Some(cost), ..comparison }
}

pub(crate) fn comparisons() -> Vec<Comparison> {
    let dearer = (1..100).map(|number| costing(equal("orders", number), 1_000, 1_020));
    let worst = costing(different("orders", 100, vec![changed("outcome", "/ok", 1, 2)]), 1_000, 5_020);
    let mut accepted = worst;
    accepted.judgement.changes[0].accepted = Some("wanted".into());
    dearer.chain([accepted, costing(equal("payments", 101), 50, 40)]).collect()
}

fn bounds(instructions: &str) -> MaxIncrease {
    let instructions = Some(instructions.parse().unwrap());
    MaxIncrease { instructions, crossings: Some("0%".parse().unwrap()), ..MaxIncrease::default() }
}

fn summary(comparisons: &[Comparison], instructions: &str) -> Summary {
    let mut tally = Tally::default();
    tally.measure("orders", &bounds(instructions));
    tally.measure("payments", &MaxIncrease::default());
    comparisons.iter().for_each(|comparison| tally.add(comparison));
    tally.finish(Vec::new())
}

pub(crate) fn report(comparisons: &[Comparison], instructions: &str) -> Vec<Line> {
    let lines = comparisons.iter().cloned().map(|comparison| Line::Comparison(comparison.into()));
    let summary = Line::Summary(summary(comparisons, instructions));
    [Line::Run(run())].into_iter().chain(lines).chain([summary]).collect()
}

#[test]
fn a_cost_beyond_its_bound_fails_a_run_that_has_no_other_change() {
    let comparisons = comparisons();
    assert_eq!(summary(&comparisons, "6%").verdict(), RunVerdict::Passed);
    assert_eq!(summary(&comparisons, "6000").verdict(), RunVerdict::Passed);
    let exceeded = summary(&comparisons, "5.9%");
    assert_eq!(exceeded.verdict(), RunVerdict::CostExceeded);
    let found: Vec<String> =
        exceeded.exceeded().filter_map(|(_, measure, cost)| cost.excess(measure)).collect();
    let worst = id("orders", 100);
    assert_eq!(
        found,
        [format!(
            "instructions increased by 6% from 100000 to 106000, and may increase by 5.9%; most in {worst}: +402%"
        )]
    );
    let changed = different("orders", 200, vec![changed("outcome", "/ok", 1, 2)]);
    let comparisons = [comparisons, vec![costing(changed, 1, 1)]].concat();
    assert_eq!(summary(&comparisons, "5%").verdict(), RunVerdict::Changed);
}

#[test]
fn an_operation_that_does_not_come_to_its_end_on_both_sides_is_not_counted() {
    let ends = |recorded, replayed| {
        let mut comparison = costing(equal("orders", 1), 1_000, 10);
        (comparison.judgement.recorded, comparison.judgement.replayed) = (recorded, replayed);
        summary(&[comparison], "0%").costs["orders"].recordings
    };
    assert_eq!(ends(End::Returned, End::Returned), 1);
    assert_eq!(ends(End::Failed, End::Failed), 1);
    for (recorded, replayed) in [
        (End::Returned, End::Failed),
        (End::Failed, End::Returned),
        (End::Trapped, End::Trapped),
        (End::Diverged, End::Diverged),
    ] {
        assert_eq!(ends(recorded, replayed), 0, "{recorded} {replayed}");
    }
    let failure = Comparison::failure(id("orders", 1), "cannot be read");
    assert_eq!(failure.judgement.verdict, Verdict::EqualizerFailure);
    assert_eq!(summary(&[failure], "0%").costs["orders"].recordings, 0);
}

#[test]
fn every_format_tells_the_cost_and_what_exceeds_its_bound() {
    let report = report(&comparisons(), "5%");
    let worst = id("orders", 100);
    let markdown = written(&report, MarkdownWriter::new);
    assert!(
        markdown.starts_with("## ❌ No change in 101 recordings, and the cost increased more than it may\n")
    );
    let row = format!(
        "| `orders` | instructions | 100000 | 106000 | ❌ +6% | +2% | +2% | +402% in `{worst}` | 5% |\n"
    );
    assert!(markdown.contains(&row), "{markdown}");
    assert!(markdown.contains("| `payments` | instructions | 50 | 40 | -20% |"), "{markdown}");
    let junit = written(&report, |to| JunitWriter::new(to).unwrap());
    let suite = "<testsuite name=\"orders\" tests=\"102\" failures=\"1\"";
    let failure =
        "<failure message=\"instructions increased by 6% from 100000 to 106000, and may increase by 5%;";
    let passed = "<testcase name=\"max-increase of crossings\" classname=\"orders\" time=\"0\"/>";
    for part in [suite, failure, passed] {
        assert!(junit.contains(part), "{part} {junit}");
    }
    let html = written(&report, HtmlWriter::new);
    assert!(html.contains("\"verdict\":\"cost-exceeded\"") && html.contains("\"change\":6.0"));
    let ndjson = written(&report, NdjsonWriter::new);
    let read: Vec<Line> = Reader::new(ndjson.as_bytes()).map(Result::unwrap).collect();
    assert_eq!(read, report);
}

#[test]
fn merged_shards_have_the_cost_of_one_run_and_are_judged_by_all_of_it() {
    let comparisons = comparisons();
    let (first, second) = comparisons.split_at(99);
    let whole = summary(&comparisons, "5%");
    // The first part alone is within the bound.
    assert_eq!(summary(first, "5%").verdict(), RunVerdict::Passed);
    let merged = |bounds: [&str; 2]| {
        let parts = [report(first, bounds[0]), report(second, bounds[1])];
        let parts = parts.map(|part| written(&part, NdjsonWriter::new));
        merge(parts.iter().map(|part| Reader::new(part.as_bytes())), &mut NdjsonWriter::new(Vec::new()))
    };
    let found = merged(["5%", "5%"]).unwrap();
    assert_eq!((found.verdict(), &found), (RunVerdict::CostExceeded, &whole));
    assert_eq!(found.costs["orders"].measures[&Measure::Instructions].median.unwrap().to_string(), "+2%");
    let error = merged(["5%", "6%"]).unwrap_err().to_string();
    assert!(error.starts_with("reports 1 and 2 have different costs or bounds of them; merge"), "{error}");
}
