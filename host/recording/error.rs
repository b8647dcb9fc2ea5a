//! Why a recording cannot be written or read.

use crate::value::cbor::ReadError;
use crate::{InvalidId, RecordingId, format};
use std::io;

/// Why a recording cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// It is larger than a reader may hold.
    #[error(
        "the recording is too large: it takes {size} bytes or more, and the limit is {allowed} (`{limit}`); \
         record less in one operation, or raise the limit"
    )]
    TooLarge {
        /// Which of [`Limits`](format::Limits).
        limit: &'static str,
        /// How much it takes at least, in bytes.
        size: usize,
        /// The limit, in bytes.
        allowed: usize,
    },
    /// It contradicts itself, so that no reader would take it.
    #[error("the recording cannot be written: {0}")]
    Inconsistent(String),
    /// zstd failed.
    #[error("the recording cannot be compressed")]
    Compression(#[from] io::Error),
}

/// Why bytes are no recording that this build can read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Something else altogether.
    #[error("not a recording: {reason}")]
    NotARecording {
        /// What gave it away.
        reason: String,
    },
    /// Written by a later version.
    #[error(
        "recording `{id}` uses format {found}, this build reads up to {supported}; upgrade playback-host"
    )]
    Newer {
        /// The recording, by the name it is kept under.
        id: RecordingId,
        /// The format it says it has.
        found: u64,
        /// The newest that this build reads.
        supported: u64,
    },
    /// It has something of a newer minor version of the format that cannot be skipped.
    #[error(
        "recording `{id}` uses format {}.{found} and has `{sort}`, which this build does not know (it reads up to {}.{}); \
         upgrade playback-host",
        format::VERSION,
        format::VERSION,
        format::MINOR
    )]
    NewerMinor {
        /// The recording, by the name it is kept under.
        id: RecordingId,
        /// The minor version it says it has.
        found: u64,
        /// The sort of the event.
        sort: String,
    },
    /// Not as it was written: a checksum is wrong, or something is missing.
    #[error("the recording is damaged: {reason}; restore it from a copy, or delete it")]
    Corrupt {
        /// What was found.
        reason: String,
    },
    /// Whole, but not what the format allows.
    #[error("the recording is invalid: at byte {offset} of its content, {reason}")]
    Invalid {
        /// Where in the decompressed content.
        offset: usize,
        /// What is wrong there.
        reason: String,
    },
    /// The id in it is none.
    #[error("the recording is invalid: at byte {offset} of its content, {error}")]
    InvalidId {
        /// Where in the decompressed content.
        offset: usize,
        /// What is wrong with the id.
        #[source]
        error: Box<InvalidId>,
    },
    /// Larger than this reader may hold.
    #[error(
        "the recording is too large: its {} {}, and the limit is {allowed} bytes",
        part(limit), taken(*size)
    )]
    TooLarge {
        /// Which of [`Limits`](format::Limits): `stored`, `content` or `decoded`.
        limit: &'static str,
        /// How much it takes, in bytes, where that is known.
        size: Option<u64>,
        /// The limit, in bytes.
        allowed: usize,
    },
}

pub(crate) fn invalid(offset: usize, reason: impl Into<String>) -> DecodeError {
    DecodeError::Invalid { offset, reason: reason.into() }
}

pub(crate) fn corrupt(reason: impl Into<String>) -> DecodeError {
    DecodeError::Corrupt { reason: reason.into() }
}

impl From<Box<ReadError>> for DecodeError {
    fn from(error: Box<ReadError>) -> Self {
        match *error {
            ReadError::Truncated { offset } => corrupt(format!("the item at byte {offset} is cut off")),
            ReadError::Invalid { offset, reason } => invalid(offset, reason),
            ReadError::TooLarge { budget, .. } => {
                Self::TooLarge { limit: "decoded", size: None, allowed: budget }
            }
        }
    }
}

/// A limit in words.
fn part(limit: &str) -> &'static str {
    match limit {
        "stored" => "file",
        "content" => "content",
        _ => "values",
    }
}

fn taken(size: Option<u64>) -> String {
    size.map_or_else(|| "take more memory than they may".to_owned(), |size| format!("takes {size} bytes"))
}
