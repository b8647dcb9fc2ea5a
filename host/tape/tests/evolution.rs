//! Recordings of one build on the next: types and names that changed in between.

use super::*;
use Answered::{Exact, Fallback};

fn record_of(fields_of: &[(&str, Type)]) -> Type {
    Type::Record(fields(fields_of))
}

fn option(ty: Type) -> Type {
    Type::Option(Box::new(ty))
}

fn value(of: &[(&str, Value)]) -> Value {
    Value::record(of.iter().map(|(name, value)| (*name, value.clone())))
}

/// A boundary of one input, `customer`, and one output, `store`, both with these types.
fn build(argument: Type, result: Type) -> Boundary {
    let function = |name| function(name, &[("it", argument.clone())], result.clone());
    boundary(&[function("inputs#customer"), function("outputs#store")], "")
}

#[test]
fn an_added_option_in_arguments_and_results_is_none() {
    let before = build(record_of(&[("id", U32)]), record_of(&[("name", Type::String)]));
    let argument = record_of(&[("id", U32), ("note", option(Type::String))]);
    let today = build(argument, record_of(&[("name", Type::String), ("age", option(U32))]));
    let (id, name) = (value(&[("id", 1.into())]), value(&[("name", "Ada".into())]));
    let id = [id];
    let recording = record(&before, &[gives("customer", &id, name.clone()), gives("store", &id, name)]);
    let call = [value(&[("id", 1.into()), ("note", Value::Null)])];
    let playback = replay(&recording, &today, &[("customer", &call), ("store", &call)]);
    let expected = value(&[("name", "Ada".into()), ("age", Value::Null)]);
    assert_eq!(answers(&playback), [(Exact, expected.clone()), (Exact, expected)]);
    assert!(playback.is_equal() && playback.dropped.is_empty());
    let with_note = [value(&[("id", 1.into()), ("note", "hi".into())])];
    assert_eq!(Replay::of(&recording, &today).diverges("customer", &with_note).reason, Reason::NeverRecorded);
}

#[test]
fn a_removed_field_is_dropped_and_noted_wherever_it_was() {
    let before =
        build(record_of(&[("id", U32), ("trace", U32)]), record_of(&[("name", Type::String), ("fax", U32)]));
    let today = build(record_of(&[("id", U32)]), record_of(&[("name", Type::String)]));
    let id = |trace: u32| [value(&[("id", 1.into()), ("trace", trace.into())])];
    let name = value(&[("name", "Ada".into()), ("fax", 5.into())]);
    let (first, second) = (id(1), id(2));
    let recording = record(
        &before,
        &[
            gives("customer", &first, name.clone()),
            gives("customer", &second, name.clone()),
            gives("store", &first, name),
        ],
    );
    let call = [value(&[("id", 1.into())])];
    let playback = replay(&recording, &today, &[("customer", &call), ("customer", &call), ("store", &call)]);
    let ada = value(&[("name", "Ada".into())]);
    assert_eq!(answers(&playback), [(Exact, ada.clone()), (Exact, ada.clone()), (Exact, ada)]);
    let (customer, store) = ("shop:orders/inputs#customer", "shop:orders/outputs#store");
    let expected = [customer, store].map(|alias| [format!("{alias}/fax"), format!("{alias}/it/trace")]);
    assert_eq!(playback.dropped, expected.concat(), "once each, however many calls");
    assert!(playback.is_equal());
}

#[test]
fn a_result_that_does_not_fit_any_more_is_a_divergence_that_names_the_place() {
    let before = build(U32, record_of(&[("name", Type::String)]));
    let today = build(U32, record_of(&[("name", U32)]));
    let recording = record(&before, &[gives("customer", &[1.into()], value(&[("name", "Ada".into())]))]);
    let divergence = Replay::of(&recording, &today).diverges("customer", &[1.into()]);
    let Reason::Unfit(problem) = &divergence.reason else { panic!("{divergence}") };
    assert_eq!(problem, "at `/name`: expected u32, found text");
    assert!(divergence.to_string().contains("does not fit the type that is declared today, at `/name`"));
}

#[test]
fn a_call_that_was_made_and_does_not_fit_is_not_listed_as_not_made() {
    let (before, today) = (build(U32, Type::String), build(U32, U32));
    let recording =
        record(&before, &[gives("customer", &[1.into()], "Ada"), gives("customer", &[2.into()], "Bo")]);
    let mut replay = Replay::of(&recording, &today);
    let divergence = replay.diverges("customer", &[1.into()]);
    assert_eq!(replay.finish_with(Ending::Diverged(divergence)).inputs_not_made, [1]);
}

