//! Why a replay could not go on: the call that the recording has no answer for, and what it has instead.

use playback_recording::Kind;
use playback_recording::value::diff::Difference as ValueDifference;
use playback_recording::value::{Name, Value, json};
use std::fmt;

/// A call that the recording cannot answer. It ends the replay.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Divergence {
    /// Input or output.
    pub kind: Kind,
    /// The function's full WIT name.
    pub function: Name,
    /// Under which names it was looked for: its alias, then each fallback alias.
    pub aliases: Vec<Name>,
    /// Which call of its key (an input) or alias (an output) it is, from 1.
    pub ordinal: usize,
    /// What it was called with.
    pub arguments: Vec<(Name, Value)>,
    /// Why there is no answer.
    pub reason: Reason,
    /// How many calls the recording has under these aliases.
    pub recorded: usize,
    /// Recorded calls of the same aliases, the most alike first, at most [`Nearest::SHOWN`].
    pub nearest: Vec<Nearest>,
}

/// Why a recording has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// No call with this key was recorded.
    NeverRecorded,
    /// Every recorded outcome was given out.
    UsedUp {
        /// How many there are.
        recorded: usize,
    },
    /// What was recorded is not a value of the type the component declares today.
    Unfit(String),
    /// It is to go live, and the replay was given no provider.
    NothingLive,
    /// It is about something in a granted folder that was never looked at.
    Unseen(Unseen),
    /// There is an answer, and the service waits for more of it than was recorded.
    CutOff(String),
    /// The service could not ask, or could not take the answer: a value that cannot be kept, a data handler that fails.
    Failed(String),
}

/// What of a file or a folder a recording does not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unseen {
    /// Whether anything is there.
    Entry,
    /// What is in the folder.
    Listing,
    /// What is in the file.
    Content,
    /// What is in the file, because it was too large to be kept, or the recording had no room left for it.
    TooLarge {
        /// How many bytes it has.
        size: u64,
    },
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry => f.write_str("nothing was ever looked for there"),
            Self::Listing => f.write_str("this folder was never listed"),
            Self::Content => f.write_str("this file was never read"),
            Self::TooLarge { size } => write!(
                f,
                "the content of this file was not kept, its {size} bytes were above the limit on recorded files \
                 (`--intercepted-file-size-limit`) or more than the recording had room for (`recording` in `[limits]`)"
            ),
        }
    }
}

impl Divergence {
    /// Returns the reason in words that are the same for all recordings.
    pub fn summary(&self) -> &'static str {
        match self.reason {
            Reason::NeverRecorded if self.recorded == 0 => "no call of it was ever recorded",
            Reason::NeverRecorded => "called with arguments that were never recorded",
            Reason::UsedUp { .. } => "called more often than recorded",
            Reason::Unfit(_) => "what was recorded does not fit its type",
            Reason::Unseen(Unseen::Entry) => "something that was never looked for",
            Reason::Unseen(Unseen::Listing) => "a folder that was never listed",
            Reason::Unseen(Unseen::Content) => "a file that was never read",
            Reason::Unseen(Unseen::TooLarge { .. }) => "a file whose content was not kept",
            Reason::NothingLive => "to be answered live, and no provider was given",
            Reason::CutOff(_) => "waited for more than was recorded",
            Reason::Failed(_) => "could not be asked for, or not be taken",
        }
    }
}

/// A recorded call of the same alias.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    /// Which interception of the recording it is, from 1.
    pub position: usize,
    /// The arguments that differ, from the recorded to the replayed.
    pub differences: Vec<ValueDifference>,
    /// Recorded arguments that the function does not have today, each with one that it did not have and that has the same value now:
    /// it is perhaps the same under another name.
    pub renamed: Vec<(Name, Name)>,
}

impl Nearest {
    /// How many are looked up.
    pub const SHOWN: usize = 3;
    /// How many differing fields of each are printed.
    const FIELDS: usize = 5;
}

impl std::error::Error for Divergence {}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Reason::Unseen(what), [(_, Value::Text(path))]) = (&self.reason, self.arguments.as_slice()) {
            return write!(
                f,
                "the recording does not show `{}`: {what} while it was recorded",
                path.escape_debug()
            );
        }
        let alias = self.aliases.first().unwrap_or(&self.function);
        write!(f, "the recording has no answer for {} call {} of ", self.kind, self.ordinal)?;
        // Arguments can be part of an alias, and say anything.
        write!(f, "`{}`: ", alias.escape_debug())?;
        match &self.reason {
            Reason::NeverRecorded if self.recorded == 0 => f.write_str("no call of it was ever recorded")?,
            Reason::NeverRecorded => f.write_str("these arguments were never recorded")?,
            Reason::UsedUp { recorded } => write!(f, "used up, {} recorded", calls_were(*recorded))?,
            Reason::Unfit(problem) => {
                write!(f, "what was recorded does not fit the type that is declared today, {problem}")?;
            }
            Reason::Unseen(what) => write!(f, "{what} while it was recorded")?,
            Reason::NothingLive => f.write_str("its rule says `live`, and no provider was given")?,
            Reason::CutOff(problem) | Reason::Failed(problem) => f.write_str(problem)?,
        }
        for (name, value) in &self.arguments {
            write!(f, "\n    {name} = {}", json::short(value))?;
        }
        if let [_, fallbacks @ ..] = self.aliases.as_slice()
            && !fallbacks.is_empty()
        {
            let fallbacks: Vec<String> =
                fallbacks.iter().map(|alias| format!("`{}`", alias.escape_debug())).collect();
            write!(f, "\n  also looked under {}", fallbacks.join(", "))?;
        }
        for nearest in &self.nearest {
            write!(f, "\n  recorded call #{} differs", nearest.position)?;
            for difference in nearest.differences.iter().take(Nearest::FIELDS) {
                write!(f, "\n    {difference}")?;
            }
            let more = nearest.differences.len().saturating_sub(Nearest::FIELDS);
            if more > 0 {
                write!(f, "\n    and {more} more")?;
            }
        }
        if let Some(Nearest { renamed, .. }) = self.nearest.iter().find(|nearest| !nearest.renamed.is_empty())
        {
            let pairs: Vec<String> = renamed.iter().map(|(old, new)| format!("{old} = \"{new}\"")).collect();
            write!(
                f,
                "\n  arguments with other names have the recorded values; if they are the same, a rule for the function says so: \
                 `renamed = {{ {} }}`",
                pairs.join(", ")
            )?;
        }
        Ok(())
    }
}

fn calls_were(count: usize) -> String {
    if count == 1 { "1 call was".to_owned() } else { format!("{count} calls were") }
}
