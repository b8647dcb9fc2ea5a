//! Plugins that misbehave: what they do is told of the one comparison that they were asked about, and reaches no further.

use crate::support::command::{Folder, portfolio_recorded};
use crate::support::{guest, plugin, root};
use serde_json::Value as Json;
use std::fs;
use std::process::Command;

/// A service that returns what it is given, recorded once for each text, and the comparator that does what the text says.
fn recorded(texts: &[&str]) -> Folder {
    let folder = Folder::with(&["types", "types_provider", "bad_comparator"]);
    let lines: String = texts.iter().map(|text| format!("[\"{text}\"]\n")).collect();
    folder.write("requests.ndjson", lines);
    folder.ok("record types.wasm --operation string --from requests.ndjson --provider types_provider.wasm");
    // Fuel, not time: how long a call takes is the machine's business.
    folder.write(
        "playback.toml",
        "[limits]\nplugins = { memory = \"16MiB\", time = \"10m\", fuel = 50000000 }\n",
    );
    folder
}

/// The verdict and the message of each recording, in the order in which they were recorded.
fn compared(folder: &Folder, line: &str) -> Vec<(String, String)> {
    let lines = folder.json(&format!("compare {line}"));
    let comparisons = lines.into_iter().filter_map(|mut line| line.get_mut("comparison").map(Json::take));
    let mut comparisons: Vec<Json> = comparisons.collect();
    comparisons.sort_by_key(|comparison| comparison["id"].to_string());
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let told = |one: &Json| text(&one["message"]).replace(&text(&one["id"]), "ID");
    comparisons.iter().map(|one| (text(&one["verdict"]), told(one))).collect()
}

#[test]
fn a_comparator_that_misbehaves_fails_the_comparison_it_was_asked_for_and_no_other() {
    let texts = ["fine", "trap", "panic", "spin", "eat", "refuse", "exit", "nonsense", "fine"];
    let folder = recorded(&texts);
    let compared = compared(&folder, "types.wasm --comparator bad_comparator.wasm");
    let failed =
        |reason: &str| ("equalizer-failure".to_owned(), format!("plugin `bad_comparator.wasm` {reason}"));
    let equal = ("equal".to_owned(), String::new());
    let expected = [
        equal.clone(),
        failed("failed: wasm `unreachable` instruction executed"),
        failed("failed: wasm `unreachable` instruction executed: no such currency"),
        failed("failed: stopped at the fuel limit of 50000000"),
        failed("failed: stopped at the memory limit of 16 MiB"),
        failed("says: it is not to be compared"),
        failed("failed: it ended before it answered"),
        failed("answers with no JSON: EOF while parsing a value at line 1 column 5"),
        equal,
    ];
    for ((text, compared), expected) in texts.iter().zip(&compared).zip(&expected) {
        assert_eq!(compared, expected, "{text}");
    }
    assert_eq!(compared.len(), expected.len());
    let ran = folder.run("compare types.wasm --comparator bad_comparator.wasm");
    assert_eq!(ran.code, 3);
    assert!(ran.error().contains("7 of 9 recordings could not be compared"), "{}", ran.stderr);
}

#[test]
fn a_plugin_sees_nothing_of_the_machine_and_the_same_each_time() {
    let folder = recorded(&["look", "look"]);
    let looked = || {
        let mut command =
            folder.command("compare types.wasm --comparator bad_comparator.wasm --jobs 1 --format json");
        let output = command.env("SECRET", "of the machine").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
        let changes =
            lines.filter_map(|line| Some(line.get("comparison")?["changes"][0]["recorded"].clone()));
        changes.collect::<Vec<Json>>()
    };
    let seen = looked();
    assert_eq!(seen.len(), 2);
    let Json::Array(first) = &seen[0] else { panic!("{seen:?}") };
    let expected = ["[]", "refused", "refused", "refused", "refused", "0 bytes", "Ok(true)", "true"];
    assert_eq!(first[..8], expected.map(Json::from));
    assert_eq!(seen[0], seen[1], "a plugin that was asked before is asked anew");
    assert_eq!(looked(), seen);
    assert!(!folder.path("left").exists());
}

