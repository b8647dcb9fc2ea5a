//! Files that are larger than what is kept of them, on record and on replay.

use crate::files::{answers, changed, folder, record, recorder, steps};
use crate::support::{record_with, replay, returned, service};
use playback_host::sandbox::{Directory, DirectoryAccess, Limits, Recorder, Replayer, ServiceGrants};
use playback_host::tape::{Ending, Reason, Unseen};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::sync::Arc;

#[tokio::test]
async fn files_that_do_not_fit_a_recording_cost_their_content_and_not_the_recording() {
    let folder = folder();
    let access = DirectoryAccess::ReadWrite;
    let recorder = recorder(&[(folder.path(), "/data", access)])
        .to_builder()
        .limits(Limits::default().recording(9_000))
        .build()
        .unwrap();
    fs::write(folder.path().join("large"), vec![b'x'; 7_000]).unwrap();
    let todo = json!([{"append": ["/data/large", "y"]}, {"stat": "/data/large"}]);
    let recorded = record_with(&recorder, "run", steps(todo)).await;
    assert!(returned(&recorded.outcome)[1].as_str().unwrap().starts_with("file 7001"));
    let recording = recorded.recording.unwrap();
    let playback = replay(&service("files"), &Arc::new(recording.clone())).await;
    assert!(playback.is_equal(), "{:?} {:?}", playback.ending, playback.files);
    assert!(playback.files[0].is_size_alone());
    let longer = json!([{"append": ["/data/large", "yy"]}, {"stat": "/data/large"}]);
    assert!(!changed(&recording, longer).await.files[0].is_equal());
}

#[tokio::test]
async fn a_file_above_the_limit_is_not_kept_and_reading_it_is_a_divergence() {
    let folder = folder();
    let grants = |host: &Path| {
        ServiceGrants::default().directories(vec![Directory {
            host: host.to_owned(),
            guest: "/data".into(),
            access: DirectoryAccess::ReadWrite,
        }])
    };
    let recorder = Recorder::builder(&service("files"))
        .grants(grants(folder.path()))
        .limits(Limits::default().file(5))
        .build()
        .unwrap();
    let todo =
        json!([{"read": "/data/readme"}, {"stat": "/data/prices/eu.csv"}, {"read": "/data/prices/eu.csv"}]);
    let recorded = record_with(&recorder, "run", steps(todo)).await;
    assert_eq!(returned(&recorded.outcome)[2], "a,1\nb,2\n", "the service gets all of it");
    let recording = recorded.recording.unwrap();
    assert_eq!(recording.contents.len(), 1);

    let playback = replay(&service("files"), &Arc::new(recording.clone())).await;
    let Ending::Diverged(divergence) = &playback.ending else { panic!("{:?}", playback.ending) };
    assert_eq!(divergence.reason, Reason::Unseen(Unseen::TooLarge { size: 8 }));
    let playback =
        changed(&recording, json!([{"read": "/data/readme"}, {"stat": "/data/prices/eu.csv"}])).await;
    assert!(answers(&playback)[1].starts_with("file 8"));
}

#[tokio::test]
async fn a_file_full_of_holes_takes_no_more_room_on_replay_than_when_it_was_recorded() {
    const FAR: u64 = 1_200_000_000;
    for todo in [
        json!([{"truncate": ["/data/readme", FAR]}, {"truncate": ["/data/readme", 3]}, {"read": "/data/readme"}]),
        json!([{"patch": ["/data/readme", FAR, "far"]}, {"stat": "/data/readme"}]),
    ] {
        let folder = folder();
        let (recorded, recording) = record(folder.path(), todo.clone()).await;
        let playback = replay(&service("files"), &Arc::new(recording)).await;
        assert_eq!(answers(&playback), recorded);
        assert!(playback.is_equal(), "{todo}: {:?}", playback.files);
    }
}

#[tokio::test]
async fn a_file_that_is_written_again_and_again_takes_the_room_of_one() {
    let folder = folder();
    let todo: Vec<_> = (0..20).map(|_| json!({"fill": ["/data/out", 1_000_000]})).collect();
    let (recorded, recording) = record(folder.path(), todo.into()).await;
    let limits = Limits::default().recording(4_000_000);
    let replayer = Replayer::builder(&service("files")).limits(limits).build().unwrap();
    let playback = replayer.replay(&Arc::new(recording)).await.unwrap();
    assert_eq!(answers(&playback), recorded);
    assert!(playback.is_equal(), "{:?}", playback.files);
}
