//! Files in granted folders: recorded as they were seen, replayed without them, and compared as they were left.

use crate::support::{record_with, replay, returned, service};
use playback_host::cassette::Cassette;
use playback_host::recording::{Event, Recording};
use playback_host::sandbox::{Directory, DirectoryAccess, Recorder, ServiceGrants};
use playback_host::tape::{Ending, Playback, Reason, Unseen};
use playback_host::value::{Value, json};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::sync::Arc;

pub(crate) fn recorder(folders: &[(&Path, &str, DirectoryAccess)]) -> Recorder {
    let folder = |(host, guest, access): &(&Path, &str, DirectoryAccess)| Directory {
        host: host.to_path_buf(),
        guest: (*guest).to_owned(),
        access: *access,
    };
    let directories = folders.iter().map(folder).collect();
    let grants = ServiceGrants::default().directories(directories);
    Recorder::builder(&service("files")).grants(grants).build().unwrap()
}

pub(crate) fn steps(steps: serde_json::Value) -> Vec<Value> {
    vec![json::from_json(steps).unwrap()]
}

/// Records these steps in a folder that the service calls `/data`; what came of each, and the recording.
pub(crate) async fn record(folder: &Path, todo: serde_json::Value) -> (Vec<String>, Recording) {
    let recorder = recorder(&[(folder, "/data", DirectoryAccess::ReadWrite)]);
    let recorded = record_with(&recorder, "run", steps(todo)).await;
    let answers = serde_json::from_value(returned(&recorded.outcome)).unwrap();
    (answers, recorded.recording.unwrap())
}

/// What came of each step of a replay.
pub(crate) fn answers(playback: &Playback) -> Vec<String> {
    match &playback.ending {
        Ending::Finished(outcome) => serde_json::from_value(returned(outcome)).unwrap(),
        Ending::Diverged(divergence) => panic!("{divergence}"),
    }
}

/// Replays a recording on code that does these steps instead.
pub(crate) async fn changed(recording: &Recording, todo: serde_json::Value) -> Playback {
    let mut recording = recording.clone();
    recording.header.arguments = steps(todo);
    replay(&service("files"), &Arc::new(recording)).await
}

pub(crate) fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("prices")).unwrap();
    fs::write(folder.path().join("prices/eu.csv"), "a,1\nb,2\n").unwrap();
    fs::write(folder.path().join("prices/us.csv"), "a,3\n").unwrap();
    fs::write(folder.path().join("readme"), "hello").unwrap();
    folder
}

#[tokio::test]
async fn what_was_read_listed_and_statted_is_there_when_the_files_are_gone() {
    let folder = folder();
    let todo = json!([
        {"read": "/data/prices/eu.csv"},
        {"list": "/data"},
        {"list": "/data/prices"},
        {"stat": "/data/prices/us.csv"},
        {"stat": "/data/prices"},
        {"stat": "/data/nothing"},
        {"read": "/data/prices/../readme"},
        {"read": "/data/prices"},
    ]);
    let (recorded, recording) = record(folder.path(), todo).await;
    assert_eq!(recorded[0], "a,1\nb,2\n");
    assert!(recorded[3].starts_with("file 4 1"), "{}", recorded[3]);
    assert_eq!(recorded[5], "error: No such file or directory (os error 44)");
    assert_eq!(recorded[6], "hello");
    folder.close().unwrap();

    let recording = Arc::new(recording);
    for _ in 0..3 {
        let playback = replay(&service("files"), &recording).await;
        assert!(playback.is_equal(), "{:?}", playback.ending);
        assert_eq!(answers(&playback), recorded);
    }
}

#[tokio::test]
async fn changed_code_reads_files_in_another_order_and_finds_what_was_recorded() {
    let folder = folder();
    let todo = json!([{"read": "/data/prices/eu.csv"}, {"read": "/data/prices/us.csv"}]);
    let (recorded, recording) = record(folder.path(), todo).await;
    folder.close().unwrap();
    let todo = json!([
        {"read": "/data/prices/us.csv"},
        {"read": "/data/prices/eu.csv"},
        {"read": "/data/prices/us.csv"},
        {"stat": "/data/prices"},
    ]);
    let playback = changed(&recording, todo).await;
    let replayed = answers(&playback);
    assert_eq!(replayed[..3], [&*recorded[1], &recorded[0], &recorded[1]]);
    assert!(replayed[3].starts_with("folder"));
}

