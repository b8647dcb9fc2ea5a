//! What changed code makes of its folders on replay: names that are moved, made and removed, and operations that the
//! recording shows must fail.

use crate::files::{answers, changed, folder, record};
use crate::support::{replay, service};
use playback_host::recording::{Change, Recording};
use playback_host::tape::{Assumption, Ending, Playback, Reason, Unseen};
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

#[tokio::test]
async fn what_changed_code_makes_or_looks_for_where_nobody_looked_is_no_divergence() {
    let folder = folder();
    let (_, recording) = record(folder.path(), json!([{"read": "/data/readme"}])).await;
    let missing = "error: No such file or directory (os error 44)";
    let steps = [
        (json!({"stat": "/data/log"}), missing),
        (json!({"append": ["/data/log", "one"]}), "ok"),
        (json!({"append": ["/data/log", " two"]}), "ok"),
        (json!({"read": "/data/log"}), "one two"),
        (json!({"make-folders": "/data/out/today"}), "ok"),
        (json!({"write": ["/data/out/today/a", "x"]}), "ok"),
        (json!({"list": "/data/out/today"}), "a"),
        (json!({"write": ["/data/unseen/deep/b", "x"]}), "ok"),
        (json!({"remove": "/data/tmp"}), missing),
        (json!({"remove-folder": "/data/tmp"}), missing),
        (json!({"stat": "/data/elsewhere/deep"}), missing),
        (json!({"write": ["/data/elsewhere/b", "x"]}), missing),
        (json!({"rename": ["/data/log", "/data/moved"]}), "ok"),
        (json!({"write": ["/data/gone", "x"]}), "ok"),
        (json!({"remove": "/data/gone"}), "ok"),
        (json!({"read": "/data/readme"}), "hello"),
        (json!({"variable": "UNHEARD_OF"}), "unset"),
    ];
    let todo: Vec<_> = steps.iter().map(|(step, _)| step.clone()).collect();
    let playback = changed(&recording, todo.into()).await;
    for ((step, expected), answer) in steps.iter().zip(answers(&playback)) {
        assert_eq!(answer, *expected, "{step}");
    }
    let left: Vec<(&str, bool)> =
        playback.files.iter().map(|file| (&*file.path, file.recorded.is_none())).collect();
    let expected = ["/data/moved", "/data/out/today", "/data/out/today/a", "/data/unseen/deep/b"];
    assert_eq!(left, expected.map(|path| (path, true)));
    let (absent, directory) = (Assumption::Absent, Assumption::Directory);
    let assumed = [
        ("/data/elsewhere", absent),
        ("/data/gone", absent),
        ("/data/log", absent),
        ("/data/moved", absent),
        ("/data/out", directory),
        ("/data/out/today", absent),
        ("/data/tmp", absent),
        ("/data/unseen", directory),
        ("/data/unseen/deep", directory),
        ("/data/unseen/deep/b", absent),
    ];
    assert_eq!(playback.assumed, assumed.map(|(path, assumption)| (path.to_owned(), assumption)));
}

#[tokio::test]
async fn opening_a_file_that_nobody_looked_for_makes_it_where_that_was_asked_for_and_is_told() {
    let folder = folder();
    let (_, recording) = record(folder.path(), json!([{"read": "/data/readme"}])).await;
    let extend = json!({"make-or-extend": ["/data/prices/eu.csv", "c,3\n"]});
    let playback = changed(&recording, json!([extend, extend])).await;
    assert_eq!(answers(&playback), ["", "c,3\n"]);
    let assumed = [("/data/prices", Assumption::Directory), ("/data/prices/eu.csv", Assumption::Absent)];
    assert_eq!(playback.assumed, assumed.map(|(path, assumption)| (path.to_owned(), assumption)));
    assert!(!playback.is_equal(), "it is one file more");
}

