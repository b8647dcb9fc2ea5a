//! Outputs are aligned, and compared under rules.

use super::*;
use crate::Verdict;

#[test]
fn one_output_that_is_missing_among_many_is_one_change() {
    let texts: Vec<String> = (0..100).map(|number| format!("message {number}")).collect();
    let recorded: Vec<_> = texts.iter().map(|text| notify(text)).collect();
    let mut replayed = recorded.clone();
    replayed.remove(40);
    let judgement = judged("", &recorded, &replayed);
    assert_eq!(judgement.verdict, Verdict::Different);
    assert_eq!(causes(&judgement), ["shop:orders/outputs#notify: was recorded, and not made"]);
    assert_eq!(judgement.changes[0].call, Some(41));
    let judgement = judged("", &replayed, &recorded);
    assert_eq!(causes(&judgement), ["shop:orders/outputs#notify: was not recorded"]);
    assert_eq!(judgement.changes[0].call, Some(41));
}

#[test]
fn two_outputs_that_changed_places_are_one_that_moved() {
    let judgement =
        judged("", &[notify("a"), notify("b"), notify("c")], &[notify("a"), notify("c"), notify("b")]);
    assert_eq!(causes(&judgement), ["shop:orders/outputs#notify: came at another place in the order"]);
}

#[test]
fn an_output_that_changed_says_where() {
    let judgement = judged("", &[store("a", 1), store("b", 2)], &[store("a", 1), store("b", 3)]);
    assert_eq!(causes(&judgement), ["shop:orders/outputs#store /order/cents"]);
    let change = &judgement.changes[0];
    assert_eq!(
        (change.call, change.path.as_str(), change.text.as_str()),
        (Some(2), "/order/cents", "2 -> 3")
    );
}

#[test]
fn outputs_without_an_order_are_equal_in_any() {
    let rule = "[[compare]]\nat = \"shop:orders/outputs#notify\"\nunordered = true";
    let [a, b, c] = ["a", "b", "c"].map(notify);
    let judgement = judged(rule, &[a.clone(), b.clone(), c.clone()], &[c.clone(), a.clone(), b.clone()]);
    assert_eq!((judgement.verdict, judgement.ignored.len()), (Verdict::Equal, 1));
    let judgement = judged(rule, &[a.clone(), b, c.clone()], &[c, a]);
    assert_eq!(causes(&judgement), ["shop:orders/outputs#notify: was recorded, and not made"]);
}

#[test]
fn the_order_among_different_outputs_counts_only_if_the_settings_say_so() {
    let (recorded, replayed) = ([notify("a"), store("x", 1)], [store("x", 1), notify("a")]);
    assert_eq!(judged("", &recorded, &replayed).verdict, Verdict::Equal);
    let judgement = judged("[settings]\norder = \"outputs\"", &recorded, &replayed);
    assert_eq!(judgement.verdict, Verdict::Different);
    assert_eq!(judgement.changes.len(), 1, "one of two that changed places moved");
}

#[test]
fn what_a_rule_ignores_is_counted_and_does_not_count() {
    let (recorded, replayed) = ([store("a", 1), notify("x")], [store("b", 1), notify("x")]);
    for at in
        ["shop:orders/outputs#store /order/id", "/**/id", "shop:orders/*", "shop:orders/outputs#store /order"]
    {
        let judgement = judged(&format!("[[compare]]\nat = \"{at}\"\nignore = true"), &recorded, &replayed);
        assert_eq!(judgement.verdict, Verdict::Equal, "{at}");
        assert_eq!((judgement.ignored[0].rule, judgement.ignored[0].differences), (0, 1), "{at}");
    }
    let other = "[[compare]]\nat = \"/**/cents\"\nignore = true";
    assert_eq!(judged(other, &recorded, &replayed).verdict, Verdict::Different);
    let expired = "[[compare]]\nat = \"/**/id\"\nignore = true\nuntil = 2026-05-31";
    assert_eq!(judged(expired, &recorded, &replayed).verdict, Verdict::Different, "its last day is over");
    let current = "[[compare]]\nat = \"/**/id\"\nignore = true\nuntil = \"2026-06-01\"";
    assert_eq!(judged(current, &recorded, &replayed).verdict, Verdict::Equal, "its last day is today");
    let elsewhere = "[[compare]]\nat = \"/**/id\"\nignore = true\ncategory = [\"refund\"]";
    assert_eq!(
        judged(elsewhere, &recorded, &replayed).verdict,
        Verdict::Different,
        "it is for another category"
    );
}

