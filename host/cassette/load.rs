//! Reading one recording. Everything read is untrusted, and whatever fails names the recording.

use super::agreement::contradiction;
use super::blocking;
use super::contents::{self, ContentError};
use super::key::Half;
use super::leftovers::is_leftover;
use super::{LARGEST_METADATA, Store, StoreError};
use playback_recording::{
    Counts, DecodeError, InvalidMetadata, Metadata, Recording, RecordingId, content_size, decode, format,
};
use tracing::debug;

/// Why a recording cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// There is nothing of it.
    #[error("there is no recording `{id}` in `{location}`; `playback-host list` shows what is there")]
    NotFound {
        /// The recording.
        id: RecordingId,
        /// The cassette.
        location: String,
    },
    /// Its tape is there and its metadata is not, or not yet.
    #[error(
        "recording `{id}` in `{location}` has a tape and no metadata: it is being saved at this moment, or saving it \
         was interrupted; after a day `playback-host prune` removes it"
    )]
    Uncommitted {
        /// The recording.
        id: RecordingId,
        /// The cassette.
        location: String,
    },
    /// Its tape is there and its metadata is not, for longer than [saving](super::LEFTOVER_AFTER) takes.
    #[error(
        "recording `{id}` in `{location}` has a tape and no metadata: saving or copying it was interrupted; \
         `playback-host prune` removes it, or copy its metadata there too"
    )]
    Leftover {
        /// The recording.
        id: RecordingId,
        /// The cassette.
        location: String,
    },
    /// Its metadata is there and its tape is not.
    #[error(
        "recording `{id}` in `{location}` has metadata and no tape; copy its tape there too, or remove it"
    )]
    TapeMissing {
        /// The recording.
        id: RecordingId,
        /// The cassette.
        location: String,
    },
    /// Its metadata is not what a cassette writes, or says something else than its tape.
    #[error("the metadata of recording `{id}` is corrupt: {problem}; copy it again, or remove the recording")]
    CorruptMetadata {
        /// The recording.
        id: RecordingId,
        /// What is wrong with it.
        #[source]
        problem: MetadataProblem,
    },
    /// Its tape is damaged, crafted, that of another recording, or more than the limits allow.
    #[error("recording `{id}` cannot be read: {error}")]
    Corrupt {
        /// The recording.
        id: RecordingId,
        /// What is wrong with the tape.
        #[source]
        error: DecodeError,
    },
    /// A later build wrote it; the error says all of it.
    #[error(transparent)]
    Newer(DecodeError),
    /// The content of a file that it names is not there as it was.
    #[error("recording `{id}` cannot be read: {error}")]
    Content {
        /// The recording.
        id: RecordingId,
        /// What is wrong with the content.
        #[source]
        error: ContentError,
    },
    /// The store failed, or refused what is there.
    #[error("recording `{id}` cannot be read: {error}")]
    Store {
        /// The recording.
        id: RecordingId,
        /// What the store says.
        #[source]
        error: StoreError,
    },
}

/// What is wrong with the metadata of a recording.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataProblem {
    /// It is not what a cassette writes.
    #[error(transparent)]
    Invalid(#[from] InvalidMetadata),
    /// It belongs to another recording.
    #[error("it is that of `{0}`")]
    OfAnother(RecordingId),
    /// It says something else than its tape.
    #[error("{0}")]
    Contradiction(String),
}

pub(super) async fn recording(
    store: &dyn Store,
    id: &RecordingId,
    limits: &format::Limits,
) -> Result<Recording, LoadError> {
    let metadata = metadata(store, id).await?;
    let tape = match store.get(&Half::Tape.key(id), limits.stored as u64).await {
        Err(StoreError::NotFound { location, .. }) => {
            return Err(LoadError::TapeMissing { id: id.clone(), location });
        }
        tape => tape.map_err(|error| LoadError::Store { id: id.clone(), error })?,
    };
    let (size, content, limits) = (tape.len() as u64, content_size(&tape).unwrap_or(0), *limits);
    let recording = blocking::run_sized(content, move || decode(&tape, metadata, &limits)).await;
    let mut recording = recording.map_err(|error| match error {
        DecodeError::Newer { .. } | DecodeError::NewerMinor { .. } => LoadError::Newer(error),
        error => LoadError::Corrupt { id: id.clone(), error },
    })?;
    let counts = Counts::of(&recording.events);
    match contradiction(&recording, &recording.metadata, size, counts) {
        None => match contents::load(store, &recording, limits.contents).await {
            Ok(contents) => {
                debug!(bytes = size, "loaded the recording");
                recording.contents = contents;
                Ok(recording)
            }
            Err(error) => Err(LoadError::Content { id: id.clone(), error }),
        },
        Some(contradiction) => Err(LoadError::CorruptMetadata {
            id: id.clone(),
            problem: MetadataProblem::Contradiction(contradiction),
        }),
    }
}

