//! Recordings of earlier builds read and replay as they always did. Each directory of `tests/corpus` is named after the version
//! of the format that its recordings have; in it is a cassette for each guest.

use crate::ambient;
use crate::support::http::{recorder, request};
use crate::support::server::Server;
use crate::support::steps;
use crate::support::{arguments, record_with, replay, root, service};
use futures_util::TryStreamExt;
use playback_host::Cassette;
use playback_host::cassette::{Access, Lookup};
use playback_host::recording::format::{MINOR, VERSION};
use playback_host::sandbox::{Network, Providers, Recorder};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn directories(path: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path())
}

#[tokio::test]
async fn recordings_of_earlier_builds_replay_equal() {
    let mut replayed = 0;
    for version in directories(&root().join("tests/corpus")) {
        let minor = version.file_name().unwrap().to_str().unwrap().strip_prefix("1.").unwrap().parse();
        for path in directories(&version) {
            let service = service(path.file_name().unwrap().to_str().unwrap());
            let location = path.to_str().unwrap().parse().unwrap();
            let cassette = Cassette::open(&location, Access::Read).await.unwrap();
            let mut ids = cassette.ids(Lookup::default());
            while let Some(id) = ids.try_next().await.unwrap() {
                let recording = Arc::new(cassette.load(&id).await.unwrap());
                assert_eq!(Ok(recording.header.minor), minor, "{id}");
                let playback = replay(&service, &recording).await;
                assert!(playback.is_equal(), "{id}: {:?} {:?}", playback.ending, playback.result);
                assert_eq!(playback.readiness_parted, None, "{id}");
                replayed += 1;
            }
        }
    }
    assert_eq!(replayed, 24);
}

/// Writes the corpus of this build's format, in place of one that is there. Run it by its name before the minor version of the
/// format is raised: what it writes is what later builds must read.
#[tokio::test]
#[ignore = "it writes into the repository"]
async fn write_the_corpus_of_this_build() {
    let corpus = root().join(format!("tests/corpus/{VERSION}.{MINOR}"));
    let _ = std::fs::remove_dir_all(&corpus);
    let server = Server::start().await;
    let next = Providers::default().function("test:numbers/inputs#next", |_| Ok(1u32.into()));
    let numbers = Recorder::builder(&service("numbers")).providers(next).build().unwrap();
    let url = |path: &str| server.url(path);
    let bodies =
        ["set", "many 100", "set", "race", "set", "leave", "set", "clones 100", "set", "many 3", "set"];
    let operations = [
        (ambient::recorder(), "everything", json!([1])),
        (ambient::recorder(), "race", json!([[300, 20, 1]])),
        (ambient::recorder(), "overdue", json!([[2, 1], 100_000_000])),
        (ambient::recorder(), "spin-until-due", json!([5])),
        (ambient::recorder(), "read-clocks", json!([])),
        (numbers.clone(), "draw", json!([[0, 3, 1]])),
        (numbers, "tell-the-time", json!([[0, 1, 0]])),
        (steps::recorder("sdk_edges"), "run", json!([bodies])),
        (recorder(Network::All), "race-with", json!([url("/second"), url("/slow"), 60, "none"])),
        (recorder(Network::All), "race-with", json!([url("/second"), url("/slow"), 60, "ready"])),
        (recorder(Network::All), "race-bodies", json!([url("/chunks"), url("/chunks"), "none"])),
        (recorder(Network::All), "race-bodies", json!([url("/chunks"), url("/chunks"), "ready"])),
        (recorder(Network::All), "upload", json!([url("/"), 100_000])),
        (recorder(Network::All), "fetch", json!([request("GET", &url("/chunks"), json!({}))])),
    ];
    for (recorder, operation, values) in operations {
        let recorded = record_with(&recorder, operation, arguments(values)).await;
        let guest = Path::new(recorder.service().name()).file_stem().unwrap();
        let location = corpus.join(guest).to_str().unwrap().parse().unwrap();
        let cassette = Cassette::open(&location, Access::Write).await.unwrap();
        cassette.save(&recorded.recording.unwrap()).await.unwrap();
    }
}
