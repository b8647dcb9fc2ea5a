//! Values of every type cross the boundary in both directions, and come back from a recording bit for bit.

use crate::support::{engine, provider, record_with, replay, returned, service};
use playback_host::recording::Outcome;
use playback_host::sandbox::{Grants, ProviderComponent, Providers, Recorder, Service};
use playback_host::value::Value;
use serde_json::json;
use std::sync::Arc;

fn point(x: i32, y: i32) -> Value {
    Value::record([("x", Value::from(x)), ("y", Value::from(y))])
}

fn texts(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| Value::from(*item)).collect())
}

fn floats(items: &[f32]) -> Value {
    Value::List(items.iter().map(|item| Value::from(*item)).collect())
}

fn nested(far_away: Value) -> Value {
    Value::record([
        ("type", Value::from("a")),
        ("list", Value::List(vec![point(1, 2), point(i32::MIN, i32::MAX)])),
        ("far-away", far_away),
        ("is-on", Value::from(true)),
    ])
}

/// An operation, and values that it must give back as they are.
fn cases() -> Vec<(&'static str, Vec<Value>)> {
    let all_flags: Vec<String> = (0..32).map(|bit| format!("b{bit}")).collect();
    let all_flags: Vec<&str> = all_flags.iter().map(String::as_str).collect();
    vec![
        ("bool", vec![true.into(), false.into()]),
        ("u8", vec![0u8.into(), u8::MAX.into()]),
        ("u16", vec![0u16.into(), u16::MAX.into()]),
        ("u32", vec![0u32.into(), u32::MAX.into()]),
        ("u64", vec![0u64.into(), u64::MAX.into()]),
        ("s8", vec![i8::MIN.into(), i8::MAX.into()]),
        ("s16", vec![i16::MIN.into(), i16::MAX.into()]),
        ("s32", vec![i32::MIN.into(), i32::MAX.into()]),
        ("s64", vec![i64::MIN.into(), i64::MAX.into()]),
        ("f32", vec![0.1f32.into(), (-0.0f32).into(), f32::NAN.into(), f32::NEG_INFINITY.into()]),
        ("f64", vec![0.1f64.into(), (-0.0f64).into(), f64::NAN.into(), f64::INFINITY.into()]),
        ("char", vec!['a'.into(), '\0'.into(), '\u{10ffff}'.into()]),
        ("string", vec!["".into(), "h\u{e9}llo \u{1f30d}\0".into()]),
        ("list-u8", vec![Value::Bytes(vec![]), Value::Bytes((0..=255).collect())]),
        ("list-s64", vec![Value::List(vec![]), Value::List(vec![i64::MIN.into(), 0i64.into()])]),
        ("list-string", vec![texts(&["", "a", "\u{1f30d}"])]),
        ("list-record", vec![Value::List(vec![point(0, -1), point(5, 6)])]),
        ("list-list", vec![Value::List(vec![floats(&[]), floats(&[1.5, -0.0])])]),
        ("record", vec![point(-3, 4)]),
        ("nested-record", vec![nested(Value::Null), nested(point(7, 8))]),
        ("tuple", vec![Value::List(vec![7u32.into(), "seven".into()])]),
        (
            "variant",
            vec![
                Value::case("nothing", Value::Null),
                Value::case("circle", f64::NAN.into()),
                Value::case("polygon", Value::List(vec![point(1, 1)])),
                Value::case("named", Value::List(vec!["p".into(), point(2, 2)])),
            ],
        ),
        ("enum", vec!["red".into(), "dark-blue".into()]),
        ("option", vec![Value::Null, 5u32.into()]),
        (
            "nested-option",
            vec![Value::Null, Value::case("some", Value::Null), Value::case("some", "x".into())],
        ),
        ("result", vec![Value::case("ok", 1u32.into()), Value::case("err", "no".into())]),
        ("result-ok", vec![Value::case("ok", 1u32.into()), Value::case("err", Value::Null)]),
        ("result-err", vec![Value::case("ok", Value::Null), Value::case("err", "no".into())]),
        ("result-bare", vec![Value::case("ok", Value::Null), Value::case("err", Value::Null)]),
        ("flags", vec![texts(&[]), texts(&["write", "execute"]), texts(&["write", "read", "execute"])]),
        ("flags32", vec![texts(&[]), texts(&["b0", "b31"]), texts(&all_flags)]),
    ]
}

#[tokio::test]
async fn a_value_of_every_type_is_recorded_and_replayed_bit_for_bit() {
    let service = service("types");
    let recorder = Recorder::builder(&service).providers(provider("types_provider")).build().unwrap();
    for (operation, values) in cases() {
        for value in values {
            let name = format!("test:types/roundtrip@1.2.0#{operation}");
            let recorded = record_with(&recorder, &name, vec![value.clone()]).await;
            assert_eq!(recorded.outcome, Outcome::Returned(value.clone()), "{operation}");
            let recording = Arc::new(recorded.recording.unwrap());
            let crossed: Vec<_> = recording.interceptions().collect();
            assert_eq!(crossed.len(), 1, "{operation}");
            assert_eq!(crossed[0].arguments, std::slice::from_ref(&value), "{operation}");
            assert_eq!(*crossed[0].outcome, Outcome::Returned(value), "{operation}");
            let playback = replay(&service, &recording).await;
            assert!(playback.is_equal(), "{operation}: {playback:?}");
        }
    }
}

