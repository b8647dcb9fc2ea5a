//! What a recording says twice, in its tape and in its metadata. Saved and loaded is only what says the same, so that a
//! lookup promises nothing that a replay does not find.

use playback_recording::{Counts, Header, Metadata, Outcome, Recording};
use std::fmt::Display;

/// Where `metadata` says something else than the tape of `recording`, which has so many bytes and events.
pub(super) fn contradiction(
    recording: &Recording,
    metadata: &Metadata,
    size: u64,
    counts: Counts,
) -> Option<String> {
    let Header { operation, component, host, sockets, .. } = &recording.header;
    let said = metadata.counts;
    different(&[
        ("size", metadata.size, size),
        ("inputs", said.inputs, counts.inputs),
        ("outputs", said.outputs, counts.outputs),
        ("ambient", said.ambient, counts.ambient),
    ])
    .or_else(|| {
        different(&[
            ("operation", &*metadata.operation, &*operation.name),
            ("component", &metadata.component, component),
            ("host", &metadata.host, host),
        ])
    })
    .or_else(|| different(&[("sockets", metadata.sockets, *sockets)]))
    .or_else(|| ending(metadata, recording.outcome.as_ref()).map(str::to_owned))
}

/// The first thing of which two things are said.
fn different<T: PartialEq + Display>(said_twice: &[(&str, T, T)]) -> Option<String> {
    let (what, metadata, tape) = said_twice.iter().find(|(_, metadata, tape)| metadata != tape)?;
    // Whatever is in a tape may be very long.
    Some(format!("it says {what} `{metadata:.100}`, and its tape `{tape:.100}`"))
}

fn ending(metadata: &Metadata, outcome: Option<&Outcome>) -> Option<&'static str> {
    let Metadata { incomplete, exception, limit, .. } = metadata;
    match outcome {
        None if !incomplete => Some("it calls the recording complete, and its tape has no outcome"),
        Some(Outcome::Returned(_)) if *incomplete => {
            Some("it calls the recording incomplete, and its tape ends in a result")
        }
        Some(Outcome::Returned(_)) if exception.is_some() => {
            Some("it names an exception, and its tape ends in a result")
        }
        // Older builds took every exit for an exception.
        Some(Outcome::Exited(0)) => None,
        Some(Outcome::Trapped(_) | Outcome::Stopped(_) | Outcome::Exited(_)) if exception.is_none() => {
            Some("it names no exception, and its tape ends in one")
        }
        _ if outcome.and_then(Outcome::limit).map(|limit| limit.kind) != *limit => {
            Some("it names another limit than its tape ends at")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::key::Half;
    use crate::samples::recording;
    use crate::{Cassette, LoadError};
    use playback_recording::{LimitKind, encode, format};

    /// What becomes of a recording that `change` makes, and that is stored with nothing made to agree.
    async fn loaded(change: impl FnOnce(&mut Recording)) -> String {
        let cassette = Cassette::memory();
        let mut recording = recording();
        recording.metadata.size = tape(&recording).len() as u64;
        change(&mut recording);
        let metadata = recording.metadata.to_json().unwrap();
        cassette.store.put(&Half::Tape.key(recording.id()), tape(&recording).into()).await.unwrap();
        cassette.store.put(&Half::Metadata.key(recording.id()), metadata.into()).await.unwrap();
        match cassette.load(recording.id()).await {
            Ok(_) => "sound".to_owned(),
            Err(error) => {
                assert!(matches!(error, LoadError::CorruptMetadata { .. }), "{error:?}");
                error.to_string()
            }
        }
    }

    fn tape(recording: &Recording) -> Vec<u8> {
        encode(recording, &format::Limits::default()).unwrap()
    }

    #[tokio::test]
    async fn a_recording_must_agree_with_itself_to_be_loaded() {
        assert_eq!(loaded(|_| {}).await, "sound");
        type Change = fn(&mut Recording);
        let changes: [(Change, &str); 12] = [
            (|it| it.metadata.size += 1, "it says size `"),
            (
                |it| it.metadata.operation.push('x'),
                "it says operation `shop:orders/orders#place-orderx`, and its tape `shop:orders/orders#place-order`;",
            ),
            (|it| it.metadata.component.clear(), "it says component ``, and its tape `sha256:00`"),
            (|it| it.metadata.host.push('1'), "it says host `0.1.01`, and its tape `0.1.0`"),
            (|it| it.metadata.counts.inputs = 9, "it says inputs `9`, and its tape `1`"),
            (|it| it.metadata.counts.outputs = 9, "it says outputs `9`, and its tape `1`"),
            (|it| it.metadata.counts.ambient = 9, "it says ambient `9`, and its tape `1`"),
            (|it| it.metadata.incomplete = true, "it calls the recording incomplete, and its tape ends in"),
            (|it| it.metadata.limit = Some(LimitKind::Time), "it names another limit than its tape ends at"),
            (|it| it.metadata.exception = Some("no".into()), "it names an exception, and its tape ends in"),
            (|it| resize(it, |it| it.outcome = None), "it calls the recording complete, and its tape has no"),
            (|it| resize(it, |it| it.outcome = Some(Outcome::Trapped("no".into()))), "it names no exception"),
        ];
        for (change, says) in changes {
            let problem = loaded(change).await;
            assert!(problem.contains(&format!("is corrupt: {says}")), "{problem}");
        }
    }

    #[tokio::test]
    async fn an_exit_in_success_is_an_exception_to_older_builds_and_none_today() {
        for (status, exception, says) in [
            (0, None, "sound"),
            (0, Some("exited with status 0"), "sound"),
            (1, Some("exited with status 1"), "sound"),
            (1, None, "it names no exception"),
        ] {
            let problem = loaded(|it| {
                it.outcome = Some(Outcome::Exited(status));
                it.metadata.exception = exception.map(str::to_owned);
                it.metadata.size = tape(it).len() as u64;
            });
            assert!(problem.await.contains(says), "{status} {exception:?}");
        }
    }

    fn resize(recording: &mut Recording, change: fn(&mut Recording)) {
        change(recording);
        recording.metadata.size = tape(recording).len() as u64;
    }
}
