//! A part of all recordings, for one of several machines: each recording is in exactly one part, whichever machine asks.

use playback_recording::RecordingId;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use twox_hash::XxHash3_128;

/// One of so many parts: `2/4` is the second of four.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// From 1 to `of`.
    number: u32,
    of: NonZeroU32,
}

/// The text is not a shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a shard; write its number and how many there are, such as `1/4`")]
pub struct InvalidShard(String);

impl Shard {
    /// Returns true if the recording is in this part. Depends on the id and the number of parts alone.
    pub fn has(&self, id: &RecordingId) -> bool {
        XxHash3_128::oneshot(id.as_str().as_bytes()) % u128::from(self.of.get())
            == u128::from(self.number - 1)
    }

    /// The number of parts.
    pub fn count(&self) -> u32 {
        self.of.get()
    }

    /// Which of them it is, from 1.
    pub fn number(&self) -> u32 {
        self.number
    }
}

impl FromStr for Shard {
    type Err = InvalidShard;

    fn from_str(text: &str) -> Result<Self, InvalidShard> {
        let parsed = text.split_once('/').and_then(|(number, of)| {
            let (number, of) = (number.parse::<NonZeroU32>().ok()?, of.parse::<NonZeroU32>().ok()?);
            (number <= of).then_some(Self { number: number.get(), of })
        });
        parsed.ok_or_else(|| InvalidShard(text.to_owned()))
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl Serialize for Shard {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Shard {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;

    #[test]
    fn every_recording_is_in_exactly_one_shard() {
        let shards: Vec<Shard> = (1..=4).map(|number| format!("{number}/4").parse().unwrap()).collect();
        let mut sizes = [0; 4];
        for number in 0..1_000 {
            let id: RecordingId =
                format!("orders/20260102/019b7a3c-5d1e-7abc-8def-0123456{number:05x}").parse().unwrap();
            let of: Vec<usize> = (0..4).filter(|at| shards[*at].has(&id)).collect();
            assert_eq!(of.len(), 1, "{id}");
            sizes[of[0]] += 1;
        }
        assert!(sizes.iter().all(|size| *size > 150), "{sizes:?}");
    }

    #[test]
    fn a_text_that_is_no_shard_is_refused() {
        for text in ["", "1", "0/4", "5/4", "1/0", "a/b", "1/4/2", "-1/4"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