#[test]
fn an_ignored_output_may_be_missing() {
    let rule = "[[compare]]\nat = \"shop:orders/outputs#notify\"\nignore = true";
    assert_eq!(judged(rule, &[notify("a")], &[]).verdict, Verdict::Equal);
    assert_eq!(judged(rule, &[], &[notify("a")]).verdict, Verdict::Equal);
}

#[test]
fn outputs_whose_fresh_ids_are_ignored_are_aligned_without_them() {
    let rule = "[[compare]]\nat = \"/**/id\"\nnormalise = [\"uuid\"]";
    let id = |last: u32| format!("0198b7a3-5d1e-7abc-8def-0123456789{last:02x}");
    let (recorded, replayed): (Vec<_>, Vec<_>) =
        (0..20).map(|at| (store(&id(at), at), store(&id(at + 100), at))).unzip();
    assert_eq!(judged(rule, &recorded, &replayed).verdict, Verdict::Equal);
    let judgement = judged(rule, &recorded, &replayed[1..]);
    assert_eq!(causes(&judgement), ["shop:orders/outputs#store: was recorded, and not made"]);
}

#[test]
fn texts_are_compared_as_rules_say() {
    let differs = |options: &str, recorded: &str, replayed: &str| {
        let rule = format!("[[compare]]\nat = \"shop:orders/outputs#notify\"\n{options}");
        causes(&judged(&rule, &[notify(recorded)], &[notify(replayed)]))
    };
    assert_eq!(
        differs("ignore-case = true", "Straße", "STRASSE").len(),
        1,
        "case folding is no transcription"
    );
    assert_eq!(differs("ignore-case = true", "Hello", "hELLO").len(), 0);
    assert_eq!(differs("ignore-white-space = true", "a  b\n", "a b").len(), 0);
    assert_eq!(differs("ignore-white-space = true", "ab", "a b").len(), 1);
    assert_eq!(differs("as = \"json\"", r#"{"a":1,"b":2}"#, r#"{"b": 2, "a": 1}"#).len(), 0);
    let found = differs("as = \"json\"", r#"{"a":{"b":[1,2]}}"#, r#"{"a":{"b":[1,3]}}"#);
    assert_eq!(found, ["shop:orders/outputs#notify /text/a/b/*"]);
    assert_eq!(differs("as = \"xml\"", "<a x='1'><b/></a>", "<a x=\"1\">\n  <b></b>\n</a>").len(), 0);
    let found = differs("as = \"xml\"", "<a><b>1</b></a>", "<a><b>2</b></a>");
    assert_eq!(found, ["shop:orders/outputs#notify /text/a/content/*/b/content/*"]);
    let found = differs("as = \"text\"", "one\ntwo\nthree", "one\nthree");
    assert_eq!(found, ["shop:orders/outputs#notify /text/*: is gone"]);
}

#[test]
fn numbers_may_be_apart_as_far_as_a_rule_says() {
    let differs = |tolerance: &str, recorded: u32, replayed: u32| {
        let rule = format!("[[compare]]\nat = \"/**/cents\"\ntolerance = {{ {tolerance} }}");
        !judged(&rule, &[store("a", recorded)], &[store("a", replayed)]).changes.is_empty()
    };
    assert!(!differs("absolute = 1.0", 100, 101) && differs("absolute = 1.0", 100, 102));
    assert!(!differs("relative = 0.01", 100, 101) && differs("relative = 0.01", 100, 102));
}
