//! One value that is compared instead of everything.

use super::*;
use crate::Verdict;

fn comparing(result: &str, recorded: Calls<'_>, replayed: Calls<'_>) -> Judgement {
    judged(&format!("[settings]\nresult = \"{result}\""), recorded, replayed)
}

#[test]
fn only_the_named_value_counts() {
    let (recorded, replayed) = ([notify("a"), store("x", 1)], [notify("b"), store("x", 1)]);
    assert_eq!(comparing("shop:orders/outputs#store#1/args/0", &recorded, &replayed).verdict, Verdict::Equal);
    let judgement = comparing("shop:orders/outputs#notify#1/args/0", &recorded, &replayed);
    assert_eq!(causes(&judgement), ["shop:orders/outputs#notify /*"]);
    let judgement = comparing("shop:orders/outputs#notify#1/args/text", &recorded, &replayed);
    assert_eq!(causes(&judgement), ["shop:orders/outputs#notify /text"]);
    assert_eq!(comparing("outcome/ok", &recorded, &replayed).verdict, Verdict::Equal);
}

#[test]
fn a_value_that_only_one_side_has_is_a_change() {
    let judgement =
        comparing("shop:orders/outputs#notify#2/args/0", &[notify("a"), notify("b")], &[notify("a")]);
    assert_eq!(judgement.verdict, Verdict::Different);
}

#[test]
fn a_name_of_no_value_is_a_failure_of_the_comparison() {
    let judgement = comparing("shop:orders/outputs#notfy#1/args/0", &[notify("a")], &[notify("a")]);
    assert_eq!(judgement.verdict, Verdict::EqualizerFailure);
    assert!(judgement.message.unwrap().contains("notfy"));
}
