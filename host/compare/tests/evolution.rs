//! Interfaces that changed compare evenly in both directions.

use super::*;
use crate::Verdict;

fn with_fields(fields: &[(&str, Type)]) -> Boundary {
    let field = |(name, ty): &(&str, Type)| Field { name: (*name).into(), ty: ty.clone() };
    let order = Type::Record(fields.iter().map(field).collect());
    boundary(&[function("outputs#store", &[("order", order)], None)])
}

/// Records an order of one type, and replays one of another.
fn across(old: &[(&str, Type)], recorded: Value, new: &[(&str, Type)], replayed: Value) -> Judgement {
    let recording = record(&with_fields(old), &[("store", vec![recorded])], ok());
    judge("").judge(&replay(&recording, &with_fields(new), &[("store", vec![replayed])], ok()))
}

#[test]
fn a_field_that_a_type_lost_and_one_that_it_gained_are_changes() {
    let (narrow, wide) = ([("id", Type::String)], [("id", Type::String), ("note", Type::String)]);
    let order = |note: Option<&str>| {
        let fields = [("id", Some("a")), ("note", note)];
        Value::record(fields.into_iter().filter_map(|(name, value)| Some((name, Value::from(value?)))))
    };
    let judgement = across(&wide, order(Some("x")), &narrow, order(None));
    assert_eq!(judgement.verdict, Verdict::Different);
    assert_eq!(causes(&judgement), ["shop:orders/outputs#store /order/note: is no longer in its type"]);
    let judgement = across(&narrow, order(None), &wide, order(Some("x")));
    assert_eq!(judgement.verdict, Verdict::Different);
    assert_eq!(causes(&judgement), ["shop:orders/outputs#store /order/note: was added"]);
}

#[test]
fn an_optional_field_that_is_none_is_no_change_in_either_direction() {
    let narrow = [("id", Type::String)];
    let wide = [("id", Type::String), ("note", Type::Option(Box::new(Type::String)))];
    let order = |fields: &[(&str, Value)]| Value::record(fields.iter().cloned());
    let (small, large) = (order(&[("id", "a".into())]), order(&[("id", "a".into()), ("note", Value::Null)]));
    assert_eq!(across(&wide, large.clone(), &narrow, small.clone()).verdict, Verdict::Equal);
    assert_eq!(across(&narrow, small, &wide, large).verdict, Verdict::Equal);
}

#[test]
fn a_number_in_a_wider_type_is_the_same_number() {
    let [narrow, wide] = [32, 64].map(|bits| [("cents", Type::Int { signed: false, bits })]);
    let order = Value::record([("cents", Value::from(5_u32))]);
    assert_eq!(across(&narrow, order.clone(), &wide, order).verdict, Verdict::Equal);
}