#[tokio::test]
async fn more_than_16_flat_parameters_travel_through_memory() {
    let service = service("types");
    let recorder = Recorder::builder(&service).providers(provider("types_provider")).build().unwrap();
    let values = vec![
        1u8.into(),
        2u16.into(),
        3u32.into(),
        4u64.into(),
        (-5i8).into(),
        (-6i16).into(),
        (-7i32).into(),
        (-8i64).into(),
        9.5f32.into(),
        10.5f64.into(),
        true.into(),
        'l'.into(),
        "m".into(),
        Value::Bytes(vec![14]),
        "green".into(),
        Value::from(16u32),
        point(17, 18),
    ];
    let recorded = record_with(&recorder, "test:types/roundtrip#many", values.clone()).await;
    let recording = Arc::new(recorded.recording.unwrap());
    assert!(matches!(&recorded.outcome, Outcome::Returned(Value::Text(text)) if text.contains("10.5")));
    assert_eq!(recording.interceptions().next().unwrap().arguments, values);
    assert!(replay(&service, &recording).await.is_equal());
}

#[tokio::test]
async fn functions_of_the_world_itself_are_intercepted_too() {
    let service = service("types");
    let recorder = Recorder::builder(&service).providers(provider("types_provider")).build().unwrap();
    let recorded = record_with(&recorder, "tick-twice", vec![5u32.into()]).await;
    let recording = Arc::new(recorded.recording.unwrap());
    let aliases: Vec<_> = recording.interceptions().map(|call| call.alias.to_string()).collect();
    assert_eq!(aliases, ["tick", "tick"]);
    assert!(replay(&service, &recording).await.is_equal());
}

#[tokio::test]
async fn lists_of_16_mib_of_bytes_pass_in_both_directions() {
    let service = service("bytes");
    let recorder = Recorder::builder(&service).providers(provider("bytes_provider")).build().unwrap();
    for operation in ["upload", "download"] {
        let recorded = record_with(&recorder, operation, vec![(16u64 << 20).into()]).await;
        assert!(matches!(recorded.outcome, Outcome::Returned(_)), "{operation}: {:?}", recorded.outcome);
        let recording = Arc::new(recorded.recording.unwrap());
        assert!(replay(&service, &recording).await.is_equal(), "{operation}");
    }
    let data = Value::Bytes((0..16u32 << 20).map(|at| at as u8).collect());
    let recorded = record_with(&recorder, "exchange", vec![data]).await;
    assert!(matches!(recorded.outcome, Outcome::Returned(_)), "{:?}", recorded.outcome);
}

#[tokio::test]
async fn a_list_of_64_mib_of_bytes_passes_from_a_provider_and_as_the_result_of_an_operation() {
    let service = service("bytes");
    let recorder = Recorder::builder(&service).providers(provider("bytes_provider")).build().unwrap();
    let data = Value::Bytes((0..64u32 << 20).map(|at| at as u8).collect());
    let recorded = record_with(&recorder, "exchange", vec![data.clone()]).await;
    assert!(recorded.outcome == Outcome::Returned(data), "{:?}", recorded.outcome.exception());
    let recording = Arc::new(recorded.recording.unwrap());
    assert!(replay(&service, &recording).await.is_equal());
}

