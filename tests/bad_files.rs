//! Granted folders that cannot be granted, and recordings whose files are not there as they were.

use crate::support::command::{Folder, assert_told};
use std::path::PathBuf;

const READ: &str = r#"record files.wasm --dir data::/data --invoke 'run([read("/data/a.txt")])'"#;

fn folder() -> Folder {
    let folder = Folder::with(&["files"]);
    folder.write("data/a.txt", "hello");
    folder
}

#[test]
fn a_folder_that_cannot_be_granted_is_refused_before_anything_runs() {
    let folder = folder();
    folder.write("data/in/b.txt", "hello");
    folder.write("twice.toml", "[service]\ndirs = [\"data::/data\", \"data::/data/\"]\n");
    folder.write("wrong.toml", "[service]\ndirs = [\"data::\"]\n");
    let record = |more: &str| format!("record files.wasm --invoke 'run([])' {more}");
    assert_told!(folder.refusals(&[
        &record("--dir nowhere::/data"),
        &record("--dir data/a.txt::/data"),
        &record("--dir data::"),
        &record("--dir data::/data:ro"),
        &record("--dir data::/data --dir data::/data"),
        &record("--config twice.toml"),
        &record("--dir data::/data --dir data/../data::/other::ro"),
        &record("--dir data/in::/in --dir data::/data::ro"),
        &record("--config wrong.toml"),
        &record("--dir data::/data --intercepted-file-size-limit much"),
    ]));
    // Where nothing is changed a file may have two names.
    folder.ok(&record("--dir data::/data::ro --dir data/in::/in::ro --dir data::/other::ro"));
}

/// The file that the only content of the cassette is in.
fn content(folder: &Folder) -> PathBuf {
    let contents: Vec<_> = folder
        .files()
        .into_keys()
        .filter(|name| name.contains("/contents/") && !name.ends_with('/'))
        .collect();
    assert_eq!(contents.len(), 1, "{contents:?}");
    folder.path(&contents[0])
}

#[test]
fn a_content_that_is_missing_or_has_another_digest_is_named_by_whoever_reads_it() {
    let folder = folder();
    folder.ok(READ);
    let content = content(&folder);
    let commands = ["verify", "show latest", "replay latest files.wasm", "replay --all files.wasm"];
    std::fs::write(&content, "jello").unwrap();
    let damaged = folder.session(&commands);
    std::fs::remove_file(&content).unwrap();
    let missing = folder.session(&commands);
    std::fs::write(&content, "hello").unwrap();
    let restored = folder.session(&["verify", "replay latest files.wasm"]);
    assert_told!([damaged, missing, restored].join("---\n"));
}

#[test]
fn what_a_service_leaves_is_compared_and_what_it_never_saw_is_a_divergence() {
    let folder = folder();
    let write = r#"--dir data::/data --invoke 'run([write(("/data/out.txt", "one"))])'"#;
    folder.ok(&format!("record files.wasm {write}"));
    std::fs::remove_dir_all(folder.path("data")).unwrap();
    let lines = folder.session(&["show latest", "replay latest files.wasm", "list"]);
    assert!(!folder.path("data").exists(), "a replay wrote a file");
    assert_told!(lines);
}

#[test]
fn a_content_that_is_not_kept_is_told_when_it_is_recorded_and_when_it_is_missed() {
    let folder = folder();
    folder.write("data/large", vec![b'x'; 1_100_000]);
    folder.write("requests.ndjson", "[[{\"read\": \"/data/large\"}]]\n[[]]\n");
    let record = "record files.wasm --dir data::/data --intercepted-file-size-limit 1";
    let told = folder.session(&[
        &format!("{record} --invoke 'run([read(\"/data/large\")])' --cassette whole"),
        "replay latest files.wasm --cassette whole",
        &format!("{record} --from requests.ndjson"),
    ]);
    let told = told.replace(&"x".repeat(1_100_000), "<many>");
    assert_told!(told);
    let lines = folder.json(&format!("{record} --from requests.ndjson"));
    let kept: Vec<_> = lines.iter().map(|line| line["contents-not-kept"].clone()).collect();
    let file = serde_json::json!({ "path": "/data/large", "size": 1_100_000 });
    assert_eq!(kept[..2], [serde_json::json!([file]), serde_json::json!([])]);
    assert_eq!(lines[2]["summary"]["contents-not-kept"], 1);
}

#[test]
fn a_directory_that_is_granted_under_its_own_name_is_read_and_written_and_replays_without_it() {
    for (grant, inside) in [(".", ""), ("data", "data/"), ("./data", "data/")] {
        let folder = Folder::with(&["files"]);
        let shown = if inside.is_empty() { "a.txt" } else { "data/a.txt" };
        folder.write(shown, "hello");
        let steps = format!(
            r#"run([read("{inside}a.txt"), write(("{inside}out.txt", "one")), stat("{inside}out.txt")])"#
        );
        let told = folder.ok(&format!("record files.wasm --dir {grant} --cassette kept --invoke '{steps}'"));
        assert!(told.contains("hello"), "{grant}: {told}");
        assert_eq!(folder.files()[&format!("{inside}out.txt")], b"one", "{grant}");
        std::fs::remove_file(folder.path(shown)).unwrap();
        let replayed = folder.ok("replay latest files.wasm --cassette kept");
        assert!(replayed.ends_with("\nequal\n"), "{grant}: {replayed}");
    }
}
