//! The summary of a run, counted while it goes on: it takes memory for causes and categories, and none for recordings.

use super::{Cause, CauseId, Comparison, Note};
use crate::causes::{Causes, Counted};
use crate::cost::{CostSummary, MaxIncrease, Measure, is_comparable};
use crate::rules::Rule;
use crate::verdict::Verdict;
use jiff::civil::Date;
use playback_recording::RecordingId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use strum::{Display, IntoEnumIterator};

/// The summary of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Summary {
    /// All recordings together.
    pub all: CategorySummary,
    /// Each category by its name.
    pub categories: BTreeMap<String, CategorySummary>,
    /// The causes of all changes, the most frequent first.
    pub causes: Vec<CauseSummary>,
    /// The rules, in the order of the configuration.
    pub rules: Vec<RuleSummary>,
    /// Recordings of operations that the service does not have, by their operations.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<String, u64>,
    /// Categories that could not be compared, each with the reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub failed_categories: BTreeMap<String, String>,
    /// What each category costs, if that was measured.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub costs: BTreeMap<String, CategoryCost>,
    /// The number of selected recordings that were not compared, because the run was stopped.
    #[serde(default)]
    pub not_compared: u64,
}

/// The verdict on a whole run, which decides how a program that ran it exits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Display)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[non_exhaustive]
pub enum RunVerdict {
    /// Every selected recording was compared, and none fails the run.
    Passed,
    /// The service changed: a recording fails the run.
    Changed,
    /// No change was found, and a category costs more than it may.
    CostExceeded,
    /// No change was found, and not everything could be compared: a comparison failed, a category did, or the run was stopped.
    EqualizerFailure,
    /// There was nothing to compare.
    NothingSelected,
}

/// The counts of one category, or of all.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct CategorySummary {
    /// The number of recordings that were compared.
    pub recordings: u64,
    /// Those with each verdict. Accepted ones and stale ones are counted under their verdict too.
    pub verdicts: BTreeMap<Verdict, u64>,
    /// Those with changes that are all accepted.
    pub accepted: u64,
    /// Those of which the baseline differs from the recording.
    pub stale: u64,
    /// Those that fail the run.
    pub bad: u64,
    /// The number of outputs that were compared.
    pub compared: u64,
    /// The number of differences that rules took away.
    pub ignored: u64,
    /// The number of recordings that have each note.
    pub notes: BTreeMap<Note, u64>,
}

/// What the recordings of a category cost.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct CategoryCost {
    /// The number of recordings that are counted: those of which the operation came to its end on both sides, and alike. What stops
    /// early is cheap.
    pub recordings: u64,
    /// Each number that was measured.
    pub measures: BTreeMap<Measure, CostSummary>,
}

/// One cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct CauseSummary {
    /// Its name.
    pub id: CauseId,
    /// What it is.
    #[serde(flatten)]
    pub cause: Cause,
    /// The number of recordings that have it.
    pub recordings: u64,
    /// One of them.
    pub example: RecordingId,
    /// Whether an earlier report does not have it. `None`: there is no earlier report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_new: Option<bool>,
    /// The reason for which it is accepted, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<String>,
}

/// How one rule was used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct RuleSummary {
    /// Where it applies.
    pub at: String,
    /// Why it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The number of differences that it took away. 0: it is not needed.
    pub used: u64,
    /// Whether the last day on which it applies is over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expired: bool,
}

impl RuleSummary {
    /// A rule that was not used yet. It has expired if its last day is before `today`.
    pub fn new(rule: &Rule, today: Date) -> Self {
        let expired = rule.until.is_some_and(|until| until < today);
        Self { at: rule.at.to_string(), why: rule.why.clone(), used: 0, expired }
    }
}

/// Counts comparisons.
#[derive(Debug, Default)]
pub struct Tally {
    summary: Summary,
    causes: Causes,
    /// The reason of each cause of which every change so far is accepted. `None`: one was not.
    accepted: BTreeMap<Cause, Option<String>>,
    /// The causes that an earlier report has.
    known: Option<BTreeSet<CauseId>>,
    ignored: BTreeMap<usize, u64>,
}

impl Tally {
    /// A tally that marks the causes of an earlier report as known.
    pub fn since(self, earlier: impl IntoIterator<Item = CauseId>) -> Self {
        Self { known: Some(earlier.into_iter().collect()), ..self }
    }

