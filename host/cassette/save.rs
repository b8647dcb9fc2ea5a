//! Writing one recording, so that it is there whole or not at all.

use super::agreement::contradiction;
use super::blocking;
use super::contents;
use super::key::Half;
use super::{LARGEST_METADATA, Put, Store, StoreError};
use playback_recording::{
    Counts, EncodeError, InvalidMetadata, Metadata, Recording, RecordingId, compress, format, serialize,
};
use tracing::debug;

/// Why a recording was not saved. Nothing of it is listed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// It cannot be written as a tape.
    #[error("recording `{id}` was not saved: {error}")]
    Encode {
        /// The recording.
        id: RecordingId,
        /// What is wrong with it.
        #[source]
        error: EncodeError,
    },
    /// Its metadata could be written and not be read again.
    #[error("recording `{id}` was not saved: its metadata {problem}")]
    Metadata {
        /// The recording.
        id: RecordingId,
        /// What is wrong with it.
        #[source]
        problem: UnsavableMetadata,
    },
    /// The store failed.
    #[error("recording `{id}` was not saved: {error}")]
    Store {
        /// The recording.
        id: RecordingId,
        /// What the store says.
        #[source]
        error: StoreError,
    },
    /// The store failed half-way, and again when the tape that was already there was to be removed.
    #[error("recording `{id}` was not saved: {error}; its tape stays behind: {cleanup}")]
    Orphaned {
        /// The recording.
        id: RecordingId,
        /// Why the metadata was not written.
        #[source]
        error: StoreError,
        /// Why the tape was not removed.
        cleanup: StoreError,
    },
}

