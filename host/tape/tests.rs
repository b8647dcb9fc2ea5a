//! The tape's rules as stories: record on one boundary, replay on the same or another, look at the playback.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::time::arrivals::TimerNames;
use playback_recording::value::{Field, Type, Value};
use playback_recording::{Category, Clock, Event, Function, Kind, Outcome, Recording, Stream};
use std::sync::Arc;
use std::time::Duration;

mod ambient;
mod arrivals;
mod divergence;
mod evolution;
mod first_difference;
mod inputs;
mod keys;
mod model;
mod naming;
mod outputs;
mod recording;
mod rules;
mod streams;

const U32: Type = Type::Int { signed: false, bits: 32 };

/// A function of one of the shop's interfaces: `inputs#price-of`, `inputs@2.0.0#price-of`.
fn function(name: &str, parameters: &[(&str, Type)], result: impl Into<Option<Type>>) -> Signature {
    let (interface, name) = name.split_once('#').unwrap();
    Signature {
        interface: Some(format!("shop:orders/{interface}")),
        name: name.to_owned(),
        parameters: fields(parameters),
        result: result.into(),
        key: None,
        on_exhausted: OnExhausted::default(),
        sends: None,
    }
}

fn fields(of: &[(&str, Type)]) -> Vec<Field> {
    of.iter().map(|(name, ty)| Field { name: (*name).into(), ty: ty.clone() }).collect()
}

/// The price of an article: the input that most stories read.
fn price_of() -> Signature {
    function("inputs#price-of", &[("sku", Type::String)], U32)
}

/// A message to a customer: the output that most stories send.
fn notify() -> Signature {
    function("outputs#notify", &[("text", Type::String)], None)
}

/// These functions under the rules in `toml`; `shop:orders/` is left out of the targets.
fn boundary(functions: &[Signature], toml: &str) -> Boundary {
    rules(toml).resolve(functions).unwrap()
}

/// The shop of most stories.
fn shop(toml: &str) -> Boundary {
    boundary(&[price_of(), notify()], toml)
}

fn rules(toml: &str) -> Rules {
    toml::from_str(&format!("\n{toml}").replace("\n[\"", "\n[\"shop:orders/")).unwrap()
}

/// A call: the function's own name, its arguments, and what it gives.
type Call<'c> = (&'c str, &'c [Value], Outcome);

fn gives<'c>(name: &'c str, arguments: &'c [Value], result: impl Into<Value>) -> Call<'c> {
    (name, arguments, Outcome::Returned(result.into()))
}

/// Finds by the full name without `shop:orders/`, or by the function's own.
fn interceptor(boundary: &Boundary, name: &str) -> Arc<Interceptor> {
    let is_named = |it: &&Arc<Interceptor>| {
        it.signature.name == name || it.signature.full_name() == format!("shop:orders/{name}")
    };
    boundary.interceptors().iter().find(is_named).unwrap_or_else(|| panic!("no `{name}`")).clone()
}

fn invocation() -> Invocation {
    Invocation {
        category: "place-order".parse::<Category>().unwrap(),
        function: Function {
            name: "shop:orders/api@1.0.0#place-order".into(),
            parameters: vec!["id".into()],
            signature: "func(id: u32) -> u32".into(),
        },
        arguments: vec![Value::from(1u32)],
        component: "sha256:00".to_owned(),
        started_at: jiff::Timestamp::from_second(1_700_000_000).unwrap(),
        seed: [7; 32],
        environment: vec![],
        program_arguments: vec![],
        folders: vec![],
        sockets: false,
        secret_headers: vec![],
        file_limit: 0,
    }
}

fn recording_tape() -> Tape {
    Tape::from(RecordingTape::new(invocation(), usize::MAX))
}

fn finished(tape: Tape) -> Arc<Recording> {
    let tape = tape.into_recording().expect("a recording");
    Arc::new(tape.finish(Outcome::Returned(Value::from(1u32)), false, Duration::from_micros(250)).unwrap())
}

fn record(boundary: &Boundary, calls: &[Call<'_>]) -> Arc<Recording> {
    let mut tape = recording_tape();
    for (name, arguments, outcome) in calls {
        let step = tape.calls_mut().intercept(&interceptor(boundary, name), arguments.to_vec()).unwrap();
        let Step::Live(slot) = step else { panic!("a recording tape answers nothing") };
        tape.calls_mut().keep(slot, outcome.clone().into());
    }
    finished(tape)
}

/// A replay that goes on.
struct Replay<'b> {
    tape: Tape,
    boundary: &'b Boundary,
}

impl<'b> Replay<'b> {
    fn of(recording: &Arc<Recording>, boundary: &'b Boundary) -> Self {
        Self { tape: Tape::from(ReplayTape::new(recording.clone(), boundary)), boundary }
    }

    fn granting_live(recording: &Arc<Recording>, boundary: &'b Boundary) -> Self {
        let mut tape = ReplayTape::new(recording.clone(), boundary);
        tape.grant_live();
        Self { tape: tape.into(), boundary }
    }

    fn step(&mut self, name: &str, arguments: &[Value]) -> Result<Step, Box<Divergence>> {
        self.tape.calls_mut().intercept(&interceptor(self.boundary, name), arguments.to_vec())
    }

    /// What a call gets that returns.
    fn call(&mut self, name: &str, arguments: &[Value]) -> Value {
        match self.step(name, arguments) {
            Ok(Step::Recorded(answer)) => match &*answer {
                Outcome::Returned(value) => value.clone(),
                ended => panic!("it did not return: {ended:?}"),
            },
            Ok(Step::Live(_)) => panic!("it went live"),
            Err(divergence) => panic!("{divergence}"),
        }
    }

    fn diverges(&mut self, name: &str, arguments: &[Value]) -> Box<Divergence> {
        self.step(name, arguments).expect_err("the recording has an answer")
    }

    /// The playback of an operation that returned what was recorded.
    fn finish(self) -> Playback {
        self.finish_with(Ending::Finished(Outcome::Returned(Value::from(1u32))))
    }

    fn finish_with(self, ending: Ending) -> Playback {
        let tape = self.tape.into_replay().expect("a replay");
        tape.finish(ending, Some(&U32), Duration::from_micros(100))
    }
}

/// The playback of these calls, in order.
fn replay(recording: &Arc<Recording>, boundary: &Boundary, calls: &[(&str, &[Value])]) -> Playback {
    let mut replay = Replay::of(recording, boundary);
    for (name, arguments) in calls {
        replay.call(name, arguments);
    }
    replay.finish()
}

/// How each call was answered and with what.
fn answers(playback: &Playback) -> Vec<(Answered, Value)> {
    let outcome = |crossing: &Crossing| match &*crossing.answer {
        Outcome::Returned(value) => (crossing.answered, value.clone()),
        ended => (crossing.answered, Value::case("trapped", ended.exception().unwrap().as_ref().into())),
    };
    playback.crossings.iter().map(outcome).collect()
}

fn text(text: &str) -> [Value; 1] {
    [Value::from(text)]
}

fn numbers(numbers: &[u32]) -> Vec<Value> {
    numbers.iter().map(|number| Value::from(*number)).collect()
}
