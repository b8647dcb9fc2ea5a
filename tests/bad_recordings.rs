//! Recordings that are damaged, crafted, or from a later version: an error that names them, whatever they say.

use crate::support::command::{Folder, assert_told};
use playback_host::recording::Metadata;
use std::io::Write;

const RECORD: &str =
    "record shop.wasm --provider shop_provider.wasm --operation place-order --from requests.ndjson";
const ORDER: &str = r#"[{"id": "o-1", "customer": "bob", "channel": "web", "express": false, "lines": [
    {"sku": "apple", "quantity": 3}, {"sku": "bread", "quantity": 2}]}]"#;

/// A cassette with so many recordings of one order, and their ids.
fn recorded(count: usize) -> (Folder, Vec<String>) {
    let folder = Folder::shop();
    folder.write("requests.ndjson", format!("{}\n", ORDER.replace('\n', "")).repeat(count));
    folder.ok(RECORD);
    let ids = folder.json("list").iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect();
    (folder, ids)
}

fn tape(id: &str) -> String {
    format!("cassette/full/{id}.tape")
}

fn metadata(id: &str) -> String {
    format!("cassette/metadata/{id}.json")
}

fn read(folder: &Folder, id: &str) -> Vec<u8> {
    std::fs::read(folder.path(&tape(id))).unwrap()
}

