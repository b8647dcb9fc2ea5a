//! What is kept beside a recording for lookup, as `metadata/<id>.json`.

use super::{Event, Header, Kind, LimitKind, Look, RecordingId, format};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The facts a lookup sees without opening the recording.
///
/// Kept as a file of one JSON object, and nothing else. Its last field is `"digest":"<32 hex digits>"`, in lower case
/// and without spaces: the [`digest`](format::digest) of every byte of the file before the comma in front of that
/// field. No other field has this name. A reader checks the digest first, and refuses what does not have it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Metadata {
    /// The recording's name.
    pub id: RecordingId,
    /// When the operation began, UTC.
    pub recorded_at: Timestamp,
    /// How long the operation took, in microseconds of wall time.
    pub duration_us: u64,
    /// The operation's full WIT name.
    pub operation: String,
    /// The component that ran, as `sha256:<hex>`.
    pub component: String,
    /// The version of the host that recorded.
    pub host: String,
    /// Why the operation did not return, where it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<String>,
    /// Whether the operation was ended by the host before it produced its outcome: a limit, or an interruption.
    #[serde(default)]
    pub incomplete: bool,
    /// The limit that ended the operation, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitKind>,
    /// The first thing that was not as recorded when the recording was replayed on its own component, where that was
    /// asked for and it did not reproduce. Without the values that differ: lookups see this, and may show it to anyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unverified: Option<String>,
    /// Whether the service was granted sockets: what came through them is not on the tape, and the recording not hermetic.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sockets: bool,
    /// Size of the `.tape` file in bytes.
    pub size: u64,
    /// How much is on the tape.
    pub counts: Counts,
    /// What the service, rules or plugins added.
    #[serde(flatten)]
    pub more: serde_json::Map<String, serde_json::Value>,
}

/// What the file ends in: the comma, the field and the brace.
const END: [u8; 45] = *b",\"digest\":\"00000000000000000000000000000000\"}";
/// Where in it the digits are.
const DIGITS: std::ops::Range<usize> = 11..43;
/// Metadata to which nothing was added takes less.
const FIRST_ALLOCATION: usize = 640;

/// Why a text is not the file of any [`Metadata`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidMetadata {
    /// Something changed it, or cut it off.
    #[error("it does not end in the digest of what is before it")]
    Damaged,
    /// It is as it was written, and not by a cassette.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// Two fields are named like the digest.
    #[error("it has a `digest` besides the last")]
    TwoDigests,
}

/// The fields that are not what somebody added.
const RESERVED: [&str; 14] = [
    "id",
    "recorded-at",
    "duration-us",
    "operation",
    "component",
    "host",
    "exception",
    "incomplete",
    "limit",
    "unverified",
    "sockets",
    "size",
    "counts",
    "digest",
];

impl Metadata {
    /// Metadata that agrees with `header`, of an operation that returned and took so long.
    pub fn new(header: &Header, recorded_at: Timestamp, duration: Duration) -> Self {
        Self {
            id: header.id.clone(),
            recorded_at,
            duration_us: u64::try_from(duration.as_micros()).unwrap_or(u64::MAX),
            operation: header.operation.name.to_string(),
            component: header.component.clone(),
            host: header.host.clone(),
            exception: None,
            incomplete: false,
            limit: None,
            unverified: None,
            sockets: header.sockets,
            size: 0,
            counts: Counts::default(),
            more: serde_json::Map::new(),
        }
    }

    /// Whether a field of this name says something that a cassette relies on, so that nobody else can say something under it.
    pub fn is_reserved(field: &str) -> bool {
        RESERVED.contains(&field)
    }

    /// The file that a cassette keeps.
    ///
    /// # Errors
    ///
    /// What was [added](Self::more) cannot be written as JSON.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut text = Vec::with_capacity(FIRST_ALLOCATION);
        serde_json::to_writer(&mut text, self)?;
        // Its brace comes after the digest.
        text.pop();
        let end = end(&text);
        text.extend_from_slice(&end);
        Ok(text)
    }

    /// The metadata in a file that a cassette keeps.
    ///
    /// # Errors
    ///
    /// The file is not as it was written, or not what [`to_json`](Self::to_json) writes.
    pub fn from_json(text: &[u8]) -> Result<Self, InvalidMetadata> {
        let (fields, found) = text.split_last_chunk().ok_or(InvalidMetadata::Damaged)?;
        if *found != end(fields) {
            return Err(InvalidMetadata::Damaged);
        }
        let metadata: Self = serde_json::from_slice(&[fields, b"}"].concat())?;
        match metadata.more.contains_key("digest") {
            true => Err(InvalidMetadata::TwoDigests),
            false => Ok(metadata),
        }
    }
}

