//! Why there is no recording of an operation.

/// Why there is no recording of an operation. The operation's own result stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Loss {
    /// More went over the boundary than a recording may hold.
    #[error("the recording was given up: it grew past {limit} bytes, the most that one may hold in memory")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The service gave it up.
    #[error("the service discarded the recording: {reason}")]
    Discarded {
        /// Why.
        reason: String,
    },
    /// What the service wanted to keep could not be kept.
    #[error("the recording was given up: `{function}`: {problem}")]
    Unkept {
        /// The intercepted function.
        function: String,
        /// Why.
        problem: String,
    },
    /// Its category is sampled, and this was none of the sample.
    #[error("the recording was not kept: the sample does not include it")]
    NotSampled,
    /// Its category is skipped.
    #[error("the recording was not kept: its category is skipped")]
    Skipped,
    /// The operation was run with its tape off.
    #[error("there is no recording: the operation was run without one")]
    Off,
    /// The operation was not being recorded.
    #[error("there is no recording: the operation was replayed, not recorded")]
    Mode,
}

impl Loss {
    /// Whether somebody wanted it so: nothing failed.
    pub fn is_wanted(&self) -> bool {
        matches!(self, Self::Discarded { .. } | Self::NotSampled | Self::Skipped | Self::Off)
    }
}
