//! The sorts of changes.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};

/// What sort of change it is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum ChangeKind {
    /// Another value.
    Changed,
    /// A value where there was none.
    Added,
    /// No value where there was one.
    Removed,
    /// An output, a file or a line that was not recorded.
    New,
    /// A recorded output, file or line that the replay did not make.
    NotMade,
    /// The same, at another place in the order.
    Moved,
    /// A part of a recorded value that the type of today does not have.
    NotInType,
    /// The recording has no answer for a call.
    Diverged,
    /// The replay reached a limit.
    Stopped,
    /// Under strict rules: a recorded input that the replay did not ask for.
    NotAsked,
    /// Under strict rules: an input that was asked for more often than recorded.
    Repeated,
    /// Under strict rules: an answer that is not the recorded one of the call.
    Lenient,
    /// The judgement of a comparator plugin.
    Judged,
}