#[test]
fn a_result_that_is_gone_is_dropped_and_a_result_that_is_new_is_missing() {
    let signature = |result: Option<Type>| boundary(&[function("outputs#store", &[], result)], "");
    let (without, with) = (signature(None), signature(Some(U32)));
    let playback = replay(&record(&with, &[gives("store", &[], 7)]), &without, &[("store", &[])]);
    assert_eq!(answers(&playback), [(Exact, Value::Null)]);
    assert_eq!(playback.dropped, ["shop:orders/outputs#store: the result"]);
    let recording = record(&without, &[gives("store", &[], None::<bool>)]);
    let divergence = Replay::of(&recording, &with).diverges("store", &[]);
    assert_eq!(divergence.reason, Reason::Unfit("expected u32, found nothing".to_owned()));
    let optional = signature(Some(option(U32)));
    assert_eq!(answers(&replay(&recording, &optional, &[("store", &[])])), [(Exact, Value::Null)]);
}

#[test]
fn parameters_can_be_added_removed_and_change_places() {
    let build = |parameters: &[(&str, Type)]| boundary(&[function("inputs#stock", parameters, U32)], "");
    let (sku, place) = (("sku", Type::String), ("place", U32));
    let before = build(&[sku.clone(), place.clone()]);
    let recording = record(&before, &[gives("stock", &["apple".into(), 1.into()], 7)]);
    let answered = |today: &Boundary, call: &[Value]| answers(&replay(&recording, today, &[("stock", call)]));

    let reordered = build(&[place.clone(), sku.clone()]);
    assert_eq!(answered(&reordered, &[1.into(), "apple".into()]), [(Exact, 7.into())]);
    let removed = build(std::slice::from_ref(&sku));
    assert_eq!(answered(&removed, &["apple".into()]), [(Exact, 7.into())]);
    assert_eq!(
        replay(&recording, &removed, &[("stock", &["apple".into()])]).dropped,
        ["shop:orders/inputs#stock/place"]
    );
    let added = build(&[sku.clone(), place.clone(), ("day", option(U32))]);
    assert_eq!(answered(&added, &["apple".into(), 1.into(), Value::Null]), [(Exact, 7.into())]);
    let needed = build(&[sku, place, ("day", U32)]);
    let divergence = Replay::of(&recording, &needed).diverges("stock", &["apple".into(), 1.into(), 3.into()]);
    assert_eq!(divergence.nearest[0].differences[0].to_string(), "/day: null -> 3");
}

#[test]
fn an_argument_that_changed_its_type_is_another_key_unless_a_rule_leaves_it_out() {
    let build = |ty: Type, toml| {
        boundary(&[function("inputs#stock", &[("sku", Type::String), ("at", ty)], U32)], toml)
    };
    let recording = record(&build(U32, ""), &[gives("stock", &["apple".into(), 1.into()], 7)]);
    let call = ["apple".into(), Value::from("north")];
    let divergence = Replay::of(&recording, &build(Type::String, "")).diverges("stock", &call);
    assert_eq!(divergence.nearest[0].differences[0].to_string(), "/at: 1 -> \"north\"");
    let named = build(Type::String, "[\"inputs#stock\"]\nkey = [\"sku\"]");
    assert_eq!(answers(&replay(&recording, &named, &[("stock", &call)])), [(Exact, 7.into())]);
}

/// The price function of each of these versions of the package, under `toml`.
fn versions(versions: &[&str], toml: &str) -> Boundary {
    let price =
        |version: &&str| function(&format!("inputs@{version}#price-of"), &[("sku", Type::String)], U32);
    boundary(&versions.iter().map(price).collect::<Vec<_>>(), toml)
}

#[test]
fn a_new_version_of_the_package_reads_what_the_old_one_recorded() {
    let apple = text("apple");
    let recording = record(&versions(&["1.0.0"], ""), &[gives("price-of", &apple, 1)]);
    assert_eq!(
        recording.interceptions().next().map(|call| &*call.alias),
        Some("shop:orders/inputs#price-of")
    );
    let playback = replay(&recording, &versions(&["1.2.0"], ""), &[("price-of", &apple)]);
    assert_eq!(answers(&playback), [(Exact, 1.into())]);
    assert!(playback.other_versions.is_empty());
}

