//! Where a replay leaves its recording first: what to look at before anything else, in a line.

use super::playback::{Ending, OutputComparison, Playback};
use crate::files::changes::FileComparison;
use crate::matching::divergence::Divergence;
use crate::streams::lines::{LineDifference, StreamComparison};
use playback_recording::Stream;
use playback_recording::value::diff::Difference;
use std::fmt;

/// The first thing that is not as recorded, in the order of the recording. Recorded calls are numbered from 1, as
/// [`Playback::position`] does.
#[derive(Debug, Clone, PartialEq)]
pub enum FirstDifference<'p> {
    /// An output was made with other arguments.
    Arguments {
        /// The recorded call.
        number: usize,
        /// The output.
        output: &'p OutputComparison,
        /// The first of its differences.
        difference: &'p Difference,
    },
    /// A recorded output was not made.
    NotMade {
        /// The recorded call.
        number: usize,
        /// The output.
        output: &'p OutputComparison,
    },
    /// An output was made that was not recorded.
    New {
        /// The last recorded call that was made before it; 0: none.
        after: usize,
        /// The output.
        output: &'p OutputComparison,
    },
    /// Something else was written to a standard stream that is compared.
    Written {
        /// The last recorded call before it; 0: none.
        after: usize,
        /// The stream.
        stream: Stream,
        /// Where it differs.
        difference: &'p LineDifference,
    },
    /// The recording could not answer a call.
    Diverged {
        /// The last recorded call that was made before it; 0: none.
        after: usize,
        /// What was asked.
        divergence: &'p Divergence,
    },
    /// The operation ended otherwise.
    Outcome(&'p Difference),
    /// Something else was left in a granted folder.
    File(&'p FileComparison),
}

impl Playback {
    /// The first thing that is not as recorded. `None`: the playback [is equal](Self::is_equal).
    pub fn first_difference(&self) -> Option<FirstDifference<'_>> {
        let unequal = |output: &&OutputComparison| !output.is_equal();
        let made = self.outputs.iter().filter(unequal).find(|output| output.crossing.is_some());
        let not_made =
            |output: &&OutputComparison| output.crossing.is_none() && self.was_reached(output.event);
        let not_made = self.outputs.iter().find(not_made);
        let written = self.streams.iter().filter_map(|stream| self.of_stream(stream));
        let found =
            made.into_iter().chain(not_made).map(|output| (self.place(output), self.of_output(output)));
        let first = found.chain(written).min_by_key(|(place, _)| *place);
        first.map(|(_, difference)| difference).or_else(|| self.of_ending())
    }

    fn of_output<'p>(&'p self, output: &'p OutputComparison) -> FirstDifference<'p> {
        match (output.event, output.differences.first()) {
            (None, _) => FirstDifference::New { after: self.number(self.place(output)), output },
            (event, Some(difference)) => {
                FirstDifference::Arguments { number: self.number(event), output, difference }
            }
            (event, None) => FirstDifference::NotMade { number: self.number(event), output },
        }
    }

    fn of_stream<'p>(
        &'p self,
        comparison: &'p StreamComparison,
    ) -> Option<(Option<usize>, FirstDifference<'p>)> {
        let difference = comparison.difference.as_ref()?;
        let place = Some(difference.event);
        // The next call would have the number after it.
        let after = self.position(difference.event) - 1;
        let written = FirstDifference::Written { after, stream: comparison.stream, difference };
        self.was_reached(place).then_some((place, written))
    }

    fn of_ending(&self) -> Option<FirstDifference<'_>> {
        match &self.ending {
            Ending::Diverged(divergence) => {
                let after = self.number(self.last_event(self.crossings.len()));
                Some(FirstDifference::Diverged { after, divergence })
            }
            Ending::Finished(_) => {
                let file = self.files.iter().find(|file| !file.is_equal());
                self.result.first().map(FirstDifference::Outcome).or(file.map(FirstDifference::File))
            }
        }
    }

    /// Where an output stands in the recording: at its event, or after the last that was met before it.
    fn place(&self, output: &OutputComparison) -> Option<usize> {
        output.event.or_else(|| self.last_event(output.crossing.unwrap_or_default()))
    }

    /// Returns true if a recorded event comes before the point where the replay was cut short, if it was. One that comes after that
    /// was not met because the replay did not get there.
    pub fn was_reached(&self, event: Option<usize>) -> bool {
        !self.is_cut_short() || event < self.last_event(self.crossings.len())
    }

    /// Returns true if the replay ended before the operation did as recorded: by a divergence, a limit or a trap.
    pub fn is_cut_short(&self) -> bool {
        match &self.ending {
            Ending::Diverged(_) => true,
            Ending::Finished(outcome) => !self.result.is_empty() && outcome.exception().is_some(),
        }
    }

    /// The last event that answered one of the first so many calls.
    fn last_event(&self, calls: usize) -> Option<usize> {
        self.crossings.iter().take(calls).filter_map(|crossing| crossing.event).max()
    }

    fn number(&self, event: Option<usize>) -> usize {
        event.map_or(0, |event| self.position(event))
    }
}

/// In a line. With `{:#}` without the values that differ, which may be anything that a service knows.
impl fmt::Display for FirstDifference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arguments { number, output, difference } => {
                write!(f, "recorded call #{number}, {}, has other arguments: ", Name(output))?;
                put(difference, f)
            }
            Self::NotMade { number, output } => {
                write!(f, "recorded call #{number}, {}, was not made", Name(output))
            }
            Self::New { after, output } => {
                write!(f, "{}{}, was not recorded", After(*after), Name(output))
            }
            Self::Written { after, stream, difference } => {
                write!(f, "{}{stream} {difference}", After(*after))
            }
            Self::Diverged { after, divergence } => {
                // What follows its first line are the arguments and what comes near.
                let text = divergence.to_string();
                write!(f, "{}{}", After(*after), text.lines().next().unwrap_or_default())
            }
            Self::Outcome(difference) => {
                f.write_str("the outcome: ")?;
                put(difference, f)
            }
            Self::File(file) => write!(f, "`{}` was left otherwise", file.path.escape_debug()),
        }
    }
}

fn put(difference: &Difference, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match (f.alternate(), difference.path.as_str()) {
        (false, _) => write!(f, "{difference}"),
        (true, "") => f.write_str("it differs as a whole"),
        (true, path) => write!(f, "it differs at `{}`", path.escape_debug()),
    }
}

/// The output as it is named in a line. Arguments can be part of an alias, and say anything.
struct Name<'p>(&'p OutputComparison);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "output `{}` call {}", self.0.alias.escape_debug(), self.0.ordinal)
    }
}

struct After(usize);

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            number => write!(f, "after recorded call #{number}: "),
        }
    }
}
