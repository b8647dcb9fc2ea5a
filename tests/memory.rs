//! How much memory a recording can take that somebody made for that.

#![cfg(target_os = "linux")]

use crate::support::command::Folder;
use playback_host::recording::Metadata;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

const MIB: usize = 1 << 20;
/// What `recording::format::Limits` says that reading one takes at most.
const MOST: usize = 3072 * MIB;

/// The most memory that the process has had, in bytes; it must run to its end without an error.
fn peak(mut child: Child) -> usize {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    // The system knows the peak for as long as the process runs. The last milliseconds take no more.
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<usize>().ok());
        peak = peak.max(kibibytes.unwrap_or_default() << 10);
        std::thread::sleep(Duration::from_millis(1));
    }
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    peak
}

/// Makes of the tape in `file` one of as much as a reader takes, and returns its size and its events beside `events`.
fn grow(file: &Path) -> (usize, u64) {
    let content = zstd::decode_all(&*std::fs::read(file).unwrap()).unwrap();
    let end = content.windows(9).position(|window| window == b"\x82\x67outcome").unwrap();
    // A list of events takes twice its room while it grows, which it does last for this many.
    let (text, events) = (280 * MIB, (8 * MIB) + 1);
    let stdin = [&b"\x82\x65stdin\x5a"[..], &(text as u32).to_be_bytes()].concat();
    let clock = b"\x82\x64wall\x00";
    let mut encoder = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.include_contentsize(true).unwrap();
    let size = end + stdin.len() + text + events * clock.len();
    encoder.set_pledged_src_size(Some(size as u64)).unwrap();
    encoder.write_all(&content[..end]).unwrap();
    encoder.write_all(&stdin).unwrap();
    (0..280).for_each(|_| encoder.write_all(&vec![0; MIB]).unwrap());
    encoder.write_all(&clock.repeat(events)).unwrap();
    let tape = encoder.finish().unwrap();
    std::fs::write(file, &tape).unwrap();
    (tape.len(), events as u64 + 1)
}

#[test]
fn no_recording_takes_more_memory_to_read_than_the_limits_say() {
    let folder = Folder::shop();
    folder.ok("record shop.wasm --provider shop_provider.wasm --invoke 'quote(\"apple\", 1)'");
    let id = folder.json("list")[0]["id"].as_str().unwrap().to_owned();
    let (size, events) = grow(&folder.path(&format!("cassette/full/{id}.tape")));
    let file = folder.path(&format!("cassette/metadata/{id}.json"));
    let mut metadata = Metadata::from_json(&std::fs::read(&file).unwrap()).unwrap();
    metadata.size = size as u64;
    metadata.incomplete = true;
    metadata.counts.ambient += events;
    std::fs::write(&file, metadata.to_json().unwrap()).unwrap();

    let verify = folder.command("verify").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();

    let peak = peak(verify);
    assert!(peak < MOST, "{} MiB", peak / MIB);
    assert!(peak > MOST / 2, "{} MiB: it is no longer the worst that there is", peak / MIB);
}