#[tokio::test]
async fn what_was_removed_or_is_a_directory_is_not_told_as_the_text_of_a_file() {
    let folder = folder();
    let write = json!({"write": ["/data/readme", "removed"]});
    let (remove, make) = (json!({"remove": "/data/readme"}), json!({"make-folder": "/data/readme"}));
    let (_, recording) = record(folder.path(), json!([write])).await;
    for (instead, told) in [
        (json!([remove]), r#""removed" -> {"kind":"removed"}"#),
        (json!([remove, make]), r#""removed" -> {"kind":"directory"}"#),
    ] {
        let playback = changed(&recording, instead).await;
        assert_eq!(playback.files[0].differences[0].to_string(), told);
    }
}

#[tokio::test]
async fn a_recorded_listing_says_what_is_there_for_code_that_changes_it() {
    let folder = folder();
    let (_, recording) = record(folder.path(), json!([{"list": "/data"}])).await;
    let todo = json!([
        {"make-folder": "/data/prices"},
        {"write": ["/data/prices/new", "x"]},
        {"stat": "/data/new"},
        {"write": ["/data/readme", "new"]},
        {"read": "/data/readme"},
        {"remove": "/data/readme"},
    ]);
    let playback = changed(&recording, todo).await;
    let found = answers(&playback);
    assert!(found[0].contains("exists") && found[2].contains("No such file"), "{found:?}");
    assert_eq!([&*found[1], &*found[3], &*found[4], &*found[5]], ["ok", "ok", "new", "ok"]);
    let left: Vec<&str> = playback.files.iter().map(|file| &*file.path).collect();
    assert_eq!(left, ["/data/prices/new", "/data/readme"]);
    assert_eq!(playback.files[1].replayed, Some(Change::Removed));
    // What is in the file, and in the folder, this listing does not say.
    for (step, unseen) in [
        (json!({"read": "/data/readme"}), Unseen::Content),
        (json!({"list": "/data/prices"}), Unseen::Listing),
    ] {
        let playback = changed(&recording, json!([step])).await;
        let Ending::Diverged(divergence) = &playback.ending else { panic!("{step}: {:?}", playback.ending) };
        assert_eq!(divergence.reason, Reason::Unseen(unseen), "{step}");
    }
}

#[tokio::test]
async fn a_file_that_was_never_read_is_written_to_and_moved_and_only_reading_it_is_a_divergence() {
    let folder = folder();
    // What is written anew when it is recorded is not read either, and has the size that changed code leaves.
    let todo = json!([{"stat": "/data/prices/eu.csv"}, {"write": ["/data/readme", "hello!"]}]);
    let (_, recording) = record(folder.path(), todo).await;
    let append = json!({"append": ["/data/readme", "!"]});
    let moved =
        json!([append, {"rename": ["/data/prices/eu.csv", "/data/eu.csv"]}, {"stat": "/data/readme"}]);
    let playback = changed(&recording, moved).await;
    let found = answers(&playback);
    assert_eq!((&*found[0], &*found[1]), ("ok", "ok"));
    assert!(found[2].starts_with("file 6 "), "{found:?}");
    let left: Vec<(&str, bool, bool)> =
        playback.files.iter().map(|file| (&*file.path, file.is_unread, file.is_equal())).collect();
    let expected =
        [("/data/eu.csv", true, false), ("/data/prices/eu.csv", false, false), ("/data/readme", true, false)];
    assert_eq!(left, expected);
    let playback = changed(&recording, json!([append, {"read": "/data/readme"}])).await;
    let Ending::Diverged(divergence) = &playback.ending else { panic!("{:?}", playback.ending) };
    assert_eq!(divergence.reason, Reason::Unseen(Unseen::Content));
    let todo = json!([append, {"truncate": ["/data/readme", 0]}, {"read": "/data/readme"}]);
    assert_eq!(answers(&changed(&recording, todo).await)[2], "");
}

#[tokio::test]
async fn a_file_that_is_new_does_not_disturb_the_random_numbers() {
    let folder = folder();
    let draw = json!("draw");
    let (recorded, recording) = record(folder.path(), json!([{"read": "/data/readme"}, draw])).await;
    let todo = json!([{"read": "/data/readme"}, {"append": ["/data/log", "x"]}, draw]);
    let found = answers(&changed(&recording, todo).await);
    assert_eq!(found[2], recorded[1]);
}

fn sorted(names: &str) -> String {
    let mut names: Vec<&str> = names.split(' ').collect();
    names.sort_unstable();
    names.join(" ")
}
