//! One number of the cost of many recordings: its total, and how the changes of single recordings are distributed.

use super::{Bound, Measure, Percent};
use playback_recording::RecordingId;
use serde::{Deserialize, Serialize};
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

/// How one number of the cost changed over the recordings of a category.
///
/// It takes no memory for a recording: a change is counted by its first three digits, of which there are at most 8,301 different ones.
/// The summaries of two parts merge into that of the whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct CostSummary {
    /// The total before. `None`: what is compared with does not have this number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// The total now.
    pub after: u64,
    /// How the total changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<Percent>,
    /// The change that half of the recordings do not exceed, by its first three digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median: Option<Percent>,
    /// The change that 99 of 100 recordings do not exceed, by its first three digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99: Option<Percent>,
    /// The recording that became most expensive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worst: Option<WorstCost>,
    /// How much the total may increase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_increase: Option<Bound>,
    /// Whether it increased more. That fails the run.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub exceeded: bool,
    /// The number of recordings with each change, in hundredths of a percent and by its first three digits.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub changes: BTreeMap<i64, u64>,
}

/// The recording of which a number increased most, as a share of what it was. Of several such, the one where it increased most in
/// absolute terms; of several such, the oldest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct WorstCost {
    /// The recording.
    pub id: RecordingId,
    /// The number before.
    pub before: u64,
    /// The number now.
    pub after: u64,
    /// How it changed.
    pub change: Percent,
}

impl CostSummary {
    /// The summary of no recording, under this bound.
    pub(crate) fn new(max_increase: Option<Bound>) -> Self {
        Self { max_increase, ..Self::default() }
    }

    /// Adds a recording.
    pub(crate) fn add(&mut self, id: &RecordingId, before: Option<u64>, after: u64) {
        self.after = self.after.saturating_add(after);
        let Some(before) = before else { return };
        self.before = Some(self.before.unwrap_or_default().saturating_add(before));
        let change = Percent::of(before, after);
        *self.changes.entry(change.rounded().hundredths()).or_default() += 1;
        self.challenge(&WorstCost { id: id.clone(), before, after, change });
    }

    /// Adds the summary of other recordings.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.after = self.after.saturating_add(other.after);
        self.before = match (self.before, other.before) {
            (Some(own), Some(other)) => Some(own.saturating_add(other)),
            (own, other) => own.or(other),
        };
        self.max_increase = self.max_increase.or(other.max_increase);
        for (change, recordings) in &other.changes {
            let own = self.changes.entry(*change).or_default();
            *own = own.saturating_add(*recordings);
        }
        if let Some(worst) = &other.worst {
            self.challenge(worst);
        }
    }

    /// Works out what follows from what was added.
    pub(crate) fn finish(&mut self) {
        self.change = self.before.map(|before| Percent::of(before, self.after));
        self.median = self.percentile(50);
        self.p99 = self.percentile(99);
        self.exceeded = match (self.max_increase, self.before) {
            (Some(bound), Some(before)) => !bound.allows(before, self.after),
            _ => false,
        };
    }

    /// Says that this number increased more than it may, if it did: `instructions increased by 6% from 100 to 106, and may increase by
    /// 5%`, with the worst recording.
    pub fn excess(&self, measure: Measure) -> Option<String> {
        let (true, Some(before), Some(bound)) = (self.exceeded, self.before, self.max_increase) else {
            return None;
        };
        let change = Percent::of(before, self.after).to_string();
        let (change, after) = (change.trim_start_matches('+'), self.after);
        let worst = self.worst.as_ref().map(|worst| format!("; most in {}: {}", worst.id, worst.change));
        let worst = worst.unwrap_or_default();
        Some(format!(
            "{measure} increased by {change} from {before} to {after}, and may increase by {bound}{worst}"
        ))
    }

    /// Returns the smallest change that so many of 100 recordings do not exceed.
    fn percentile(&self, percent: u128) -> Option<Percent> {
        let all: u128 = self.changes.values().map(|count| u128::from(*count)).sum();
        let rank = (all * percent).div_ceil(100);
        let mut seen = 0;
        let found = self.changes.iter().find(|(_, count)| {
            seen += u128::from(**count);
            seen >= rank
        });
        found.map(|(change, _)| Percent::of_hundredths(*change))
    }

    fn challenge(&mut self, other: &WorstCost) {
        if self.worst.as_ref().is_none_or(|worst| other.compare(worst) == Ordering::Greater) {
            self.worst = Some(other.clone());
        }
    }
}

