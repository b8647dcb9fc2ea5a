//! Recordings of a service that intercepts functions of its own, on a build of it from some months later.

use crate::support::steps::{self, answers, diverged};
use playback_host::tape::{Answered, Playback};

/// Replays what `recorded` steps left on the new build, which does `changed` ones.
async fn later(recorded: &[&str], changed: &[&str]) -> (Vec<String>, Playback) {
    let (before, recording) = steps::record("sdk", recorded).await;
    (before, steps::changed("sdk_v2", &recording, changed).await)
}

#[tokio::test]
async fn an_alias_that_was_renamed_is_found_under_its_fallback() {
    let (before, playback) = later(&["rate EUR", "rate USD"], &["rate USD", "rate EUR"]).await;
    assert_eq!(answers(&playback), [before[1].clone(), before[0].clone()]);
    let labels = playback.crossings.iter().map(|crossing| (crossing.answered, crossing.through.as_deref()));
    assert_eq!(labels.collect::<Vec<_>>(), [(Answered::Fallback, Some("rate")); 2]);
}

#[tokio::test]
async fn an_argument_that_is_new_and_not_part_of_the_key_changes_nothing() {
    let (before, playback) = later(&["convert 2 EUR t1"], &["convert 2 EUR t1"]).await;
    assert_eq!(answers(&playback), before);
    assert_eq!(playback.crossings[0].answered, Answered::Exact);
}

#[tokio::test]
async fn an_input_that_is_new_gets_its_default_and_an_output_its_default_result() {
    let changed = ["price apple", "discount ann", "archive it"];
    let (before, playback) = later(&["price apple"], &changed).await;
    assert_eq!(answers(&playback), [before[0].as_str(), "10", "nowhere"]);
    let labels: Vec<Answered> = playback.crossings.iter().map(|crossing| crossing.answered).collect();
    assert_eq!(labels, [Answered::Exact, Answered::Default, Answered::Default]);
}

#[tokio::test]
async fn a_new_output_that_returns_nothing_is_a_difference_and_the_replay_goes_on() {
    let (before, playback) = later(&["price apple"], &["report it", "price apple"]).await;
    assert_eq!(answers(&playback), ["reported", &before[0]]);
    assert!(playback.outputs[0].event.is_none() && !playback.is_equal());
    let (_, playback) = later(&["price apple"], &["report-strictly it", "price apple"]).await;
    assert!(diverged(&playback).contains("`report-strictly`"), "where the attribute says so");
}

#[tokio::test]
async fn a_type_with_a_new_optional_field_reads_what_was_recorded_without_it() {
    let (_, playback) = later(&["order o-1"], &["order o-1"]).await;
    assert_eq!(answers(&playback), [r#"o-1 Some("1") None"#]);
}

#[tokio::test]
async fn a_call_that_was_removed_is_told() {
    let (before, playback) = later(&["price apple", "price bread", "notify ann hi"], &["price bread"]).await;
    assert_eq!(answers(&playback), [before[1].clone()]);
    assert_eq!(playback.inputs_not_made.len(), 1);
    assert!(playback.outputs[0].crossing.is_none() && !playback.is_equal());
}

#[tokio::test]
async fn calls_that_moved_into_another_interception_are_not_made_any_more() {
    let (_, playback) = later(&["price apple", "price bread"], &["bundle"]).await;
    assert_eq!(answers(&playback), ["99"]);
    assert_eq!(playback.inputs_not_made.len(), 2);
    // Its body runs in the sandbox, where what it asks the world is answered by nobody.
    let (_, playback) = later(&["price apple", "price bread"], &["live-bundle"]).await;
    let divergence = diverged(&playback);
    assert!(divergence.contains("`test:sdk/world-facts#ask`"), "{divergence}");
}

#[tokio::test]
async fn a_recorded_value_that_is_none_of_todays_type_ends_the_replay_with_the_place() {
    let (_, playback) = later(&["lookup one"], &["lookup one"]).await;
    let divergence = diverged(&playback);
    let problem =
        "the recorded result cannot be taken: at `/ok`: invalid type: integer `1`, expected a string";
    assert!(divergence.contains(problem), "{divergence}");
}