    /// Counts one comparison.
    pub fn add(&mut self, comparison: &Comparison) {
        let category = self.summary.categories.entry(comparison.category().to_owned()).or_default();
        category.add(comparison);
        self.summary.all.add(comparison);
        if let Some(costs) = self.summary.costs.get_mut(comparison.category()) {
            costs.add(comparison);
        }
        let judgement = &comparison.judgement;
        self.causes.add(&comparison.id, &judgement.changes);
        for change in &judgement.changes {
            self.accept(&change.cause, change.accepted.as_ref());
        }
        for ignored in &judgement.ignored {
            *self.ignored.entry(ignored.rule).or_default() += ignored.differences;
        }
    }

    /// Notes that changes of a cause are accepted for a reason, or not.
    fn accept(&mut self, cause: &Cause, reason: Option<&String>) {
        let known = self.accepted.entry(cause.clone()).or_insert_with(|| reason.cloned());
        if reason.is_none() {
            *known = None;
        }
    }

    /// Notes that the costs of a category are measured, and how much they may increase.
    pub fn measure(&mut self, category: &str, max_increase: &MaxIncrease) {
        let summary = |measure| (measure, CostSummary::new(max_increase.of(measure)));
        let measures = Measure::iter().map(summary).collect();
        self.summary.costs.insert(category.to_owned(), CategoryCost { recordings: 0, measures });
    }

    /// Counts a recording of an operation that the service does not have.
    pub fn leave_out(&mut self, operation: &str, recordings: u64) {
        *self.summary.left_out.entry(operation.to_owned()).or_default() += recordings;
    }

    /// Notes that a category cannot be compared.
    pub fn fail_category(&mut self, category: &str, reason: impl Into<String>) {
        self.summary.failed_categories.insert(category.to_owned(), reason.into());
    }

    /// Counts recordings that were selected and not compared.
    pub fn skip(&mut self, recordings: u64) {
        self.summary.not_compared += recordings;
    }

    /// Adds the summary of another run. Its rules must be the same.
    pub fn merge(&mut self, other: Summary) {
        let Summary { all, categories, causes, rules, left_out, failed_categories, costs, not_compared } =
            other;
        self.summary.all.merge(&all);
        for (name, category) in &categories {
            self.summary.categories.entry(name.clone()).or_default().merge(category);
        }
        for CauseSummary { id, cause, recordings, example, is_new, accepted } in causes {
            if let Some(is_new) = is_new {
                let known = self.known.get_or_insert_default();
                if !is_new {
                    known.insert(id);
                }
            }
            self.accept(&cause, accepted.as_ref());
            self.causes.add_counted(cause, Counted { recordings, example });
        }
        for (rule, other) in rules.into_iter().enumerate() {
            match self.summary.rules.get_mut(rule) {
                Some(own) => own.used += other.used,
                None => self.summary.rules.push(other),
            }
        }
        for (operation, recordings) in left_out {
            self.leave_out(&operation, recordings);
        }
        self.summary.failed_categories.extend(failed_categories);
        for (category, costs) in &costs {
            self.summary.costs.entry(category.clone()).or_default().merge(costs);
        }
        self.summary.not_compared += not_compared;
    }

    /// Returns the number of recordings that fail the run so far.
    pub fn bad(&self) -> u64 {
        self.summary.all.bad
    }

    /// Returns the summary. `rules` are the rules of the configuration; a tally of merged reports has them already.
    pub fn finish(self, rules: Vec<RuleSummary>) -> Summary {
        let Self { mut summary, causes, accepted, known, ignored } = self;
        let counted = causes.sorted().into_iter().map(|(cause, counted)| {
            let id = cause.id();
            CauseSummary {
                id,
                is_new: known.as_ref().map(|known| !known.contains(&id)),
                accepted: accepted.get(cause).cloned().flatten(),
                cause: cause.clone(),
                recordings: counted.recordings,
                example: counted.example.clone(),
            }
        });
        summary.causes = counted.collect();
        let costs = summary.costs.values_mut().flat_map(|costs| costs.measures.values_mut());
        costs.for_each(CostSummary::finish);
        summary.rules.extend(rules);
        for (rule, count) in ignored {
            if let Some(rule) = summary.rules.get_mut(rule) {
                rule.used += count;
            }
        }
        summary
    }
}

impl Summary {
    /// Returns the verdict on the whole run. A change outweighs a comparison that failed: it is known, and stays.
    pub fn verdict(&self) -> RunVerdict {
        let failures = self.all.count(Verdict::EqualizerFailure);
        let is_complete = failures == 0 && self.failed_categories.is_empty() && self.not_compared == 0;
        match self.all.recordings {
            _ if self.all.bad > failures => RunVerdict::Changed,
            _ if self.exceeded().next().is_some() => RunVerdict::CostExceeded,
            _ if !is_complete => RunVerdict::EqualizerFailure,
            0 => RunVerdict::NothingSelected,
            _ => RunVerdict::Passed,
        }
    }

