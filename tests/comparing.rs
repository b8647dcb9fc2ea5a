//! `compare`, `studio`, `accept` and `report merge`, as users run them.

use crate::support::command::{Folder, Ran, portfolio_recorded};
use crate::support::plugin;
use serde_json::{Value as Json, json};
use std::fs;

/// Runs a comparison that finds changes.
pub(crate) fn changed(folder: &Folder, line: &str) -> Ran {
    let ran = folder.run(line);
    assert_eq!(ran.code, 1, "{line}\n{}{}", ran.stdout, ran.stderr);
    ran
}

/// The lines of a report in JSON: those of recordings, and the summary.
pub(crate) fn report(folder: &Folder, line: &str) -> (Vec<Json>, Json) {
    let mut lines = folder.json(line);
    let summary = lines.pop().unwrap()["summary"].clone();
    assert!(lines.remove(0).get("run").is_some());
    (lines.into_iter().map(|line| line["comparison"].clone()).collect(), summary)
}

pub(crate) fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or_default()
}

#[test]
fn a_regression_is_found_on_the_requests_that_it_touches_and_a_refactoring_on_none() {
    let folder = portfolio_recorded();
    assert_eq!(last_line(&folder.ok("compare service_refactored.wasm")), "300 equal, 0 different");
    let ran = changed(&folder, "compare service_regression.wasm");
    assert_eq!(last_line(&ran.stdout), "270 equal, 30 different");
    let (recordings, summary) = report(&folder, "compare service_regression.wasm");
    assert_eq!(recordings.len(), 300);
    let causes = summary["causes"].as_array().unwrap();
    let told: Vec<_> = causes.iter().map(|it| (&it["what"], &it["path"], &it["recordings"])).collect();
    let append = json!("portfolio:valuation/outputs#append");
    let expected = [
        (&json!("outcome"), &json!("/ok/total-cents"), &json!(30)),
        (&append, &json!("/entry/total-cents"), &json!(25)),
    ];
    assert_eq!(told, expected);
    // Each changed recording has just these changes, and the command that the report names shows them.
    for recording in recordings.iter().filter(|it| it["verdict"] != "equal") {
        let paths: Vec<&str> =
            recording["changes"].as_array().unwrap().iter().map(|it| it["path"].as_str().unwrap()).collect();
        assert!(
            paths == ["/ok/total-cents"] || paths == ["/ok/total-cents", "/entry/total-cents"],
            "{paths:?}"
        );
        assert!(!recording["timeline"].as_array().unwrap().is_empty());
    }
    let example = causes[0]["example"].as_str().unwrap();
    assert!(
        ran.stdout.contains(&format!("playback-host replay {example} service_regression.wasm")),
        "{}",
        ran.stdout
    );
    changed(&folder, &format!("replay {example} service_regression.wasm"));
}

#[test]
fn against_a_baseline_only_what_the_candidate_changed_counts_and_the_rest_is_stale() {
    let folder = portfolio_recorded();
    // The baseline is as recorded.
    let ran = changed(&folder, "compare service_regression.wasm --baseline service.wasm");
    assert_eq!(last_line(&ran.stdout), "270 equal, 30 different");
    folder.ok("compare service_refactored.wasm --baseline service.wasm");
    // Both builds have the regression: 30 recordings are stale, and nothing changed.
    let same = folder.ok("compare service_regression.wasm --baseline service_regression.wasm");
    assert_eq!(last_line(&same), "300 equal, 0 different, 30 stale");
}

