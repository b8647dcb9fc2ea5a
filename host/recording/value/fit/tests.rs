#![allow(clippy::unwrap_used)]

use super::*;
use crate::value::{arbitrary, json};
use proptest::prelude::*;

const S32: Type = Type::Int { signed: true, bits: 32 };
const U8: Type = Type::Int { signed: false, bits: 8 };

fn record(fields: &[(&str, Type)]) -> Type {
    Type::Record(fields.iter().map(|(name, ty)| Field { name: (*name).into(), ty: ty.clone() }).collect())
}

fn option(ty: Type) -> Type {
    Type::Option(Box::new(ty))
}

fn list(ty: Type) -> Type {
    Type::List(Box::new(ty))
}

fn size() -> Type {
    Type::Enum(["small", "large"].map(Name::from).to_vec())
}

fn shape() -> Type {
    Type::Variant(vec![("point".into(), None), ("circle".into(), Some(Type::F64))])
}

fn value(json: &str) -> Value {
    json::from_json(serde_json::from_str(json).unwrap()).unwrap()
}

fn taped(value: impl Into<Value>, ty: &Type) -> Result<Value, String> {
    fit(value.into(), ty, Source::Tape).map(|fitted| fitted.value).map_err(|misfit| misfit.to_string())
}

fn typed(json: &str, ty: &Type) -> Result<Value, String> {
    fit(value(json), ty, Source::Json).map(|fitted| fitted.value).map_err(|misfit| misfit.to_string())
}

fn refused<T: Into<Value>>(json: T, ty: &Type) -> String {
    taped(json, ty).unwrap_err()
}

