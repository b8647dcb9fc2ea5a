//! What the host answers, and what a call of it takes.

/// Whether the running operation is recorded, replayed, or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nobody records or replays: intercepted functions run as if they were not.
    Off,
    /// What intercepted functions get is kept.
    Recording,
    /// What intercepted functions get is what was kept.
    Replaying,
}

/// What the host says of a call.
pub(crate) enum Answer {
    Live(u64),
    Default(u64),
    Recorded(u64, Vec<u8>, u64),
    Abandoned(u64),
}

/// The content of a file, as a value names it.
pub(crate) enum Kept {
    Content(String),
    TooLarge(u64),
    Absent,
}

/// The aliases of one call, where they are not those of its point.
pub struct Names {
    /// Its alias.
    pub alias: String,
    /// Older ones, in order.
    pub fallback_aliases: Vec<String>,
}
