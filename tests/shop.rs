//! A recording made by one build replays on the next, and says what is different.

use crate::support::{provider, record, replay, replay_by, service};
use playback_host::recording::Recording;
use playback_host::tape::{Answered, Ending, Playback, Reason, Rules};
use serde_json::json;
use std::sync::Arc;

/// What v2 does with an order depends on what is in it: see `tests/guests/guests/shop-v2.rs`.
async fn recording(order: serde_json::Value) -> Arc<Recording> {
    record(&service("shop"), provider("shop_provider"), "place-order", json!([order])).await
}

fn plain_order() -> serde_json::Value {
    json!({
        "id": "o-1", "customer": "alice", "channel": "web", "express": false,
        "lines": [{"sku": "apple", "quantity": 3}, {"sku": "bread", "quantity": 2}],
    })
}

fn with(key: &str, value: serde_json::Value) -> serde_json::Value {
    let mut order = plain_order();
    order[key] = value;
    order
}

fn labels(playback: &Playback) -> Vec<(String, Answered)> {
    playback.crossings.iter().map(|crossing| (crossing.alias.to_string(), crossing.answered)).collect()
}

#[tokio::test]
async fn a_recording_replays_on_the_build_that_made_it() {
    let recording = recording(plain_order()).await;
    assert_eq!(recording.interceptions().count(), 7);
    let playback = replay(&service("shop"), &recording).await;
    assert!(playback.is_equal(), "{:?}", playback.ending);
    assert!(labels(&playback).iter().all(|(_, answered)| *answered == Answered::Exact));
    assert!(playback.moved.is_empty() && playback.inputs_not_made.is_empty() && playback.dropped.is_empty());
}

#[tokio::test]
async fn a_build_that_calls_in_another_order_is_equal_and_the_order_is_noted() {
    let playback = replay(&service("shop_v2"), &recording(plain_order()).await).await;
    assert!(playback.is_equal(), "{:?} {:?}", playback.ending, playback.outputs);
    assert!(!playback.moved.is_empty());
    // v2 no longer has the customer's phone, and has a language that v1 did not know.
    assert_eq!(playback.dropped, ["shop:orders/inputs#find-customer/ok/phone"]);
}

#[tokio::test]
async fn a_call_that_was_never_recorded_ends_the_replay_and_shows_the_nearest() {
    let lamps = with("lines", json!([{"sku": "lamp", "quantity": 3}]));
    let recording = recording(lamps).await;
    let playback = replay(&service("shop_v2"), &recording).await;
    let Ending::Diverged(divergence) = &playback.ending else { panic!("{:?}", playback.ending) };
    assert_eq!((&divergence.reason, divergence.recorded), (&Reason::NeverRecorded, 0));
    insta::assert_snapshot!(divergence.to_string());

    let customer = r#"{ ok = { id = "alice", name = "Alice", discount-percent = 0 } }"#;
    let rules =
        rules(&format!("[\"shop:orders/inputs#find-customer\"]\non-missing = {{ default = {customer} }}"));
    let playback = replay_by(&rules, &service("shop_v2"), &recording).await;
    let Ending::Diverged(divergence) = &playback.ending else { panic!("{:?}", playback.ending) };
    assert_eq!(divergence.recorded, 1);
    assert!(!playback.is_equal());
    insta::assert_snapshot!(divergence.to_string());
}

#[tokio::test]
async fn one_more_output_without_a_result_is_a_difference_unless_a_rule_makes_it_a_divergence() {
    let recording = recording(with("express", json!(true))).await;
    let rules = rules("[\"shop:orders/outputs#notify\"]\non-missing = \"fail\"");
    let playback = replay_by(&rules, &service("shop_v2"), &recording).await;
    let Ending::Diverged(divergence) = &playback.ending else { panic!("{:?}", playback.ending) };
    insta::assert_snapshot!(divergence.to_string());

    let playback = replay(&service("shop_v2"), &recording).await;
    assert!(matches!(playback.ending, Ending::Finished(_)));
    assert!(labels(&playback).contains(&("shop:orders/outputs#notify".to_owned(), Answered::Default)));
    assert!(!playback.is_equal(), "a new output is a difference");
}

#[tokio::test]
async fn a_changed_result_and_a_changed_output_are_shown_by_their_paths() {
    let recording = recording(with("customer", json!("bob"))).await;
    let playback = replay(&service("shop_v2"), &recording).await;
    let paths: Vec<_> = playback.result.iter().map(|difference| difference.path.as_str()).collect();
    assert_eq!(paths, ["/ok/total-cents"]);
    let stored = playback.outputs.iter().find(|output| !output.differences.is_empty()).unwrap();
    assert_eq!(&*stored.alias, "shop:orders/outputs#store");
    assert_eq!(stored.differences[0].to_string(), "/order/total-cents: 679 -> 680");
    assert!(!playback.is_equal());
}

fn rules(toml: &str) -> Rules {
    toml::from_str(toml).unwrap()
}
