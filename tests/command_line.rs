//! What every command has in common: formats, closed pipes, help; and what those that only read show.

use crate::support::command::{Folder, assert_told};
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

const RECORD: &str = "record shop.wasm --provider shop_provider.wasm";

/// A cassette with a quote that returned and one that trapped.
fn recorded() -> Folder {
    let folder = Folder::shop();
    folder.write("requests.ndjson", "[\"trap\", 1]\n[\"apple\", 2]\n");
    folder.ok(&format!("{RECORD} --operation quote --from requests.ndjson"));
    folder
}

#[test]
fn what_was_recorded_is_listed_shown_and_verified() {
    assert_told!(recorded().session(&[
        "list",
        "list --limit 1",
        "show latest",
        "show latest -v",
        "verify",
        "verify latest",
        "verify -v",
    ]));
}

#[test]
fn every_command_speaks_json_one_object_a_line() {
    let folder = recorded();
    // A key that each object of a command has, and how many there are before a summary.
    let speaks = |line: &str, key: &str, count: usize, has_summary: bool| {
        let mut objects = folder.json(line);
        assert_eq!(objects.last().unwrap().get("summary").is_some(), has_summary, "{line}");
        objects.truncate(objects.len() - usize::from(has_summary));
        assert!(objects.len() == count && objects.iter().all(|it| it.get(key).is_some()), "{objects:?}");
    };
    speaks("inspect shop.wasm", "operations", 1, false);
    speaks(&format!("{RECORD} --invoke 'quote(\"apple\", 2)'"), "outcome", 1, false);
    speaks(&format!("{RECORD} --operation quote --from requests.ndjson"), "line", 2, true);
    speaks("list", "recorded-at", 5, false);
    speaks("show latest", "events", 1, false);
    speaks("verify", "problem", 5, true);
    speaks("prune", "removed", 0, true);
    speaks("replay latest shop.wasm", "verdict", 1, false);
    speaks("replay --all shop.wasm", "verdict", 5, true);
    let shown = folder.json("show latest").remove(0);
    assert_eq!(shown["arguments"], serde_json::json!({ "sku": "apple", "quantity": 2 }));
    assert_eq!(shown["events"][0]["outcome"]["returned"]["ok"], 45);
    assert_eq!(shown["outcome"]["returned"]["ok"], 90);
}

#[test]
fn a_pipe_that_is_closed_early_is_nothing_to_complain_of() {
    let folder = Folder::with(&["chatty", "chatty_provider"]);
    folder.ok("record chatty.wasm --provider chatty_provider.wasm --invoke 'distinct(3000)'");
    // More than any pipe holds, so that writing it all cannot succeed.
    assert!(folder.ok("show latest").len() > 200_000);
    let mut child =
        folder.command("show latest").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("recording "), "{first}");
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert_eq!((child.wait().unwrap().code(), errors.as_str()), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_cannot_be_written_is_an_error() {
    let folder = recorded();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = folder.command("list").stdout(full).output().unwrap();
    let ran = crate::support::command::ran(&output);
    assert_eq!(ran.code, 3);
    assert!(ran.error().starts_with("the result cannot be written to standard output: "), "{}", ran.stderr);
}

#[test]
fn every_command_has_a_help_with_examples() {
    let folder = Folder::with(&[]);
    let commands = [
        "",
        "inspect",
        "record",
        "replay",
        "list",
        "show",
        "verify",
        "prune",
        "config",
        "completions",
        "man",
    ];
    for command in commands {
        let help = folder.ok(&format!("{command} --help"));
        assert!(help.contains("Examples:\n  playback-host "), "{command}: {help}");
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{command}: {help}");
    }
    assert!(folder.ok("--version").starts_with("playback-host 0."));
}

#[test]
fn each_shell_gets_a_script_that_completes_commands_and_flags_and_a_bad_configuration_is_not_read() {
    let folder = Folder::with(&[]);
    folder.write("playback.toml", "casette = 1");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = folder.ok(&format!("completions {shell}"));
        for part in ["playback-host", "record", "max-memory"] {
            assert!(script.contains(part), "{shell}: {part}");
        }
    }
    assert_eq!(folder.run("completions tcsh").code, 2);
}

