//! Causes counted over many recordings. One slip in the code shows in hundreds of recordings at the same place, and a reviewer wants to
//! see it once.

use crate::cause::Cause;
use crate::change::Change;
use playback_recording::RecordingId;
use std::collections::{HashMap, HashSet};

/// Causes counted over many recordings.
#[derive(Debug, Clone, Default)]
pub struct Causes(HashMap<Cause, Counted>);

/// How often a cause was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counted {
    /// The number of recordings that have it.
    pub recordings: u64,
    /// The recording with the smallest id among them: the same one in any order of counting.
    pub example: RecordingId,
}

impl Causes {
    /// Counts the causes of one recording's changes. A cause that has several changes counts once.
    pub fn add<'c>(&mut self, id: &RecordingId, changes: impl IntoIterator<Item = &'c Change>) {
        let causes: HashSet<&Cause> = changes.into_iter().map(|change| &change.cause).collect();
        for cause in causes {
            self.add_counted(cause.clone(), Counted { recordings: 1, example: id.clone() });
        }
    }

    /// Adds what was counted elsewhere.
    pub fn add_counted(&mut self, cause: Cause, more: Counted) {
        match self.0.get_mut(&cause) {
            None => drop(self.0.insert(cause, more)),
            Some(counted) => {
                counted.recordings += more.recordings;
                if more.example < counted.example {
                    counted.example = more.example;
                }
            }
        }
    }

    /// Returns the number of causes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns true if there is no cause.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the causes, the most frequent first; equally frequent ones in the order of their text.
    pub fn sorted(&self) -> Vec<(&Cause, &Counted)> {
        let mut causes: Vec<_> = self.0.iter().collect();
        causes.sort_by(|(a, a_counted), (b, b_counted)| {
            b_counted.recordings.cmp(&a_counted.recordings).then_with(|| a.cmp(b))
        });
        causes
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::kind::ChangeKind;

    fn id(last: u8) -> RecordingId {
        format!("orders/20260102/019b7a3c-5d1e-7abc-8def-0123456789{last:02x}").parse().unwrap()
    }

    fn change(path: &str) -> Change {
        Change::of_text(Cause::new("outcome", path, ChangeKind::Changed), None, "")
    }

    #[test]
    fn a_recording_counts_once_for_each_cause_and_the_most_frequent_comes_first() {
        let mut causes = Causes::default();
        causes.add(&id(2), &[change("/b"), change("/b")]);
        causes.add(&id(3), &[change("/c"), change("/a")]);
        causes.add(&id(1), &[change("/c")]);
        let sorted = causes.sorted();
        let told: Vec<_> =
            sorted.iter().map(|(cause, counted)| (cause.path.as_str(), counted.recordings)).collect();
        assert_eq!(told, [("/c", 2), ("/a", 1), ("/b", 1)]);
        assert_eq!(sorted[0].1.example, id(1), "the smallest id, whichever came first");
    }
}
