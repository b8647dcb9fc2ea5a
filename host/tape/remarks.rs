//! What a service says about its own recording: metadata, values to keep, whether to keep it at all.

mod port;
mod record;
mod replay;

pub use port::{Mode, RemarkPort};

use crate::loss::Loss;
use playback_recording::Metadata;
use serde_json::{Map, Value as Json};

/// How many bytes of JSON a service may add to the metadata: lookups read them all.
const MOST: usize = 64 << 10;

/// The remarks of one operation.
#[derive(Debug, Default)]
pub(crate) struct Remarks {
    pub(crate) metadata: Map<String, Json>,
    size: usize,
    /// Why there is to be no recording, for the first reason that was given.
    pub(crate) discarded: Option<Loss>,
    /// Whether sampling is to keep it.
    pub(crate) is_forced: bool,
}

/// Why something cannot be added to the metadata.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// The host says something else under this name.
    #[error("`{0}` is a name of the host's own; choose another")]
    Reserved(String),
    /// It is not JSON.
    #[error("the value of `{0}` is not JSON")]
    NoJson(String),
    /// It is too much.
    #[error("metadata may have {MOST} bytes, and with `{0}` they have more; keep what is large with `put`")]
    TooLarge(String),
}

impl Remarks {
    pub(crate) fn add(&mut self, key: &str, json: &str) -> Result<(), MetadataError> {
        if Metadata::is_reserved(key) {
            return Err(MetadataError::Reserved(key.to_owned()));
        }
        let size = self.size.saturating_add(key.len()).saturating_add(json.len());
        if size > MOST {
            return Err(MetadataError::TooLarge(key.to_owned()));
        }
        let value = serde_json::from_str(json).map_err(|_| MetadataError::NoJson(key.to_owned()))?;
        self.size = size;
        self.metadata.insert(key.to_owned(), value);
        Ok(())
    }
}