#[test]
fn the_manual_has_a_page_for_each_command_and_writing_it_again_replaces_the_pages() {
    let folder = Folder::with(&[]);
    assert!(folder.ok("man").contains(".TH playback-host 1"));
    folder.write("man1/playback-host-record.1", "old");
    let written = folder.ok("man --dir man1");
    assert_eq!(written, folder.ok("man --dir man1"));
    let page = |file: &str| String::from_utf8(folder.files()[file].clone()).unwrap();
    for file in written.lines() {
        assert!(page(file).contains(".SH SYNOPSIS"), "{file}");
    }
    assert!(page("man1/playback-host-record.1").contains("max\\-memory"));
    folder.write("file", "");
    let refused = folder.run("man --dir file/below");
    assert_eq!(refused.code, 3);
    assert!(refused.error().starts_with("`file/below` cannot be written: "), "{}", refused.stderr);
}

#[test]
fn what_a_service_says_cannot_steer_the_terminal() {
    let folder = Folder::with(&["misbehave"]);
    folder.ok("record misbehave.wasm --invoke 'trap(\"\u{1b}[2J\u{9b}31m\")'");
    for line in ["show latest", "show latest --format json", "list", "replay latest misbehave.wasm -v"] {
        let told = folder.ok(line);
        assert!(!told.contains(['\u{1b}', '\u{9b}']), "{line}: {told:?}");
    }
    assert!(folder.ok("show latest -v").contains("[2J"), "and is shown");
}

#[test]
fn what_a_recording_says_of_itself_cannot_forge_what_is_listed() {
    let folder = recorded();
    let listed = folder.ok("list").lines().count();
    let ids = folder.json("list");
    let file = format!("cassette/metadata/{}.json", ids[0]["id"].as_str().unwrap());
    let metadata = String::from_utf8(folder.files().remove(&file).unwrap()).unwrap();
    let forged = metadata.replacen("quote\",\"component", "quote\\nforged\\u202e\\u2028\",\"component", 1);
    assert_ne!(metadata, forged);
    // Whoever forges it makes its digest right.
    let (content, _) = forged.rsplit_once(",\"digest\":").unwrap();
    let digest: String = playback_host::recording::format::digest(content.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    folder.write(&file, format!("{content},\"digest\":\"{digest}\"}}"));
    let told = folder.ok("list");
    assert_eq!(told.lines().count(), listed, "{told}");
    assert!(told.contains(r"\nforged\u{202e}\u{2028}"), "{told}");
    assert!(!folder.ok("list --format json").contains(['\u{202e}', '\u{2028}']));
}

#[test]
fn a_long_result_is_shown_in_part_and_none_is_told_from_no_result() {
    let folder = Folder::with(&["types", "types_provider"]);
    let record = "record types.wasm --provider types_provider.wasm --invoke";
    let none = folder.ok(&format!("{record} 'nested-option(none)'"));
    assert!(none.starts_with("returned null\n"), "{none}");
    let call = format!("'string(\"{}\")'", "x".repeat(70_000));
    let part = folder.ok(&format!("{record} {call}"));
    assert!(
        part.len() < 400 && part.contains("… (70000 characters)\n  that is a part of it; `-v` shows all\n"),
        "{part}"
    );
    assert!(folder.ok(&format!("{record} {call} -v")).len() > 70_000);
}

#[test]
fn a_command_is_called_by_the_name_of_its_file_and_replays_under_the_recorded_name() {
    let folder = Folder::with(&["ambient"]);
    std::fs::copy(folder.path("ambient.wasm"), folder.path("ambient-v2.wasm")).unwrap();
    let record = "record ./ambient.wasm --invoke 'arguments()'";
    for (flags, given) in [("", &["ambient.wasm"][..]), (" --arg -v --arg x", &["ambient.wasm", "-v", "x"])] {
        let recorded = &folder.json(&format!("{record}{flags}"))[0];
        assert_eq!(recorded["outcome"]["returned"], serde_json::json!(given));
        folder.ok("replay latest ambient-v2.wasm");
    }
}