#[test]
fn an_incompatible_version_is_answered_under_a_label_that_names_both() {
    let apple = text("apple");
    for (recorded, today) in
        [("1.0.0", "2.1.0"), ("0.1.0", "1.0.0"), ("0.1.0", "0.2.0"), ("1.0.0-rc.1", "1.0.0")]
    {
        let recording = record(&versions(&[recorded], ""), &[gives("price-of", &apple, 1)]);
        let playback = replay(
            &recording,
            &versions(&[today], ""),
            &[("price-of", &apple); 2].map(|(name, it)| (name, &it[..])),
        );
        assert_eq!(
            answers(&playback),
            [(Fallback, 1.into()), (Answered::Repeated, 1.into())],
            "{recorded} {today}"
        );
        let through = format!("shop:orders/inputs@{recorded}#price-of");
        let found = playback.crossings.iter().map(|crossing| crossing.through.as_deref());
        assert_eq!(found.collect::<Vec<_>>(), [Some(&*through); 2]);
        let interface = |version| format!("shop:orders/inputs@{version}");
        assert_eq!(playback.other_versions, [(interface(recorded), interface(today))]);
        assert!(playback.is_equal(), "it is labelled, and no difference by itself");
    }
}

#[test]
fn a_compatible_version_is_found_whatever_other_versions_are_imported() {
    let apple = text("apple");
    let calls = |[one, two]: [&str; 2]| [one, two].map(|version| format!("inputs@{version}#price-of"));
    for (recorded, today, labels) in [
        (["0.1.0", "1.0.0"], ["0.1.1", "1.0.0"], [Exact, Exact]),
        (["0.1.0", "1.0.0"], ["0.1.1", "1.3.0"], [Exact, Exact]),
        (["0.1.1", "0.2.0"], ["0.1.0", "0.2.4"], [Exact, Exact]),
        (["0.1.0", "1.0.0"], ["0.1.1", "2.0.0"], [Exact, Fallback]),
    ] {
        let (before, after) = (calls(recorded), calls(today));
        let recording =
            record(&versions(&recorded, ""), &[gives(&before[0], &apple, 1), gives(&before[1], &apple, 2)]);
        let playback = replay(&recording, &versions(&today, ""), &[(&after[1], &apple), (&after[0], &apple)]);
        assert_eq!(
            answers(&playback),
            [(labels[1], 2.into()), (labels[0], 1.into())],
            "{recorded:?} {today:?}"
        );
        assert!(playback.inputs_not_made.is_empty());
    }
}

#[test]
fn a_compatible_version_that_is_imported_besides_a_new_one_keeps_its_calls() {
    let apple = text("apple");
    let recording = record(&versions(&["0.1.0"], ""), &[gives("price-of", &apple, 1)]);
    let today = versions(&["1.0.0", "0.1.1"], "");
    let mut replay = Replay::of(&recording, &today);
    assert_eq!(replay.diverges("inputs@1.0.0#price-of", &apple).reason, Reason::NeverRecorded);
    assert_eq!(replay.call("inputs@0.1.1#price-of", &apple), 1.into());
}

#[test]
fn two_compatible_versions_that_became_one_keep_all_their_calls() {
    let (apple, pear) = (text("apple"), text("pear"));
    let recording = record(
        &versions(&["0.1.0", "0.1.1"], ""),
        &[gives("inputs@0.1.0#price-of", &apple, 1), gives("inputs@0.1.1#price-of", &pear, 2)],
    );
    let playback =
        replay(&recording, &versions(&["0.1.1"], ""), &[("price-of", &apple), ("price-of", &pear)]);
    assert_eq!(answers(&playback), [(Exact, 1.into()), (Exact, 2.into())]);
}

#[test]
fn every_compatible_version_of_today_is_answered_by_what_another_one_recorded() {
    let (apple, pear) = (text("apple"), text("pear"));
    let of = |version: &str| format!("inputs@{version}#price-of");
    for (recorded, today, called) in [
        ("0.1.0", ["0.1.0", "0.1.1"], "0.1.1"),
        ("0.1.0", ["0.1.1", "0.1.2"], "0.1.2"),
        ("0.1.0", ["0.1.1", "0.1.2"], "0.1.1"),
        ("1.3.0", ["1.2.0", "1.4.0"], "1.2.0"),
    ] {
        let recording =
            record(&versions(&[recorded], ""), &[gives("price-of", &apple, 1), gives("price-of", &pear, 2)]);
        let playback = replay(
            &recording,
            &versions(&today, ""),
            &[(&of(called), &pear), (&of(called), &apple), (&of(called), &apple)],
        );
        let expected = [(Exact, 2.into()), (Exact, 1.into()), (Answered::Repeated, 1.into())];
        assert_eq!(answers(&playback), expected, "{recorded} {today:?} {called}");
        assert!(playback.inputs_not_made.is_empty() && playback.other_versions.is_empty());
    }
}