/// The end of a file that begins with `fields`.
fn end(fields: &[u8]) -> [u8; END.len()] {
    let mut end = END;
    HEXLOWER.encode_mut(&format::digest(fields), &mut end[DIGITS]);
    end
}

/// How many events of each sort a recording has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Counts {
    /// Intercepted inputs.
    pub inputs: u64,
    /// Intercepted outputs.
    pub outputs: u64,
    /// Everything else: clock readings, standard streams.
    pub ambient: u64,
}

impl Counts {
    /// Counts `events`.
    pub fn of(events: &[Event]) -> Self {
        let mut counts = Self::default();
        for event in events {
            match event {
                Event::Interception(interception) if interception.kind == Kind::Input => counts.inputs += 1,
                Event::Interception(_) => counts.outputs += 1,
                // It says something of a call.
                Event::Ended(_) => {}
                Event::Seen(seen) if seen.look == Look::Kept => {}
                Event::Clock { readings, .. } => counts.ambient += readings.count(),
                _ => counts.ambient += 1,
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::value::Hex;

    fn metadata() -> Metadata {
        let fields = r#"{"id":"a/20260102/019b7a3c-5d1e-7abc-8def-0123456789ab","recorded-at":"2026-01-02T00:00:00Z",
            "duration-us":12,"operation":"a","component":"sha256:00","host":"0.1.0","size":1,"tier":"gold",
            "counts":{"inputs":1,"outputs":2,"ambient":3}}"#;
        serde_json::from_str(fields).unwrap()
    }

    /// A file that ends as it should, whatever is in it.
    fn closed(fields: &str) -> Vec<u8> {
        [fields.as_bytes(), &end(fields.as_bytes())].concat()
    }

    #[test]
    fn a_file_is_json_that_ends_in_its_digest_and_reads_back_as_it_was() {
        let text = metadata().to_json().unwrap();
        assert_eq!(Metadata::from_json(&text).unwrap(), metadata());
        let text = String::from_utf8(text).unwrap();
        let (fields, digest) = text.strip_suffix("\"}").unwrap().split_once(",\"digest\":\"").unwrap();
        let hex = Hex(&format::digest(fields.as_bytes())).to_string();
        assert_eq!(digest, hex);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&json["tier"], &json["digest"]), (&"gold".into(), &hex.into()));
    }

    #[test]
    fn every_field_of_the_hosts_own_is_reserved() {
        let mut metadata = metadata();
        metadata.exception = Some("why".into());
        metadata.limit = Some(LimitKind::Time);
        metadata.unverified = Some("where".into());
        metadata.sockets = true;
        metadata.more.clear();
        let text = String::from_utf8(metadata.to_json().unwrap()).unwrap();
        let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
        let mut names: Vec<&str> = fields.keys().map(String::as_str).collect();
        let mut reserved = RESERVED;
        names.sort_unstable();
        reserved.sort_unstable();
        assert_eq!(names, reserved);
    }

    #[test]
    fn a_file_with_any_bit_flipped_or_any_end_cut_off_is_damaged() {
        let text = metadata().to_json().unwrap();
        let refused = |text: &[u8]| matches!(Metadata::from_json(text), Err(InvalidMetadata::Damaged));
        for index in 0..text.len() {
            assert!(refused(&text[..index]), "cut at {index}");
            for bit in 0..8 {
                let mut flipped = text.clone();
                flipped[index] ^= 1 << bit;
                assert!(refused(&flipped), "bit {bit} of byte {index}");
            }
        }
        assert!(refused(&[&text[..], b"\n"].concat()), "something follows it");
    }

    #[test]
    fn a_file_that_is_as_it_was_written_and_no_metadata_says_why() {
        let problem = |fields: &str| Metadata::from_json(&closed(fields)).unwrap_err().to_string();
        assert!(problem("{\"id\":1").starts_with("invalid type: integer `1`"), "{}", problem("{\"id\":1"));
        let whole = serde_json::to_string(&metadata()).unwrap();
        let twice = whole.replacen('{', "{\"digest\":1,", 1);
        assert_eq!(problem(twice.strip_suffix('}').unwrap()), "it has a `digest` besides the last");
    }
}
