//! Outputs: found by alias and ordinal, their arguments compared.

use super::*;
use Answered::{Default, Exact};

/// What each output is: its alias and ordinal, whether it was replayed, whether it was recorded.
fn outputs(playback: &Playback) -> Vec<(&str, usize, bool, bool)> {
    let shown =
        |output: &OutputComparison| (output.ordinal, output.crossing.is_some(), output.event.is_some());
    let shown = playback.outputs.iter().map(|output| (&*output.alias, shown(output)));
    shown.map(|(alias, (ordinal, made, recorded))| (alias, ordinal, made, recorded)).collect()
}

fn store() -> Signature {
    function("outputs#store", &[("id", U32)], U32)
}

#[test]
fn the_n_th_call_of_an_output_gets_the_n_th_result() {
    let stores = boundary(&[store()], "");
    let recording = record(&stores, &[gives("store", &[1.into()], 11), gives("store", &[2.into()], 12)]);
    let playback = replay(&recording, &stores, &[("store", &[1.into()]), ("store", &[2.into()])]);
    assert_eq!(answers(&playback), [(Exact, 11.into()), (Exact, 12.into())]);
    assert!(playback.is_equal());
}

#[test]
fn arguments_of_an_output_are_compared_and_not_matched() {
    let stores = boundary(&[store()], "");
    let recording = record(&stores, &[gives("store", &[1.into()], 11), gives("store", &[2.into()], 12)]);
    let playback = replay(&recording, &stores, &[("store", &[2.into()]), ("store", &[2.into()])]);
    assert_eq!(answers(&playback), [(Exact, 11.into()), (Exact, 12.into())]);
    let differences: Vec<_> = playback.outputs[0].differences.iter().map(ToString::to_string).collect();
    assert_eq!(differences, ["/id: 1 -> 2"]);
    assert!(playback.outputs[1].is_equal());
    assert!(!playback.is_equal());
}

#[test]
fn what_says_only_whether_it_succeeded_is_an_output_so_that_one_more_and_one_less_are_differences() {
    let save = function("api#save", &[("id", U32)], Type::Result(None, Some(Box::new(Type::String))));
    let orders = boundary(&[save], "");
    let failed = || Value::case("err", "full".into());
    let recording = record(&orders, &[gives("save", &[1.into()], failed())]);
    let playback = replay(&recording, &orders, &[]);
    assert_eq!(outputs(&playback), [("shop:orders/api#save", 1, false, true)]);
    let playback = replay(&recording, &orders, &[("save", &[1.into()]), ("save", &[1.into()])]);
    assert_eq!(
        outputs(&playback),
        [("shop:orders/api#save", 1, true, true), ("shop:orders/api#save", 2, true, false)]
    );
    assert_eq!(answers(&playback), [(Exact, failed()), (Default, Value::case("ok", Value::Null))]);
    assert!(!playback.is_equal());
    let strict = boundary(
        &orders.interceptors().iter().map(|it| it.signature.clone()).collect::<Vec<_>>(),
        "[\"api#save\"]\non-missing = \"fail\"",
    );
    let mut replay = Replay::of(&recording, &strict);
    replay.call("save", &[1.into()]);
    replay.diverges("save", &[1.into()]);
}

#[test]
fn one_more_call_that_returns_nothing_is_a_new_output_and_the_replay_goes_on() {
    // An input by the name of its interface, though nothing comes in.
    let put = function("inputs#put", &[("text", Type::String)], None);
    let shop = boundary(&[price_of(), notify(), put], "");
    let (apple, a, b) = (text("apple"), text("a"), text("b"));
    let nothing = None::<bool>;
    let recording = record(
        &shop,
        &[gives("notify", &a, nothing), gives("put", &a, nothing), gives("price-of", &apple, 1)],
    );
    let calls: [(&str, &[Value]); 6] =
        [("notify", &a), ("notify", &b), ("put", &a), ("put", &b), ("put", &a), ("price-of", &apple)];
    let playback = replay(&recording, &shop, &calls);
    let labels: Vec<Answered> = answers(&playback).into_iter().map(|(label, _)| label).collect();
    assert_eq!(labels, [Exact, Default, Exact, Default, Answered::Repeated, Exact]);
    let (notify, put) = ("shop:orders/outputs#notify", "shop:orders/inputs#put");
    let expected = [(notify, 1, true, true), (notify, 2, true, false), (put, 1, true, false)];
    assert_eq!(outputs(&playback), expected);
    assert!(!playback.is_equal());
}

#[test]
fn one_more_call_that_returns_nothing_is_a_divergence_where_a_rule_says_so() {
    let shop = shop("[\"outputs#notify\"]\non-missing = \"fail\"");
    let recording = record(&shop, &[]);
    assert_eq!(Replay::of(&recording, &shop).diverges("notify", &text("a")).reason, Reason::NeverRecorded);
}

