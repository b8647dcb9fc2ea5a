//! Comparing a replay with its recording.

pub(crate) mod first_difference;
mod order;
pub(crate) mod playback;
