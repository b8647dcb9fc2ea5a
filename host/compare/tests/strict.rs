//! What is usually a note is a change under strict rules.

use super::*;
use crate::{Note, Verdict};

const STRICT: &str = "[settings]\nstrict = true";

fn notes(judgement: &Judgement) -> Vec<(Note, u64)> {
    judgement.notes.iter().map(|(note, count)| (*note, *count)).collect()
}

#[test]
fn an_input_that_is_not_asked_for_is_a_note_and_under_strict_rules_a_change() {
    let (recorded, replayed) = ([price_of("a"), price_of("b")], [price_of("a")]);
    let judgement = judged("", &recorded, &replayed);
    assert_eq!((judgement.verdict, notes(&judgement)), (Verdict::Equal, vec![(Note::NotAsked, 1)]));
    let judgement = judged(STRICT, &recorded, &replayed);
    assert_eq!(judgement.verdict, Verdict::Different);
    assert_eq!(causes(&judgement), ["shop:orders/inputs#price-of: was recorded, and not asked for"]);
}

#[test]
fn an_input_that_is_asked_for_more_often_is_a_note_and_under_strict_rules_a_change() {
    let (recorded, replayed) = ([price_of("a")], [price_of("a"), price_of("a")]);
    let judgement = judged("", &recorded, &replayed);
    assert_eq!((judgement.verdict, notes(&judgement)), (Verdict::Equal, vec![(Note::Repeated, 1)]));
    let judgement = judged(STRICT, &recorded, &replayed);
    assert_eq!(causes(&judgement), ["shop:orders/inputs#price-of: was asked for more often than recorded"]);
}

#[test]
fn inputs_in_another_order_are_a_note_and_under_strict_rules_a_change() {
    let (recorded, replayed) = ([price_of("a"), price_of("b")], [price_of("b"), price_of("a")]);
    let judgement = judged("", &recorded, &replayed);
    assert_eq!((judgement.verdict, notes(&judgement)), (Verdict::Equal, vec![(Note::Reordered, 1)]));
    assert_eq!(judged(STRICT, &recorded, &replayed).verdict, Verdict::Different);
}

#[test]
fn a_replay_that_is_as_recorded_is_equal_under_strict_rules() {
    let calls = [price_of("a"), notify("x"), store("y", 1)];
    let judgement = judged(STRICT, &calls, &calls);
    assert_eq!((judgement.verdict, judgement.compared), (Verdict::Equal, 3));
}
