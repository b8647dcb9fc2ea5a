//! Finding recorded calls: by alias, then by key or by ordinal.

use super::boundary::{Boundary, Interceptor};
use crate::recording::{Event, Interception, Kind, Recording};
use crate::value::fit::{self, Source};
use crate::value::{Name, Value};
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::Arc;

/// The recorded calls of one recording as one component sees them.
#[derive(Debug)]
pub(super) struct Index {
    recording: Arc<Recording>,
    inputs: HashMap<Name, Alias>,
    outputs: HashMap<Name, Alias>,
    /// What each event is by today's rules; `None` where it is no interception.
    kinds: Vec<Option<Kind>>,
    hasher: RandomState,
}

/// The calls of one alias, as positions in the recording's events.
#[derive(Debug, Default)]
struct Alias {
    calls: Vec<usize>,
    /// How many calls of an output were answered.
    answered: usize,
    /// Made at the first look-up by each function, because each has its own idea of the key.
    keys: HashMap<usize, Keys>,
}

type Keys = HashMap<u64, Vec<Queue>>;

/// The calls of one key.
#[derive(Debug)]
struct Queue {
    calls: Vec<usize>,
    answered: usize,
}

/// What a look-up found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// This event, and which call of its key or alias it is, from 1.
    Exact { event: usize, ordinal: usize },
    /// Every call of the key was given out; this event is the last.
    UsedUp { last: usize, recorded: usize, ordinal: usize },
    /// No such key, or no such alias.
    Never,
}

impl Index {
    pub(super) fn new(recording: Arc<Recording>, boundary: &Boundary) -> Self {
        let (mut inputs, mut outputs) = (HashMap::<Name, Alias>::new(), HashMap::<Name, Alias>::new());
        let mut kinds = vec![None; recording.events.len()];
        for (position, event) in recording.events.iter().enumerate() {
            let Event::Interception(interception) = event else { continue };
            let today = recording.function(interception).and_then(|function| boundary.today(&function.name));
            let kind = today.map_or(interception.kind, |interceptor| interceptor.kind);
            kinds[position] = Some(kind);
            let aliases = match kind {
                Kind::Input => &mut inputs,
                Kind::Output => &mut outputs,
            };
            let now = today.map(|interceptor| {
                interceptor.alias.render(&arguments_today(&recording, interception, interceptor))
            });
            add(aliases, &interception.alias, position);
            if let Some(now) = now.filter(|now| *now != interception.alias) {
                add(aliases, &now, position);
            }
        }
        Self { recording, inputs, outputs, kinds, hasher: RandomState::new() }
    }

    /// What an event is by today's rules; `None` where it is no interception.
    pub(super) fn kind(&self, event: usize) -> Option<Kind> {
        self.kinds.get(event).copied().flatten()
    }

    /// The next call of an input with these arguments under `alias`.
    pub(super) fn input(&mut self, interceptor: &Interceptor, alias: &str, arguments: &[Value]) -> Found {
        let Self { recording, inputs, hasher, .. } = self;
        let Some(found) = inputs.get_mut(alias) else { return Found::Never };
        let Alias { calls, keys, .. } = found;
        let keys = keys
            .entry(interceptor.position)
            .or_insert_with(|| by_key(recording, hasher, interceptor, calls));
        let hash = hash(hasher, captured(interceptor, arguments));
        let queue = keys.get_mut(&hash).and_then(|queues| {
            queues.iter_mut().find(|queue| same_key(recording, interceptor, queue.calls[0], arguments))
        });
        queue.map_or(Found::Never, |queue| next(&queue.calls, &mut queue.answered))
    }

    /// The next call of an output under `alias`.
    pub(super) fn output(&mut self, alias: &str) -> Found {
        let Some(Alias { calls, answered, .. }) = self.outputs.get_mut(alias) else { return Found::Never };
        next(calls, answered)
    }

    /// The recorded calls of `kind` under `alias`, as positions in the recording's events.
    pub(super) fn calls(&self, kind: Kind, alias: &str) -> &[usize] {
        let aliases = match kind {
            Kind::Input => &self.inputs,
            Kind::Output => &self.outputs,
        };
        aliases.get(alias).map_or(&[], |alias| &alias.calls)
    }
}

/// A recorded call's arguments as today's function declares them; those that do not fit stay as they are, so
/// that they match nothing and are shown.
pub(super) fn arguments_today<'r>(
    recording: &'r Recording,
    interception: &'r Interception,
    interceptor: &Interceptor,
) -> Cow<'r, [Value]> {
    match recording.function(interception) {
        Some(function) if function.signature != interceptor.function.signature => {
            let parameters = &interceptor.signature.parameters;
            let arguments = interception.arguments.clone();
            Cow::Owned(fit::fit_parameters(arguments, &function.parameters, parameters, Source::Tape).values)
        }
        _ => Cow::Borrowed(&interception.arguments),
    }
}

pub(super) fn interception(recording: &Recording, event: usize) -> Option<&Interception> {
    match recording.events.get(event) {
        Some(Event::Interception(interception)) => Some(interception),
        _ => None,
    }
}

fn add(aliases: &mut HashMap<Name, Alias>, alias: &Name, position: usize) {
    match aliases.get_mut(alias) {
        Some(found) => found.calls.push(position),
        None => {
            aliases.insert(alias.clone(), Alias { calls: vec![position], ..Alias::default() });
        }
    }
}

fn by_key(recording: &Recording, hasher: &RandomState, interceptor: &Interceptor, calls: &[usize]) -> Keys {
    let mut keys = Keys::with_capacity(calls.len());
    for &call in calls {
        let Some(recorded) = interception(recording, call) else { continue };
        let arguments = arguments_today(recording, recorded, interceptor);
        let queues = keys.entry(hash(hasher, captured(interceptor, &arguments))).or_default();
        match queues.iter_mut().find(|queue| same_key(recording, interceptor, queue.calls[0], &arguments)) {
            Some(queue) => queue.calls.push(call),
            None => queues.push(Queue { calls: vec![call], answered: 0 }),
        }
    }
    keys
}

fn same_key(recording: &Recording, interceptor: &Interceptor, call: usize, arguments: &[Value]) -> bool {
    interception(recording, call).is_some_and(|recorded| {
        let recorded = arguments_today(recording, recorded, interceptor);
        captured(interceptor, &recorded).eq(captured(interceptor, arguments))
    })
}

/// The arguments that identify a call.
fn captured<'a>(interceptor: &'a Interceptor, arguments: &'a [Value]) -> impl Iterator<Item = &'a Value> {
    let named = interceptor.key.as_deref();
    let positions = named.map_or(0..arguments.len(), |_| 0..0).chain(named.unwrap_or_default().iter().copied());
    positions.map(|position| arguments.get(position).unwrap_or(&Value::Null))
}

fn hash<'a>(hasher: &RandomState, key: impl Iterator<Item = &'a Value>) -> u64 {
    let mut state = hasher.build_hasher();
    key.for_each(|value| value.hash(&mut state));
    state.finish()
}

fn next(calls: &[usize], answered: &mut usize) -> Found {
    let recorded = calls.len();
    let ordinal = *answered + 1;
    *answered = ordinal;
    match (calls.get(ordinal - 1), calls.last()) {
        (Some(&event), _) => Found::Exact { event, ordinal },
        (None, Some(&last)) => Found::UsedUp { last, recorded, ordinal },
        (None, None) => Found::Never,
    }
}
