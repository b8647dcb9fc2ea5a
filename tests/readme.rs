//! What the README tells people to type works.

use crate::support::{guest, portfolio, rates, root, target};
use std::path::Path;
use std::process::{Command, Output};

/// A fenced block of the README.
enum Block {
    /// One string for each command.
    Commands(Vec<String>),
    /// Lines that the commands before it print.
    Output(Vec<String>),
}

/// The blocks of commands and of output below a heading of the README, in order.
fn blocks(heading: &str) -> Vec<Block> {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let section = readme.split(&format!("\n## {heading}\n")).nth(1).expect("the heading is there");
    let section = section.split("\n## ").next().unwrap_or_default();
    let lines = |text: &str| text.lines().map(str::to_owned).collect();
    let fenced = section.split("\n```").skip(1).step_by(2).filter_map(|block| block.split_once('\n'));
    let blocks = fenced.filter_map(|(info, text)| match info {
        "sh" => Some(Block::Commands(lines(&text.replace("\\\n", "")))),
        "text" => Some(Block::Output(lines(text))),
        _ => None,
    });
    blocks.collect()
}

/// The commands below a heading of the README.
fn commands(heading: &str) -> Vec<String> {
    let of = |block| if let Block::Commands(commands) = block { commands } else { Vec::new() };
    blocks(heading).into_iter().flat_map(of).collect()
}

fn assert_prints(told: &str, lines: &[String]) {
    for line in lines {
        assert!(told.lines().any(|printed| printed == line), "`{line}` is not in:\n{told}");
    }
}

fn shell(folder: &Path, command: &str) -> Output {
    let bin = Path::new(env!("CARGO_BIN_EXE_playback-host")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let mut shell = Command::new("sh");
    // Variables that cargo sets for this test; with them, build scripts that read their own would be run again, and
    // all that depends on them built again.
    let of_this_package =
        |name: &str| ["CARGO_MANIFEST_", "CARGO_PKG_"].iter().any(|of| name.starts_with(of));
    let variables = std::env::vars_os().map(|(name, _)| name);
    variables.filter(|name| of_this_package(&name.to_string_lossy())).for_each(|name| {
        shell.env_remove(name);
    });
    shell.args(["-c", command]).current_dir(folder).env("PATH", path).output().unwrap()
}

#[test]
fn every_command_of_the_tour_works_and_prints_what_the_tour_shows() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(guest("shop"), folder.path().join("orders.wasm")).unwrap();
    std::fs::copy(guest("shop_provider"), folder.path().join("shop.wasm")).unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let order = r#"[{"id": "o-1", "customer": "alice", "channel": "web", "express": false, "lines": []}]"#;
    std::fs::write(folder.path().join("requests.ndjson"), format!("{order}\n{order}\n")).unwrap();
    let (mut ran, mut shown, mut told) = (0, 0, String::new());
    for block in blocks("A tour") {
        let commands = match block {
            Block::Commands(commands) => commands,
            Block::Output(lines) => {
                assert_prints(&told, &lines);
                shown += 1;
                continue;
            }
        };
        told.clear();
        for command in commands {
            let output = shell(folder.path(), &command);
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{command}\n{errors}");
            assert!(!output.stdout.is_empty(), "{command} says nothing");
            told += &String::from_utf8_lossy(&output.stdout);
            ran += 1;
        }
    }
    assert!(ran >= 7 && shown >= 4, "{ran} commands, {shown} blocks of output");
}

#[test]
fn each_limit_in_the_table_is_set_as_the_table_says() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let table = readme.split("| in `[limits]` |\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(guest("shop"), folder.path().join("orders.wasm")).unwrap();
    let help = shell(folder.path(), "playback-host record --help");
    let help = String::from_utf8(help.stdout).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|row| row.split(" | ").collect()).collect();
    assert_eq!(rows.len(), 10);
    for row in rows {
        let (flag, variable) = row[2].trim_matches('`').split_once("`, `").unwrap();
        let key = row[3].trim_matches(['`', ' ', '|']);
        assert!(help.contains(&format!("{flag} <")), "{flag}");
        // A value that is none is refused by whoever reads it.
        let nothing = format!("PLAYBACK_{variable}=x playback-host record orders.wasm --invoke 'quote(1)'");
        let refused = shell(folder.path(), &nothing);
        assert!(String::from_utf8_lossy(&refused.stderr).contains(flag), "{variable}");
        std::fs::write(folder.path().join("playback.toml"), format!("[limits]\n{key} = []")).unwrap();
        let refused = shell(folder.path(), "playback-host inspect orders.wasm");
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(told.contains(&format!("limits.{key}")), "{key}: {told}");
        std::fs::remove_file(folder.path().join("playback.toml")).unwrap();
    }
}

