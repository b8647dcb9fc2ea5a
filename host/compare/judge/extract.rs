//! Comparing one value alone, where the settings name one.

use super::calls::{self, OfAlias};
use super::outcome::{self, OUTCOME};
use super::{Comparison, Ending, Found, Reference};
use crate::rules::Extract;
use playback_recording::value::Value;

impl Comparison<'_, '_> {
    /// Compares the value that `extract` names.
    ///
    /// # Errors
    ///
    /// Neither side has the value.
    pub(super) fn compare_extract(&mut self, extract: &Extract) -> Result<(), String> {
        self.compared += 1;
        let (what, call, path, recorded, replayed) = match extract {
            Extract::Outcome(path) => {
                let (recorded, replayed) = self.outcomes();
                (OUTCOME.to_owned(), None, path, recorded, replayed)
            }
            Extract::Output { alias, ordinal, path } => {
                let (recorded, replayed) = self.arguments(alias, *ordinal);
                (alias.clone(), Some(*ordinal), path, recorded, replayed)
            }
        };
        let [old, new] =
            [&recorded, &replayed].map(|value| value.as_ref().and_then(|value| part(value, path)));
        if old.is_none() && new.is_none() {
            return Err(format!(
                "`result` is `{extract}`, and neither the recording nor the replay has that value"
            ));
        }
        // A side that does not have the value has nothing there.
        let [old, new] = [old, new].map(|value| value.cloned().unwrap_or(Value::Null));
        let mut found = Found::default();
        self.scope(&[&what]).below(path).compare(&old, &new, &mut found);
        for difference in &mut found.differences {
            difference.path.insert_str(0, path);
        }
        self.keep(&what, call, found);
        if let Ending::Diverged(_) = self.candidate.ending {
            self.compare_ends();
        }
        Ok(())
    }

    fn outcomes(&self) -> (Option<Value>, Option<Value>) {
        let of = |ending: &Ending| match ending {
            Ending::Finished(outcome) => Some(outcome::value(outcome)),
            Ending::Diverged(_) => None,
        };
        let recorded = match self.reference {
            Reference::Recording => self.candidate.recording.outcome.as_ref().map(outcome::value),
            Reference::Baseline(baseline) => of(&baseline.ending),
        };
        (recorded, of(&self.candidate.ending))
    }

    fn arguments(&self, alias: &str, ordinal: usize) -> (Option<Value>, Option<Value>) {
        let all = calls::by_alias(self.reference, self.candidate);
        let is_wanted = |of_alias: &&OfAlias| {
            let any = of_alias.recorded.first().or(of_alias.replayed.first());
            any.is_some_and(|sent| *sent.alias == *alias || *sent.function == *alias)
        };
        let Some(of_alias) = all.iter().find(is_wanted) else { return (None, None) };
        let at = ordinal.saturating_sub(1);
        let replayed = of_alias.replayed.get(at);
        let counterpart = replayed.and_then(|sent| self.candidate.crossings.get(sent.position));
        let recorded = of_alias.recorded.get(at);
        let recorded =
            recorded.map(|sent| calls::recorded(self.reference, self.candidate, sent, counterpart).values);
        (recorded, replayed.map(|sent| calls::replayed(self.candidate, sent)))
    }
}

/// The part of a value at a JSON pointer. In the arguments of a call, a number is the position of one.
pub(super) fn part<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    if let (Value::Map(fields), Some((position, rest))) = (value, split(path))
        && let Ok(position) = position.parse::<usize>()
    {
        return fields.get(position).and_then(|(_, value)| value.at(rest));
    }
    value.at(path)
}

/// Splits the first part off a JSON pointer.
fn split(path: &str) -> Option<(&str, &str)> {
    let path = path.strip_prefix('/')?;
    let end = path.find('/').unwrap_or(path.len());
    Some(path.split_at(end))
}
