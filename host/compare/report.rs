//! What a run of comparisons reports: one line for the run, one for each recording, one for the summary. The same types are
//! written as JSON and read back, to merge the reports of several machines.

use crate::cause::{Cause, CauseId};
use crate::cost::CostChange;
use crate::judge::{Judgement, Note};
use crate::shard::Shard;
use jiff::Timestamp;
use playback_recording::{Category, RecordingId};
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod costs;
mod html;
mod json;
mod junit;
mod markdown;
mod merge;
mod ndjson;
mod read;
#[cfg(test)]
pub(crate) mod samples;
mod summary;
mod timeline;
mod visible;
mod writer;

pub use html::HtmlWriter;
pub use json::JsonWriter;
pub use junit::JunitWriter;
pub use markdown::MarkdownWriter;
pub use merge::{MergeError, Mismatch, merge};
pub use ndjson::NdjsonWriter;
pub use read::{ReadError, ReadErrorReason, Reader};
pub use summary::{CategoryCost, CategorySummary, CauseSummary, RuleSummary, RunVerdict, Summary, Tally};
pub use timeline::{Crossed, timeline};
pub use writer::Writer;

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Line {
    /// What was compared. The first line.
    Run(Run),
    /// One recording.
    Comparison(Box<Comparison>),
    /// The whole run. The last line.
    Summary(Summary),
}

/// What a run compares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Run {
    /// The version of the host.
    pub host: String,
    /// The build that is judged, by its name and digest. Several categories can have several.
    pub services: Vec<Build>,
    /// The builds that it is compared with. Empty: it is compared with the recordings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub baselines: Vec<Build>,
    /// Where the recordings are kept.
    pub cassette: String,
    /// The categories. Empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Category>,
    /// Which part of the recordings, if not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// When the run began.
    pub started_at: Timestamp,
}

/// A build of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Build {
    /// Its name, as messages call it.
    pub name: String,
    /// Its digest, `sha256:<hex>`.
    pub digest: String,
}

/// The comparison of one recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Comparison {
    /// The recording.
    pub id: RecordingId,
    /// The full WIT name of the operation. Empty if the recording cannot be read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub operation: String,
    /// What the judge found.
    #[serde(flatten)]
    pub judgement: Judgement,
    /// Whether the baseline already differs from the recording. That is no regression.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stale: bool,
    /// How long the operation took when it was recorded and on replay, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_us: Option<[u64; 2]>,
    /// What the operation costs, if it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<CostChange>,
    /// What crossed the boundary on replay, in order. Only where the verdict is not `equal`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timeline: Vec<Crossed>,
}

impl Run {
    /// A run over recordings of these categories of a cassette. Empty: of all.
    pub fn new(cassette: &str, categories: &[Category], shard: Option<Shard>, started_at: Timestamp) -> Self {
        Self {
            host: env!("CARGO_PKG_VERSION").to_owned(),
            services: Vec::new(),
            baselines: Vec::new(),
            cassette: cassette.to_owned(),
            categories: categories.to_vec(),
            shard,
            started_at,
        }
    }
}

impl Comparison {
    /// A recording that could not be compared, for this reason.
    pub fn failure(id: RecordingId, message: impl Into<String>) -> Self {
        Self {
            id,
            operation: String::new(),
            judgement: Judgement::failure(message.into()),
            stale: false,
            duration_us: None,
            cost: None,
            timeline: Vec::new(),
        }
    }

    /// The first part of the recording's id.
    pub fn category(&self) -> &str {
        self.id.category()
    }

    /// Returns true if this recording fails the run: what changed is neither accepted nor known.
    pub fn is_bad(&self) -> bool {
        self.judgement.verdict.is_bad() && !self.is_accepted()
    }

    /// Returns true if something changed, and all of it is accepted.
    pub fn is_accepted(&self) -> bool {
        let changes = &self.judgement.changes;
        !changes.is_empty() && changes.iter().all(|change| change.accepted.is_some())
    }
}
