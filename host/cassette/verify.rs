//! Checking that recordings are whole. Looks and tells; repairs nothing.

use super::key::Half;
use super::keys::Keys;
use super::{Cassette, LoadError, StoreError};
use playback_recording::RecordingId;
use std::sync::Arc;

/// What came of checking one recording.
#[derive(Debug)]
pub struct Verified {
    /// The recording, or what half of one says it is.
    pub id: RecordingId,
    /// Whether it is whole.
    pub result: Result<(), LoadError>,
}

/// Checks every recording of a cassette, one by one in the order of their ids.
///
/// Half a recording counts as one, so that what an interrupted save or copy left behind is found too.
#[derive(Debug)]
pub struct Verification {
    cassette: Cassette,
    tapes: Halves,
    metadata: Halves,
}

impl Verification {
    pub(super) fn new(cassette: Cassette) -> Self {
        let halves = |half: Half| Halves {
            half,
            keys: Keys::new(Arc::clone(&cassette.store), half.folder()),
            next: None,
        };
        Self { tapes: halves(Half::Tape), metadata: halves(Half::Metadata), cassette }
    }

    /// The next one. Nothing is known of those that would follow an error.
    pub async fn next(&mut self) -> Option<Result<Verified, StoreError>> {
        loop {
            let id = match self.next_id().await? {
                Ok(id) => id,
                Err(error) => return Some(Err(error)),
            };
            match self.cassette.verify(&id).await {
                // Removed since it was listed.
                Err(LoadError::NotFound { .. }) => {}
                result => return Some(Ok(Verified { id, result })),
            }
        }
    }

    /// The id of the next one, and no look at it: for who checks several at once.
    pub async fn next_id(&mut self) -> Option<Result<RecordingId, StoreError>> {
        self.take_id().await.transpose()
    }

    /// The first id of either listing, taken off both.
    async fn take_id(&mut self) -> Result<Option<RecordingId>, StoreError> {
        let tape = self.tapes.peek().await?;
        let metadata = self.metadata.peek().await?;
        let first = match (tape, metadata) {
            (Some(tape), Some(metadata)) => Some(tape.min(metadata)),
            (tape, metadata) => tape.or(metadata),
        };
        for halves in [&mut self.tapes, &mut self.metadata] {
            halves.next.take_if(|next| Some(&*next) == first.as_ref());
        }
        Ok(first)
    }
}

/// The ids of the recordings that have one of their halves in the cassette.
#[derive(Debug)]
struct Halves {
    half: Half,
    keys: Keys,
    next: Option<RecordingId>,
}

impl Halves {
    async fn peek(&mut self) -> Result<Option<RecordingId>, StoreError> {
        while self.next.is_none() {
            let Some(key) = self.keys.next().await? else { break };
            self.next = self.half.id(&key);
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
        let mut verification = cassette.verify_all();
        let mut all = Vec::new();
        while let Some(verified) = verification.next().await {
            let Verified { id, result } = verified.unwrap();
            all.push((id, result.err().map(|problem| problem.to_string())));
        }
        all
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