pub(super) async fn metadata(store: &dyn Store, id: &RecordingId) -> Result<Metadata, LoadError> {
    let corrupt = |problem| LoadError::CorruptMetadata { id: id.clone(), problem };
    let text = match store.get(&Half::Metadata.key(id), LARGEST_METADATA).await {
        Err(StoreError::NotFound { .. }) => return Err(absent(store, id).await),
        text => text.map_err(|error| LoadError::Store { id: id.clone(), error })?,
    };
    let metadata = Metadata::from_json(&text).map_err(|error| corrupt(error.into()))?;
    if metadata.id != *id {
        return Err(corrupt(MetadataProblem::OfAnother(metadata.id)));
    }
    Ok(metadata)
}

/// What to say of a recording that has no metadata.
async fn absent(store: &dyn Store, id: &RecordingId) -> LoadError {
    let (id, location) = (id.clone(), store.location().to_owned());
    match store.size(&Half::Tape.key(&id)).await {
        Ok(_) if is_leftover(&id) => LoadError::Leftover { id, location },
        Ok(_) => LoadError::Uncommitted { id, location },
        Err(StoreError::NotFound { .. }) => LoadError::NotFound { id, location },
        Err(error) => LoadError::Store { id, error },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::Cassette;
    use crate::samples::{recording, recording_at, saved};

    async fn stored(cassette: &Cassette, half: Half, id: &RecordingId) -> Vec<u8> {
        cassette.store.get(&half.key(id), u64::MAX).await.unwrap().to_vec()
    }

    /// Puts other content in the place of what is there.
    async fn replace(cassette: &Cassette, half: Half, id: &RecordingId, content: Vec<u8>) {
        cassette.store.delete(&half.key(id)).await.unwrap();
        cassette.store.put(&half.key(id), content.into()).await.unwrap();
    }

    async fn refusal(cassette: &Cassette, id: &RecordingId) -> LoadError {
        let error = cassette.load(id).await.unwrap_err();
        assert!(error.to_string().contains(id.as_str()), "no id in: {error}");
        error
    }

    #[tokio::test]
    async fn what_was_never_saved_is_not_found() {
        let cassette = Cassette::memory();
        let id = recording().header.id;
        assert!(matches!(refusal(&cassette, &id).await, LoadError::NotFound { .. }));
        assert!(matches!(cassette.metadata(&id).await, Err(LoadError::NotFound { .. })));
    }

    #[tokio::test]
    async fn a_save_that_was_killed_half_way_is_told_from_a_tape_that_got_lost() {
        let cassette = Cassette::memory();
        let ids = saved(&cassette, "a", &[0, 1]).await;
        cassette.store.delete(&Half::Metadata.key(&ids[0])).await.unwrap();
        cassette.store.delete(&Half::Tape.key(&ids[1])).await.unwrap();
        assert!(matches!(refusal(&cassette, &ids[0]).await, LoadError::Leftover { .. }));
        assert!(matches!(refusal(&cassette, &ids[1]).await, LoadError::TapeMissing { .. }));
        for id in &ids {
            cassette.remove(id).await.unwrap();
            assert!(matches!(refusal(&cassette, id).await, LoadError::NotFound { .. }));
        }
    }

    #[tokio::test]
    async fn a_tape_with_a_bit_flipped_or_an_end_cut_off_is_never_another_recording() {
        let cassette = Cassette::memory();
        let id = saved(&cassette, "a", &[0]).await.remove(0);
        let whole = cassette.load(&id).await.unwrap();
        let tape = stored(&cassette, Half::Tape, &id).await;
        let mut harmless = 0;
        for index in 0..tape.len() {
            replace(&cassette, Half::Tape, &id, tape[..index].to_vec()).await;
            assert!(matches!(refusal(&cassette, &id).await, LoadError::Corrupt { .. }), "cut at {index}");
            for bit in 0..8 {
                let mut flipped = tape.clone();
                flipped[index] ^= 1 << bit;
                replace(&cassette, Half::Tape, &id, flipped).await;
                match cassette.load(&id).await {
                    Err(error) => assert!(matches!(error, LoadError::Corrupt { .. }), "{index}: {error:?}"),
                    Ok(loaded) => {
                        assert_eq!(loaded, whole, "bit {bit} of byte {index}");
                        harmless += 1;
                    }
                }
            }
        }
        // A few bits of a zstd frame mean nothing: the content is the same, as its digest says.
        assert!(harmless < tape.len() / 10, "{harmless} bits can be flipped");
    }

    #[tokio::test]
    async fn metadata_with_a_bit_flipped_or_an_end_cut_off_is_corrupt_whoever_reads_it() {
        let cassette = Cassette::memory();
        let id = saved(&cassette, "a", &[0]).await.remove(0);
        let text = stored(&cassette, Half::Metadata, &id).await;
        for index in 0..text.len() {
            let flips = (0..8).map(|bit| {
                let mut flipped = text.clone();
                flipped[index] ^= 1 << bit;
                flipped
            });
            for changed in flips.chain([text[..index].to_vec()]) {
                replace(&cassette, Half::Metadata, &id, changed).await;
                let read = [
                    cassette.load(&id).await.map(drop),
                    cassette.metadata(&id).await.map(drop),
                    cassette.verify(&id).await,
                ];
                for result in read {
                    assert!(matches!(result, Err(LoadError::CorruptMetadata { .. })), "{index}: {result:?}");
                }
            }
        }
    }

    #[tokio::test]
    async fn a_tape_of_a_later_format_asks_for_an_upgrade() {
        let cassette = Cassette::memory();
        let id = saved(&cassette, "a", &[0]).await.remove(0);
        let tape = stored(&cassette, Half::Tape, &id).await;
        let mut content = zstd::decode_all(&*tape).unwrap();
        let version = content.windows(7).position(|window| window == b"\x66format").unwrap() + 7;
        assert_eq!(u64::from(content[version]), format::VERSION);
        content[version] += 1;
        let mut compressor = zstd::bulk::Compressor::new(1).unwrap();
        compressor.include_checksum(true).unwrap();
        replace(&cassette, Half::Tape, &id, compressor.compress(&content).unwrap()).await;

        let error = refusal(&cassette, &id).await;
        let said = format!("recording `{id}` uses format 2, this build reads up to 1; upgrade playback-host");
        assert_eq!(error.to_string(), said);
        assert!(matches!(error, LoadError::Newer(DecodeError::Newer { found: 2, .. })), "{error:?}");
    }

    #[tokio::test]
    async fn the_halves_of_two_recordings_are_not_one() {
        let cassette = Cassette::memory();
        let ids = saved(&cassette, "a", &[0, 1, 2]).await;
        let tape = stored(&cassette, Half::Tape, &ids[2]).await;
        let metadata = stored(&cassette, Half::Metadata, &ids[2]).await;
        replace(&cassette, Half::Tape, &ids[0], tape).await;
        replace(&cassette, Half::Metadata, &ids[1], metadata).await;
        assert!(matches!(refusal(&cassette, &ids[0]).await, LoadError::Corrupt { .. }));
        assert!(matches!(refusal(&cassette, &ids[1]).await, LoadError::CorruptMetadata { .. }));
    }

    #[tokio::test]
    async fn metadata_that_is_none_is_corrupt() {
        let cassette = Cassette::memory();
        let id = saved(&cassette, "a", &[0]).await.remove(0);
        let whole = stored(&cassette, Half::Metadata, &id).await;
        let half = whole[..whole.len() / 2].to_vec();
        let mut strange = cassette.metadata(&id).await.unwrap();
        strange.more.insert("size".to_owned(), "two sizes".into());
        let strange = strange.to_json().unwrap();
        for content in
            [half, strange, b"".to_vec(), b"{}".to_vec(), b"[]".to_vec(), vec![0xff; 9], vec![b'['; 1 << 20]]
        {
            replace(&cassette, Half::Metadata, &id, content).await;
            let error = refusal(&cassette, &id).await;
            assert!(matches!(error, LoadError::CorruptMetadata { .. }), "{error:?}");
        }
    }

    #[tokio::test]
    async fn what_is_larger_than_its_limit_is_not_read() {
        let cassette = Cassette::memory();
        let ids = saved(&cassette, "a", &[0, 1]).await;
        replace(&cassette, Half::Metadata, &ids[0], vec![b' '; (1 << 20) + 1]).await;
        let strict = cassette.with_limits(format::Limits::default().stored(20));
        for id in &ids {
            let error = refusal(&strict, id).await;
            assert!(
                matches!(error, LoadError::Store { error: StoreError::TooLarge { .. }, .. }),
                "{error:?}"
            );
        }
    }

    #[tokio::test]
    async fn fields_that_a_later_build_adds_to_the_metadata_are_kept() {
        let cassette = Cassette::memory();
        let recording = recording_at("a", 0);
        let mut metadata = cassette.save(&recording).await.unwrap();
        metadata.more.insert("mood".to_owned(), "blue".into());
        replace(&cassette, Half::Metadata, recording.id(), metadata.to_json().unwrap()).await;
        let metadata = cassette.load(recording.id()).await.unwrap().metadata;
        assert_eq!(metadata.more["mood"], "blue");
    }
}