#[test]
fn a_recorded_call_that_two_versions_of_today_may_have_is_given_out_once() {
    let apple = text("apple");
    let recording = record(
        &versions(&["0.1.0"], "[\"inputs#price-of\"]\non-exhausted = \"missing\""),
        &[gives("price-of", &apple, 1), gives("price-of", &apple, 2)],
    );
    let today = versions(&["0.1.0", "0.1.1"], "[\"inputs#price-of\"]\non-exhausted = \"missing\"");
    let (old, new) = ("inputs@0.1.0#price-of", "inputs@0.1.1#price-of");
    let mut replay = Replay::of(&recording, &today);
    assert_eq!((replay.call(new, &apple), replay.call(old, &apple)), (1.into(), 2.into()));
    assert_eq!(replay.diverges(new, &apple).reason, Reason::UsedUp { recorded: 2 });
    assert_eq!(replay.diverges(old, &apple).reason, Reason::UsedUp { recorded: 2 });
}

#[test]
fn a_version_that_has_recorded_calls_takes_those_of_another_only_for_other_keys() {
    let (apple, pear) = (text("apple"), text("pear"));
    let (old, new) = ("inputs@0.1.0#price-of", "inputs@0.1.1#price-of");
    let both = versions(&["0.1.0", "0.1.1"], "");
    let recording = record(&both, &[gives(old, &apple, 1), gives(old, &pear, 2), gives(new, &apple, 3)]);
    let playback =
        replay(&recording, &both, &[(new, &apple), (new, &apple), (new, &pear), (old, &apple), (old, &pear)]);
    let repeated = Answered::Repeated;
    let expected = [(Exact, 3), (repeated, 3), (Exact, 2), (Exact, 1), (repeated, 2)];
    assert_eq!(answers(&playback), expected.map(|(label, value)| (label, value.into())));
}

#[test]
fn a_recorded_output_answers_whichever_compatible_version_sends_it_today() {
    let store = |of: &[&str]| {
        let store = |version: &&str| function(&format!("outputs@{version}#store"), &[("it", U32)], U32);
        boundary(&of.iter().map(store).collect::<Vec<_>>(), "")
    };
    let recording = record(&store(&["0.1.0"]), &[gives("store", &[1.into()], 7)]);
    let today = store(&["0.1.0", "0.1.1"]);
    let playback = replay(&recording, &today, &[("outputs@0.1.1#store", &[1.into()])]);
    assert_eq!(answers(&playback), [(Exact, 7.into())]);
    assert!(playback.is_equal(), "{:?}", playback.outputs);
}

#[test]
fn of_several_incompatible_versions_none_is_taken() {
    let apple = text("apple");
    let recording = record(&versions(&["1.0.0"], ""), &[gives("price-of", &apple, 1)]);
    let today = versions(&["2.0.0", "3.0.0"], "");
    Replay::of(&recording, &today).diverges("inputs@2.0.0#price-of", &apple);
    let rule = "[\"inputs@3.0.0#price-of\"]\nfallback-aliases = [\"shop:orders/inputs#price-of\"]";
    let playback =
        replay(&recording, &versions(&["2.0.0", "3.0.0"], rule), &[("inputs@3.0.0#price-of", &apple)]);
    assert_eq!(answers(&playback), [(Fallback, 1.into())]);
}

#[test]
fn an_operation_of_an_incompatible_version_is_noted() {
    let shop = shop("");
    let recording = record(&shop, &[]);
    let noted = |operation: &str| {
        let mut playback = Replay::of(&recording, &shop).finish();
        playback.note_version(operation);
        playback.other_versions
    };
    assert!(noted("shop:orders/api@1.4.0#place-order").is_empty() && noted("place-order").is_empty());
    let versions = ["1", "2"].map(|major| format!("shop:orders/api@{major}.0.0"));
    assert_eq!(noted("shop:orders/api@2.0.0#place-order"), [versions.into()]);
}