#[tokio::test]
async fn what_was_never_looked_at_is_a_divergence_that_names_it() {
    let folder = folder();
    let todo = json!([{"stat": "/data/prices/eu.csv"}]);
    let (_, recording) = record(folder.path(), todo).await;
    for (step, unseen, call, text) in [
        (json!({"read": "/data/prices/us.csv"}), Unseen::Entry, "open-at", "/data/prices/us.csv"),
        (json!({"read": "/data/readme"}), Unseen::Entry, "open-at", "nothing was ever looked for there"),
        (json!({"list": "/data/elsewhere"}), Unseen::Entry, "open-at", "/data/elsewhere"),
        (json!({"read-link": "/data/readme"}), Unseen::Entry, "readlink-at", "/data/readme"),
        (json!({"rename": ["/data/readme", "/data/new"]}), Unseen::Entry, "rename-at", "/data/readme"),
        (json!({"link": ["/data/readme", "/data/new"]}), Unseen::Entry, "link-at", "/data/readme"),
        (json!({"patch": ["/data/readme", 0, "x"]}), Unseen::Entry, "open-at", "/data/readme"),
        (json!({"extend": ["/data/readme", "x"]}), Unseen::Entry, "open-at", "/data/readme"),
        (json!({"read": "/data/prices/eu.csv"}), Unseen::Content, "read", "this file was never read"),
        (json!({"list": "/data/prices"}), Unseen::Listing, "read-directory", "this folder was never listed"),
    ] {
        let playback = changed(&recording, json!([step])).await;
        let Ending::Diverged(divergence) = &playback.ending else { panic!("{step}: {:?}", playback.ending) };
        assert_eq!(divergence.reason, Reason::Unseen(unseen), "{step}");
        assert_eq!(*divergence.function, *format!("wasi:filesystem/types#{call}"), "{step}");
        assert!(divergence.to_string().contains(text), "{divergence}");
    }
}

#[tokio::test]
async fn what_the_service_leaves_is_done_when_recorded_and_only_compared_on_replay() {
    let folder = folder();
    let todo = json!([
        {"write": ["/data/new.txt", "one"]},
        {"append": ["/data/new.txt", " two"]},
        {"read": "/data/new.txt"},
        {"append": ["/data/prices/eu.csv", "c,3\n"]},
        {"patch": ["/data/prices/us.csv", 2, "4"]},
        {"make-folder": "/data/out"},
        {"write": ["/data/out/tmp", "draft"]},
        {"rename": ["/data/out/tmp", "/data/out/final"]},
        {"remove": "/data/readme"},
        {"write": ["/data/gone", "x"]},
        {"remove": "/data/gone"},
        {"list": "/data/out"},
        {"stat": "/data/new.txt"},
        {"read": "/data/prices/eu.csv"},
        {"truncate": ["/data/prices/eu.csv", 4]},
        {"read": "/data/readme"},
        {"make-folder": "/data/out"},
        {"remove-folder": "/data/out"},
    ]);
    let (recorded, recording) = record(folder.path(), todo.clone()).await;
    assert_eq!((&*recorded[2], &*recorded[11], &*recorded[13]), ("one two", "final", "a,1\nb,2\nc,3\n"));
    assert!(recorded[16].contains("exists") && recorded[17].contains("not empty"), "{recorded:?}");
    let left = |name: &str| fs::read_to_string(folder.path().join(name)).ok();
    assert_eq!(left("new.txt").as_deref(), Some("one two"));
    assert_eq!(left("prices/eu.csv").as_deref(), Some("a,1\n"));
    assert_eq!(left("prices/us.csv").as_deref(), Some("a,4\n"));
    assert_eq!((left("out/final").as_deref(), left("readme")), (Some("draft"), None));
    folder.close().unwrap();

    let recording = Arc::new(recording);
    let playback = replay(&service("files"), &recording).await;
    assert_eq!(answers(&playback), recorded);
    assert!(playback.is_equal(), "{:#?}", playback.files);
    let paths: Vec<&str> = playback.files.iter().map(|file| &*file.path).collect();
    let expected = [
        "/data/new.txt",
        "/data/out",
        "/data/out/final",
        "/data/prices/eu.csv",
        "/data/prices/us.csv",
        "/data/readme",
    ];
    assert_eq!(paths, expected);
}

