//! Inputs: found by alias and key, each recorded call once.

use super::*;
use Answered::{Default, Exact, Live, Repeated};

#[test]
fn two_calls_with_equal_arguments_each_get_their_own_outcome() {
    let shop = shop("");
    let apple = text("apple");
    let recording = record(&shop, &[gives("price-of", &apple, 1), gives("price-of", &apple, 2)]);
    let playback = replay(&recording, &shop, &[("price-of", &apple), ("price-of", &apple)]);
    assert_eq!(answers(&playback), [(Exact, 1.into()), (Exact, 2.into())]);
    let ordinals: Vec<_> = playback.crossings.iter().map(|crossing| crossing.ordinal).collect();
    assert_eq!(ordinals, [1, 2]);
    assert!(playback.is_equal() && playback.inputs_not_made.is_empty());
}

#[test]
fn past_the_last_recorded_call_the_last_outcome_is_repeated_and_labelled() {
    let shop = shop("");
    let apple = text("apple");
    let recording = record(&shop, &[gives("price-of", &apple, 1), gives("price-of", &apple, 2)]);
    let playback = replay(&recording, &shop, &[("price-of", apple.as_slice()); 4]);
    let expected = [(Exact, 1), (Exact, 2), (Repeated, 2), (Repeated, 2)];
    assert_eq!(answers(&playback), expected.map(|(answered, price)| (answered, price.into())));
    assert_eq!(playback.crossings[3].ordinal, 4);
    assert!(playback.is_equal(), "nobody outside sees how often an input is read");
}

#[test]
fn a_rule_can_end_the_replay_where_a_key_is_used_up() {
    let strict = shop("[\"inputs#price-of\"]\non-exhausted = \"missing\"");
    let apple = text("apple");
    let recording = record(&strict, &[gives("price-of", &apple, 1)]);
    let mut replay = Replay::of(&recording, &strict);
    replay.call("price-of", &apple);
    let divergence = replay.diverges("price-of", &apple);
    assert_eq!((&divergence.reason, divergence.ordinal), (&Reason::UsedUp { recorded: 1 }, 2));
    assert!(
        divergence.to_string().contains("input call 2 of `shop:orders/inputs#price-of`: used up, 1 call was")
    );
}

#[test]
fn a_used_up_key_can_get_its_default() {
    let rule = "[\"inputs#price-of\"]\non-exhausted = \"missing\"\non-missing = { default = 9 }";
    let shop = shop(rule);
    let apple = text("apple");
    let recording = record(&shop, &[gives("price-of", &apple, 1)]);
    let playback = replay(&recording, &shop, &[("price-of", &apple), ("price-of", &apple)]);
    assert_eq!(answers(&playback), [(Exact, 1.into()), (Default, 9.into())]);
}

#[test]
fn other_arguments_are_another_key() {
    let shop = shop("");
    let recording =
        record(&shop, &[gives("price-of", &text("apple"), 1), gives("price-of", &text("pear"), 2)]);
    let mut replay = Replay::of(&recording, &shop);
    assert_eq!(replay.call("price-of", &text("pear")), 2.into());
    assert_eq!(replay.call("price-of", &text("apple")), 1.into());
    assert_eq!(replay.diverges("price-of", &text("plum")).reason, Reason::NeverRecorded);
}

#[test]
fn any_order_of_reads_with_distinct_keys_is_answered_exactly() {
    let shop = shop("");
    let skus: Vec<[Value; 1]> = (0..5u32).map(|number| text(&format!("sku-{number}"))).collect();
    let calls: Vec<_> = skus.iter().zip(0..5u32).map(|(sku, price)| gives("price-of", sku, price)).collect();
    let recording = record(&shop, &calls);
    for mut permutation in 0..120 {
        // The digits of a factorial number are the choices that make a permutation.
        let (mut left, mut order): (Vec<u32>, Vec<u32>) = ((0..5).collect(), vec![]);
        for count in (1..=5).rev() {
            order.push(left.remove(permutation % count));
            permutation /= count;
        }
        let calls: Vec<(&str, &[Value])> =
            order.iter().map(|at| ("price-of", skus[*at as usize].as_slice())).collect();
        let playback = replay(&recording, &shop, &calls);
        let expected: Vec<_> = order.iter().map(|price| (Exact, (*price).into())).collect();
        assert_eq!(answers(&playback), expected);
        assert!(playback.is_equal() && playback.inputs_not_made.is_empty());
        assert_eq!(playback.moved.is_empty(), order.is_sorted());
    }
}