#[test]
fn a_missing_option_field_is_none() {
    let ty = record(&[("sku", Type::String), ("note", option(Type::String))]);
    let fitted = taped(value(r#"{"sku": "a"}"#), &ty);
    assert_eq!(fitted, Ok(Value::record([("sku", "a".into()), ("note", Value::Null)])));
}

#[test]
fn a_missing_field_that_is_needed_is_named() {
    let ty = list(record(&[("sku", Type::String)]));
    assert_eq!(refused(value("[{}]"), &ty), "at `/0/sku`: expected string, found no such field");
}

#[test]
fn fields_take_their_declared_order() {
    let ty = record(&[("b", S32), ("a", S32)]);
    assert_eq!(taped(value(r#"{"a": 1, "b": 2}"#), &ty), Ok(Value::record([("b", 2), ("a", 1)].map(int))));
}

fn int((name, number): (&str, i32)) -> (&str, Value) {
    (name, number.into())
}

#[test]
fn unknown_fields_are_dropped_and_noted_once_a_list() {
    let ty = record(&[("items", list(record(&[("sku", Type::String)])))]);
    let order = value(r#"{"items": [{"sku": "a", "x/y": 1}, {"sku": "b", "x/y": 2}], "old": null}"#);
    let fitted = fit(order, &ty, Source::Tape).unwrap();
    assert_eq!(fitted.dropped, ["/items/0/x~1y", "/old"]);
    assert_eq!(fitted.value, value(r#"{"items": [{"sku": "a"}, {"sku": "b"}]}"#));
}

#[test]
fn a_misfit_names_the_place_and_both_sides() {
    let ty = record(&[("items", list(record(&[("sku", Type::String)])))]);
    let order = value(r#"{"items": [{"sku": 7}]}"#);
    assert_eq!(refused(order, &ty), "at `/items/0/sku`: expected string, found an integer");
    assert_eq!(refused("x", &Type::Bool), "expected bool, found text");
}

#[test]
fn an_integer_takes_another_width_within_its_bounds() {
    assert_eq!(taped(255u64, &U8), Ok(255.into()));
    assert_eq!(refused(256u64, &U8), "expected u8 (0 to 255), found 256");
    assert_eq!(refused(-1, &U8), "expected u8 (0 to 255), found -1");
}

#[test]
fn a_recorded_float_changes_width_only_if_it_is_the_same_number() {
    assert_eq!(taped(0.1f32, &Type::F64), Ok(f64::from(0.1f32).into()));
    assert_eq!(taped(0.5f64, &Type::F32), Ok(0.5f32.into()));
    assert_eq!(refused(0.1f64, &Type::F32), "expected f32, found 0.1, which f32 does not hold");
    assert_eq!(taped(1u64 << 53, &Type::F64), Ok(9_007_199_254_740_992f64.into()));
    assert!(refused((1u64 << 53) + 1, &Type::F64).contains("9007199254740993, which f64 does not hold"));
    assert_eq!(refused("NaN", &Type::F64), "expected f64, found text");
    assert_eq!(refused(0.5, &S32), "expected s32, found a float");
}

#[test]
fn a_float_of_json_is_the_nearest() {
    assert_eq!(typed("0.1", &Type::F32), Ok(0.1f32.into()));
    assert_eq!(typed("3", &Type::F64), Ok(3.0.into()));
    assert_eq!(typed("3.14159265358979", &Type::F32), Ok(std::f32::consts::PI.into()));
    assert_eq!(typed("123456790000", &Type::F32), Ok(123_456_790_000f32.into()));
    for (number, ty, nearest) in [
        ("16777217", Type::F32, "16777216.0"),
        ("16777217.5", Type::F32, "16777218.0"),
        ("1e-60", Type::F32, "0.0"),
        ("9007199254740993", Type::F64, "9007199254740992.0"),
    ] {
        let refused = typed(number, &ty).unwrap_err();
        assert!(
            refused.ends_with(&format!(", which {ty} does not hold; the nearest is {nearest}")),
            "{refused}"
        );
    }
    assert_eq!(typed("-0.0", &Type::F32), Ok((-0.0f32).into()));
    assert_eq!(typed("\"-Infinity\"", &Type::F64), Ok(f64::NEG_INFINITY.into()));
    assert_eq!(typed("\"NaN:7fc00001\"", &Type::F32), Ok(f32::from_bits(0x7fc0_0001).into()));
    assert_eq!(typed("1e300", &Type::F32), Err("expected f32, found 1e+300, which f32 does not hold".into()));
    assert_eq!(typed("\"nan\"", &Type::F32), Err("expected f32, found text".into()));
}

#[test]
fn a_value_whose_type_became_an_option_is_some() {
    assert_eq!(taped("a", &option(Type::String)), Ok("a".into()));
    assert_eq!(taped("a", &option(option(Type::String))), Ok(Value::case("some", "a".into())));
    let nested = Value::case("some", Value::Null);
    assert_eq!(taped(nested.clone(), &option(option(Type::String))), Ok(nested));
    assert_eq!(refused(Value::Null, &Type::String), "expected string, found nothing");
}

#[test]
fn an_enum_and_a_variant_without_payloads_become_each_other() {
    assert_eq!(taped("point", &shape()), Ok(Value::case("point", Value::Null)));
    assert_eq!(taped(Value::case("small", Value::Null), &size()), Ok("small".into()));
    assert_eq!(refused("circle", &shape()), "at `/circle`: expected f64, found nothing");
    assert_eq!(
        refused(Value::case("small", 1.into()), &size()),
        "at `/small`: expected no payload, found an integer"
    );
}

#[test]
fn an_unknown_case_is_told_those_there_are() {
    assert_eq!(refused("huge", &size()), "expected one of `small`, `large`, found `huge`");
    assert_eq!(
        refused(Value::case("line", 1.into()), &shape()),
        "expected one of `point`, `circle`, found `line`"
    );
    let many = Type::Flags((0..32).map(|n| format!("f{n}").into()).collect());
    let found = refused(Value::List(vec!["g".into()]), &many);
    assert!(
        found.starts_with("at `/0`: found `g`, expected one of `f0`, ") && found.ends_with("and 16 more"),
        "{found}"
    );
}

#[test]
fn a_result_is_always_one_of_its_cases() {
    let ty = Type::Result(Some(Box::new(S32)), None);
    assert_eq!(typed(r#"{"ok": 1}"#, &ty), Ok(Value::case("ok", 1.into())));
    assert_eq!(typed(r#"{"err": null}"#, &ty), Ok(Value::case("err", Value::Null)));
    assert_eq!(refused(1, &ty), "expected result<s32>, found an integer");
    assert_eq!(typed(r#"{"bad": 1}"#, &ty), Err("expected one of `ok`, `err`, found `bad`".into()));
}

#[test]
fn flags_take_their_declared_order() {
    let ty = Type::Flags(["r", "w", "x"].map(Name::from).to_vec());
    assert_eq!(typed(r#"["x", "r", "x"]"#, &ty), Ok(Value::List(vec!["r".into(), "x".into()])));
}

#[test]
fn a_char_is_one_character() {
    assert_eq!(taped("ä", &Type::Char), Ok("ä".into()));
    assert_eq!(refused("ab", &Type::Char), "expected char, which is one character, found 2 characters");
    assert!(taped("", &Type::Char).is_err());
}

#[test]
fn an_array_of_small_numbers_can_be_bytes() {
    assert_eq!(typed("[1, 255]", &Type::Bytes), Ok(Value::Bytes(vec![1, 255])));
    assert_eq!(typed("[1, 256]", &Type::Bytes), Err("at `/1`: expected u8 (0 to 255), found 256".into()));
}

#[test]
fn a_tuple_has_as_many_items_as_it_says() {
    let ty = Type::Tuple(vec![S32, Type::String]);
    assert_eq!(typed(r#"[1, "a"]"#, &ty), Ok(Value::List(vec![1.into(), "a".into()])));
    assert_eq!(typed("[1]", &ty), Err("expected a tuple of 2 items, found 1 item".into()));
}

#[test]
fn arguments_find_their_parameters_by_name() {
    let fields = [("count", U8), ("note", option(Type::String)), ("sku", Type::String), ("new", Type::Bool)];
    let to = fields.map(|(name, ty)| Field { name: name.into(), ty });
    let from = ["sku", "old", "count"].map(Name::from);
    let fitted = fit_parameters(vec!["a".into(), 1.into(), 256.into()], &from, &to, Source::Tape);
    assert_eq!(fitted.values, [256.into(), Value::Null, "a".into(), Value::Null], "what does not fit stays");
    assert_eq!(fitted.dropped, ["/old"]);
    let misfits: Vec<String> = fitted.misfits.iter().map(Misfit::to_string).collect();
    assert_eq!(
        misfits,
        [
            "at `/count`: expected u8 (0 to 255), found 256",
            "at `/new`: expected bool, found no such argument",
        ]
    );
}

#[test]
fn a_name_that_is_long_is_cut_in_what_is_told_of_it() {
    let long = || Value::Text("\u{1b}".repeat(1 << 20));
    let names = || vec![Name::from("a")];
    let types = [Type::Result(None, None), Type::Variant(vec![("a".into(), None)]), Type::Enum(names())];
    for ty in types {
        let told = fit(long(), &ty, Source::Tape).unwrap_err().to_string();
        assert!(told.ends_with("\\u{1b}…`") && told.len() < 400, "{} bytes", told.len());
    }
    assert!(
        fit(Value::List(vec![long()]), &Type::Flags(names()), Source::Tape).unwrap_err().found.len() < 400
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_value_of_the_type_stays_as_it_is((ty, value) in arbitrary::typed()) {
        for source in [Source::Tape, Source::Json] {
            let fitted = fit(value.clone(), &ty, source);
            prop_assert_eq!(fitted, Ok(Fitted { value: value.clone(), dropped: vec![] }), "{}", ty);
        }
    }

    #[test]
    fn a_value_that_is_found_exact_is_what_taking_it_apart_yields(
        (own, value) in arbitrary::typed(),
        other in arbitrary::types(),
    ) {
        prop_assert!(exact::is_exact(&value, &own), "{own}");
        for ty in [own, other] {
            let mut fitting = Fitting::new(Source::Tape);
            let fitted = fitting.value(value.clone(), &ty, &Pointer::Root);
            let is_same = fitting.dropped.is_empty() && fitted.as_ref() == Ok(&value);
            prop_assert_eq!(exact::is_exact(&value, &ty), is_same, "{} {:?}", ty, fitted);
        }
    }

    #[test]
    fn a_value_of_another_type_fits_or_says_why(
        (_, value) in arbitrary::typed(),
        ty in arbitrary::types(),
    ) {
        match fit(value, &ty, Source::Tape) {
            Ok(Fitted { value, .. }) => {
                let again = fit(value.clone(), &ty, Source::Tape).map(|fitted| fitted.value);
                prop_assert_eq!(again, Ok(value));
            }
            Err(misfit) => prop_assert!(misfit.to_string().contains("expected")),
        }
    }
}

#[test]
fn a_map_takes_pairs_and_from_json_an_object_where_its_keys_are_text() {
    let by_name = Type::Map(Box::new(Type::String), Box::new(S32));
    let pairs = value(r#"[["a", 1], ["b", 2]]"#);
    assert_eq!(taped(pairs.clone(), &by_name), Ok(pairs.clone()));
    assert_eq!(typed(r#"{"a": 1, "b": 2}"#, &by_name), Ok(pairs.clone()));
    assert_eq!(refused(value(r#"{"a": 1}"#), &by_name), "expected map<string, s32>, found a record or case");
    assert_eq!(refused(value(r#"[["a"]]"#), &by_name), "at `/0`: expected a key and its value, found 1 item");
    assert_eq!(refused(value(r#"[["a", true]]"#), &by_name), "at `/0/1`: expected s32, found a bool");
    let by_number = Type::Map(Box::new(S32), Box::new(S32));
    assert!(typed(r#"{"1": 1}"#, &by_number).is_err());
    // What was a list of pairs when it was recorded.
    let list = list(Type::Tuple(vec![Type::String, S32]));
    assert_eq!(taped(pairs.clone(), &list), Ok(pairs));
}

#[test]
fn a_list_of_fixed_length_has_that_length_and_is_bytes_of_bytes() {
    let of = |element: Type| Type::FixedLengthList(Box::new(element), 2);
    assert_eq!(taped(value("[1, 2]"), &of(S32)), Ok(value("[1, 2]")));
    assert_eq!(refused(value("[1]"), &of(S32)), "expected a list of 2 items, found 1 item");
    assert_eq!(taped(value("[1, 2]"), &of(U8)), Ok(Value::Bytes(vec![1, 2])));
    assert_eq!(refused(Value::Bytes(vec![1]), &of(U8)), "expected a list of 2 items, found 1 item");
}
