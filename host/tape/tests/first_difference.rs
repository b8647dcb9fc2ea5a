//! The first difference of a playback: in the order of the recording, in one line, and none where all is equal.

use super::*;

/// Two functions of the shop, the price asked for and two customers told.
fn recorded(shop: &Boundary) -> Arc<Recording> {
    let nothing = None::<bool>;
    let calls = [text("a"), text("b"), text("c")];
    record(
        shop,
        &[
            gives("price-of", &calls[0], 10),
            gives("notify", &calls[0], nothing),
            gives("notify", &calls[1], nothing),
            gives("price-of", &calls[2], 12),
        ],
    )
}

fn first(playback: &Playback) -> String {
    assert!(!playback.is_equal());
    playback.first_difference().unwrap().to_string()
}

#[test]
fn an_equal_playback_has_none_whatever_was_moved_repeated_or_left_out() {
    let shop = shop("");
    let (a, b) = (text("a"), text("b"));
    let calls: [(&str, &[Value]); 4] = [("notify", &a), ("price-of", &a), ("price-of", &a), ("notify", &b)];
    let playback = replay(&recorded(&shop), &shop, &calls);
    assert!(playback.is_equal());
    assert_eq!(playback.first_difference(), None);
}

#[test]
fn an_argument_is_named_with_its_call_and_before_what_comes_later() {
    let shop = shop("");
    let (a, x) = (text("a"), text("x"));
    let playback = replay(&recorded(&shop), &shop, &[("price-of", &a), ("notify", &x)]);
    assert_eq!(
        first(&playback),
        r#"recorded call #2, output `shop:orders/outputs#notify` call 1, has other arguments: /text: "a" -> "x""#
    );
}

#[test]
fn an_output_that_was_not_made_goes_before_one_that_is_not_recorded_and_stands_later() {
    let shop = shop("[\"outputs#notify\"]\nalias = \"to.{text}\"\non-missing = { default = \"none\" }");
    let (b, x) = (text("b"), text("x"));
    let recording = recorded(&shop);
    let playback = replay(&recording, &shop, &[("notify", &b), ("notify", &x)]);
    assert_eq!(first(&playback), "recorded call #2, output `to.a` call 1, was not made");
    let (a, c) = (text("a"), text("c"));
    let all: [(&str, &[Value]); 4] = [("notify", &a), ("price-of", &c), ("notify", &x), ("notify", &b)];
    let playback = replay(&recording, &shop, &all);
    assert_eq!(first(&playback), "after recorded call #4: output `to.x` call 1, was not recorded");
    let playback = replay(&recording, &shop, &[("notify", &x), ("notify", &b)]);
    assert_eq!(first(&playback), "output `to.x` call 1, was not recorded");
}

#[test]
fn a_divergence_says_after_which_call_it_came_and_what_would_have_followed_is_no_difference() {
    let shop = shop("");
    let recording = recorded(&shop);
    let diverged = |before: &[&[Value]]| {
        let mut replay = Replay::of(&recording, &shop);
        before.iter().for_each(|text| drop(replay.call("notify", text)));
        let divergence = replay.diverges("price-of", &text("b"));
        replay.finish_with(Ending::Diverged(divergence))
    };
    let said = "the recording has no answer for input call 1 of `shop:orders/inputs#price-of`: \
                these arguments were never recorded";
    assert_eq!(first(&diverged(&[])), said);
    assert_eq!(first(&diverged(&[&text("a")])), format!("after recorded call #2: {said}"));
    // An earlier difference goes before the divergence.
    assert!(first(&diverged(&[&text("x")])).starts_with("recorded call #2, output"));
}

#[test]
fn an_outcome_comes_last_unless_it_is_why_the_rest_is_missing() {
    let shop = shop("");
    let recording = recorded(&shop);
    let ended = |calls: &[&str], outcome| {
        let mut replay = Replay::of(&recording, &shop);
        calls.iter().for_each(|call| drop(replay.call("notify", &text(call))));
        first(&replay.finish_with(Ending::Finished(outcome)))
    };
    let two = || Outcome::Returned(Value::from(2u32));
    assert_eq!(ended(&["a", "b"], two()), "the outcome: 1 -> 2");
    assert!(ended(&["a"], two()).starts_with("recorded call #3, output"));
    let trapped = ended(&["a"], Outcome::Trapped("no".to_owned()));
    assert_eq!(trapped, r#"the outcome: 1 -> {"trapped":"no"}"#);
}

#[test]
fn whatever_an_alias_says_it_is_one_line() {
    let shop = shop("[\"outputs#notify\"]\nalias = \"to.{text}\"");
    let recording = record(&shop, &[gives("notify", &text("a\nb\u{1b}"), None::<bool>)]);
    let line = first(&replay(&recording, &shop, &[]));
    assert_eq!(line, r"recorded call #1, output `to.a\nb\u{1b}` call 1, was not made");
}
