//! How an operation ended decides the verdict.

use super::*;
use crate::{End, Verdict};
use playback_recording::{Limit, LimitKind};

fn verdict(recorded: Outcome, replayed: Outcome) -> Judgement {
    let shop = shop();
    judge("").judge(&replay(&record(&shop, &[], recorded), &shop, &[], replayed))
}

fn error(text: &str) -> Outcome {
    returned(Value::case("err", text.into()))
}

fn trap(text: &str) -> Outcome {
    Outcome::Trapped(text.into())
}

#[test]
fn a_worse_end_fails_and_a_better_one_is_a_fix() {
    for (good, bad) in [(ok(), error("a")), (ok(), trap("a")), (error("a"), trap("a"))] {
        assert_eq!(verdict(good.clone(), bad.clone()).verdict, Verdict::Failed, "{good:?} {bad:?}");
        assert_eq!(verdict(bad.clone(), good.clone()).verdict, Verdict::Fixed, "{bad:?} {good:?}");
    }
    for (one, other) in
        [(ok(), returned(Value::case("ok", 2_u32.into()))), (error("a"), error("b")), (trap("a"), trap("b"))]
    {
        assert_eq!(verdict(one.clone(), other.clone()).verdict, Verdict::Different, "{one:?} {other:?}");
        assert_eq!(verdict(one.clone(), one.clone()).verdict, Verdict::Equal, "{one:?}");
    }
}

#[test]
fn a_value_that_changed_says_where_and_an_end_that_changed_says_how() {
    let judgement = verdict(ok(), returned(Value::case("ok", 2_u32.into())));
    assert_eq!(causes(&judgement), ["outcome /ok"]);
    let judgement = verdict(ok(), trap("unreachable"));
    assert_eq!(causes(&judgement), ["outcome as a whole"]);
    assert_eq!(judgement.changes[0].text, r#"{"ok":1} -> "trapped: unreachable""#);
}

#[test]
fn a_limit_fails_and_is_no_change_of_a_value() {
    let limit = Limit { kind: LimitKind::Fuel, text: "it took more than 5 instructions".into() };
    let judgement = verdict(ok(), Outcome::Stopped(limit));
    assert_eq!((judgement.verdict, judgement.replayed), (Verdict::Failed, End::Trapped));
    assert_eq!(causes(&judgement), ["outcome: fuel limit"]);
}

#[test]
fn a_call_without_an_answer_fails_and_what_would_have_come_later_is_not_missing() {
    let shop = shop();
    let recording = record(&shop, &[price_of("a"), notify("x"), notify("y")], ok());
    let playback = replay(&recording, &shop, &[notify("x"), price_of("b")], ok());
    let judgement = judge("").judge(&playback);
    assert_eq!((judgement.verdict, judgement.replayed), (Verdict::Failed, End::Diverged));
    assert_eq!(
        causes(&judgement),
        ["shop:orders/inputs#price-of: called with arguments that were never recorded"]
    );
    assert!(judgement.changes[0].text.contains("price-of"), "{}", judgement.changes[0].text);
    let ignoring = judge("[[compare]]\nat = \"shop:*\"\nignore = true");
    assert_eq!(ignoring.judge(&playback).verdict, Verdict::Failed, "no rule makes a divergence equal");
}