/// Which recordings `verify` finds fault with; then `replay --all` must fail on those, and replay the others as equal.
fn broken(folder: &Folder) -> Vec<String> {
    let mut lines = folder.json("verify");
    let summary = lines.pop().unwrap();
    let broken = lines.iter().filter(|line| !line["problem"].is_null());
    let broken: Vec<String> = broken.map(|line| line["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(summary["summary"]["broken"], broken.len());
    assert_eq!(summary["summary"]["whole"], lines.len() - broken.len());

    let mut lines = folder.json("replay --all shop.wasm");
    let summary = lines.pop().unwrap();
    for line in &lines {
        let id = line["recording"].as_str().unwrap().to_owned();
        let verdict = if broken.contains(&id) { "failed" } else { "equal" };
        assert_eq!(line["verdict"], verdict, "{line}");
    }
    assert_eq!(summary["summary"]["failed"], broken.len());
    let replay = folder.run("replay --all shop.wasm");
    assert_eq!((replay.code, folder.run("verify").code), (3, 3));
    assert!(
        replay.error().ends_with(&format!("{} recordings could not be replayed", lines.len())),
        "{}",
        replay.stderr
    );
    broken
}

#[test]
fn a_recording_with_any_byte_flipped_is_refused_or_the_same() {
    let (folder, ids) = recorded(60);
    for (number, id) in ids.iter().enumerate() {
        let mut tape = read(&folder, id);
        let at = number * tape.len() / ids.len();
        tape[at] ^= 0xff;
        folder.write(&self::tape(id), tape);
    }
    // Some bits of a zstd frame mean nothing.
    assert!(broken(&folder).len() >= 55);
}

#[test]
fn metadata_with_any_byte_flipped_is_refused_by_whoever_reads_it() {
    let (folder, ids) = recorded(40);
    for (number, id) in ids.iter().enumerate() {
        let mut text = std::fs::read(folder.path(&metadata(id))).unwrap();
        let at = number * text.len() / ids.len();
        text[at] ^= 1;
        folder.write(&metadata(id), text);
    }
    assert_eq!(broken(&folder).len(), 40);
    let list = folder.run("list");
    assert_eq!(
        (list.code, list.stdout.as_str(), list.stderr.lines().count()),
        (3, "", 40),
        "{}",
        list.stderr
    );
    let show = folder.run(&format!("show {}", ids[7]));
    assert_eq!(
        show.error(),
        format!(
            "the metadata of recording `{}` is corrupt: it does not end in the digest of what is before it; \
             copy it again, or remove the recording",
            ids[7]
        )
    );
}

#[test]
fn metadata_that_says_something_else_than_its_tape_is_refused_by_replay_as_by_verify() {
    let (folder, ids) = recorded(3);
    let changes: [fn(&mut Metadata); 3] =
        [|it| it.counts.inputs = 99, |it| it.incomplete = true, |it| it.operation = "another".to_owned()];
    for (id, change) in ids.iter().zip(changes) {
        let mut changed = Metadata::from_json(&std::fs::read(folder.path(&metadata(id))).unwrap()).unwrap();
        change(&mut changed);
        folder.write(&metadata(id), changed.to_json().unwrap());
    }
    assert_eq!(broken(&folder).len(), 3);
    let replay = folder.run(&format!("replay {} shop.wasm", ids[0]));
    assert!(replay.error().contains("is corrupt: it says inputs `99`, and its tape `"), "{}", replay.stderr);
}

#[test]
fn a_recording_cut_anywhere_is_refused() {
    let (folder, ids) = recorded(40);
    for (number, id) in ids.iter().enumerate() {
        let tape = read(&folder, id);
        let length = number * tape.len() / ids.len();
        folder.write(&self::tape(id), &tape[..length]);
    }
    assert_eq!(broken(&folder).len(), 40);
}

/// A `.tape` file around any content.
fn packed(content: &[u8]) -> Vec<u8> {
    let mut compressor = zstd::bulk::Compressor::new(1).unwrap();
    compressor.include_checksum(true).unwrap();
    compressor.compress(content).unwrap()
}

/// A header whose first argument is these bytes, and nothing after it.
fn header(argument: &[u8]) -> Vec<u8> {
    packed(&[b"\xa2\x66format\x01\x69arguments", argument].concat())
}

/// A frame of 600 MiB of zeros, in some 20 KiB.
fn bomb() -> Vec<u8> {
    let mut encoder = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.include_contentsize(true).unwrap();
    encoder.set_pledged_src_size(Some(600 << 20)).unwrap();
    let mebibyte = vec![0; 1 << 20];
    (0..600).for_each(|_| encoder.write_all(&mebibyte).unwrap());
    encoder.finish().unwrap()
}

/// What the tape at the first `id` becomes, by what is done to it.
fn crafted(folder: &Folder, ids: &[String]) -> Vec<(&'static str, Vec<u8>)> {
    let whole = read(folder, &ids[0]);
    let content = zstd::decode_all(&*whole).unwrap();
    let mut newer = content.clone();
    let version = newer.windows(7).position(|window| window == b"\x66format").unwrap() + 7;
    newer[version] = 9;
    let mut changed = content.clone();
    let at = changed.windows(5).position(|window| window == b"apple").unwrap();
    changed[at] = b'A';
    // Single segment, checksum, and eight bytes of size.
    let claim = [&b"\x28\xb5\x2f\xfd\xe4"[..], &(1u64 << 60).to_le_bytes(), b"\x01\0\0\0\0\0\0"].concat();
    vec![
        ("empty", Vec::new()),
        ("text", b"once upon a time".to_vec()),
        ("another recording", read(folder, &ids[1])),
        ("newer format", packed(&newer)),
        ("value changed", packed(&changed)),
        ("something after it", [&whole[..], b"more"].concat()),
        ("no recording inside", packed(b"\x63abc")),
        ("array of 2^62 items", header(b"\x9b\x40\0\0\0\0\0\0\0")),
        ("text of 2^62 bytes", header(b"\x81\x7b\x40\0\0\0\0\0\0\0")),
        ("nested 100000 deep", header(&[0x81; 100_000])),
        ("50 million nulls", header(&[&b"\x9a\x03\0\0\0"[..], &vec![0xf6; 3 << 24]].concat())),
        ("claim of 2^60 bytes", claim),
        ("zstd bomb", bomb()),
    ]
}

#[test]
fn a_crafted_recording_is_refused_with_what_is_wrong_with_it() {
    let (folder, ids) = recorded(2);
    let mut told = String::new();
    for (sort, tape) in crafted(&folder, &ids) {
        folder.write(&self::tape(&ids[0]), tape);
        let commands = ["show", "replay", "verify"].map(|command| {
            let service = if command == "replay" { "shop.wasm" } else { "" };
            let ran = folder.run(&format!("{command} {} {service}", ids[0]));
            assert_eq!(ran.code, 3, "{command} {sort}");
            ran
        });
        let [show, replay, verify] = &commands;
        assert_eq!(show.error(), replay.error(), "{sort}");
        assert!(verify.stdout.contains(show.error()), "{sort}: {}", verify.stdout);
        told += &format!("{sort}: {}\n\n", show.error());
        assert_eq!(folder.json("list").len(), 2, "metadata is enough for a list");
        assert_eq!(folder.run(&format!("replay {} shop.wasm", ids[1])).code, 0, "the other one is fine");
    }
    assert_told!(told);
}

#[test]
fn half_a_recording_is_told_and_never_hides_the_others() {
    let (folder, ids) = recorded(4);
    std::fs::remove_file(folder.path(&tape(&ids[0]))).unwrap();
    folder.write(&metadata(&ids[1]), "{\"id\":");
    std::fs::remove_file(folder.path(&metadata(&ids[2]))).unwrap();
    let list = folder.run("list");
    assert_eq!((list.code, list.stdout.lines().count()), (3, 3), "{}{}", list.stdout, list.stderr);
    let mut told = folder.session(&["verify"]);
    for (number, id) in ids.iter().enumerate().take(3) {
        let show = folder.run(&format!("show {id}"));
        told += &format!("show {number}: {}[{}]\n", show.stderr, show.code);
    }
    told += &format!("list: {}[{}]\n", list.stderr, list.code);
    assert_told!(told);
}

#[test]
fn a_tape_that_an_interrupted_save_left_is_no_error_and_is_pruned_after_a_day() {
    let (folder, ids) = recorded(2);
    let old = "place-order/20260101/019b7620-9c00-7abc-8def-0123456789ab";
    folder.write(&tape(old), "half a tape");
    // This one may still be being saved.
    std::fs::remove_file(folder.path(&metadata(&ids[0]))).unwrap();
    let mut before = folder.files();
    let show = format!("show {old}");
    assert_told!(folder.session(&[&show, &format!("verify {old}"), "verify", "prune -v", "prune", &show]));
    for name in ["cassette/full/place-order/20260101/", &tape(old)] {
        before.remove(name).expect(name);
    }
    assert!(folder.files() == before, "what stays is as it was");
}

#[test]
fn a_cassette_that_is_missing_is_not_made_by_pruning_it() {
    assert_told!(Folder::with(&[]).refusals(&["prune", "prune --cassette tapes"]));
}