/// A component that imports, or exports, `test:lists/echo`: functions that give back what they get, a map and lists of a
/// fixed length, on their own, in one another, and as more than 16 core values.
fn lists(is_service: bool) -> Vec<u8> {
    let types = r#"
        (type $map (map string u32))
        (type $four (list u8 4))
        (type $three (list u16 3))
        (type $long (list u8 20))
        (type $inner (map s64 $three))
        (type $both (tuple $inner $long))
        (type $many (list $both))"#;
    let functions = [("map", 2), ("four", 4), ("many", 2), ("long", 1)];
    let memory = r#"
        (memory (export "memory") 1)
        (global $next (mut i32) (i32.const 1024))
        (func (export "realloc") (param i32 i32 i32 i32) (result i32)
            (global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
            (global.get $next)
            (global.set $next (i32.add (global.get $next) (local.get 3))))"#;
    let signature = |name: &str| format!("(func (param \"it\" ${name}) (result ${name}))");
    let lift = |name: &str, from: &str| {
        format!(
            "(func ${name} (param \"it\" ${name}) (result ${name}) (canon lift (core func {from} \"{name}\")
                (memory $memory) (realloc $realloc)))"
        )
    };
    let each = |of: &dyn Fn(&str, usize) -> String| {
        functions.iter().map(|(name, parameters)| of(name, *parameters)).collect::<Vec<_>>().join("\n")
    };
    let tuple = |count: usize| "i32 ".repeat(count);
    let gets = |count: usize| (0..count).map(|at| format!("(local.get {at})")).collect::<String>();
    let shared = format!(
        "{types} (core module $m {memory}) (core instance $mem (instantiate $m))
        (alias core export $mem \"memory\" (core memory $memory))
        (alias core export $mem \"realloc\" (core func $realloc))"
    );
    let exports = each(&|name, _| format!("(export \"{name}\" (func ${name}))"));
    let text = if is_service {
        let declared = each(&|name, _| format!("(export \"{name}\" {})", signature(name)));
        let lowered = each(&|name, _| {
            format!(
                "(core func $import-{name} (canon lower (func $echo \"{name}\") (memory $memory)
                    (realloc $realloc)))"
            )
        });
        let with = each(&|name, _| format!("(export \"{name}\" (func $import-{name}))"));
        let imported = each(&|name, count| {
            format!("(import \"\" \"{name}\" (func $import-{name} (param {} i32)))", tuple(count))
        });
        // The result is where the import puts it.
        let bodies = each(&|name, count| {
            let parameters = tuple(count);
            let call = format!("(call $import-{name} {} (i32.const 64))", gets(count));
            format!("(func (export \"{name}\") (param {parameters}) (result i32) {call} (i32.const 64))")
        });
        let lifted = each(&|name, _| lift(name, "$i"));
        format!(
            "(component {shared} (import \"test:lists/echo\" (instance $echo {types} {declared}))
            {lowered} (core module $main {imported} {bodies})
            (core instance $i (instantiate $main (with \"\" (instance {with})))) {lifted} {exports})"
        )
    } else {
        let bodies = r#"
            (import "" "memory" (memory 1))
            (func (export "map") (param i32 i32) (result i32)
                (i32.store (i32.const 64) (local.get 0)) (i32.store (i32.const 68) (local.get 1)) (i32.const 64))
            (func (export "many") (param i32 i32) (result i32)
                (i32.store (i32.const 64) (local.get 0)) (i32.store (i32.const 68) (local.get 1)) (i32.const 64))
            (func (export "four") (param i32 i32 i32 i32) (result i32)
                (i32.store8 (i32.const 64) (local.get 0)) (i32.store8 (i32.const 65) (local.get 1))
                (i32.store8 (i32.const 66) (local.get 2)) (i32.store8 (i32.const 67) (local.get 3))
                (i32.const 64))
            (func (export "long") (param i32) (result i32) (local.get 0))"#;
        let lifted = each(&|name, _| lift(name, "$i"));
        format!(
            "(component {shared} (core module $main {bodies})
            (core instance $i (instantiate $main (with \"\" (instance $mem)))) {lifted}
            (instance $echo {exports}) (export \"test:lists/echo\" (instance $echo)))"
        )
    };
    wat::parse_str(text).unwrap()
}

#[tokio::test]
async fn maps_and_lists_of_fixed_length_are_recorded_and_replayed_wherever_they_stand() {
    let service = Service::from_bytes(engine(), "lists", &lists(true)).unwrap();
    let provider = ProviderComponent::from_bytes(engine(), "echo", &lists(false), Grants::default()).unwrap();
    let providers = Providers::default().component(provider);
    let recorder = Recorder::builder(&service).providers(providers).build().unwrap();
    for (call, json) in [
        (r#"map([("a", 1), ("b", 2)])"#, json!([["a", 1], ["b", 2]])),
        ("map([])", json!([])),
        ("four([1, 2, 3, 255])", json!({ "$bytes": "AQID/w==" })),
        (
            "many([([(-5, [1, 2, 3])], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9])])",
            json!([[[[-5, [1, 2, 3]]], { "$bytes": "AAECAwQFBgcICQABAgMEBQYHCAk=" }]]),
        ),
        (
            "long([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9])",
            json!({ "$bytes": "AAECAwQFBgcICQABAgMEBQYHCAk=" }),
        ),
    ] {
        let (operation, arguments) = service.invocation(call).unwrap();
        let recorded = record_with(&recorder, &operation.full_name(), arguments.clone()).await;
        assert_eq!(returned(&recorded.outcome), json, "{call}");
        let recording = Arc::new(recorded.recording.unwrap());
        assert_eq!(recording.interceptions().next().unwrap().arguments, arguments, "{call}");
        assert!(replay(&service, &recording).await.is_equal(), "{call}");
    }
    for (call, why) in [
        ("four([1, 2, 3])", "`it`: expected a list of 4 items, found 3 items"),
        (r#"map([("a", 1, 2)])"#, "3"),
        (r#"map(["a"])"#, "character 6"),
        (
            "map({a: 1})",
            r#"a map is written as the list of its entries, at character 5: `{a: 1})`; write `[("a", 1)]` for `{"a": 1}`"#,
        ),
    ] {
        let refused = service.invocation(call).unwrap_err().to_string();
        assert!(refused.contains(why), "{call}: {refused}");
    }
}