#[test]
fn two_versions_of_one_interface_are_told_apart() {
    let both = versions(&["1.0.0", "2.0.0"], "");
    let (one, two) = ("inputs@1.0.0#price-of", "inputs@2.0.0#price-of");
    let apple = text("apple");
    let recording = record(&both, &[gives(one, &apple, 1), gives(two, &apple, 2)]);
    let playback = replay(&recording, &both, &[(two, &apple), (one, &apple)]);
    assert_eq!(answers(&playback), [(Exact, 2.into()), (Exact, 1.into())]);
}

#[test]
fn a_second_version_of_an_interface_takes_nothing_from_the_first() {
    let apple = text("apple");
    let recording = record(&versions(&["1.0.0"], ""), &[gives("price-of", &apple, 1)]);
    let both = versions(&["1.0.0", "2.0.0"], "");
    let mut replay = Replay::of(&recording, &both);
    assert_eq!(replay.diverges("inputs@2.0.0#price-of", &apple).reason, Reason::NeverRecorded);
    assert_eq!(replay.call("inputs@1.0.0#price-of", &apple), 1.into());
}

#[test]
fn a_version_that_is_imported_no_more_is_found_by_a_rule() {
    let apple = text("apple");
    let (one, two) = ("inputs@1.0.0#price-of", "inputs@2.0.0#price-of");
    let recording =
        record(&versions(&["1.0.0", "2.0.0"], ""), &[gives(one, &apple, 1), gives(two, &apple, 2)]);
    let strict = versions(&["2.0.0"], "");
    let playback = replay(&recording, &strict, &[(two, &apple)]);
    assert_eq!((answers(&playback), playback.inputs_not_made), (vec![(Exact, 2.into())], vec![0]));
    let rule = format!("[\"inputs#price-of\"]\nfallback-aliases = [\"shop:orders/{one}\"]");
    let playback = replay(&recording, &versions(&["2.0.0"], &rule), &[(two, &apple), (two, &apple)]);
    assert_eq!(answers(&playback), [(Exact, 2.into()), (Fallback, 1.into())]);
}

#[test]
fn the_operation_s_result_is_compared_in_today_s_form() {
    let shop = shop("");
    let recorded = value(&[("total", 5.into()), ("fax", 1.into())]);
    let mut recording = (*record(&shop, &[])).clone();
    recording.outcome = Some(Outcome::Returned(recorded));
    let finish = |replayed: Value| {
        let today = record_of(&[("total", U32), ("note", option(Type::String))]);
        let tape = ReplayTape::new(Arc::new(recording.clone()), &shop);
        tape.finish(Ending::Finished(Outcome::Returned(replayed)), Some(&today), Duration::ZERO)
    };
    let playback = finish(value(&[("total", 5.into()), ("note", Value::Null)]));
    assert!(playback.is_equal());
    assert_eq!(playback.dropped, ["shop:orders/api#place-order/fax"]);
    let playback = finish(value(&[("total", 6.into()), ("note", Value::Null)]));
    assert_eq!(playback.result[0].to_string(), "/total: 5 -> 6");
}

#[test]
fn an_argument_with_another_name_is_hinted_at_and_found_by_a_rule() {
    let of = |name: &str, toml: &str| {
        let functions = [
            function("inputs#price-of", &[(name, Type::String)], U32),
            function("outputs#store", &[(name, Type::String), ("cents", U32)], None),
        ];
        boundary(&functions, toml)
    };
    let store = ["apple".into(), Value::from(5)];
    let recording =
        record(&of("id", ""), &[gives("price-of", &text("apple"), 5), gives("store", &store, Value::Null)]);
    let told = Replay::of(&recording, &of("sku", "")).diverges("price-of", &text("apple")).to_string();
    assert!(told.contains("`renamed = { id = \"sku\" }`"), "{told}");
    let rule =
        "[\"inputs#price-of\"]\nrenamed = { id = \"sku\" }\n[\"outputs#store\"]\nrenamed = { id = \"sku\" }";
    let playback = replay(&recording, &of("sku", rule), &[("price-of", &text("apple")), ("store", &store)]);
    assert_eq!(answers(&playback)[0], (Exact, 5.into()));
    assert!(playback.is_equal() && playback.dropped.is_empty());
    let pear = text("pear");
    let told = Replay::of(&recording, &of("sku", "")).diverges("price-of", &pear).to_string();
    assert!(!told.contains("renamed"), "another value is no hint: {told}");
    let wrong = rules("[\"inputs#price-of\"]\nrenamed = { id = \"sk\" }").resolve(&[function(
        "inputs#price-of",
        &[("sku", Type::String)],
        U32,
    )]);
    assert!(wrong.unwrap_err().to_string().contains("`renamed` says that `id` is `sk` now"));
}
