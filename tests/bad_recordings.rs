//! Recordings that are damaged, crafted, or from a later version: an error that names them, whatever they say.

use crate::support::command::{Folder, assert_told};
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
    let metadata = |id: &str| folder.path(&format!("cassette/metadata/{id}.json"));
    std::fs::remove_file(folder.path(&tape(&ids[0]))).unwrap();
    std::fs::write(metadata(&ids[1]), "{\"id\":").unwrap();
    std::fs::remove_file(metadata(&ids[2])).unwrap();
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
