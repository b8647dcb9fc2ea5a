//! Tapes without metadata: what is left where a save is killed between its two halves. Nothing lists or replays them.

use super::key::Half;
use super::keys::keys;
use super::{Store, StoreError};
use futures_util::{Stream, TryStreamExt};
use jiff::{SignedDuration, Timestamp};
use playback_recording::RecordingId;
use std::sync::Arc;

/// From when on a tape without metadata is a leftover: so long after its operation began, as its id says. One that is
/// younger may be being saved at this moment.
pub const LEFTOVER_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Whether the recording `id`, which has a tape and no metadata, will not get any.
pub(super) fn is_leftover(id: &RecordingId) -> bool {
    Timestamp::now().duration_since(id.began_at()) > LEFTOVER_AFTER
}

/// Streams the leftovers of a store, in the order of their ids.
pub(super) fn leftovers(store: Arc<dyn Store>) -> impl Stream<Item = Result<RecordingId, StoreError>> + Send {
    let tapes = keys(Arc::clone(&store), Half::Tape.folder());
    tapes.try_filter_map(move |key| {
        let store = Arc::clone(&store);
        async move {
            let Some(id) = Half::Tape.id(&key).filter(is_leftover) else { return Ok(None) };
            match store.size(&Half::Metadata.key(&id)).await {
                Ok(_) => Ok(None),
                Err(StoreError::NotFound { .. }) => Ok(Some(id)),
                Err(error) => Err(error),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::samples::{recording, saved};
    use crate::{Cassette, LoadError};
    use bytes::Bytes;

    #[tokio::test]
    async fn an_old_tape_without_metadata_is_a_leftover_and_nothing_else_is() {
        let cassette = Cassette::memory();
        let ids = saved(&cassette, "a", &[0, 1, 2]).await;
        let now = (Timestamp::now() - LEFTOVER_AFTER + SignedDuration::from_hours(1)).as_second();
        let midnight: Timestamp = recording().metadata.recorded_at;
        let young = saved(&cassette, "b", &[now - midnight.as_second()]).await.remove(0);
        for id in [&ids[1], &young] {
            cassette.store.delete(&Half::Metadata.key(id)).await.unwrap();
        }
        cassette.store.delete(&Half::Tape.key(&ids[2])).await.unwrap();
        cassette.store.put(&"full/README.md".parse().unwrap(), Bytes::new()).await.unwrap();

        let leftovers: Vec<_> = cassette.leftovers().try_collect().await.unwrap();
        assert_eq!(leftovers, [ids[1].clone()]);

        let told = async |id| cassette.load(id).await.unwrap_err();
        assert!(matches!(told(&ids[1]).await, LoadError::Leftover { .. }));
        assert!(matches!(told(&young).await, LoadError::Uncommitted { .. }));
        assert!(matches!(told(&ids[2]).await, LoadError::TapeMissing { .. }));
    }
}