#[tokio::test]
async fn what_changed_code_leaves_is_a_difference_of_its_own() {
    let folder = folder();
    let todo = json!([{"append": ["/data/prices/eu.csv", "c,3\n"]}, {"remove": "/data/readme"}]);
    let (_, recording) = record(folder.path(), todo).await;
    let todo = json!([{"append": ["/data/prices/eu.csv", "c,4\n"]}, {"stat": "/data/readme"}]);
    let playback = changed(&recording, todo).await;
    assert!(answers(&playback)[1].starts_with("file 5"));
    assert!(!playback.is_equal());
    let different: Vec<String> =
        playback.files.iter().map(|file| format!("{} {:?}", file.path, file.differences)).collect();
    assert_eq!(different.len(), 2);
    assert!(different[0].contains("c,3") && different[0].contains("c,4"), "{}", different[0]);
    assert!(different[1].starts_with("/data/readme") && playback.files[1].replayed.is_none());
}

#[tokio::test]
async fn a_new_file_in_a_folder_that_was_listed_is_something_new_that_is_left() {
    let folder = folder();
    let (_, recording) = record(folder.path(), json!([{"list": "/data"}])).await;
    let todo = json!([{"list": "/data"}, {"make-folder": "/data/out"}, {"write": ["/data/out/new", "x"]}]);
    let playback = changed(&recording, todo).await;
    assert_eq!(answers(&playback)[1..], ["ok", "ok"]);
    let left: Vec<_> = playback.files.iter().map(|file| (&*file.path, file.recorded.is_none())).collect();
    assert_eq!(left, [("/data/out", true), ("/data/out/new", true)]);
}

#[tokio::test]
async fn of_two_folders_one_inside_the_other_each_file_is_in_its_own() {
    let (outer, inner, deep) = (folder(), folder(), folder());
    let access = DirectoryAccess::ReadWrite;
    let recorder = recorder(&[
        (outer.path(), "/data", access),
        (inner.path(), "/data/in", access),
        (deep.path(), "/data/prices/deep", DirectoryAccess::ReadOnly),
    ]);
    fs::write(inner.path().join("readme"), "inner").unwrap();
    let todo = json!([
        {"write": ["/data/in/new", "x"]},
        {"read": "/data/./in/readme"},
        {"read": "/data/prices/../in/readme"},
        {"read": "/data/./in/../readme"},
        {"append": ["/data/./in/new", "y"]},
        {"read": "/data/in/new"},
        {"rename": ["/data/./in", "/data/other"]},
        {"read": "/data/in/../../readme"},
        {"write": ["/data/prices/./deep/new", "x"]},
        {"rename": ["/data/prices", "/data/moved"]},
    ]);
    let recorded = record_with(&recorder, "run", steps(todo)).await;
    let found: Vec<String> = serde_json::from_value(returned(&recorded.outcome)).unwrap();
    assert_eq!(found[..6], ["ok", "inner", "inner", "hello", "ok", "xy"]);
    assert!(found[6..9].iter().all(|answer| answer.contains("not permitted")), "{found:?}");
    assert!(found[9].contains("busy"), "{found:?}");
    assert_eq!(fs::read_to_string(inner.path().join("new")).unwrap(), "xy");
    let playback = replay(&service("files"), &Arc::new(recorded.recording.unwrap())).await;
    assert_eq!(answers(&playback), found);
    assert!(playback.is_equal() && playback.files.len() == 1, "{:?}", playback.files);
}

#[tokio::test]
async fn what_the_service_made_when_recorded_is_not_there_for_code_that_does_not_make_it() {
    let folder = folder();
    let todo = json!([{"write": ["/data/new.txt", "x"]}, {"list": "/data"}, {"stat": "/data/new.txt"}]);
    let (_, recording) = record(folder.path(), todo).await;
    let todo = json!([{"stat": "/data/new.txt"}, {"list": "/data"}, {"stat": "/data/new.txt"}]);
    let playback = changed(&recording, todo).await;
    let replayed = answers(&playback);
    assert!(replayed[0].contains("No such file") && replayed[2].contains("No such file"), "{replayed:?}");
    assert!(!replayed[1].contains("new.txt"), "{replayed:?}");
}

