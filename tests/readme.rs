//! What the README tells people to type works.

use crate::support::{guest, root};
use std::path::Path;
use std::process::{Command, Output};

/// The shell blocks below a heading of the README, one string a command.
fn commands(heading: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let section = readme.split(&format!("\n## {heading}\n")).nth(1).expect("the heading is there");
    let section = section.split("\n## ").next().unwrap_or_default();
    let blocks = section.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap_or_default());
    blocks
        .flat_map(|block| block.replace("\\\n", "").lines().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

fn shell(folder: &Path, command: &str) -> Output {
    let bin = Path::new(env!("CARGO_BIN_EXE_playback-host")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    Command::new("sh").args(["-c", command]).current_dir(folder).env("PATH", path).output().unwrap()
}

#[test]
fn every_command_of_the_tour_works() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(guest("shop"), folder.path().join("orders.wasm")).unwrap();
    std::fs::copy(guest("shop_provider"), folder.path().join("shop.wasm")).unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let order = r#"[{"id": "o-1", "customer": "alice", "channel": "web", "express": false, "lines": []}]"#;
    std::fs::write(folder.path().join("requests.ndjson"), format!("{order}\n{order}\n")).unwrap();
    let commands = commands("A tour");
    assert!(commands.len() >= 7, "{commands:?}");
    for command in commands {
        let output = shell(folder.path(), &command);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}\n{errors}");
        assert!(!output.stdout.is_empty(), "{command} says nothing");
    }
}

#[test]
fn the_rules_in_the_tour_are_read() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let toml = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(guest("shop"), folder.path().join("orders.wasm")).unwrap();
    std::fs::write(folder.path().join("playback.toml"), toml).unwrap();
    let output = shell(folder.path(), "playback-host inspect orders.wasm");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("get-price"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_first_command_records_and_replays_the_example_and_says_which_differ() {
    let command = commands("Try it").first().expect("there is a first command").clone();
    let output = shell(root(), &command);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    insta::with_settings!({filters => vec![
        (r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "<uuid>"),
        (r"/\d{8}/", "/<date>/"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "<moment>"),
        (r"\d+(\.\d+)? ?(ns|us|µs|ms|s)\b", "<time>"),
    ]}, { insta::assert_snapshot!(text) });
}

#[test]
fn the_second_command_is_the_one_that_runs_this_test() {
    let commands = commands("Try it");
    assert_eq!(commands[1], "rustup target add wasm32-wasip2 && cargo test --workspace");
}
