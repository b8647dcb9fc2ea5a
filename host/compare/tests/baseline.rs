//! Two builds on the same recording: only what the candidate changed counts.

use super::*;
use crate::Verdict;

fn against(toml: &str, recorded: Calls<'_>, baseline: Calls<'_>, candidate: Calls<'_>) -> Judgement {
    let shop = shop();
    let recording = record(&shop, recorded, ok());
    let [baseline, candidate] = [baseline, candidate].map(|calls| replay(&recording, &shop, calls, ok()));
    judge(toml).judge_against(&baseline, &candidate)
}

#[test]
fn what_the_baseline_does_otherwise_too_is_no_change() {
    let judgement = against("", &[notify("a")], &[notify("b")], &[notify("b")]);
    assert_eq!(judgement.verdict, Verdict::Equal);
    let judgement = against(
        "",
        &[notify("a"), store("x", 1)],
        &[notify("b"), store("x", 1)],
        &[notify("b"), store("x", 2)],
    );
    assert_eq!(causes(&judgement), ["shop:orders/outputs#store /order/cents"]);
}

#[test]
fn a_candidate_that_does_what_was_recorded_still_differs_from_a_baseline_that_does_not() {
    let judgement = against("", &[notify("a")], &[notify("b")], &[notify("a")]);
    assert_eq!(causes(&judgement), ["shop:orders/outputs#notify /text"]);
    assert_eq!(judgement.changes[0].text, r#""b" -> "a""#);
}

#[test]
fn the_same_divergence_on_both_sides_is_no_change() {
    let [recorded, other] = [[price_of("a")], [price_of("b")]];
    assert_eq!(against("", &recorded, &other, &other).verdict, Verdict::Equal);
    assert_eq!(against("", &recorded, &other, &recorded).verdict, Verdict::Fixed);
    assert_eq!(against("", &recorded, &recorded, &other).verdict, Verdict::Failed);
}

#[test]
fn notes_of_the_baseline_are_none_of_the_candidate() {
    let strict = "[settings]\nstrict = true";
    let recorded = [price_of("a"), price_of("b")];
    assert_eq!(against(strict, &recorded, &[price_of("a")], &[price_of("a")]).verdict, Verdict::Equal);
    let judgement = against(strict, &recorded, &recorded, &[price_of("a")]);
    assert_eq!(causes(&judgement), ["shop:orders/inputs#price-of: was recorded, and not asked for"]);
}
