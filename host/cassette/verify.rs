//! Checking that recordings are whole. Looks and tells; repairs nothing.

use super::key::Half;
use super::keys::keys;
use super::{Cassette, LoadError, Store, StoreError};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt, TryStreamExt, future, stream};
use playback_recording::RecordingId;
use std::sync::Arc;

/// What came of checking one recording.
#[derive(Debug)]
#[non_exhaustive]
pub struct Verified {
    /// The recording, or what half of one says it is.
    pub id: RecordingId,
    /// Whether it is whole.
    pub result: Result<(), LoadError>,
}

/// Checks every recording of a cassette, in the order of their ids.
pub(super) fn verify_all(cassette: Cassette) -> impl Stream<Item = Result<Verified, StoreError>> + Send {
    stored_ids(&cassette.store).try_filter_map(move |id| {
        let cassette = cassette.clone();
        async move {
            Ok(match cassette.verify(&id).await {
                // Removed since it was listed.
                Err(LoadError::NotFound { .. }) => None,
                result => Some(Verified { id, result }),
            })
        }
    })
}

/// Streams the id of every recording that has one of its halves in the store, in order, so that what an interrupted save or
/// copy left behind is found too. The stream ends after an error.
pub(super) fn stored_ids(
    store: &Arc<dyn Store>,
) -> impl Stream<Item = Result<RecordingId, StoreError>> + Send + use<> {
    let halves = [Half::Tape, Half::Metadata].map(|half| Halves::new(Arc::clone(store), half));
    stream::try_unfold(halves, |[mut tapes, mut metadata]| async move {
        let first = match (tapes.peek().await?, metadata.peek().await?) {
            (Some(tape), Some(metadata)) => Some(tape.min(metadata)),
            (tape, metadata) => tape.or(metadata),
        };
        let Some(first) = first else { return Ok(None) };
        for halves in [&mut tapes, &mut metadata] {
            halves.next.take_if(|next| *next == first);
        }
        Ok(Some((first, [tapes, metadata])))
    })
}

/// The ids of the recordings that have one of their halves in the store.
struct Halves {
    ids: BoxStream<'static, Result<RecordingId, StoreError>>,
    next: Option<RecordingId>,
}

impl Halves {
    fn new(store: Arc<dyn Store>, half: Half) -> Self {
        let keys = keys(store, half.folder());
        Self { ids: keys.try_filter_map(move |key| future::ok(half.id(&key))).boxed(), next: None }
    }

    async fn peek(&mut self) -> Result<Option<RecordingId>, StoreError> {
        if self.next.is_none() {
            self.next = self.ids.try_next().await?;
        }
        Ok(self.next.clone())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::samples::saved;

    async fn all(cassette: &Cassette) -> Vec<(RecordingId, Option<String>)> {
        let all = cassette
            .verify_all()
            .map_ok(|Verified { id, result }| (id, result.err().map(|problem| problem.to_string())));
        all.try_collect().await.unwrap()
    }

    #[tokio::test]
    async fn every_recording_is_reported_and_every_half_of_one() {
        let cassette = Cassette::memory();
        assert_eq!(all(&cassette).await, []);
        let mut ids = saved(&cassette, "a", &[0, 1, 2]).await;
        ids.extend(saved(&cassette, "b", &[0, 1]).await);
        cassette.store.delete(&Half::Metadata.key(&ids[1])).await.unwrap();
        cassette.store.delete(&Half::Tape.key(&ids[4])).await.unwrap();
        for text in ["full/README.md", "metadata/README.md", "full/a/x.tape"] {
            cassette.store.put(&text.parse().unwrap(), b"mine".to_vec().into()).await.unwrap();
        }

        let reports = all(&cassette).await;

        let (reported, problems): (Vec<_>, Vec<_>) = reports.into_iter().unzip();
        assert_eq!(reported, ids);
        let is_sound: Vec<bool> = problems.iter().map(Option::is_none).collect();
        assert_eq!(is_sound, [true, false, true, true, false]);
        assert!(problems[1].as_ref().unwrap().contains("has a tape and no metadata"));
        assert!(problems[4].as_ref().unwrap().contains("has metadata and no tape"));
    }
}