#[test]
fn the_rules_in_the_tour_are_read() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let blocks = readme.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let toml = blocks.collect::<Vec<_>>().join("\n");
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
    let target = target().display().to_string();
    let output = shell(root(), &format!("CARGO_TARGET_DIR='{target}' {command}"));
    let text = String::from_utf8_lossy(&output.stdout).replace(&target, "target");
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let shown = blocks("Try it").into_iter();
    let shown: Vec<_> =
        shown.filter_map(|block| if let Block::Output(lines) = block { Some(lines) } else { None }).collect();
    assert!(!shown.is_empty());
    shown.iter().for_each(|lines| assert_prints(&text, lines));
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

#[test]
fn the_commands_of_the_example_work() {
    let readme = std::fs::read_to_string(root().join("examples/portfolio/README.md")).unwrap();
    let block = readme.split("```sh\n").find(|block| block.starts_with("BUILT=")).unwrap();
    let script = block.split("```").next().unwrap().replace("\\\n", "");
    let folder = tempfile::tempdir().unwrap();
    let built = portfolio("service").parent().unwrap().display().to_string();
    for name in ["data", "requests.ndjson"] {
        shell(&root().join("examples/portfolio"), &format!("cp -r {name} {}", folder.path().display()));
    }
    std::fs::create_dir(folder.path().join("ledger")).unwrap();
    let (setting, commands) = script.split_once('\n').unwrap();
    assert!(setting.ends_with("/target/guests/wasm32-wasip2/release"), "{setting}");
    let told: Vec<_> = commands
        .lines()
        .map(|command| {
            let output = shell(folder.path(), &format!("BUILT={built}; {command}"));
            let text = String::from_utf8_lossy(&output.stdout).trim_end().lines().last().unwrap().to_owned();
            (output.status.code().unwrap(), text)
        })
        .collect();
    assert!(told[0].1.starts_with("300 operations recorded"), "{told:?}");
    assert_eq!(told[1], (1, "270 equal, 30 different".to_owned()));
    assert_eq!(told[2], (0, "300 equal, 0 different".to_owned()));
}

#[test]
fn every_filter_of_the_help_finds_what_it_looks_for() {
    if shell(root(), "jq --version").status.code() != Some(0) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let guests = [("shop", "orders"), ("shop_v2", "orders-v2"), ("shop_provider", "shop")];
    for (name, copy) in guests {
        std::fs::copy(guest(name), folder.path().join(format!("{copy}.wasm"))).unwrap();
    }
    let order = |customer| {
        let lines = r#"[{"sku": "apple", "quantity": 3}, {"sku": "bread", "quantity": 2}]"#;
        format!(
            r#"[{{"id": "o", "customer": "{customer}", "channel": "web", "express": false, "lines": {lines}}}]"#
        )
    };
    std::fs::write(folder.path().join("requests.ndjson"), order("bob")).unwrap();
    std::fs::write(folder.path().join("traps.ndjson"), r#"["trap", 1]"#).unwrap();
    for (operation, file) in [("quote", "traps"), ("place-order", "requests")] {
        let record = format!("playback-host record orders.wasm --provider shop.wasm --operation {operation}");
        shell(folder.path(), &format!("{record} --from {file}.ndjson"));
    }
    let mut filters = 0;
    for command in ["inspect", "list", "show", "replay", "verify"] {
        let help = shell(folder.path(), &format!("playback-host {command} --help")).stdout;
        let help = String::from_utf8(help).unwrap();
        for line in help.lines().filter(|line| line.contains("| jq ")) {
            // It looks for what is broken.
            if command == "verify" {
                shell(folder.path(), "for tape in cassette/full/*/*/*.tape; do echo torn > $tape; done");
            }
            let output = shell(folder.path(), line);
            assert!(output.status.success() && !output.stdout.is_empty(), "{line}: {output:?}");
            filters += 1;
        }
    }
    assert!(filters >= 5, "{filters}");
}

#[test]
fn guests_are_built_below_the_folder_that_the_tests_are_built_in() {
    let program = std::env::current_exe().unwrap().canonicalize().unwrap();
    assert!(program.starts_with(target().canonicalize().unwrap()), "{}", program.display());
    for guest in [guest("shop"), portfolio("service"), rates("service")] {
        assert!(guest.starts_with(target().join("guests")) && guest.is_file(), "{}", guest.display());
    }
}
