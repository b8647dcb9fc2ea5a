//! What a service writes to its standard streams: compared when asked, by `replay` and `verify --replay`.

use crate::support::command::{Folder, assert_told, ran};
use playback_host::cassette::{Access, Cassette, Location, Selector};
use playback_host::recording::{Event, RecordingId, Stream};
use serde_json::json;
use std::io::Write;
use std::process::Stdio;

/// A recording of a service that printed three lines, and another as if the second of them had been this.
async fn printed(second: &str) -> Folder {
    let folder = Folder::with(&["ambient"]);
    folder.ok("record ambient.wasm --invoke 'print(\"one\\ntwo\\nthree\", \"oh\")'");
    let location = Location::Directory(folder.path("cassette"));
    let cassette = Cassette::open(&location, Access::Write).await.unwrap();
    let mut recording = cassette.load(&cassette.find(&Selector::Latest).await.unwrap()).await.unwrap();
    recording.header.id = RecordingId::new("other".parse().unwrap(), recording.metadata.recorded_at);
    recording.metadata.id = recording.header.id.clone();
    for event in &mut recording.events {
        if let Event::Written(Stream::Stdout, bytes) = event {
            let text = String::from_utf8(std::mem::take(bytes)).unwrap();
            *bytes = text.replace("two", second).into_bytes();
        }
    }
    cassette.save(&recording).await.unwrap();
    folder
}

#[tokio::test]
async fn what_is_written_is_compared_when_asked_and_the_first_line_that_differs_is_told() {
    let folder = printed("\u{1b}[2Jdeux").await;
    assert_told!(folder.session(&[
        "replay other ambient.wasm",
        "replay other ambient.wasm --compare-streams stderr",
        "replay other ambient.wasm --compare-streams stdout",
        "replay print/ ambient.wasm --compare-streams stdout,stderr -v",
        "replay --all ambient.wasm --compare-streams stdout,stderr",
        "verify --replay ambient.wasm --compare-streams stdout",
        "verify --replay ambient.wasm",
        "replay --all ambient.wasm --compare-streams stdin",
    ]));
    let report = folder.json("replay other ambient.wasm --compare-streams stdout,stderr").remove(0);
    assert_eq!(report["verdict"], "different");
    assert_eq!(
        report["streams"],
        json!([
            { "stream": "stdout", "verdict": "different", "line": 2, "recorded": "\u{1b}[2Jdeux\n", "replayed": "two\n" },
            { "stream": "stderr", "verdict": "equal" },
        ])
    );
    assert_eq!(folder.json("replay other ambient.wasm")[0]["streams"], json!([]));
}

#[tokio::test]
async fn the_environment_or_the_file_asks_for_it_too() {
    let folder = printed("deux").await;
    let with = |line: &str, streams: &str| {
        let command = &mut folder.command(line);
        ran(&command.env("PLAYBACK_COMPARE_STREAMS", streams).output().unwrap()).code
    };
    for line in ["replay other ambient.wasm", "verify other --replay ambient.wasm"] {
        assert_eq!(
            (with(line, "stdout"), with(line, "stderr"), with(line, "stderr,stdout")),
            (1, 0, 1),
            "{line}"
        );
        folder.write("playback.toml", "[replay]\ncompare-streams = [\"stdout\"]\n");
        assert_eq!((folder.run(line).code, with(line, "stderr")), (1, 0), "{line}");
        folder.write("playback.toml", "");
        assert_eq!(folder.run(line).code, 0, "{line}");
    }
}

#[test]
fn standard_input_can_be_what_the_command_reads_and_has_one_reader() {
    let folder = Folder::with(&["ambient"]);
    let piped = |line: &str| {
        let mut command = folder.command(line);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // The command may end before it reads it.
        let _ = child.stdin.take().unwrap().write_all(b"[]\n");
        ran(&child.wait_with_output().unwrap())
    };
    let told = piped("record ambient.wasm --stdin - --invoke 'read-stdin()'");
    assert!(told.stdout.starts_with("returned \"[]\\n\"\n"), "{}{}", told.stdout, told.stderr);
    let refused = piped("record ambient.wasm --stdin - --from - --operation read-stdin");
    assert_eq!(
        refused.error(),
        "`--from -` and `--stdin -` both read standard input; give one of them a file"
    );
}
