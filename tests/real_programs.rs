//! A program that other people's crates make, on real files: recorded with them, replayed when they are gone.
//!
//! What is expected was worked out by hand from the files in `tests/data`, and is no output of the program.

use crate::support::command::Folder;
use crate::support::{arguments, record_with, replay, returned, root, service};
use playback_host::cassette::{Access, Cassette};
use playback_host::sandbox::{Directory, DirectoryAccess, Recorder, ServiceGrants};
use playback_host::tape::Ending;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

const FILES: [&str; 3] = ["sales.csv", "notes.md", "photo.png"];

const SALES: &str = "\
product,cents
\"Pears, ripe\",1000
\"6\"\" nails\",500
\"Jam
(red)\",650
";

const NOTES: &str = "\
<h1>Sales &amp; stock</h1>
<p>Up by <em>4%</em>, see <a href=\"list.html\" title=\"all of it\">the list</a>:</p>
<ol>
<li>pears</li>
<li><code>a &lt; b</code></li>
</ol>
";

/// The photo at half its size, as netpbm's PAM has it. Each pixel is the mean of four: those on the left are four greys, those on the right two
/// reds and two blues.
fn thumbnail() -> Vec<u8> {
    let row = [[60, 60, 60].repeat(16), [100, 0, 100].repeat(16)].concat();
    let header = b"P7\nWIDTH 32\nHEIGHT 16\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n";
    [header.to_vec(), row.repeat(16)].concat()
}

/// A folder with the real files.
pub(crate) fn data() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in FILES {
        fs::copy(root().join("tests/data").join(name), folder.path().join(name)).unwrap();
    }
    folder
}

/// Records the program with `folder` as its `/data`.
pub(crate) fn recorder(folder: &Path) -> Recorder {
    let host = folder.to_owned();
    let directory = Directory { host, guest: "/data".to_owned(), access: DirectoryAccess::ReadWrite };
    let grants = ServiceGrants::default().directories(vec![directory]);
    let recorder = Recorder::builder(&service("report")).build().unwrap();
    recorder.to_builder().grants(grants).build().unwrap()
}

fn assert_made(out: &Path) {
    assert_eq!(fs::read_to_string(out.join("sales.csv")).unwrap(), SALES);
    assert_eq!(fs::read_to_string(out.join("notes.html")).unwrap(), NOTES);
    assert!(fs::read(out.join("photo.pam")).unwrap() == thumbnail(), "the thumbnail is another");
}

#[tokio::test]
async fn a_report_of_real_files_replays_from_a_cassette_when_the_files_are_gone() {
    let (folder, store) = (data(), tempfile::tempdir().unwrap());
    let recorded = record_with(&recorder(folder.path()), "make", arguments(json!(["north", 32]))).await;
    let summary = json!({ "ok": { "cents": 2150, "html": NOTES.len(), "thumbnail": [32, 16] } });
    assert_eq!(returned(&recorded.outcome), summary);
    assert_made(&folder.path().join("out"));
    let recording = recorded.recording.unwrap();
    let location = store.path().join("tapes").display().to_string().parse().unwrap();
    let id = recording.id().clone();
    Cassette::open(&location, Access::Write).await.unwrap().save(&recording).await.unwrap();
    drop(recording);
    folder.close().unwrap();

    let cassette = Cassette::open(&location, Access::Read).await.unwrap();
    let mut recording = cassette.load(&id).await.unwrap();
    let playback = replay(&service("report"), &Arc::new(recording.clone())).await;
    assert!(playback.is_equal(), "{:?} {:?} {:?}", playback.ending, playback.result, playback.files);
    assert_eq!(playback.ending, Ending::Finished(recorded.outcome));
    let left: Vec<&str> = playback.files.iter().map(|file| &*file.path).collect();
    assert_eq!(left, ["/data/out", "/data/out/notes.html", "/data/out/photo.pam", "/data/out/sales.csv"]);

    // As if the new code asked for another region: it reads the same and writes something else.
    recording.header.arguments = arguments(json!(["south", 32]));
    let playback = replay(&service("report"), &Arc::new(recording)).await;
    let Ending::Finished(outcome) = &playback.ending else { panic!("{:?}", playback.ending) };
    assert_eq!(returned(outcome)["ok"]["cents"], 10 * 30 + 3 * 110);
    let different = playback.files.iter().filter(|file| !file.is_equal());
    let different: Vec<&str> = different.map(|file| &*file.path).collect();
    assert_eq!(different, ["/data/out/sales.csv"]);
    assert!(!playback.is_equal());
}

#[test]
fn the_command_line_records_a_report_and_replays_it_when_the_files_are_gone() {
    let folder = Folder::with(&["report"]);
    for name in FILES {
        folder.write(&format!("data/{name}"), fs::read(root().join("tests/data").join(name)).unwrap());
    }
    let recorded = folder.ok("record report.wasm --dir ./data::/data --invoke 'make(\"north\", 32)'");
    assert!(recorded.contains("\"cents\":2150"), "{recorded}");
    assert_made(&folder.path("data/out"));
    fs::remove_dir_all(folder.path("data")).unwrap();
    let replayed = folder.json("replay latest report.wasm");
    assert_eq!(replayed[0]["verdict"], "equal");
    assert_eq!(replayed[0]["files"].as_array().unwrap().len(), 4);
    folder.ok("replay latest report.wasm");
    assert!(!folder.path("data").exists(), "a replay left files");
}
