//! Checking that recordings are whole. Looks and tells; repairs nothing.

use super::key::Half;
use super::keys::Keys;
use super::{Cassette, LoadError, StoreError};
use crate::recording::{Counts, Outcome, Recording, RecordingId};
use std::sync::Arc;

/// What is wrong with a recording.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It cannot be loaded, or only half of it is there.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It can be loaded, and says two things about itself.
    #[error("recording `{id}` contradicts itself: {contradiction}; something changed it after it was saved")]
    Contradiction {
        /// The recording.
        id: RecordingId,
        /// What does not agree with what.
        contradiction: String,
    },
}

/// What came of checking one recording.
#[derive(Debug)]
pub struct Verified {
    /// The recording, or what half of one says it is.
    pub id: RecordingId,
    /// Whether it is whole.
    pub result: Result<(), Problem>,
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
            let id = match self.next_id().await.transpose()? {
                Ok(id) => id,
                Err(error) => return Some(Err(error)),
            };
            match verify(&self.cassette, &id).await {
                // Removed since it was listed.
                Err(Problem::Load(LoadError::NotFound { .. })) => {}
                result => return Some(Ok(Verified { id, result })),
            }
        }
    }

    /// The first id of either listing, taken off both.
    async fn next_id(&mut self) -> Result<Option<RecordingId>, StoreError> {
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

pub(super) async fn verify(cassette: &Cassette, id: &RecordingId) -> Result<(), Problem> {
    let recording = cassette.load(id).await?;
    let size = cassette.store.size(&Half::Tape.key(id)).await;
    let size = size.map_err(|error| LoadError::Store { id: id.clone(), error })?;
    match contradiction(&recording, size) {
        None => Ok(()),
        Some(contradiction) => Err(Problem::Contradiction { id: id.clone(), contradiction }),
    }
}

/// What the recording says twice, and not alike.
fn contradiction(recording: &Recording, size: u64) -> Option<String> {
    let Recording { header, events, outcome, metadata } = recording;
    let counted = Counts::of(events);
    let said_twice = [
        ("size", metadata.size.to_string(), size.to_string()),
        ("operation", metadata.operation.clone(), header.operation.name.to_string()),
        ("component", metadata.component.clone(), header.component.clone()),
        ("host", metadata.host.clone(), header.host.clone()),
        ("inputs", metadata.counts.inputs.to_string(), counted.inputs.to_string()),
        ("outputs", metadata.counts.outputs.to_string(), counted.outputs.to_string()),
        ("ambient", metadata.counts.ambient.to_string(), counted.ambient.to_string()),
    ];
    if let Some((what, metadata, tape)) = said_twice.iter().find(|(_, metadata, tape)| metadata != tape) {
        return Some(format!("its metadata says {what} `{metadata}`, its tape `{tape}`"));
    }
    match outcome {
        None if !metadata.incomplete => {
            Some("its tape has no outcome, and its metadata calls it complete".to_owned())
        }
        Some(Outcome::Trapped(_)) if metadata.exception.is_none() => {
            Some("its tape ends in a trap, and its metadata names no exception".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::cassette::samples::{recording, saved};
    use crate::recording::{encode, format};

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

    /// Saves a recording as `change` makes it, with nothing made to agree.
    async fn report(change: impl FnOnce(&mut Recording)) -> String {
        let cassette = Cassette::memory();
        let mut recording = recording();
        recording.metadata.size = encode(&recording, &format::Limits::default()).unwrap().len() as u64;
        change(&mut recording);
        let tape = encode(&recording, &format::Limits::default()).unwrap();
        let metadata = serde_json::to_vec(&recording.metadata).unwrap();
        cassette.store.put(&Half::Tape.key(recording.id()), tape.into()).await.unwrap();
        cassette.store.put(&Half::Metadata.key(recording.id()), metadata.into()).await.unwrap();
        cassette
            .verify(recording.id())
            .await
            .map_or_else(|problem| problem.to_string(), |()| "sound".to_owned())
    }

    #[tokio::test]
    async fn a_recording_must_agree_with_itself() {
        assert_eq!(report(|_| {}).await, "sound");
        type Change = fn(&mut Recording);
        let changes: [(Change, &str); 9] = [
            (|it| it.metadata.size += 1, "its metadata says size"),
            (
                |it| it.metadata.operation.push('x'),
                "its metadata says operation `shop:orders/orders#place-orderx`",
            ),
            (|it| it.metadata.component.clear(), "its metadata says component ``, its tape `sha256:00`"),
            (|it| it.metadata.host.push('1'), "its metadata says host `0.1.01`, its tape `0.1.0`"),
            (|it| it.metadata.counts.inputs = 9, "its metadata says inputs `9`, its tape `1`"),
            (|it| it.metadata.counts.outputs = 9, "its metadata says outputs `9`, its tape `1`"),
            (|it| it.metadata.counts.ambient = 9, "its metadata says ambient `9`, its tape `1`"),
            (|it| resize(it, |it| it.outcome = None), "and its metadata calls it complete"),
            (|it| resize(it, |it| it.outcome = Some(Outcome::Trapped("no".into()))), "names no exception"),
        ];
        for (change, says) in changes {
            let problem = report(change).await;
            assert!(problem.contains("contradicts itself: ") && problem.contains(says), "{problem}");
        }
    }

    fn resize(recording: &mut Recording, change: fn(&mut Recording)) {
        change(recording);
        recording.metadata.size = encode(recording, &format::Limits::default()).unwrap().len() as u64;
    }
}