#[tokio::test]
async fn a_read_only_folder_stays_as_it_is() {
    let folder = folder();
    let recorder = recorder(&[(folder.path(), "/data", DirectoryAccess::ReadOnly)]);
    let todo = json!([
        {"write": ["/data/new", "x"]},
        {"append": ["/data/readme", "x"]},
        {"truncate": ["/data/readme", 0]},
        {"remove": "/data/readme"},
        {"rename": ["/data/readme", "/data/moved"]},
        {"make-folder": "/data/out"},
        {"remove-folder": "/data/prices"},
        {"link": ["/data/readme", "/data/other"]},
        {"read": "/data/readme"},
    ]);
    let recorded = record_with(&recorder, "run", steps(todo)).await;
    let answers: Vec<String> = serde_json::from_value(returned(&recorded.outcome)).unwrap();
    let (read, refused) = answers.split_last().unwrap();
    assert_eq!(read, "hello");
    for answer in refused {
        assert!(answer.contains("Operation not permitted"), "{answer}");
    }
    let recording = Arc::new(recorded.recording.unwrap());
    let playback = replay(&service("files"), &recording).await;
    assert!(playback.is_equal() && playback.files.is_empty(), "{:?}", playback.files);
}

#[cfg(unix)]
#[tokio::test]
async fn neither_links_nor_dots_lead_out_of_a_folder() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "secret").unwrap();
    let folder = folder();
    let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
    link(&outside.path().join("secret"), "absolute");
    link(&Path::new("..").join(outside.path().file_name().unwrap()).join("secret"), "relative");
    link(outside.path(), "folder");
    link(Path::new("/etc"), "etc");
    link(Path::new("loop"), "loop");
    link(Path::new("prices/eu.csv"), "inside");
    let escapes = [
        json!({"read": "/data/absolute"}),
        json!({"read": "/data/relative"}),
        json!({"read": "/data/folder/secret"}),
        json!({"list": "/data/folder"}),
        json!({"read": "/data/etc/passwd"}),
        json!({"read": "/data/loop"}),
        json!({"read": "/data/../../../../../../etc/passwd"}),
        json!({"read": "/etc/passwd"}),
        json!({"read": "/proc/self/environ"}),
        json!({"write": ["/data/absolute", "x"]}),
        json!({"write": ["/data/folder/new", "x"]}),
        json!({"write": ["/data/../new", "x"]}),
        json!({"rename": ["/data/readme", "/data/folder/readme"]}),
        json!({"remove": "/data/folder/secret"}),
        json!({"read-link": "/data/absolute"}),
    ];
    let mut todo = escapes.to_vec();
    todo.extend([
        json!({"read": "/data/inside"}),
        json!({"stat-link": "/data/inside"}),
        json!({"read-link": "/data/inside"}),
    ]);
    let (recorded, recording) = record(folder.path(), todo.into()).await;
    for (escape, answer) in escapes.iter().zip(&recorded) {
        assert!(answer.starts_with("error: "), "{escape}: {answer}");
    }
    assert_eq!(recorded[escapes.len()], "a,1\nb,2\n");
    assert!(recorded[escapes.len() + 1].starts_with("link"));
    assert_eq!(recorded[escapes.len() + 2], "prices/eu.csv");
    let left: Vec<_> = fs::read_dir(outside.path()).unwrap().collect();
    assert_eq!(
        (left.len(), fs::read_to_string(outside.path().join("secret")).unwrap()),
        (1, "secret".into())
    );

    outside.close().unwrap();
    folder.close().unwrap();
    let playback = replay(&service("files"), &Arc::new(recording)).await;
    assert_eq!(answers(&playback), recorded);
    assert!(playback.is_equal());
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_read_is_recorded_as_it_was_read() {
    let folder = folder();
    let path = folder.path().join("prices/eu.csv");
    let writer = std::thread::spawn(move || {
        for round in 0..40 {
            std::thread::sleep(std::time::Duration::from_millis(5));
            fs::write(&path, format!("round {round}")).unwrap();
        }
    });
    let slow = json!({"read-slowly": ["/data/prices/eu.csv", 3, 20]});
    let (recorded, recording) = record(folder.path(), json!([slow, slow, slow])).await;
    writer.join().unwrap();
    let playback = replay(&service("files"), &Arc::new(recording)).await;
    assert_eq!(answers(&playback), recorded);
    for answer in recorded {
        assert!(
            answer == "a,1\nb,2\n" || answer.is_empty() || answer.starts_with("round "),
            "{answer}: a torn read"
        );
    }
}