#[test]
fn a_comparator_that_takes_other_arguments_is_told_by_its_name_and_not_as_a_recording() {
    let folder = recorded(&["fine"]);
    fs::copy(guest("other_comparator"), folder.path("other.wasm")).unwrap();
    let (verdict, message) = compared(&folder, "types.wasm --comparator other.wasm").remove(0);
    assert_eq!(verdict, "equalizer-failure");
    let told = "plugin `other.wasm` cannot be called: the arguments do not fit `playback:plugin/comparator@9.0.0#compare`:";
    assert!(message.starts_with(told), "{message}");
    assert!(message.ends_with("build it for this version of `playback:plugin`"), "{message}");
}

#[test]
fn a_component_that_asks_for_more_than_a_plugin_gets_is_refused_by_what_it_imports() {
    let folder = recorded(&["fine"]);
    for (name, import) in [
        ("types_provider", "does not export `playback:plugin/comparator#compare`"),
        ("types", "imports `test:types/echo@1.2.0#bool`, and a plugin gets no capability"),
        ("http", "imports `wasi:http/outgoing-handler@0.2"),
    ] {
        fs::copy(guest(name), folder.path(&format!("{name}.wasm"))).unwrap();
        let ran = folder.run(&format!("compare types.wasm --comparator {name}.wasm"));
        assert_eq!(ran.code, 3);
        assert!(ran.stdout.contains(&format!("plugin `{name}.wasm` {import}")), "{}", ran.stdout);
    }
}

