//! Recordings of earlier builds read and replay as they always did. Each folder of `tests/corpus` says in its name what has
//! changed since; in it is a cassette for each guest.

use crate::support::{replay, root, service};
use playback_host::Cassette;
use playback_host::cassette::{Access, Lookup};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn folders(path: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path())
}

#[tokio::test]
async fn recordings_of_earlier_builds_replay_equal() {
    let mut replayed = 0;
    for path in folders(&root().join("tests/corpus")).flat_map(|folder| folders(&folder)) {
        let service = service(path.file_name().unwrap().to_str().unwrap());
        let location = path.to_str().unwrap().parse().unwrap();
        let cassette = Cassette::open(&location, Access::Read).await.unwrap();
        let mut ids = cassette.ids(Lookup::default());
        while let Some(id) = ids.next().await {
            let id = id.unwrap();
            let recording = Arc::new(cassette.load(&id).await.unwrap());
            let playback = replay(&service, &recording).await;
            assert!(playback.is_equal(), "{id}: {:?} {:?}", playback.ending, playback.result);
            assert_eq!(playback.readiness_parted, None, "{id}");
            replayed += 1;
        }
    }
    assert_eq!(replayed, 10);
}