/// Why metadata is not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnsavableMetadata {
    /// It belongs to another recording.
    #[error("is that of `{0}`")]
    OfAnother(RecordingId),
    /// It says something else than its tape.
    #[error("contradicts its tape: {0}")]
    Contradiction(String),
    /// What was added to it cannot be written as JSON.
    #[error("cannot be written: {0}")]
    Unwritable(#[source] serde_json::Error),
    /// It is larger than a reader takes.
    #[error("has {size} bytes, more than {LARGEST_METADATA}; add less to it")]
    TooLarge {
        /// Its size in bytes.
        size: usize,
    },
    /// A reader would not take it for metadata.
    #[error("would not be readable, rename or shorten what was added: {0}")]
    Unreadable(#[source] InvalidMetadata),
    /// What was added has the name of one of the host's own fields.
    #[error("has an added `{0}`, which is a name of the host's own; choose another")]
    Taken(String),
}

pub(super) async fn save(
    store: &dyn Store,
    recording: &Recording,
    limits: &format::Limits,
) -> Result<Metadata, SaveError> {
    let id = recording.id();
    let failed = |error| SaveError::Store { id: id.clone(), error };

    let tape = tape_of(recording, *limits).await;
    let tape = tape.map_err(|error| SaveError::Encode { id: id.clone(), error })?;
    let (size, counts) = (tape.len() as u64, Counts::of(&recording.events));
    let mut metadata = recording.metadata.clone();
    (metadata.size, metadata.counts) = (size, counts);
    let text = match contradiction(recording, &metadata, size, counts) {
        None => text_of(&metadata, id),
        Some(contradiction) => Err(UnsavableMetadata::Contradiction(contradiction)),
    };
    let text = text.map_err(|problem| SaveError::Metadata { id: id.clone(), problem })?;

    contents::save(store, recording).await.map_err(failed)?;
    let tape_key = Half::Tape.key(id);
    let put = store.put(&tape_key, tape.into()).await.map_err(failed)?;
    match (store.put(&Half::Metadata.key(id), text.into()).await, put) {
        (Ok(_), _) => {
            debug!(bytes = size, "saved the recording");
            Ok(metadata)
        }
        // The tape is not ours to remove: it may belong to a recording that was saved before.
        (Err(error), Put::Unchanged) => Err(failed(error)),
        (Err(error), Put::Created) => Err(match store.delete(&tape_key).await {
            Ok(()) => failed(error),
            Err(cleanup) => SaveError::Orphaned { id: id.clone(), error, cleanup },
        }),
    }
}

async fn tape_of(recording: &Recording, limits: format::Limits) -> Result<Vec<u8>, EncodeError> {
    let content = serialize(recording, &limits)?;
    blocking::run_sized(content.len() as u64, move || compress(&content, &limits)).await
}

/// `metadata` as JSON, made sure to be what [`load`](super::load) will take.
fn text_of(metadata: &Metadata, id: &RecordingId) -> Result<Vec<u8>, UnsavableMetadata> {
    if metadata.id != *id {
        return Err(UnsavableMetadata::OfAnother(metadata.id.clone()));
    }
    let text = metadata.to_json().map_err(UnsavableMetadata::Unwritable)?;
    if text.len() as u64 > LARGEST_METADATA {
        return Err(UnsavableMetadata::TooLarge { size: text.len() });
    }
    // What was added may be named like a field of the host's own, or nest deeper than a reader goes.
    if !metadata.more.is_empty() {
        let read = Metadata::from_json(&text).map_err(UnsavableMetadata::Unreadable)?;
        if let Some(taken) = metadata.more.keys().find(|key| !read.more.contains_key(*key)) {
            return Err(UnsavableMetadata::Taken(taken.clone()));
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::samples::{Failing, recording, recording_at};
    use crate::{Access, Cassette, DirectoryStore, MemoryStore};
    use futures_util::TryStreamExt;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    fn failing(writes_to: &'static str) -> (Arc<Failing>, Cassette) {
        let now = AtomicBool::new(true);
        let store = Arc::new(Failing { writes_to: Some(writes_to), now, ..Failing::default() });
        (Arc::clone(&store), Cassette::new(store))
    }

    async fn tapes(store: &dyn Store) -> usize {
        store.list(&Half::Tape.folder(), None).await.unwrap().keys.len()
    }

    #[tokio::test]
    async fn a_saved_recording_loads_as_it_was_with_its_size_filled_in() {
        let cassette = Cassette::memory();
        let mut recording = recording();
        let metadata = cassette.save(&recording).await.unwrap();
        assert_eq!(metadata.size, cassette.store.size(&Half::Tape.key(recording.id())).await.unwrap());
        assert_eq!(cassette.metadata(recording.id()).await.unwrap(), metadata);
        recording.metadata = metadata;
        assert_eq!(cassette.load(recording.id()).await.unwrap(), recording);
    }

    #[tokio::test]
    async fn what_was_added_to_the_metadata_is_kept() {
        let mut recording = recording();
        recording
            .metadata
            .more
            .insert("customer".to_owned(), serde_json::json!({ "tier": ["gold", 1.5, null] }));
        let cassette = Cassette::memory();
        let metadata = cassette.save(&recording).await.unwrap();
        assert_eq!(cassette.metadata(recording.id()).await.unwrap(), metadata);
        assert_eq!(metadata.more, recording.metadata.more);
    }

    #[tokio::test]
    async fn a_tape_that_cannot_be_written_fails_the_save_and_nothing_is_there() {
        let (store, cassette) = failing("full");
        let error = cassette.save(&recording()).await.unwrap_err().to_string();
        assert!(error.starts_with("recording `place-order/20260101/"), "{error}");
        assert!(error.contains("was not saved: cannot write `full/place-order/"), "{error}");
        assert!(
            error.ends_with("disk full; see that this user may write there, and that there is room"),
            "{error}"
        );
        assert_eq!(tapes(&*store).await, 0);
        assert!(cassette.latest().await.unwrap().is_none());
    }

    #[tokio::test]
    async fn metadata_that_cannot_be_written_takes_its_tape_along_and_another_try_may_do_better() {
        let (store, cassette) = failing("metadata");
        let recording = recording();
        cassette.save(&recording).await.unwrap_err();
        assert_eq!(tapes(&*store).await, 0);
        assert!(cassette.latest().await.unwrap().is_none());

        store.now.store(false, Ordering::Relaxed);
        cassette.save(&recording).await.unwrap();
        cassette.verify(recording.id()).await.unwrap();
    }

    #[tokio::test]
    async fn a_tape_that_stays_behind_is_named_never_listed_and_does_not_stop_another_try() {
        let now = AtomicBool::new(true);
        let store = Arc::new(Failing {
            writes_to: Some("metadata"),
            deletes_from: Some("full"),
            now,
            ..Failing::default()
        });
        let cassette = Cassette::new(Arc::clone(&store) as Arc<dyn Store>);
        let recording = recording();
        let error = cassette.save(&recording).await.unwrap_err().to_string();
        assert!(
            error.contains("disk full; see that")
                && error.contains("; its tape stays behind: cannot delete `full/"),
            "{error}"
        );
        assert!(cassette.latest().await.unwrap().is_none());

        store.now.store(false, Ordering::Relaxed);
        cassette.save(&recording).await.unwrap();
        cassette.verify(recording.id()).await.unwrap();
    }

    #[tokio::test]
    async fn a_recording_that_is_there_survives_a_second_save_that_fails() {
        let (store, cassette) = failing("metadata");
        store.now.store(false, Ordering::Relaxed);
        let recording = recording();
        let first = cassette.save(&recording).await.unwrap();
        assert_eq!(cassette.save(&recording).await.unwrap(), first, "the same again is fine");

        store.now.store(true, Ordering::Relaxed);
        cassette.save(&recording).await.unwrap_err();
        cassette.verify(recording.id()).await.unwrap();
    }

    #[tokio::test]
    async fn another_recording_of_the_same_id_is_refused() {
        let cassette = Cassette::memory();
        let recording = recording();
        cassette.save(&recording).await.unwrap();
        let mut other = recording.clone();
        other.header.seed = [8; 32];
        let error = cassette.save(&other).await.unwrap_err().to_string();
        assert!(error.contains("already, with other content"), "{error}");
        let mut longer = recording.clone();
        longer.metadata.duration_us += 1;
        cassette.save(&longer).await.unwrap_err();
        cassette.verify(recording.id()).await.unwrap();
        assert_eq!(cassette.load(recording.id()).await.unwrap().header, recording.header);
    }

    #[tokio::test]
    async fn metadata_that_could_not_be_read_again_is_not_written() {
        let deep = (0..200).fold(serde_json::Value::Null, |value, _| serde_json::json!([value]));
        for (name, value, says) in [
            ("size", serde_json::json!(1), "rename or shorten what was added"),
            ("recorded-at", serde_json::json!("today"), "rename or shorten what was added"),
            (
                "exception",
                serde_json::json!("none"),
                "has an added `exception`, which is a name of the host's own",
            ),
            (
                "digest",
                serde_json::json!("mine"),
                "rename or shorten what was added: it has a `digest` besides",
            ),
            ("deep", deep, "rename or shorten what was added"),
            ("long", serde_json::json!("x".repeat(1 << 20)), "add less to it"),
        ] {
            let cassette = Cassette::memory();
            let mut recording = recording();
            recording.metadata.more.insert(name.to_owned(), value);
            let error = cassette.save(&recording).await.unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
            assert_eq!(tapes(&*cassette.store).await, 0);
        }
        let mut strange = recording();
        strange.metadata.id = recording_at("another", 0).header.id;
        let error = Cassette::memory().save(&strange).await.unwrap_err().to_string();
        assert!(error.contains("its metadata is that of `another/"), "{error}");
        let mut renamed = recording();
        renamed.metadata.operation = "another".to_owned();
        let error = Cassette::memory().save(&renamed).await.unwrap_err().to_string();
        assert!(error.contains("its metadata contradicts its tape: it says operation `another`"), "{error}");
    }

    #[test]
    fn threads_that_save_at_once_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let directory = DirectoryStore::open(folder.path(), Access::Write).unwrap();
        let stores: [Arc<dyn Store>; 2] = [Arc::new(MemoryStore::default()), Arc::new(directory)];
        for cassette in stores.map(Cassette::new) {
            std::thread::scope(|scope| {
                for thread in 0..4 {
                    let cassette = &cassette;
                    scope.spawn(move || {
                        block_on(async {
                            for n in 0..50 {
                                let recording = recording_at("place-order", thread * 50 + n);
                                cassette.save(&recording).await.unwrap();
                            }
                        });
                    });
                }
            });
            block_on(async {
                let verified: Vec<_> = cassette.verify_all().try_collect().await.unwrap();
                assert!(verified.iter().all(|verified| verified.result.is_ok()));
                assert_eq!(verified.len(), 200);
            });
        }
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }
}
