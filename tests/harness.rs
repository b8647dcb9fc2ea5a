//! Recordings as tests of a service's own crate.

use crate::support::command::portfolio_recorded;
use crate::support::target;
use libtest_mimic::{Arguments, Conclusion};
use playback_host::Harness;
use playback_host::compare::rules::{Rule, Settings};
use std::path::Path;

fn run(folder: &Path, component: &str, filter: Option<&str>) -> Conclusion {
    run_with(folder, component, filter, |harness| harness)
}

fn run_with(
    folder: &Path,
    component: &str,
    filter: Option<&str>,
    set: impl FnOnce(Harness) -> Harness,
) -> Conclusion {
    let cassette = folder.join("cassette").display().to_string();
    let harness = Harness::new(cassette, folder.join(component)).cache(target().join("tests-cache"));
    // What these tests say is not the output of the tests that run them.
    let logfile = Some(folder.join("harness.log").display().to_string());
    let arguments = Arguments { filter: filter.map(str::to_owned), logfile, ..Arguments::default() };
    set(harness).run_with(&arguments)
}

#[test]
fn each_recording_is_a_test_with_its_id_as_its_name() {
    let folder = portfolio_recorded();
    let root = folder.path("");
    let all = run(&root, "service_refactored.wasm", None);
    assert_eq!((all.num_passed, all.num_failed), (300, 0));
    let all = run(&root, "service_regression.wasm", None);
    assert_eq!((all.num_passed, all.num_failed), (270, 30));
    let id = folder.json("list").remove(0)["id"].as_str().unwrap().to_owned();
    let one = run(&root, "service_refactored.wasm", Some(&id));
    assert_eq!((one.num_passed, one.num_filtered_out), (1, 299));
}

#[test]
fn a_harness_compares_with_a_baseline_and_under_rules() {
    let folder = portfolio_recorded();
    let root = folder.path("");
    let same = |harness: Harness| harness.baseline(root.join("service_regression.wasm"));
    assert_eq!(run_with(&root, "service_regression.wasm", None, same).num_failed, 0);
    let rules = |harness: Harness| {
        harness.compare_rules(vec![Rule::ignoring("/**/total-cents".parse().unwrap())], Settings::default())
    };
    assert_eq!(run_with(&root, "service_regression.wasm", None, rules).num_failed, 0);
}

#[test]
fn recordings_that_cannot_be_listed_and_a_component_that_cannot_be_loaded_fail_tests() {
    let folder = portfolio_recorded();
    let root = folder.path("");
    let none = run(&root.join("data"), "service.wasm", None);
    assert_eq!((none.num_passed, none.num_failed), (0, 1));
    let id = folder.json("list").remove(0)["id"].as_str().unwrap().to_owned();
    assert_eq!(run(&root, "missing.wasm", Some(&id)).num_failed, 1);
}
