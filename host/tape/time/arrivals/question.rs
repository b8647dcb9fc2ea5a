//! What a service of a replay asks for, and what the recording says of it.

use super::Awaited;
use super::sources::Known;

/// Something that the service asks for, at the present moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) awaited: &'a Awaited,
    /// The source's number.
    pub(super) source: Option<usize>,
    pub(super) standing: Standing,
}

/// What a source is at the present moment.
#[derive(Debug, Clone, Copy)]
pub(super) enum Standing {
    /// Ready, as recorded.
    Arrived(Known),
    /// Not ready before this moment.
    Later(Known),
    /// The recording says nothing of it.
    Unknown,
}

impl Question<'_> {
    pub(super) fn is_ready(&self, now: u64) -> bool {
        match (self.standing, self.awaited.due) {
            (Standing::Later(_), _) => false,
            (Standing::Arrived(_), Some(_)) => true,
            (Standing::Unknown, Some(due)) => due <= now,
            (_, None) => self.awaited.is_there,
        }
    }

    /// Returns true if it is a timer that is due by rule.
    pub(super) fn is_new_timer(&self) -> bool {
        self.awaited.due.is_some() && matches!(self.standing, Standing::Unknown)
    }
}