#[test]
fn one_more_output_that_returns_something_is_a_divergence() {
    let shop = boundary(&[store()], "");
    let recording = record(&shop, &[gives("store", &[1.into()], 11)]);
    let mut replay = Replay::of(&recording, &shop);
    replay.call("store", &[1.into()]);
    let divergence = replay.diverges("store", &[2.into()]);
    assert_eq!((&divergence.reason, divergence.ordinal), (&Reason::UsedUp { recorded: 1 }, 2));
    let playback = replay.finish_with(Ending::Diverged(divergence));
    assert!(!playback.is_equal() && playback.result.is_empty());
}

#[test]
fn more_outputs_get_the_default_of_their_rule_and_are_counted_on() {
    let shop = shop("[\"outputs#notify\"]\non-missing = { default = \"none\" }");
    let recording = record(&shop, &[gives("notify", &text("a"), None::<bool>)]);
    let calls = [("notify", text("a")), ("notify", text("b")), ("notify", text("c"))];
    let calls: Vec<(&str, &[Value])> = calls.iter().map(|(name, text)| (*name, text.as_slice())).collect();
    let playback = replay(&recording, &shop, &calls);
    let nothing = Value::Null;
    assert_eq!(
        answers(&playback),
        [(Exact, nothing.clone()), (Default, nothing.clone()), (Default, nothing)]
    );
    let alias = "shop:orders/outputs#notify";
    assert_eq!(
        outputs(&playback),
        [(alias, 1, true, true), (alias, 2, true, false), (alias, 3, true, false)]
    );
    assert!(!playback.is_equal(), "a new output is a difference");
}

#[test]
fn outputs_of_an_alias_that_was_never_recorded_are_counted_too() {
    let shop = shop("[\"outputs#notify\"]\non-missing = { default = \"none\" }");
    let recording = record(&shop, &[]);
    let playback = replay(&recording, &shop, &[("notify", &text("a")), ("notify", &text("a"))]);
    let ordinals: Vec<_> = playback.outputs.iter().map(|output| output.ordinal).collect();
    assert_eq!(ordinals, [1, 2]);
}

#[test]
fn outputs_that_were_not_made_are_listed_last_with_their_ordinals() {
    let shop = shop("");
    let nothing = None::<bool>;
    let calls = [("a", nothing), ("b", nothing), ("c", nothing)].map(|(it, result)| (text(it), result));
    let calls: Vec<_> = calls.iter().map(|(text, result)| gives("notify", text, *result)).collect();
    let recording = record(&shop, &calls);
    let playback = replay(&recording, &shop, &[("notify", &text("a"))]);
    let alias = "shop:orders/outputs#notify";
    assert_eq!(
        outputs(&playback),
        [(alias, 1, true, true), (alias, 2, false, true), (alias, 3, false, true)]
    );
    assert!(!playback.is_equal());
}

#[test]
fn an_output_that_was_not_made_has_the_alias_of_today() {
    let nothing = None::<bool>;
    let (mail, sms) = (text("mail"), text("sms"));
    let recording = record(
        &shop(""),
        &[gives("notify", &mail, nothing), gives("notify", &sms, nothing), gives("notify", &mail, nothing)],
    );
    let today = shop("[\"outputs#notify\"]\nalias = \"to.{text}\"");
    let playback = replay(&recording, &today, &[("notify", &sms), ("notify", &mail)]);
    let expected = [("to.sms", 1, true, true), ("to.mail", 1, true, true), ("to.mail", 2, false, true)];
    assert_eq!(outputs(&playback), expected);
}

#[test]
fn an_output_never_goes_live() {
    let live = toml::from_str::<Rules>("[\"shop:orders/outputs#notify\"]\non-missing = \"live\"").unwrap();
    let error = live.resolve(&[notify()]).unwrap_err();
    assert_eq!(error.problem, RuleProblem::LiveOutput);

    // Not even where an embedder built the boundary by hand.
    let mut by_hand = (*interceptor(&shop(""), "notify")).clone();
    by_hand.on_missing = OnMissing::Live;
    let by_hand = Boundary::new(vec![by_hand]);
    let mut replay = Replay::granting_live(&record(&by_hand, &[]), &by_hand);
    assert_eq!(replay.diverges("notify", &text("a")).reason, Reason::NothingLive);
}

#[test]
fn outputs_that_came_in_another_order_are_noted_and_equal() {
    let stores = boundary(&[store(), notify()], "");
    let (one, hello) = ([Value::from(1u32)], text("hello"));
    let recording = record(&stores, &[gives("store", &one, 11), gives("notify", &hello, None::<bool>)]);
    let playback = replay(&recording, &stores, &[("notify", &hello), ("store", &one)]);
    assert!(playback.is_equal());
    assert_eq!(playback.moved.len(), 1);
}

#[test]
fn an_operation_that_ends_otherwise_is_not_equal() {
    let shop = shop("");
    let recording = record(&shop, &[]);
    let playback = |ending| Replay::of(&recording, &shop).finish_with(Ending::Finished(ending));
    let changed = playback(Outcome::Returned(Value::from(2u32)));
    assert_eq!(changed.result[0].to_string(), "1 -> 2");
    let trapped = playback(Outcome::Trapped("unreachable".to_owned()));
    assert_eq!(trapped.result[0].to_string(), r#"1 -> {"trapped":"unreachable"}"#);
    assert!(!changed.is_equal() && !trapped.is_equal());
}
