//! The judge's rules as stories: record some calls, replay others, look at the judgement.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::rules::{Rule, RuleSet, Settings};
use crate::{Judge, Judgement};
use jiff::Timestamp;
use playback_recording::value::{Field, Type, Value};
use playback_recording::{Category, Function, Outcome, Recording};
use playback_tape::{
    Boundary, Ending, Interceptor, Invocation, OnExhausted, Playback, RecordingTape, ReplayTape, Rules,
    Signature, Step, Tape,
};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

mod baseline;
mod evolution;
mod extract;
mod outcomes;
mod outputs;
mod plugins;
mod sends;
mod strict;

const U32: Type = Type::Int { signed: false, bits: 32 };

/// A function of `shop:orders`: `outputs#notify`.
fn function(name: &str, parameters: &[(&str, Type)], result: Option<Type>) -> Signature {
    let (interface, name) = name.split_once('#').unwrap();
    let field = |(name, ty): &(&str, Type)| Field { name: (*name).into(), ty: ty.clone() };
    Signature {
        interface: Some(format!("shop:orders/{interface}")),
        name: name.to_owned(),
        parameters: parameters.iter().map(field).collect(),
        result,
        key: None,
        on_exhausted: OnExhausted::default(),
        sends: None,
    }
}

/// The shop of most stories: a price is read, customers are notified, orders are stored.
fn shop() -> Boundary {
    let order = Type::Record(vec![
        Field { name: "id".into(), ty: Type::String },
        Field { name: "cents".into(), ty: U32 },
    ]);
    boundary(&[
        function("inputs#price-of", &[("sku", Type::String)], Some(U32)),
        function("outputs#notify", &[("text", Type::String)], None),
        function("outputs#store", &[("order", order)], None),
    ])
}

fn boundary(functions: &[Signature]) -> Boundary {
    Rules::default().resolve(functions).unwrap()
}

fn interceptor(boundary: &Boundary, name: &str) -> Arc<Interceptor> {
    let found = boundary.interceptors().iter().find(|it| it.signature.name == name);
    found.unwrap_or_else(|| panic!("no `{name}`")).clone()
}

fn notify(text: &str) -> (&'static str, Vec<Value>) {
    ("notify", vec![text.into()])
}

fn price_of(sku: &str) -> (&'static str, Vec<Value>) {
    ("price-of", vec![sku.into()])
}

fn store(id: &str, cents: u32) -> (&'static str, Vec<Value>) {
    ("store", vec![Value::record([("id", Value::from(id)), ("cents", cents.into())])])
}

type Calls<'c> = &'c [(&'c str, Vec<Value>)];

fn returned(value: impl Into<Value>) -> Outcome {
    Outcome::Returned(value.into())
}

/// Records these calls of an operation that ends like this. Every price is 5.
fn record(boundary: &Boundary, calls: Calls<'_>, outcome: Outcome) -> Arc<Recording> {
    let invocation = Invocation {
        category: "place-order".parse::<Category>().unwrap(),
        function: Function {
            name: "shop:orders/api@1.0.0#place-order".into(),
            parameters: vec![],
            signature: "func() -> result<u32, string>".into(),
        },
        arguments: vec![],
        component: "sha256:00".to_owned(),
        started_at: Timestamp::from_second(1_700_000_000).unwrap(),
        seed: [7; 32],
        environment: vec![],
        program_arguments: vec![],
        folders: vec![],
        sockets: false,
        secret_headers: vec![],
        file_limit: 0,
    };
    let mut tape = Tape::from(RecordingTape::new(invocation, usize::MAX));
    for (name, arguments) in calls {
        let interceptor = interceptor(boundary, name);
        let result = interceptor.signature.result.as_ref().map_or(Value::Null, |_| 5_u32.into());
        let Step::Live(slot) = tape.calls_mut().intercept(&interceptor, arguments.clone()).unwrap() else {
            panic!("a recording tape answers nothing")
        };
        tape.calls_mut().keep(slot, returned(result).into());
    }
    let tape = tape.into_recording().unwrap();
    Arc::new(tape.finish(outcome, false, Duration::from_micros(250)).unwrap())
}

/// Replays a recording with these calls. The replay ends at the first that has no answer, else with `outcome`.
fn replay(recording: &Arc<Recording>, boundary: &Boundary, calls: Calls<'_>, outcome: Outcome) -> Playback {
    let mut tape = Tape::from(ReplayTape::new(recording.clone(), boundary));
    let mut ending = Ending::Finished(outcome);
    for (name, arguments) in calls {
        if let Err(divergence) = tape.calls_mut().intercept(&interceptor(boundary, name), arguments.clone()) {
            ending = Ending::Diverged(divergence);
            break;
        }
    }
    let result = Type::Result(Some(Box::new(U32)), Some(Box::new(Type::String)));
    tape.into_replay().unwrap().finish(ending, Some(&result), Duration::from_micros(100))
}

fn ok() -> Outcome {
    returned(Value::case("ok", 1_u32.into()))
}

/// The playback of an operation that returned `ok` when it was recorded and on replay.
fn played(recorded: Calls<'_>, replayed: Calls<'_>) -> Playback {
    let shop = shop();
    replay(&record(&shop, recorded, ok()), &shop, replayed, ok())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct File {
    compare: Vec<Rule>,
    settings: Settings,
}

/// A judge under the rules of a configuration.
fn judge(toml: &str) -> Judge {
    let File { compare, settings } = toml::from_str(toml).unwrap();
    let today = "2026-06-01".parse().unwrap();
    Judge::new(RuleSet::new(&compare, &settings, &"place-order".parse().unwrap(), today))
}

/// The judgement of an operation that returned `ok` both times, under rules.
fn judged(toml: &str, recorded: Calls<'_>, replayed: Calls<'_>) -> Judgement {
    judge(toml).judge(&played(recorded, replayed))
}

/// The causes of the changes, in their order.
fn causes(judgement: &Judgement) -> Vec<String> {
    judgement.changes.iter().map(|change| change.cause.to_string()).collect()
}