#[test]
fn an_accepted_change_is_no_failure_until_it_expires_and_is_told_when_it_no_longer_happens() {
    let folder = portfolio_recorded();
    let compare = "compare service_regression.wasm --report playback-report";
    let ran = changed(&folder, compare);
    assert!(ran.stdout.contains("report: playback-report/report.html\n"), "{}", ran.stdout);
    let summary = fs::read_to_string(folder.path("playback-report/summary.md")).unwrap();
    assert!(summary.contains("portfolio:valuation/outputs#append"), "{summary}");
    let causes: Vec<String> = report(&folder, compare).1["causes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["id"].as_str().unwrap().to_owned())
        .collect();
    for cause in &causes {
        folder.ok(&format!("accept {cause} --reason 'rounds half to even'"));
    }
    let text = fs::read_to_string(folder.path("playback-accepted.toml")).unwrap();
    assert!(
        text.contains("what = \"outcome\"") && text.contains("reason = \"rounds half to even\""),
        "{text}"
    );
    let accepted = folder.ok(compare);
    assert_eq!(last_line(&accepted), "270 equal, 30 different, 30 accepted");
    let unused = folder.ok("compare service_refactored.wasm");
    assert!(unused.contains(&format!("accepted, and did not happen: {}", causes[0])), "{unused}");
    folder.ok(&format!("accept {} --reason 'for now' --until 2020-01-01", causes[0]));
    changed(&folder, compare);
}

#[test]
fn accepting_is_refused_in_ci_and_for_a_cause_that_no_report_has() {
    let folder = portfolio_recorded();
    changed(&folder, "compare service_regression.wasm --report playback-report");
    let unknown = folder.run("accept 00000000 --reason x");
    assert_eq!(unknown.code, 2);
    assert!(unknown.error().contains("has no cause `00000000`"), "{}", unknown.stderr);
    assert_eq!(folder.run("accept nonsense --reason x").code, 2);
    let in_ci = folder.command("accept 00000000 --reason x").env("CI", "true").output().unwrap();
    let in_ci = crate::support::command::ran(&in_ci);
    assert!(in_ci.code == 2 && in_ci.error().contains("`CI`"), "{}", in_ci.stderr);
    assert!(!folder.path("playback-accepted.toml").exists());
}

#[test]
fn causes_that_an_earlier_report_has_are_known_and_others_are_new() {
    let folder = portfolio_recorded();
    folder.ok("compare service_refactored.wasm --report before");
    let compare = "compare service_regression.wasm --report after";
    changed(&folder, compare);
    let marks = |line: &str| {
        let causes = report(&folder, line).1["causes"].as_array().unwrap().clone();
        causes.iter().map(|it| it["is-new"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(marks(&format!("{compare} --since-report before")), [json!(true), json!(true)]);
    assert_eq!(marks(&format!("{compare} --since-report after/report.ndjson")), [json!(false), json!(false)]);
}

#[test]
fn shards_are_complete_and_their_merged_report_is_that_of_one_run() {
    let folder = portfolio_recorded();
    let (mut all, mut recordings) = (report(&folder, "compare service_regression.wasm").0, Vec::new());
    for shard in 1..=3 {
        let line = format!("compare service_regression.wasm --shard {shard}/3 --report shard-{shard}");
        let part = report(&folder, &line).0;
        assert!(part.len() > 50, "shard {shard} has {}", part.len());
        recordings.extend(part);
    }
    let ids = |of: &mut Vec<Json>| {
        let mut ids: Vec<String> = of.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&mut recordings), ids(&mut all));
    let merged = changed(&folder, "report merge shard-1 shard-2 shard-3 --into merged");
    assert!(merged.stdout.contains("270 equal, 30 different"), "{}", merged.stdout);
    for file in ["report.ndjson", "report.html", "junit.xml", "summary.md"] {
        assert!(folder.path("merged").join(file).is_file(), "{file}");
    }
    let missing = folder.run("report merge shard-1 shard-3 --into other");
    assert_eq!(missing.code, 3);
    assert!(missing.error().contains("missing: 2"), "{}", missing.stderr);
}

#[test]
fn rules_of_the_configuration_say_what_may_differ_and_are_told_where_they_do_nothing() {
    let folder = portfolio_recorded();
    folder.write(
        "playback.toml",
        "[[compare.rule]]\nat = \"/**/total-cents\"\ntolerance = { absolute = 1 }\nwhy = \"rounding\"\n\
         [[compare.rule]]\nat = \"outcome /nothing\"\nignore = true\n\
         [[compare.rule]]\nat = \"outcome /old\"\nignore = true\nuntil = 2020-01-01\n",
    );
    let told = folder.ok("compare service_regression.wasm");
    assert_eq!(last_line(&told), "300 equal, 0 different");
    assert!(told.contains("55 differences ignored"), "{told}");
    assert!(told.contains("the rule for `outcome /nothing` took no difference away"), "{told}");
    assert!(told.contains("the rule for `outcome /old` has expired"), "{told}");
    folder.write("playback.toml", "[[compare.rule]]\nat = \"outcome ok\"\nignore = true\n");
    let wrong = folder.run("compare service_regression.wasm");
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.error().contains("playback.toml:2") && wrong.error().contains("is not a place"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn a_studio_compares_each_category_with_its_own_component_and_one_that_cannot_be_tuned_stops_no_other() {
    let folder = portfolio_recorded();
    folder.ok("record service.wasm --from requests.ndjson --category copies --provider provider.wasm \
         --provider-dir data::/data::ro --provider-dir ledger::/ledger");
    let studio = |copies: &str| {
        folder.write(
            "playback.toml",
            format!("[category.value]\ncomponent = \"service_refactored.wasm\"\n[category.copies]\ncomponent = \"{copies}\"\n"),
        );
        folder.run("studio")
    };
    let ran = studio("service_regression.wasm");
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stdout.contains("copies: 270 equal, 30 different\nvalue: 300 equal, 0 different\n"),
        "{}",
        ran.stdout
    );
    let ran = studio("missing.wasm");
    assert_eq!(ran.code, 3);
    assert!(ran.stdout.contains("category copies could not be compared"), "{}", ran.stdout);
    assert_eq!(last_line(&ran.stdout), "300 equal, 0 different");
}

#[test]
fn a_comparator_plugin_judges_instead_of_the_built_in_comparison() {
    let folder = portfolio_recorded();
    fs::copy(plugin("money_comparator"), folder.path("money.wasm")).unwrap();
    let told = folder.ok("compare service_regression.wasm --comparator money.wasm");
    assert_eq!(last_line(&told), "300 equal, 0 different");
    folder.write("playback.toml", "[category.value]\ncomparator = \"money.wasm\"\n");
    folder.ok("compare service_regression.wasm");
    let no_plugin = folder.run("compare service_regression.wasm --comparator provider.wasm");
    assert_eq!(no_plugin.code, 3);
    assert!(
        no_plugin.stdout.contains("does not export `playback:plugin/comparator#compare`"),
        "{}",
        no_plugin.stdout
    );
}

#[test]
fn a_recording_that_is_broken_or_deleted_is_one_failure_and_the_others_go_on() {
    let folder = portfolio_recorded();
    let ids: Vec<String> =
        folder.json("list").iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect();
    let tape = |id: &str| folder.path(&format!("cassette/full/{id}.tape"));
    let mut bytes = fs::read(tape(&ids[7])).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(tape(&ids[7]), bytes).unwrap();
    fs::remove_file(tape(&ids[11])).unwrap();
    let ran = folder.run("compare service_refactored.wasm");
    assert_eq!(ran.code, 3);
    assert_eq!(last_line(&ran.stdout), "298 equal, 0 different, 2 equalizer-failure");
    for id in [&ids[7], &ids[11]] {
        assert!(ran.stdout.contains(&format!("equalizer-failure {id}")), "{}", ran.stdout);
    }
    assert!(ran.error().contains("2 of 300 recordings could not be compared"), "{}", ran.stderr);
}

#[test]
fn a_run_that_selects_nothing_is_no_success() {
    let folder = portfolio_recorded();
    let code = |line: &str| folder.run(line).code;
    assert_eq!(code("compare service.wasm --category none"), 4);
    assert_eq!(code("compare service.wasm --since 2999-01-01"), 4);
    assert_eq!(code("compare service.wasm nonsense"), 4);
    assert_eq!(code("compare service.wasm --shard 5/4"), 2);
    assert_eq!(code("compare missing.wasm"), 3);
    assert_eq!(code("studio"), 2);
    assert_eq!(code("compare service.wasm --cassette nowhere"), 2);
}

#[test]
fn a_run_stops_early_where_it_is_told_to_and_says_what_it_did_not_compare() {
    let folder = portfolio_recorded();
    let (recordings, summary) = report(&folder, "compare service_regression.wasm --fail-fast --jobs 1");
    assert_eq!(summary["all"]["bad"], 1);
    let compared = recordings.len() as u64;
    assert_eq!(summary["not-compared"].as_u64().unwrap() + compared, 300);
    // Differences are no failures.
    assert_eq!(report(&folder, "compare service_regression.wasm --max-failures 1").0.len(), 300);
}

#[test]
fn recordings_that_are_named_are_compared_once_each() {
    let folder = portfolio_recorded();
    let ids: Vec<String> =
        folder.json("list").iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect();
    let told = folder.ok(&format!("compare service_refactored.wasm {} {} {}", ids[3], ids[1], ids[3]));
    assert_eq!(last_line(&told), "2 equal, 0 different");
}