    /// Returns every number that increased more than it may, with its category. Each fails the run.
    pub fn exceeded(&self) -> impl Iterator<Item = (&str, Measure, &CostSummary)> {
        let all = self.costs.iter().flat_map(|(category, costs)| {
            costs.measures.iter().map(move |(measure, summary)| (category.as_str(), *measure, summary))
        });
        all.filter(|(_, _, summary)| summary.exceeded)
    }
}

impl CategoryCost {
    fn add(&mut self, comparison: &Comparison) {
        let judgement = &comparison.judgement;
        let Some(cost) = comparison.cost.filter(|_| is_comparable(judgement.recorded, judgement.replayed))
        else {
            return;
        };
        self.recordings += 1;
        for (measure, summary) in &mut self.measures {
            if let Some(after) = measure.of(&cost.after) {
                summary.add(&comparison.id, measure.of(&cost.before), after);
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        self.recordings += other.recordings;
        for (measure, summary) in &other.measures {
            self.measures.entry(*measure).or_default().merge(summary);
        }
    }
}

impl CategorySummary {
    /// Returns the number of recordings with this verdict.
    pub fn count(&self, verdict: Verdict) -> u64 {
        self.verdicts.get(&verdict).copied().unwrap_or_default()
    }

    fn add(&mut self, comparison: &Comparison) {
        let judgement = &comparison.judgement;
        self.recordings += 1;
        *self.verdicts.entry(judgement.verdict).or_default() += 1;
        self.accepted += u64::from(comparison.is_accepted());
        self.stale += u64::from(comparison.stale);
        self.bad += u64::from(comparison.is_bad());
        self.compared += judgement.compared;
        self.ignored += judgement.ignored.iter().map(|ignored| ignored.differences).sum::<u64>();
        for note in judgement.notes.keys() {
            *self.notes.entry(*note).or_default() += 1;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.recordings += other.recordings;
        self.accepted += other.accepted;
        self.stale += other.stale;
        self.bad += other.bad;
        self.compared += other.compared;
        self.ignored += other.ignored;
        for (verdict, count) in &other.verdicts {
            *self.verdicts.entry(*verdict).or_default() += count;
        }
        for (note, count) in &other.notes {
            *self.notes.entry(*note).or_default() += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::{changed, comparisons, different, equal, id, summary};

    #[test]
    fn a_cause_is_accepted_if_all_of_its_changes_are_in_whatever_order_they_are_counted() {
        let change = |reason: Option<&str>| {
            let mut comparison = different("orders", 2, vec![changed("outcome", "", 1, 2)]);
            comparison.judgement.changes[0].accepted = reason.map(str::to_owned);
            comparison
        };
        let accepted = |comparisons: &[Comparison]| summary(comparisons).causes[0].accepted.clone();
        assert_eq!(accepted(&[change(Some("a")), change(Some("b"))]).as_deref(), Some("a"));
        assert_eq!(accepted(&[change(Some("a")), change(None)]), None);
        assert_eq!(accepted(&[change(None), change(Some("a"))]), None);
    }

    #[test]
    fn a_change_outweighs_a_failed_comparison_and_an_incomplete_run_does_not_pass() {
        let failure = || Comparison::failure(id("orders", 1), "cannot be read");
        let change = || different("orders", 2, vec![changed("outcome", "", 1, 2)]);
        let mut accepted = change();
        accepted.judgement.changes[0].accepted = Some("wanted".into());
        for (comparisons, expected) in [
            (vec![], RunVerdict::NothingSelected),
            (vec![equal("orders", 1), accepted], RunVerdict::Passed),
            (vec![equal("orders", 1), failure()], RunVerdict::EqualizerFailure),
            (vec![failure(), change()], RunVerdict::Changed),
        ] {
            assert_eq!(summary(&comparisons).verdict(), expected, "{comparisons:?}");
        }
        let stopped = Summary { not_compared: 1, ..summary(&[equal("orders", 1)]) };
        assert_eq!(stopped.verdict(), RunVerdict::EqualizerFailure);
        let failed_categories = [("orders".to_owned(), "no such category".to_owned())].into();
        let broken = Summary { failed_categories, ..Summary::default() };
        assert_eq!(broken.verdict(), RunVerdict::EqualizerFailure);
    }

    #[test]
    fn merging_keeps_which_causes_are_new() {
        let comparisons = comparisons();
        let known = summary(&comparisons).causes[0].id;
        let mut tally = Tally::default().since([known]);
        for comparison in &comparisons {
            tally.add(comparison);
        }
        let one = tally.finish(Vec::new());
        let mut merged = Tally::default();
        merged.merge(one.clone());
        assert_eq!(merged.finish(Vec::new()), one);
    }
}
