//! Plugins decide where there are any.

use super::*;
use crate::plugins::{Exhibit, Function, Opinion, Outputs, Plugins, Recorded, ResultValue};
use crate::{AnyError, Verdict};
use futures_util::FutureExt;
use serde_json::{Value as Json, json};
use std::future::ready;

fn by(plugins: &Plugins, playback: &Playback) -> Result<Judgement, AnyError> {
    judge("").judge_by(plugins, None, playback).now_or_never().expect("nothing waits")
}

fn comparing(compare: impl Fn(Exhibit) -> Result<Opinion, String> + Send + Sync + 'static) -> Plugins {
    Plugins { comparator: Some(Function::new(move |exhibit| ready(compare(exhibit)))), ..Plugins::default() }
}

fn opinion(verdict: Verdict) -> Opinion {
    Opinion { verdict, message: Some("because".into()), differences: Vec::new() }
}

#[test]
fn a_comparator_sees_both_results_and_its_verdict_counts() {
    let shop = shop();
    let recording = record(&shop, &[], ok());
    let playback = replay(&recording, &shop, &[], returned(Value::case("ok", 2_u32.into())));
    let plugins = comparing(|exhibit| {
        assert_eq!(exhibit.about.operation, "shop:orders/api@1.0.0#place-order");
        assert_eq!(exhibit.recorded, ResultValue::Returned(json!(1)));
        assert_eq!(exhibit.replayed, ResultValue::Returned(json!(2)));
        assert_eq!(exhibit.data, Json::Null);
        Ok(opinion(Verdict::Equal))
    });
    assert_eq!(by(&plugins, &playback).unwrap().verdict, Verdict::Equal);
    let judgement = by(&comparing(|_| Ok(opinion(Verdict::Different))), &playback).unwrap();
    assert_eq!((judgement.verdict, judgement.message.as_deref()), (Verdict::Different, Some("because")));
    assert_eq!(causes(&judgement), ["outcome: the comparator found a difference"]);
}

#[test]
fn a_comparator_is_told_of_errors_and_traps() {
    let shop = shop();
    let recording = record(&shop, &[], returned(Value::case("err", "no".into())));
    let playback = replay(&recording, &shop, &[], Outcome::Trapped("unreachable".into()));
    let plugins = comparing(|exhibit| {
        assert_eq!(exhibit.recorded, ResultValue::Failed(json!("no")));
        assert_eq!(exhibit.replayed, ResultValue::Trapped("unreachable".into()));
        Ok(opinion(Verdict::Failed))
    });
    assert_eq!(by(&plugins, &playback).unwrap().verdict, Verdict::Failed);
}

#[test]
fn extractors_say_what_is_compared_and_what_a_comparator_is_given() {
    let playback = played(&[notify("a"), store("x", 1)], &[notify("b"), store("x", 1)]);
    let last = |side: Outputs| {
        let last = side.outputs.last().unwrap();
        assert_eq!((last.alias.as_str(), last.ordinal), ("shop:orders/outputs#store", 1));
        ready(Ok::<_, String>(ResultValue::Returned(last.arguments[0].1.clone())))
    };
    let mut plugins = Plugins { result_extractor: Some(Function::new(last)), ..Plugins::default() };
    assert_eq!(
        by(&plugins, &playback).unwrap().verdict,
        Verdict::Equal,
        "the built-in comparison of what is extracted"
    );
    plugins.data_extractor =
        Some(Function::new(|recorded: Recorded| ready(Ok::<_, String>(json!(recorded.calls.len())))));
    plugins.comparator = Some(Function::new(|exhibit: Exhibit| {
        assert_eq!(exhibit.recorded, ResultValue::Returned(json!({ "id": "x", "cents": 1 })));
        assert_eq!(exhibit.data, json!(2));
        ready(Ok::<_, String>(opinion(Verdict::Equal)))
    }));
    assert_eq!(by(&plugins, &playback).unwrap().verdict, Verdict::Equal);
}

#[test]
fn a_plugin_that_fails_is_no_verdict_on_the_service() {
    let error = by(&comparing(|_| Err("it trapped".into())), &played(&[], &[])).unwrap_err();
    assert_eq!(error.to_string(), "it trapped");
}
