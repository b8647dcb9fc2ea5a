//! The contents of files that recordings name: objects of their own, one a content, whoever names it and how often.
//! Written before the tape that names them, and untrusted like everything that is read.

use super::{Key, Store, StoreError, blocking};
use playback_recording::{Change, Changed, Content, Contents, Digest, Event, Recording, Seen, Sight};
use std::collections::BTreeMap;

/// The folder that contents are in.
const FOLDER: &str = "contents";

/// A content that a recording names and that is not there as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContentError {
    /// It is not there.
    #[error("the content of `{path}` is missing, `{key}`; copy it there too, or remove the recording")]
    Missing {
        /// The file, as the service calls it.
        path: String,
        /// Where it should be.
        key: Key,
    },
    /// It is another one.
    #[error(
        "the content of `{path}` is damaged: `{key}` does not have the digest that it is named by; restore it from a \
         copy, or remove the recording"
    )]
    Damaged {
        /// The file, as the service calls it.
        path: String,
        /// Where it is.
        key: Key,
    },
    /// All contents of the recording together are more than is read.
    #[error("the contents of its files take {size} bytes, and the limit is {allowed} bytes")]
    TooLarge {
        /// What the recording says that they take, in bytes.
        size: u64,
        /// The limit, in bytes.
        allowed: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

/// Where the content of this digest is. The first byte makes a folder, so that none has too many names.
fn key(digest: &Digest) -> Key {
    let text = digest.to_string();
    let (folder, _) = text.split_at_checked(2).unwrap_or_default();
    Key::of(&[FOLDER, folder, &text])
}

/// The contents that the events name, each with its size and the first path that it was at.
fn named(recording: &Recording) -> BTreeMap<Digest, (u64, &str)> {
    let contents = recording.events.iter().filter_map(|event| match event {
        Event::Seen(seen) => match &**seen {
            Seen { path, sight: Sight::Content(content), .. } => Some((path, content)),
            _ => None,
        },
        Event::Changed(changed) => match &**changed {
            Changed { path, change: Change::File(content) } => Some((path, content)),
            _ => None,
        },
        _ => None,
    });
    let mut named = BTreeMap::new();
    for (path, content) in contents {
        if let Content::Kept { digest, size } = content {
            named.entry(*digest).or_insert((*size, path.as_str()));
        }
    }
    named
}

/// Keeps the contents that `recording` names, but for those that are there.
pub(super) async fn save(store: &dyn Store, recording: &Recording) -> Result<(), StoreError> {
    for digest in named(recording).keys() {
        if let Some(bytes) = recording.contents.get(digest) {
            store.put(&key(digest), bytes.clone()).await?;
        }
    }
    Ok(())
}

/// Reads the contents that `recording` names, at most so many bytes in all.
pub(super) async fn load(
    store: &dyn Store,
    recording: &Recording,
    allowed: u64,
) -> Result<Contents, ContentError> {
    let named = named(recording);
    let size = named.values().fold(0u64, |sum, (size, _)| sum.saturating_add(*size));
    if size > allowed {
        return Err(ContentError::TooLarge { size, allowed });
    }
    let mut contents = Contents::new();
    for (digest, (size, path)) in named {
        let (key, path) = (key(&digest), path.to_owned());
        let bytes = match store.get(&key, size).await {
            Ok(bytes) => bytes,
            Err(StoreError::NotFound { .. }) => return Err(ContentError::Missing { path, key }),
            Err(StoreError::TooLarge { .. }) => return Err(ContentError::Damaged { path, key }),
            Err(error) => return Err(ContentError::Store(error)),
        };
        let shared = bytes.clone();
        let found = blocking::run_sized(bytes.len() as u64, move || Digest::of(&shared)).await;
        if bytes.len() as u64 != size || found != digest {
            return Err(ContentError::Damaged { path, key });
        }
        contents.insert(digest, bytes);
    }
    Ok(contents)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::samples::recording_at;
    use crate::{Cassette, LoadError, MemoryStore};
    use bytes::Bytes;
    use playback_recording::{Look, format};
    use std::sync::Arc;

    /// Saves a recording that read these files.
    fn reading(second: i64, files: &[(&str, &[u8])]) -> Recording {
        let mut recording = recording_at("a", second);
        for (path, bytes) in files {
            let (digest, size) = (Digest::of(bytes), bytes.len() as u64);
            recording.contents.insert(digest, Bytes::copy_from_slice(bytes));
            let sight = Sight::Content(Content::Kept { digest, size });
            let path = (*path).to_owned();
            recording.events.push(Event::Seen(Box::new(Seen {
                path,
                look: Look::Content,
                ordinal: 1,
                sight,
            })));
        }
        recording
    }

    async fn stored(store: &MemoryStore) -> usize {
        store.list(&FOLDER.parse().unwrap(), None).await.unwrap().keys.len()
    }

    async fn refusal(cassette: &Cassette, recording: &Recording) -> ContentError {
        match cassette.load(recording.id()).await {
            Err(LoadError::Content { error, .. }) => error,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn what_two_recordings_read_is_kept_once() {
        let store = Arc::new(MemoryStore::default());
        let cassette = Cassette::new(store.clone());
        let first = reading(0, &[("/a", b"one"), ("/b", b"two"), ("/c", b"one")]);
        let second = reading(1, &[("/x", b"two"), ("/y", b"")]);
        for recording in [&first, &second] {
            let mut expected = recording.clone();
            expected.metadata = cassette.save(recording).await.unwrap();
            assert_eq!(cassette.load(recording.id()).await.unwrap(), expected);
        }
        assert_eq!(stored(&store).await, 3);
    }

    #[tokio::test]
    async fn a_content_that_is_missing_or_another_is_named() {
        let store = Arc::new(MemoryStore::default());
        let cassette = Cassette::new(store.clone());
        let recording = reading(0, &[("/data/a", b"one")]);
        cassette.save(&recording).await.unwrap();
        let key = key(&Digest::of(b"one"));

        for bytes in [b"two".as_slice(), b"on", b"more"] {
            store.delete(&key).await.unwrap();
            store.put(&key, bytes.to_vec().into()).await.unwrap();
            let error = refusal(&cassette, &recording).await;
            assert!(matches!(error, ContentError::Damaged { .. }), "{error:?}");
            assert!(error.to_string().contains("`/data/a` is damaged: `contents/"), "{error}");
        }
        store.delete(&key).await.unwrap();
        let error = refusal(&cassette, &recording).await;
        assert!(error.to_string().starts_with("the content of `/data/a` is missing, `contents/"), "{error}");
    }

    #[tokio::test]
    async fn more_than_the_limit_is_not_read() {
        let limits = format::Limits::default().contents(5);
        let cassette = Cassette::memory().with_limits(limits);
        let recording = reading(0, &[("/a", b"one"), ("/b", b"two")]);
        cassette.save(&recording).await.unwrap_err();
        let generous = cassette.clone().with_limits(format::Limits::default());
        generous.save(&recording).await.unwrap();
        let error = refusal(&cassette, &recording).await;
        assert!(matches!(error, ContentError::TooLarge { size: 6, allowed: 5 }), "{error:?}");
    }
}
