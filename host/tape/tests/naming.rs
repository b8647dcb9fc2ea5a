//! Aliases: what a call is found by, today and formerly.

use super::*;
use Answered::{Exact, Fallback, Repeated};

fn get_price() -> Signature {
    Signature { name: "get-price".to_owned(), ..price_of() }
}

fn prices(names: &[&str]) -> Vec<Signature> {
    names.iter().map(|name| Signature { name: (*name).to_owned(), ..price_of() }).collect()
}

#[test]
fn an_alias_can_come_from_the_arguments() {
    let shop = shop("[\"inputs#price-of\"]\nalias = \"price.{sku}\"");
    let (apple, pear) = (text("apple"), text("pear"));
    let recording = record(&shop, &[gives("price-of", &apple, 1), gives("price-of", &pear, 2)]);
    let aliases: Vec<_> = recording.interceptions().map(|call| &*call.alias).collect();
    assert_eq!(aliases, ["price.apple", "price.pear"]);
    let playback = replay(&recording, &shop, &[("price-of", &pear), ("price-of", &apple)]);
    assert_eq!(answers(&playback), [(Exact, 2.into()), (Exact, 1.into())]);
}

#[test]
fn an_alias_can_change_without_recording_again() {
    let rules =
        ["", "[\"inputs#price-of\"]\nalias = \"price\"", "[\"inputs#price-of\"]\nalias = \"price.{sku}\""];
    let apple = text("apple");
    for (before, after) in rules.iter().flat_map(|before| rules.iter().map(move |after| (before, after))) {
        let recording = record(&shop(before), &[gives("price-of", &apple, 1), gives("price-of", &apple, 2)]);
        let playback = replay(&recording, &shop(after), &[("price-of", &apple), ("price-of", &apple)]);
        assert_eq!(answers(&playback), [(Exact, 1.into()), (Exact, 2.into())], "{before} {after}");
    }
}

#[test]
fn the_kind_of_a_function_can_change_without_recording_again() {
    let (input, output) = (shop(""), shop("[\"inputs#price-of\"]\nkind = \"output\""));
    let (apple, pear) = (text("apple"), text("pear"));
    let calls = [gives("price-of", &apple, 1), gives("price-of", &pear, 2)];
    let order: [(&str, &[Value]); 2] = [("price-of", &pear), ("price-of", &apple)];

    let playback = replay(&record(&input, &calls), &output, &order);
    assert_eq!(answers(&playback), [(Exact, 1.into()), (Exact, 2.into())], "by ordinal");
    assert!(!playback.is_equal() && playback.inputs_not_made.is_empty());
    assert_eq!(playback.outputs.len(), 2);
    let playback = replay(&record(&output, &calls), &input, &order);
    assert_eq!(answers(&playback), [(Exact, 2.into()), (Exact, 1.into())], "by key");
    assert!(playback.is_equal() && playback.outputs.is_empty());
}

#[test]
fn a_renamed_function_is_found_under_its_fallback_alias() {
    let today = shop("[\"inputs#price-of\"]\nfallback-aliases = [\"shop:orders/inputs#get-price\"]");
    let before = boundary(&[get_price()], "");
    let apple = text("apple");
    let recording = record(&before, &[gives("get-price", &apple, 1)]);
    let playback = replay(&recording, &today, &[("price-of", &apple), ("price-of", &apple)]);
    assert_eq!(answers(&playback), [(Fallback, 1.into()), (Repeated, 1.into())]);
    let through = playback.crossings.iter().map(|crossing| crossing.through.as_deref());
    assert_eq!(through.collect::<Vec<_>>(), [Some("shop:orders/inputs#get-price"); 2]);
    assert_eq!(&*playback.crossings[0].alias, "shop:orders/inputs#price-of");
    let ordinals: Vec<_> = playback.crossings.iter().map(|crossing| crossing.ordinal).collect();
    assert_eq!(ordinals, [1, 2]);
    assert!(playback.inputs_not_made.is_empty());
    Replay::of(&recording, &shop("")).diverges("price-of", &apple);
}

#[test]
fn a_renamed_output_that_became_one_by_a_rule_is_found_too() {
    let before = boundary(&prices(&["get-price"]), "");
    let rule =
        "[\"inputs#price-of\"]\nkind = \"output\"\nfallback-aliases = [\"shop:orders/inputs#get-price\"]";
    let recording = record(&before, &[gives("get-price", &text("apple"), 1)]);
    let playback = replay(&recording, &shop(rule), &[("price-of", &text("apple"))]);
    assert_eq!(answers(&playback), [(Fallback, 1.into())]);
    assert!(playback.is_equal() && playback.inputs_not_made.is_empty());
}

