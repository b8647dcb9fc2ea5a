//! Comparing a replay with its recording.

pub(crate) mod cost;
pub(crate) mod first_difference;
pub(crate) mod order;
pub(crate) mod playback;
