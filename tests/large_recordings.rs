//! Reports of large recordings: they are written while they are gone through, and need no memory of their own.

#![cfg(target_os = "linux")]

use crate::support::command::Folder;
use playback_host::cassette::{Access, Cassette, Location, Selector};
use playback_host::recording::{Counts, Event, RecordingId};
use std::io::Read;
use std::process::Stdio;

/// Enough that a document of them would take several times what is allowed.
const INPUTS: usize = 200_000;
/// In KiB. The recording itself takes about 50 MiB, and the engine as much.
const ALLOWED: usize = 250 << 10;

/// Adds the latest recording once more, with many more inputs.
async fn add_large(folder: &Folder) {
    let cassette = Location::Directory(folder.path("cassette"));
    let cassette = Cassette::open(&cassette, Access::Write).await.unwrap();
    let mut recording = cassette.load(&cassette.find(&Selector::Latest).await.unwrap()).await.unwrap();
    recording.header.id = RecordingId::new("large".parse().unwrap(), recording.metadata.recorded_at);
    recording.metadata.id = recording.header.id.clone();
    let input =
        recording.events.iter().find(|event| matches!(event, Event::Interception(_))).unwrap().clone();
    recording.events.extend(std::iter::repeat_n(input, INPUTS));
    recording.metadata.counts = Counts::of(&recording.events);
    cassette.save(&recording).await.unwrap();
}

/// The most memory that the program has had when the first of its report can be read, in KiB.
fn memory_at_first_byte(folder: &Folder, line: &str) -> usize {
    let mut child = folder.command(line).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0]).unwrap();
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    std::io::copy(&mut stdout, &mut std::io::sink()).unwrap();
    child.wait().unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect(&status);
    peak.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test]
async fn a_report_takes_no_more_memory_than_its_recording() {
    let folder = Folder::shop();
    folder.ok(r#"record shop.wasm --provider shop_provider.wasm --invoke 'quote("apple", 1)'"#);
    add_large(&folder).await;
    for line in [
        "show large",
        "show large -v",
        "show large --format json",
        "replay large shop.wasm",
        "replay large shop.wasm -v",
        "replay large shop.wasm --format json",
        "replay --all shop.wasm --category large --format json",
    ] {
        let memory = memory_at_first_byte(&folder, line);
        assert!(memory < ALLOWED, "{line}: {memory} KiB");
    }
    let report = folder.json("replay large shop.wasm").remove(0);
    assert_eq!(report["inputs-not-made"].as_array().map(Vec::len), Some(INPUTS));
    let told = folder.ok("replay large shop.wasm");
    assert!(told.contains(&format!("\n  and {} more; `-v` shows all\n", INPUTS - 20)), "{told}");
}