#[test]
fn a_player_says_what_is_played_for_an_operation_that_was_renamed_and_takes_other_arguments() {
    let folder = Folder::with(&["shop", "shop_renamed", "shop_provider", "renaming_player"]);
    let lines = [r#"["apple", 1]"#, r#"["no-such", 1]"#, r#"["apple", 13]"#, r#"["apple", 14]"#];
    folder.write("requests.ndjson", lines.join("\n"));
    folder.ok("record shop.wasm --operation quote --from requests.ndjson --provider shop_provider.wasm");
    let unplanned = folder.run("compare shop_renamed.wasm");
    assert_eq!(unplanned.code, 4, "{}", unplanned.stdout);
    folder.write("playback.toml", "[category.quote]\nplayer = \"renaming_player.wasm\"\n");
    let planned = compared(&folder, "shop_renamed.wasm");
    let failed = |problem: &str| {
        let told = "what plugin `renaming_player.wasm` plans cannot be played: recording `ID` cannot be replayed as a call of \
                    `price-of-lines`: the arguments do not fit:";
        ("equalizer-failure".to_owned(), format!("{told} {problem}"))
    };
    let equal = ("equal".to_owned(), String::new());
    let expected = [
        equal.clone(),
        equal,
        failed("expected 2 arguments, found 1"),
        failed("at `/currency`: expected string, found an integer"),
    ];
    assert_eq!(planned, expected);
    // `replay` plays what `compare` compares: its reports name that command.
    let one = folder.run("replay latest shop_renamed.wasm");
    assert!(
        one.error().contains("what plugin `renaming_player.wasm` plans cannot be played"),
        "{}",
        one.stderr
    );
    let all = folder.run("replay --all shop_renamed.wasm");
    assert!(all.stdout.ends_with("2 equal, 0 different, 0 diverged, 2 failed\n"), "{}", all.stdout);
    // A service that has the operation is played as planned, too: the plugin knows.
    let wrong = compared(&folder, "shop.wasm");
    assert!(wrong.iter().all(|(verdict, _)| verdict == "equalizer-failure"), "{wrong:?}");
    assert!(wrong[0].1.contains("`shop.wasm` has no operation `price-of-lines`"), "{wrong:?}");
}

#[test]
fn a_tuner_says_what_holds_for_each_category_below_what_the_configuration_says() {
    let folder = portfolio_recorded();
    fs::copy(guest("tuner"), folder.path("tuner.wasm")).unwrap();
    fs::copy(plugin("money_comparator"), folder.path("money.wasm")).unwrap();
    let requests = fs::read_to_string(folder.path("requests.ndjson")).unwrap();
    folder.write("few.ndjson", requests.lines().take(40).collect::<Vec<_>>().join("\n"));
    for category in ["judged", "kept", "odd", "sampled", "unknown"] {
        folder.ok(&format!(
            "record service.wasm --from few.ndjson --category {category} --provider provider.wasm \
             --provider-dir data::/data::ro --provider-dir ledger::/ledger"
        ));
    }
    folder.write(
        "playback.toml",
        "[compare]\ntuner = \"tuner.wasm\"\n[category.kept]\ncomponent = \"service_refactored.wasm\"\n",
    );
    let ran = folder.run("studio");
    assert_eq!(ran.code, 3);
    for told in [
        "judged: 40 equal, 0 different\nkept: 40 equal, 0 different\nvalue: 300 equal, 0 different\n",
        "55 differences ignored",
        "category odd could not be compared: plugin `tuner.wasm` answers with settings that no category has: unknown field \
         `componnt`",
        "category sampled could not be compared: plugin `tuner.wasm` answers with `sampling`, which counts while recording",
        "category unknown could not be compared: plugin `tuner.wasm` says: nobody knows `unknown`",
    ] {
        assert!(ran.stdout.contains(told), "{told}\n{}", ran.stdout);
    }
    // What the command line says goes before both.
    let refactored = folder.ok("compare service_refactored.wasm --category kept,judged");
    assert_eq!(refactored.lines().last(), Some("80 equal, 0 different"));
}

#[test]
fn a_sampler_says_after_the_operation_what_is_kept_and_where_it_fails_the_recording_is() {
    let folder = Folder::with(&["misbehave", "sampler"]);
    folder.write("playback.toml", "[category.all]\nsampler = \"sampler.wasm\"\n");
    let lines = [
        r#"["exit-with", [3]]"#,
        r#"["big-return", [5000]]"#,
        r#"["big-return", [5]]"#,
        r#"["unreachable", []]"#,
        r#"["recurse", []]"#,
        r#"["trap", ["boom"]]"#,
    ];
    let lines = lines.map(|line| {
        let line: Json = serde_json::from_str(line).unwrap();
        format!("{}\n", serde_json::json!({ "operation": line[0], "arguments": line[1] }))
    });
    folder.write("requests.ndjson", lines.concat());
    let record = "record misbehave.wasm --category all --from requests.ndjson";
    let told = folder.json(record);
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let sampled = told.iter().filter(|line| line.get("summary").is_none());
    let sampled: Vec<_> =
        sampled.map(|line| (text(&line["problem"]), text(&line["sampler-problem"]))).collect();
    let kept = |problem: &str| (String::new(), problem.to_owned());
    let expected = [
        kept(""),
        ("the recording was not kept: the sample does not include it".to_owned(), String::new()),
        kept(""),
        kept("plugin `sampler.wasm` says: there is no rate for what is not reached"),
        kept("plugin `sampler.wasm` answers with 2.0, which is no rate from 0 to 1"),
        kept("plugin `sampler.wasm` failed: wasm `unreachable` instruction executed: no sample"),
    ];
    assert_eq!(sampled, expected);
    let told = folder.ok(record);
    assert!(told.contains("5 of 6 operations recorded as `all`"), "{told}");
    assert!(told.contains("3 recordings kept that the sampler gave no rate for"), "{told}");
    let ran = folder.run("record misbehave.wasm --category all --invoke unreachable()");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.starts_with("warning: the sampler gave no rate, so the recording is kept: plugin"),
        "{}",
        ran.stderr
    );
}

/// The program that builds components of Python. Without it, the test of the Python plugin says so and tests nothing.
const COMPONENTIZE_PY: &str = "PLAYBACK_TEST_COMPONENTIZE_PY";

#[test]
fn the_comparator_in_python_judges_as_the_one_in_rust() {
    let Ok(program) = std::env::var(COMPONENTIZE_PY) else {
        eprintln!("not tested: `{COMPONENTIZE_PY}` does not name the program `componentize-py`");
        return;
    };
    let folder = portfolio_recorded();
    let source = root().join("examples/plugins/rounding/rounding.py");
    folder.write("rounding/rounding.py", fs::read(source).unwrap());
    let built = Command::new(program)
        .arg("--wit-path")
        .arg(root().join("wit/plugin.wit"))
        .args(["--world", "comparator-plugin", "componentize", "--python-path", "rounding", "rounding"])
        .args(["-o", "rounding.wasm"])
        .current_dir(folder.path("."))
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let told = folder.ok("compare service_regression.wasm --comparator rounding.wasm");
    assert_eq!(told.lines().last(), Some("300 equal, 0 different"));
}
