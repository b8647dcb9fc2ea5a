//! What changed code makes of its folders on replay: names that are moved, made and removed, and operations that the
//! recording shows must fail.

use crate::files::{answers, changed, folder, record};
use crate::support::{replay, service};
use playback_host::recording::{Change, Recording};
use playback_host::tape::{Ending, Playback, Reason, Unseen};
use serde_json::json;
use std::fs;
use std::sync::Arc;

async fn same(recording: &Recording) -> Playback {
    replay(&service("files"), &Arc::new(recording.clone())).await
}

/// What was left when it was recorded.
fn left(playback: &Playback) -> Vec<(&str, Option<&Change>)> {
    playback.files.iter().map(|file| (&*file.path, file.recorded.as_ref())).collect()
}

#[tokio::test]
async fn what_was_removed_from_a_folder_before_it_was_moved_is_compared() {
    for moves in [
        json!([{"rename": ["/data/prices", "/data/old"]}]),
        json!([{"rename": ["/data/prices", "/data/old"]}, {"rename": ["/data/old", "/data/prices"]}]),
    ] {
        let folder = folder();
        let mut todo = vec![json!({"remove": "/data/prices/eu.csv"})];
        todo.extend(moves.as_array().unwrap().clone());
        let (_, recording) = record(folder.path(), todo.into()).await;
        assert!(same(&recording).await.is_equal());
        let playback = changed(&recording, moves.clone()).await;
        assert!(answers(&playback).iter().all(|answer| answer == "ok"), "{moves}");
        let different = playback.files.iter().filter(|file| !file.is_equal());
        let different: Vec<&str> = different.map(|file| &*file.path).collect();
        assert!(matches!(different[..], [path] if path.ends_with("/eu.csv")), "{moves}: {different:?}");
    }
}

#[tokio::test]
async fn a_folder_that_takes_the_place_of_another_has_its_own_files() {
    let folder = folder();
    fs::create_dir(folder.path().join("fresh")).unwrap();
    fs::write(folder.path().join("fresh/eu.csv"), "fresh").unwrap();
    let todo = json!([
        {"remove": "/data/prices/eu.csv"},
        {"remove": "/data/prices/us.csv"},
        {"remove-folder": "/data/prices"},
        {"rename": ["/data/fresh", "/data/prices"]},
        {"read": "/data/prices/eu.csv"},
        {"list": "/data/prices"},
    ]);
    let (recorded, recording) = record(folder.path(), todo).await;
    assert_eq!(recorded[3..], ["ok", "fresh", "eu.csv"]);
    folder.close().unwrap();
    let playback = same(&recording).await;
    assert_eq!(answers(&playback), recorded);
    assert!(playback.is_equal(), "{:?}", playback.files);
    let expected = [("/data/fresh", Some(&Change::Removed)), ("/data/prices", Some(&Change::Folder))];
    assert_eq!(left(&playback), expected);
}

#[tokio::test]
async fn what_the_service_only_had_for_a_while_is_not_listed_for_code_that_does_not_make_it() {
    let folder = folder();
    let todo = json!([
        {"write": ["/data/tmp", "draft"]},
        {"make-folder": "/data/work"},
        {"link": ["/data/readme", "/data/again"]},
        {"list": "/data"},
        {"rename": ["/data/tmp", "/data/final"]},
        {"remove-folder": "/data/work"},
        {"list": "/data"},
        {"remove": "/data/final"},
        {"remove": "/data/again"},
        {"list": "/data"},
    ]);
    let (recorded, recording) = record(folder.path(), todo).await;
    let playback = same(&recording).await;
    assert_eq!(answers(&playback), recorded);
    assert!(playback.is_equal(), "{:?}", playback.files);
    let list = json!({"list": "/data"});
    let playback = changed(&recording, json!([list, list, list])).await;
    let mut found = answers(&playback);
    found.iter_mut().for_each(|names| *names = sorted(names));
    assert_eq!(found, ["prices/ readme"; 3]);
}

#[tokio::test]
async fn what_the_service_removed_is_listed_for_code_that_leaves_it() {
    let folder = folder();
    let todo = json!([
        {"remove": "/data/readme"},
        {"list": "/data"},
        {"rename": ["/data/prices", "/data/old"]},
        {"list": "/data"},
        {"list": "/data/old"},
    ]);
    let (recorded, recording) = record(folder.path(), todo).await;
    let playback = same(&recording).await;
    assert_eq!(answers(&playback), recorded);
    assert!(playback.is_equal(), "{:?}", playback.files);
    let list = json!({"list": "/data"});
    let found = answers(&changed(&recording, json!([list, list])).await);
    assert_eq!(found, ["prices/ readme", "prices/ readme"]);
    let todo = json!([{"remove": "/data/readme"}, list, {"write": ["/data/readme", "new"]}, list]);
    let found = answers(&changed(&recording, todo).await);
    assert_eq!((&*found[1], &*found[3]), ("prices/", "readme prices/"));
}

