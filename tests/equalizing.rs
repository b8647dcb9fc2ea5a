//! Comparisons of many recordings, some of which cannot be compared: each is one failure, and the others are unharmed.

use crate::support::{metered, record_with, service_on};
use futures_util::{StreamExt, TryStreamExt};
use playback_host::Cassette;
use playback_host::cassette::{Access, Location, Lookup};
use playback_host::compare::rules::RuleSet;
use playback_host::compare::{Equalizer, Judge, Loader, Player, Verdict};
use playback_host::recording::{Category, RecordingId};
use playback_host::sandbox::{Limits, Recorder, Replayer, Service};
use std::path::Path;
use std::sync::Arc;

/// Saves a thousand recordings of `fine`. The calls at these places are replayed as another operation of the service, as on a build
/// that changed.
async fn a_thousand(service: &Service, cassette: &Cassette, changed: &[(usize, &str)]) {
    let recorder = Recorder::builder(service).build().unwrap();
    for n in 0..1_000 {
        let mut recording = record_with(&recorder, "fine", Vec::new()).await.recording.unwrap();
        if let Some((_, operation)) = changed.iter().find(|(place, _)| *place == n) {
            recording.header.operation.name = (*operation).into();
            recording.metadata.operation = (*operation).into();
        }
        cassette.save(&recording).await.unwrap();
    }
}

fn equalizer(service: &Service, cassette: &Cassette) -> Equalizer {
    let limits = Limits::default().fuel(20_000_000).memory(16 << 20);
    let replayer = Replayer::builder(service).limits(limits).build().unwrap();
    let cassette = cassette.clone();
    let loader = Loader::new(move |id: RecordingId| {
        let cassette = cassette.clone();
        async move { cassette.load(&id).await }
    });
    let player = Player::new(move |recording: Arc<_>| {
        let replayer = replayer.clone();
        async move { replayer.replay(&recording).await }
    });
    Equalizer::new(loader, player, Judge::new(RuleSet::default()))
}

/// Changes one byte in the middle of a recording.
fn corrupt(folder: &Path, id: &RecordingId) {
    let tape = folder.join(format!("full/{id}.tape"));
    let mut bytes = std::fs::read(&tape).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&tape, bytes).unwrap();
}

#[tokio::test]
async fn among_a_thousand_what_hangs_traps_takes_too_much_is_deleted_or_broken_is_one_failure_each() {
    let service = service_on(metered(), "misbehave");
    let folder = tempfile::tempdir().unwrap();
    let cassette =
        Cassette::open(&Location::Directory(folder.path().to_owned()), Access::Write).await.unwrap();
    let changed = [(100, "spin"), (200, "unreachable"), (300, "eat")];
    a_thousand(&service, &cassette, &changed).await;
    let category: Category = "test".parse().unwrap();
    let lookup = Lookup::default().categories([category]);
    let mut ids: Vec<RecordingId> = cassette.ids(lookup).try_collect().await.unwrap();
    ids.sort();
    // After they were looked up, and before they are played.
    cassette.remove(&ids[400]).await.unwrap();
    corrupt(folder.path(), &ids[500]);

    let equalizer = equalizer(&service, &cassette);
    let compared = futures_util::stream::iter(ids.clone()).map(|id| equalizer.compare(id)).buffered(4);
    let compared: Vec<_> = compared.collect().await;
    let unequal = compared.iter().enumerate().filter(|(_, one)| one.judgement.verdict != Verdict::Equal);
    let told = unequal.map(|(n, one)| {
        assert_eq!(one.id, ids[n]);
        let reason = one.judgement.changes.first().map(ToString::to_string).or(one.judgement.message.clone());
        format!("{n}: {} {}", one.judgement.verdict, reason.unwrap_or_default())
    });
    let told = told.collect::<Vec<_>>().join("\n");
    let told = told.replace(ids[400].as_str(), "ID").replace(ids[500].as_str(), "ID");
    insta::assert_snapshot!(told.replace(folder.path().to_str().unwrap(), "CASSETTE"));
}
