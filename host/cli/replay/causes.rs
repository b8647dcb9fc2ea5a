//! Why recordings differ, counted over many: one slip in the code shows in hundreds of them at the same place.

use std::collections::{HashMap, HashSet};

/// How many causes are told.
const TOLD: usize = 20;

/// Causes, and how many recordings have each.
#[derive(Debug, Default)]
pub(crate) struct Causes(HashMap<String, usize>);

impl Causes {
    /// The causes of one recording; one that it has several times counts once.
    pub(crate) fn add(&mut self, causes: HashSet<String>) {
        for cause in causes {
            *self.0.entry(cause).or_default() += 1;
        }
    }

    /// The most frequent first.
    pub(crate) fn sorted(&self) -> Vec<(&str, usize)> {
        let mut causes: Vec<(&str, usize)> =
            self.0.iter().map(|(cause, count)| (cause.as_str(), *count)).collect();
        causes.sort_unstable_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then(a.cmp(b)));
        causes
    }

    /// As text, one a line.
    pub(crate) fn lines(&self) -> Vec<String> {
        let sorted = self.sorted();
        let width = sorted.first().map_or(0, |(_, count)| count.to_string().len());
        let told = sorted.iter().take(TOLD).map(|(cause, count)| format!("  {count:>width$} x {cause}"));
        let more = sorted.len().checked_sub(TOLD + 1).map(|more| format!("  and {} more causes", more + 1));
        told.chain(more).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Causes;

    #[test]
    fn a_recording_counts_once_for_each_cause_and_the_most_frequent_comes_first() {
        let mut causes = Causes::default();
        for recording in [vec!["b", "b"], vec!["c", "a"], vec!["c"]] {
            causes.add(recording.into_iter().map(str::to_owned).collect());
        }
        assert_eq!(causes.sorted(), [("c", 2), ("a", 1), ("b", 1)]);
        assert_eq!(causes.lines(), ["  2 x c", "  1 x a", "  1 x b"]);
    }
}