/// What each step is told that the machine refuses, whatever the code did before.
const REFUSED: [(&str, &str); 7] = [
    (r#"{"remove-folder": "/data/prices"}"#, "not empty"),
    (r#"{"remove-folder": "/data/readme"}"#, "Not a directory"),
    (r#"{"rename": ["/data/readme", "/data/prices"]}"#, "Is a directory"),
    (r#"{"rename": ["/data/prices", "/data/readme"]}"#, "Not a directory"),
    (r#"{"rename": ["/data/empty", "/data/prices"]}"#, "not empty"),
    (r#"{"rename": ["/data/empty", "/data/empty/in"]}"#, "Invalid argument"),
    (r#"{"rename": ["/data/prices/eu.csv", "/data/prices"]}"#, "not empty"),
];

#[tokio::test]
async fn what_the_machine_refuses_is_refused_alike_on_replay() {
    let folder = folder();
    fs::create_dir(folder.path().join("empty")).unwrap();
    let steps: Vec<serde_json::Value> =
        REFUSED.iter().map(|(step, _)| serde_json::from_str(step).unwrap()).collect();
    let (recorded, recording) = record(folder.path(), steps.into()).await;
    for ((step, refusal), answer) in REFUSED.iter().zip(&recorded) {
        assert!(answer.contains(refusal), "{step}: {answer}");
    }
    folder.close().unwrap();
    let playback = same(&recording).await;
    assert_eq!(answers(&playback), recorded);
    assert!(playback.is_equal() && playback.files.is_empty(), "{:?}", playback.files);
}

#[tokio::test]
async fn what_must_fail_by_what_the_recording_shows_fails_for_changed_code() {
    let (to_old, to_sub) = (json!(["/data/prices", "/data/old"]), json!(["/data/prices", "/data/prices/in"]));
    let cases = [
        // The recorded code empties the folder first.
        (
            json!([
                {"remove": "/data/prices/eu.csv"},
                {"remove": "/data/prices/us.csv"},
                {"remove-folder": "/data/prices"},
            ]),
            json!([{"remove": "/data/prices/us.csv"}, {"remove-folder": "/data/prices"}]),
            "not empty",
        ),
        (
            json!([{"make-folder": "/data/old"}, {"rename": to_old}]),
            json!([{"make-folder": "/data/old"}, {"write": ["/data/old/x", ""]}, {"rename": to_old}]),
            "not empty",
        ),
        (
            json!([{"remove": "/data/readme"}, {"rename": ["/data/prices", "/data/readme"]}]),
            json!([{"stat": "/data/readme"}, {"rename": ["/data/prices", "/data/readme"]}]),
            "Not a directory",
        ),
        (
            json!([{"read": "/data/readme"}, {"stat": "/data/prices"}]),
            json!([{"rename": ["/data/readme", "/data/prices"]}]),
            "Is a directory",
        ),
        (json!([{"list": "/data/prices"}]), json!([{"rename": to_sub}]), "Invalid argument"),
    ];
    for (todo, instead, refusal) in cases {
        let folder = folder();
        let (recorded, recording) = record(folder.path(), todo.clone()).await;
        assert!(recorded.iter().all(|answer| !answer.starts_with("error")), "{todo}: {recorded:?}");
        let playback = same(&recording).await;
        assert!(playback.is_equal(), "{todo}: {:?}", playback.files);
        let found = answers(&changed(&recording, instead.clone()).await);
        assert!(found.last().unwrap().contains(refusal), "{instead}: {found:?}");
    }
    // A folder that the recorded code had no reason to look into may be empty or not.
    let folder = folder();
    let (_, recording) = record(folder.path(), json!([{"stat": "/data/prices"}])).await;
    let playback = changed(&recording, json!([{"remove-folder": "/data/prices"}])).await;
    let Ending::Diverged(divergence) = &playback.ending else { panic!("{:?}", playback.ending) };
    assert_eq!(divergence.reason, Reason::Unseen(Unseen::Listing));
    let todo = json!([{"list": "/data"}, {"make-folder": "/data/new"}, {"remove-folder": "/data/new"}]);
    let (_, recording) = record(folder.path(), json!([{"list": "/data"}])).await;
    assert_eq!(answers(&changed(&recording, todo).await)[1..], ["ok", "ok"]);
}

fn sorted(names: &str) -> String {
    let mut names: Vec<&str> = names.split(' ').collect();
    names.sort_unstable();
    names.join(" ")
}
