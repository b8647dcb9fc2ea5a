//! Cassettes that are missing, cannot be written, or are full of other things.

use crate::support::command::{Folder, assert_told};

const RECORD: &str = r#"record shop.wasm --provider shop_provider.wasm --invoke 'quote("apple", 1)'"#;

#[test]
fn a_cassette_that_is_missing_or_empty_is_told_and_not_made_by_reading() {
    let folder = Folder::shop();
    std::fs::create_dir(folder.path("empty")).unwrap();
    assert_told!(folder.refusals(&[
        "list",
        "show latest",
        "verify",
        "replay latest shop.wasm",
        "replay --all shop.wasm",
        "list --cassette empty",
        "show latest --cassette empty",
        "verify --cassette empty",
        "replay latest shop.wasm --cassette empty",
        "replay --all shop.wasm --cassette empty",
        "replay --all shop.wasm --cassette empty --category quote",
        "list --cassette memory:",
    ]));
}

#[test]
fn a_cassette_that_cannot_be_written_is_refused_before_anything_runs() {
    let folder = Folder::shop();
    folder.write("file", "mine");
    // As a folder without rights would, and for root, too.
    folder.write("locked/.partial", "mine");
    assert_told!(folder.refusals(&[
        &format!("{RECORD} --cassette file"),
        &format!("{RECORD} --cassette file/below"),
        &format!("{RECORD} --cassette locked"),
    ]));
}

#[test]
fn a_cassette_that_breaks_loses_a_recording_and_no_result_and_nothing_is_run_after_it() {
    let folder = Folder::shop();
    folder.write("cassette/full", "a file where tapes should go");
    folder.write("requests.ndjson", "[\"apple\", 1]\n[\"gone\", 1]\n");
    let before = folder.files();
    assert_told!(folder.session(&[
        RECORD,
        "record shop.wasm --provider shop_provider.wasm --operation quote --from requests.ndjson --jobs 1",
        "list",
    ]));
    let mut lines = folder.json(
        "record shop.wasm --provider shop_provider.wasm --operation quote --from requests.ndjson --jobs 1",
    );
    let summary = &lines.pop().unwrap()["summary"];
    assert_eq!((lines.len(), &lines[0]["line"]), (1, &1.into()));
    assert_eq!((&summary["lost"], &summary["not-run"]), (&1.into(), &1.into()), "{summary}");
    let json = folder.json(RECORD).remove(0);
    assert_eq!(json["outcome"]["returned"]["ok"], 45);
    assert!(
        json["recording"].is_null() && json["problem"].as_str().unwrap().contains("was not saved"),
        "{json}"
    );
    let mut after = folder.files();
    after.remove("cassette/.partial/");
    assert_eq!(after, before, "nothing is half written");
}

#[test]
fn other_files_in_a_cassette_stay_untouched_and_unlisted() {
    let folder = Folder::shop();
    let others = [
        "cassette/notes.txt",
        "cassette/full/readme.md",
        "cassette/metadata/quote/20260101/not-a-uuid.json",
        "cassette/metadata/quote/20261399/01234567-89ab-7cde-8f01-23456789abcd.json",
        "cassette/metadata/stray.json",
        "cassette/full/quote/20260101/01234567-89ab-7cde-8f01-23456789abcd.tape.swp",
    ];
    others.iter().for_each(|name| folder.write(name, name));
    folder.ok(RECORD);
    assert_eq!(folder.json("list").len(), 1);
    assert_eq!(folder.ok("verify"), "1 recording whole, 0 broken\n");
    assert_eq!(folder.ok("replay --all shop.wasm"), "1 equal, 0 different, 0 diverged\n");
    let files = folder.files();
    for name in others {
        assert_eq!(files[name], name.as_bytes(), "{name}");
    }
    assert_eq!(files.keys().filter(|name| name.contains(".partial/")).count(), 1, "no file is left behind");
}

#[cfg(unix)]
#[test]
fn a_link_in_a_cassette_leads_nowhere() {
    let folder = Folder::shop();
    folder.ok(&format!("{RECORD} --cassette elsewhere"));
    std::fs::create_dir(folder.path("cassette")).unwrap();
    for name in ["full", "metadata"] {
        std::os::unix::fs::symlink(folder.path("elsewhere").join(name), folder.path("cassette").join(name))
            .unwrap();
    }
    let before = folder.files();
    let list = folder.run("list");
    assert_ne!(list.code, 0);
    list.error();
    let record = folder.run(RECORD);
    assert_eq!((record.code, record.stdout.as_str()), (3, "returned {\"ok\":45}\n"), "the result stands");
    assert!(record.error().contains("is a symbolic link, and none is followed"), "{}", record.stderr);
    let mut after = folder.files();
    after.remove("cassette/.partial/");
    assert_eq!(after, before);
}