#[test]
fn a_rule_names_the_arguments_that_identify_a_call() {
    let stock = function("inputs#stock", &[("sku", Type::String), ("trace", U32)], U32);
    let recorded = boundary(std::slice::from_ref(&stock), "");
    let (before, after) = ([Value::from("apple"), 1.into()], [Value::from("apple"), 2.into()]);
    let recording = record(&recorded, &[gives("stock", &before, 7)]);

    let mut all = Replay::of(&recording, &recorded);
    all.diverges("stock", &after);
    let named = boundary(std::slice::from_ref(&stock), "[\"inputs#stock\"]\nkey = [\"sku\"]");
    assert_eq!(answers(&replay(&recording, &named, &[("stock", &after)])), [(Exact, 7.into())]);
    let mut named = Replay::of(&recording, &named);
    named.diverges("stock", &[Value::from("pear"), 1.into()]);
    let none = boundary(&[stock], "[\"inputs#stock\"]\nkey = []");
    let anything = [Value::from("pear"), 9.into()];
    assert_eq!(answers(&replay(&recording, &none, &[("stock", &anything)])), [(Exact, 7.into())]);
}

#[test]
fn what_was_never_recorded_can_get_a_default() {
    let shop = shop("[\"inputs#price-of\"]\non-missing = { default = 5 }");
    let recording = record(&shop, &[gives("price-of", &text("apple"), 1)]);
    let (plum, fig) = (text("plum"), text("fig"));
    let playback = replay(&recording, &shop, &[("price-of", &plum), ("price-of", &fig), ("price-of", &plum)]);
    assert_eq!(answers(&playback), [(Default, 5.into()), (Default, 5.into()), (Default, 5.into())]);
    let ordinals: Vec<_> = playback.crossings.iter().map(|crossing| crossing.ordinal).collect();
    assert_eq!(ordinals, [1, 1, 2], "each key counts its own calls");
    assert_eq!(playback.inputs_not_made.len(), 1);
}

#[test]
fn a_call_goes_live_only_where_a_rule_and_the_replay_say_so() {
    let shop = shop("[\"inputs#price-of\"]\non-missing = \"live\"");
    let (apple, plum) = (text("apple"), text("plum"));
    let recording = record(&shop, &[gives("price-of", &apple, 1)]);
    let divergence = Replay::of(&recording, &shop).diverges("price-of", &plum);
    assert_eq!(divergence.reason, Reason::NothingLive);

    let mut replay = Replay::granting_live(&recording, &shop);
    assert_eq!(replay.call("price-of", &apple), 1.into(), "what is recorded is never asked for again");
    let Step::Live(slot) = replay.step("price-of", &plum).unwrap() else { panic!("it is recorded") };
    assert_eq!(slot.arguments(), plum);
    replay.tape.calls_mut().keep(slot, Outcome::Returned(3.into()).into());
    assert_eq!(answers(&replay.finish()), [(Exact, 1.into()), (Live, 3.into())]);
}

#[test]
fn a_trap_is_recorded_and_served() {
    let shop = shop("");
    let apple = text("apple");
    let trapped = Outcome::Trapped("out of stock".to_owned());
    let recording = record(&shop, &[("price-of", &apple, trapped.clone())]);
    let mut replay = Replay::of(&recording, &shop);
    let Step::Recorded(answer) = replay.step("price-of", &apple).unwrap() else { panic!("it went live") };
    assert_eq!(*answer, trapped);
}

#[test]
fn recorded_inputs_that_were_not_made_are_listed() {
    let shop = shop("");
    let (apple, pear) = (text("apple"), text("pear"));
    let calls = [gives("price-of", &apple, 1), gives("price-of", &pear, 2), gives("price-of", &apple, 3)];
    let recording = record(&shop, &calls);
    let playback = replay(&recording, &shop, &[("price-of", &apple)]);
    assert_eq!(playback.inputs_not_made, [1, 2]);
    assert_eq!(playback.position(2), 3);
    assert!(playback.is_equal());
}

#[test]
fn only_what_moved_is_noted() {
    let shop = shop("");
    let (apple, pear, plum) = (text("apple"), text("pear"), text("plum"));
    let calls = [gives("price-of", &apple, 1), gives("price-of", &pear, 2), gives("price-of", &plum, 3)];
    let recording = record(&shop, &calls);
    let order: [(&str, &[Value]); 4] =
        [("price-of", &plum), ("price-of", &apple), ("price-of", &apple), ("price-of", &pear)];
    let playback = replay(&recording, &shop, &order);
    assert_eq!(playback.moved, [0], "a repeated answer has no place in the recorded order");
    assert!(playback.is_equal());
}
