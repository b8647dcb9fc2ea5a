//! An embedder's closures as providers.

use crate::handles::{Handles, Origin};
use playback_recording::value::fit::{self, Source};
use playback_recording::value::{Field, Type, Value};
use playback_recording::{Outcome, format};
use playback_tape::Interceptor;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use wasmtime::{Result, bail};

type Answer = Pin<Box<dyn Future<Output = Result<Value, String>> + Send>>;

/// A closure that answers the calls of one function.
#[derive(Clone)]
pub struct Closure(Arc<Answers>);

type Prompt = dyn Fn(&[Value]) -> Result<Value, String> + Send + Sync;

enum Answers {
    /// At once, without a copy of the arguments.
    Now(Box<Prompt>),
    Later(Box<dyn Fn(Vec<Value>) -> Answer + Send + Sync>),
}

impl Closure {
    pub(super) fn new<F>(answer: impl Fn(Vec<Value>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Value, String>> + Send + 'static,
    {
        Self(Arc::new(Answers::Later(Box::new(move |arguments| Box::pin(answer(arguments))))))
    }

    pub(super) fn sync(answer: impl Fn(&[Value]) -> Result<Value, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(Answers::Now(Box::new(answer))))
    }

    /// Calls the closure, with its own numbers for the resources it handed out. `None` if its answer must be waited for.
    pub(super) fn call_at_once(
        &self,
        interceptor: &Interceptor,
        arguments: &[Value],
        handles: &mut Handles,
    ) -> Option<Result<Outcome>> {
        let Answers::Now(answer) = &*self.0 else { return None };
        let arguments = to_closure(arguments, &interceptor.signature.parameters, handles);
        Some(arguments.and_then(|arguments| outcome(interceptor, answer(&arguments), handles)))
    }

    /// Calls the closure as [`call_at_once`](Self::call_at_once) does, and waits for its answer.
    pub(super) async fn call(
        &self,
        interceptor: &Interceptor,
        arguments: &[Value],
        handles: &mut Handles,
    ) -> Result<Outcome> {
        let arguments = to_closure(arguments, &interceptor.signature.parameters, handles)?;
        let answer = match &*self.0 {
            Answers::Now(answer) => answer(&arguments),
            Answers::Later(answer) => answer(arguments.into_owned()).await,
        };
        outcome(interceptor, answer, handles)
    }
}

/// What the answer of a closure makes of a call.
fn outcome(
    interceptor: &Interceptor,
    answer: Result<Value, String>,
    handles: &mut Handles,
) -> Result<Outcome> {
    let name = &interceptor.function.name;
    let value = match answer {
        Ok(value) => value,
        Err(reason) => return Ok(Outcome::Trapped(format!("the provider of `{name}` failed: {reason}"))),
    };
    let Some(result) = &interceptor.signature.result else { return Ok(Outcome::Returned(Value::Null)) };
    match fit::fit(value, result, Source::Tape) {
        Ok(fitted) => Ok(Outcome::Returned(from_closure(fitted.value, result, handles)?)),
        Err(misfit) => {
            bail!("the provider of `{name}` answered with something that does not fit {result}: {misfit}")
        }
    }
}

impl fmt::Debug for Closure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Closure")
    }
}

/// Closures by the name of their function, the version left out.
#[derive(Debug, Clone, Default)]
pub(super) struct Closures(BTreeMap<String, Closure>);

impl Closures {
    pub(super) fn add(&mut self, function: &str, closure: Closure) {
        self.0.insert(format::default_alias(function), closure);
    }

    pub(super) fn get(&self, function: &str) -> Option<&Closure> {
        self.0.get(function)
    }

    pub(super) fn describe(&self) -> Option<String> {
        let names: Vec<String> = self.0.keys().map(|name| format!("`{name}`")).collect();
        (!names.is_empty()).then(|| format!("closures for {}", names.join(", ")))
    }
}

/// Resources by the numbers that the closures gave them.
fn to_closure<'a>(
    arguments: &'a [Value],
    parameters: &[Field],
    handles: &mut Handles,
) -> Result<Cow<'a, [Value]>> {
    if !parameters.iter().any(|parameter| parameter.ty.holds_resource()) {
        return Ok(arguments.into());
    }
    let mut own = |number| match handles.get(number)? {
        Origin::Closure(own) => Ok(own),
        Origin::Component(..) => bail!("resource {number} belongs to another provider"),
    };
    arguments.iter().map(|value| map_handles(value.clone(), &mut own)).collect()
}

/// Resources by their numbers on the tape.
fn from_closure(value: Value, ty: &Type, handles: &mut Handles) -> Result<Value> {
    if !ty.holds_resource() {
        return Ok(value);
    }
    map_handles(value, &mut |own| handles.add(Origin::Closure(own)))
}

fn map_handles(value: Value, map: &mut impl FnMut(u32) -> Result<u32>) -> Result<Value> {
    Ok(match value {
        Value::Handle(number) => Value::Handle(map(number)?),
        Value::List(items) => {
            Value::List(items.into_iter().map(|item| map_handles(item, map)).collect::<Result<_>>()?)
        }
        Value::Map(entries) => {
            let entries = entries.into_iter().map(|(name, value)| Ok((name, map_handles(value, map)?)));
            Value::Map(entries.collect::<Result<_>>()?)
        }
        other => other,
    })
}