#[tokio::test]
async fn a_file_that_was_removed_while_open_is_still_read() {
    let folder = folder();
    let (recorded, recording) = record(folder.path(), json!([{"remove-open": "/data/readme"}])).await;
    assert_eq!(recorded, ["hello"]);
    let playback = replay(&service("files"), &Arc::new(recording)).await;
    assert_eq!(answers(&playback), recorded);
    assert!(playback.is_equal());
}

#[tokio::test]
async fn contents_are_stored_once_and_come_back_with_the_recording() {
    let (folder, store) = (folder(), tempfile::tempdir().unwrap());
    let location = store.path().join("tapes").display().to_string().parse().unwrap();
    let cassette = Cassette::open(&location, playback_host::cassette::Access::Write).await.unwrap();
    let todo = json!([{"read": "/data/readme"}, {"write": ["/data/copy", "hello"]}]);
    let mut ids = Vec::new();
    for _ in 0..3 {
        let (_, recording) = record(folder.path(), todo.clone()).await;
        cassette.save(&recording).await.unwrap();
        ids.push(recording.id().clone());
        fs::remove_file(folder.path().join("copy")).unwrap();
    }
    let contents: Vec<_> = fs::read_dir(store.path().join("tapes/contents")).unwrap().collect();
    assert_eq!(contents.len(), 1);
    for id in ids {
        let recording = Arc::new(cassette.load(&id).await.unwrap());
        let playback = replay(&service("files"), &recording).await;
        assert!(playback.is_equal(), "{:?}", playback.files);
    }
}

#[tokio::test]
async fn each_look_sees_what_it_saw_though_somebody_else_changed_it_between() {
    let folder = folder();
    let path = folder.path().join("readme");
    let writer = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(100));
        fs::write(path, "changed").unwrap();
    });
    // The second step takes its time; the third sees what was written meanwhile.
    let slow = json!({"read-slowly": ["/data/prices/eu.csv", 1, 30]});
    let todo = json!([{"read": "/data/readme"}, slow, {"read": "/data/readme"}, {"stat": "/data/readme"}]);
    let (recorded, recording) = record(folder.path(), todo).await;
    writer.join().unwrap();
    assert_eq!((&*recorded[0], &*recorded[2]), ("hello", "changed"));
    assert!(recording.events.iter().filter(|event| matches!(event, Event::Seen(_))).count() > 6);
    let playback = replay(&service("files"), &Arc::new(recording)).await;
    assert_eq!(answers(&playback), recorded);
}

#[tokio::test]
async fn files_answer_while_they_are_recorded_as_those_of_wasmtime_do() {
    let folder = folder();
    std::os::unix::fs::symlink("readme", folder.path().join("link")).unwrap();
    let recorder = recorder(&[(folder.path(), "/data", DirectoryAccess::ReadWrite)]);
    let calls = [
        json!({ "symlink-at": ["readme", "new/"] }),
        json!({ "link-at": ["readme", "new/"] }),
        json!({ "shorten": "readme" }),
        json!({ "set-link-times": ["link", 1_000_000] }),
        json!({ "link-at": ["readme", "again"] }),
        json!({ "link-at": ["link", "link-again"] }),
        json!({ "hash": "readme" }),
        json!({ "hash": "again" }),
        json!({ "hash": "link-again" }),
        json!({ "hash": "prices/eu.csv" }),
    ];
    let todo: Vec<_> = calls.iter().map(|call| json!({ "call": call })).collect();
    let recorded = record_with(&recorder, "run", steps(json!(todo))).await;
    let recording = Arc::new(recorded.recording.unwrap());
    let answers: Vec<String> = serde_json::from_value(returned(&recorded.outcome)).unwrap();
    assert_eq!(answers[..6], ["no-entry", "no-entry", "invalid", "ok", "ok", "ok"]);
    let [readme, again, link, other] = &answers[6..] else { panic!("{answers:?}") };
    assert!(readme == again && readme == link && readme != other, "{answers:?}");
    let modified = |path: &str| fs::symlink_metadata(folder.path().join(path)).unwrap().modified().unwrap();
    assert_eq!(modified("link"), std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000));
    assert!(modified("readme") > modified("link"), "the link itself was meant");
    drop(folder);
    let playback = replay(&service("files"), &recording).await;
    assert!(playback.is_equal(), "{:?} {:?}", playback.ending, playback.result);
}