impl WorstCost {
    /// Compares how bad two recordings became.
    fn compare(&self, other: &Self) -> Ordering {
        let share = |worst: &Self| match (worst.after, worst.before) {
            (0, 0) => (1, 1),
            (after, before) => (u128::from(after), u128::from(before)),
        };
        let increase = |worst: &Self| i128::from(worst.after) - i128::from(worst.before);
        let ((after, before), (other_after, other_before)) = (share(self), share(other));
        (after * other_before)
            .cmp(&(other_after * before))
            .then_with(|| increase(self).cmp(&increase(other)))
            .then_with(|| Reverse(&self.id).cmp(&Reverse(&other.id)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::report::samples::id;

    fn summary(costs: impl IntoIterator<Item = (u32, u64, u64)>) -> CostSummary {
        let mut summary = CostSummary::new(Some(Bound::Percent(50_000)));
        for (number, before, after) in costs {
            summary.add(&id("orders", number), Some(before), after);
        }
        summary.finish();
        summary
    }

    /// Changes from -30 % to far above 100 %, in no order.
    fn costs() -> impl Iterator<Item = (u32, u64, u64)> + Clone {
        (0..100_000_u32).map(|number| {
            let before = 1_000 + u64::from(number).wrapping_mul(7_919) % 100_000;
            (number, before, before * 7 / 10 + u64::from(number) * 31 % 70_000)
        })
    }

    #[test]
    fn the_distribution_is_that_of_all_changes_by_three_digits() {
        let mut changes: Vec<i64> =
            costs().map(|(_, before, after)| Percent::of(before, after).hundredths()).collect();
        changes.sort_unstable();
        let all = summary(costs());
        for (found, rank) in [(all.median, 50_000), (all.p99, 99_000)] {
            assert_eq!(found, Some(Percent::of_hundredths(changes[rank - 1]).rounded()));
        }
        let worst = all.worst.unwrap();
        assert_eq!(worst.change.hundredths(), *changes.last().unwrap());
        let (before, after) = costs().fold((0, 0), |(b, a), (_, before, after)| (b + before, a + after));
        assert_eq!((all.before, all.after), (Some(before), after));
    }

    #[test]
    fn the_memory_does_not_grow_with_the_recordings() {
        let all = summary(
            (0..300_000).map(|number| (number, 1 + u64::from(number) % 1_000, u64::from(number) * 977)),
        );
        assert!(all.changes.len() <= 8_301, "{}", all.changes.len());
        assert!(serde_json::to_string(&all).unwrap().len() < 200_000);
    }

    #[test]
    fn parts_merge_into_the_whole_in_any_order() {
        let whole = summary(costs());
        let parts: Vec<CostSummary> =
            (0..4).map(|part| summary(costs().filter(|(number, ..)| number % 4 == part))).collect();
        for order in [[0, 1, 2, 3], [3, 1, 0, 2]] {
            let mut merged = CostSummary::default();
            order.iter().for_each(|part| merged.merge(&parts[*part]));
            merged.finish();
            assert_eq!(merged, whole);
        }
        let read: CostSummary = serde_json::from_str(&serde_json::to_string(&whole).unwrap()).unwrap();
        assert_eq!(read, whole);
    }

    #[test]
    fn the_worst_recording_is_the_same_in_any_order() {
        let costs = [(1, 0, 0), (2, 100, 150), (3, 10, 15), (4, 100, 150), (5, 100, 10), (6, 7, 7)];
        for turn in 0..costs.len() {
            let mut turned = costs;
            turned.rotate_left(turn);
            assert_eq!(summary(turned).worst.unwrap().id, id("orders", 2), "{turn}");
        }
        assert_eq!(summary([(1, 100, 150), (2, 0, 1), (3, 0, 2)]).worst.unwrap().id, id("orders", 3));
        assert_eq!(summary([(1, 10, 5), (2, 10, 6)]).worst.unwrap().change.to_string(), "-40%");
    }

    #[test]
    fn the_bound_holds_for_the_total() {
        assert!(!summary([(1, 100, 110), (2, 100, 100)]).exceeded);
        assert!(summary([(1, 100, 111), (2, 100, 100)]).exceeded);
        let mut unknown = CostSummary::new(Some(Bound::Percent(0)));
        unknown.add(&id("orders", 1), None, 5);
        unknown.finish();
        assert_eq!((unknown.before, unknown.after, unknown.change, unknown.exceeded), (None, 5, None, false));
    }
}
