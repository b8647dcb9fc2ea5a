//! Resources cross as numbers: made, borrowed, owned, in records and lists, through two interfaces.

use crate::support::{arguments, provider, record_with, replay, returned, service};
use playback_host::recording::Outcome;
use playback_host::sandbox::{Recorder, Replayer};
use playback_host::tape::{MissingRule, Rule, Rules};
use playback_host::value::Value;
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn every_way_a_resource_can_go_is_recorded_and_replayed() {
    let service = service("resources");
    let recorder = Recorder::builder(&service).providers(provider("resources_provider")).build().unwrap();
    let calls = [
        ("set-and-get", json!(["b", "k", "v"]), json!("v")),
        ("open-and-get", json!(["shelf", "book"]), json!({"ok": "Dune"})),
        ("make-and-list", json!([["b", "a"]]), json!(["a", "b", "shelf"])),
        ("churn", json!([100]), json!(890)),
    ];
    for (operation, values, expected) in calls {
        let recorded = record_with(&recorder, operation, arguments(values)).await;
        assert_eq!(returned(&recorded.outcome), expected, "{operation}");
        let playback = replay(&service, &Arc::new(recorded.recording.unwrap())).await;
        assert!(playback.is_equal(), "{operation}: {:?}", playback.ending);
    }
    for (operation, values) in
        [("merge", json!(["l", "r"])), ("count", json!([["a", "b", "c"]])), ("audit", json!(["b"]))]
    {
        let recorded = record_with(&recorder, operation, arguments(values)).await;
        assert!(matches!(recorded.outcome, Outcome::Returned(_)), "{operation}: {:?}", recorded.outcome);
        let playback = replay(&service, &Arc::new(recorded.recording.unwrap())).await;
        assert!(playback.is_equal(), "{operation}: {:?}", playback.ending);
    }
}

#[test]
fn a_function_of_a_resource_cannot_be_answered_live_and_is_refused_before_anything_runs() {
    let service = service("resources");
    for function in ["[constructor]bucket", "[static]bucket.open", "[method]bucket.get", "total", "adopt"] {
        let rule = Rule { on_missing: Some(MissingRule::Live), ..Rule::default() };
        let rules = Rules::default().with(format!("test:resources/kv#{function}"), rule);
        let error = Replayer::builder(&service).rules(&rules).build().unwrap_err().to_string();
        let start = format!("the rule for `test:resources/kv#{function}` cannot be used: ");
        assert!(error.starts_with(&start) && error.contains("no provider has the resources"), "{error}");
        let returns_one = function.starts_with("[constructor]") || function.ends_with("open");
        assert_eq!(error.ends_with("use `fail`"), returns_one, "{error}");
        assert_eq!(error.ends_with("use `fail`, or a default"), !returns_one, "{error}");
    }
}

#[tokio::test]
async fn the_receiver_of_a_method_is_part_of_its_key() {
    let service = service("resources");
    let recorder = Recorder::builder(&service).providers(provider("resources_provider")).build().unwrap();
    let recorded = record_with(&recorder, "merge", arguments(json!(["l", "r"]))).await;
    let recording = recorded.recording.unwrap();
    let receivers: Vec<&Value> = recording
        .interceptions()
        .filter(|call| call.alias.contains("[method]bucket.set"))
        .map(|call| &call.arguments[0])
        .collect();
    assert_eq!(receivers, [&Value::Handle(1), &Value::Handle(2)]);
}