#[test]
fn fallback_aliases_are_tried_in_their_order() {
    let aliased = |alias: &str| shop(&format!("[\"inputs#price-of\"]\nalias = \"{alias}\""));
    let rule = "[\"inputs#price\"]\nfallback-aliases = [\"newer\", \"old.{sku}\"]";
    let today = boundary(&prices(&["price"]), rule);
    let apple = text("apple");
    for (recorded, through) in [("newer", "newer"), ("old.{sku}", "old.apple")] {
        let recording = record(&aliased(recorded), &[gives("price-of", &apple, 1)]);
        let playback = replay(&recording, &today, &[("price", &apple)]);
        assert_eq!(playback.crossings[0].through.as_deref(), Some(through));
    }
    let both = boundary(
        &prices(&["one", "two"]),
        "[\"inputs#one\"]\nalias = \"old.{sku}\"\n[\"inputs#two\"]\nalias = \"newer\"",
    );
    let recording = record(&both, &[gives("one", &apple, 1), gives("two", &apple, 2)]);
    let playback = replay(&recording, &today, &[("price", &apple), ("price", &apple)]);
    assert_eq!(answers(&playback), [(Fallback, 2.into()), (Fallback, 1.into())]);
    assert!(playback.inputs_not_made.is_empty());
}

#[test]
fn two_functions_that_became_one_keep_all_their_calls() {
    let before = boundary(&prices(&["price-of", "get-price"]), "");
    let today = shop("[\"inputs#price-of\"]\nfallback-aliases = [\"shop:orders/inputs#get-price\"]");
    let apple = text("apple");
    let recording = record(&before, &[gives("price-of", &apple, 1), gives("get-price", &apple, 2)]);
    let playback =
        replay(&recording, &today, &[("price-of", &apple); 3].map(|(name, it)| (name, it.as_slice())));
    assert_eq!(answers(&playback), [(Exact, 1.into()), (Fallback, 2.into()), (Repeated, 2.into())]);
}

#[test]
fn functions_of_one_alias_share_its_calls() {
    let rule = "[\"inputs#one\"]\nalias = \"price\"\n[\"inputs#two\"]\nalias = \"price\"";
    let prices = boundary(&prices(&["one", "two"]), rule);
    let apple = text("apple");
    let recording = record(&prices, &[gives("one", &apple, 1), gives("two", &apple, 2)]);
    let playback = replay(&recording, &prices, &[("one", &apple), ("two", &apple)]);
    assert_eq!(answers(&playback), [(Exact, 1.into()), (Exact, 2.into())]);
    let ordinals: Vec<_> = playback.crossings.iter().map(|crossing| crossing.ordinal).collect();
    assert_eq!(ordinals, [1, 2]);
    assert!(playback.inputs_not_made.is_empty());
}

#[test]
fn aliases_can_change_places() {
    let rule = |one, two| format!("[\"inputs#one\"]\nalias = \"{one}\"\n[\"inputs#two\"]\nalias = \"{two}\"");
    let before = boundary(&prices(&["one", "two"]), &rule("a", "b"));
    let today = boundary(&prices(&["one", "two"]), &rule("b", "a"));
    let apple = text("apple");
    let recording = record(&before, &[gives("one", &apple, 1), gives("two", &apple, 2)]);
    let playback = replay(&recording, &today, &[("two", &apple), ("one", &apple)]);
    assert_eq!(answers(&playback), [(Exact, 2.into()), (Exact, 1.into())]);
}

#[test]
fn a_fallback_alias_can_be_what_another_function_was_recorded_as() {
    let before = boundary(&prices(&["one"]), "[\"inputs#one\"]\nalias = \"price\"");
    let today = boundary(&prices(&["one", "two"]), "[\"inputs#two\"]\nfallback-aliases = [\"price\"]");
    let apple = text("apple");
    let recording = record(&before, &[gives("one", &apple, 1), gives("one", &apple, 2)]);
    let playback = replay(&recording, &today, &[("two", &apple), ("one", &apple)]);
    assert_eq!(
        answers(&playback),
        [(Fallback, 1.into()), (Exact, 2.into())],
        "each recorded call answers once"
    );
}

#[test]
fn a_fallback_never_takes_the_answer_of_another_alias_of_the_same_function() {
    let nothing = None::<bool>;
    let (mail, sms) = (text("mail"), text("sms"));
    let recording = record(&shop(""), &[gives("notify", &mail, nothing), gives("notify", &sms, nothing)]);
    let rule = "alias = \"to.{text}\"\nfallback-aliases = [\"shop:orders/outputs#notify\"]";
    let today = shop(&format!("[\"outputs#notify\"]\n{rule}\non-missing = {{ default = \"none\" }}"));
    let calls: [(&str, &[Value]); 3] = [("notify", &text("push")), ("notify", &mail), ("notify", &sms)];
    let labels: Vec<_> =
        answers(&replay(&recording, &today, &calls)).into_iter().map(|(label, _)| label).collect();
    assert_eq!(labels, [Answered::Default, Exact, Exact]);
}

#[test]
fn an_alias_whose_placeholder_cannot_be_filled_any_more_stays_as_recorded() {
    let before = shop("");
    let item = Type::Record(fields(&[("sku", Type::String)]));
    let price_of = function("inputs#price-of", &[("item", item)], U32);
    let rule = "alias = \"price.{item.sku}\"\nkey = []\nfallback-aliases = [\"shop:orders/inputs#price-of\"]";
    let today = boundary(&[price_of], &format!("[\"inputs#price-of\"]\n{rule}"));
    let recording = record(&before, &[gives("price-of", &text("apple"), 1)]);
    let apple = [Value::record([("sku", Value::from("apple"))])];
    assert_eq!(answers(&replay(&recording, &today, &[("price-of", &apple)])), [(Fallback, 1.into())]);
}
