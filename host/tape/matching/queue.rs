//! The recorded calls of one alias by their key, as one function sees them.

use super::current::CurrentBoundary;
use super::interceptor::Interceptor;
use super::key::KeyPart;
use crate::keyed::Keyed;
use playback_recording::value::Value;
use playback_recording::{Interception, Kind};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, Hash, Hasher};

/// A call that an answer is wanted for.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'c> {
    pub(crate) interceptor: &'c Interceptor,
    pub(crate) identity: &'c Identity<'c>,
    /// Its hash.
    pub(crate) key: u64,
}

/// What identifies a call.
pub(crate) enum Identity<'c> {
    /// Arguments as they are.
    Arguments(&'c Interceptor, &'c [Value]),
    /// What was made of arguments: parts of them, or without what is new in each call.
    Made(Vec<Value>),
}

impl<'c> Identity<'c> {
    /// What identifies a call with these arguments, one a parameter.
    pub(crate) fn of(interceptor: &'c Interceptor, arguments: &'c [Value]) -> Self {
        if !interceptor.is_key_made() {
            return Self::Arguments(interceptor, arguments);
        }
        let arguments = interceptor.normalised(arguments);
        let made = |part: &KeyPart| part.value(&arguments).map_or(Value::Null, Cow::into_owned);
        Self::Made(match key_of(interceptor) {
            Some(key) => key.iter().map(made).collect(),
            None => arguments.into_owned(),
        })
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Value> {
        let (all, key, arguments) = match self {
            Self::Made(values) => (values.as_slice(), &[][..], &[][..]),
            Self::Arguments(interceptor, arguments) => match key_of(interceptor) {
                Some(key) => (&[][..], key, *arguments),
                None => (*arguments, &[][..], &[][..]),
            },
        };
        all.iter().chain(key.iter().flat_map(|part| part.of(arguments)))
    }

    pub(crate) fn hash(&self, keyed: &Keyed) -> u64 {
        let mut state = keyed.build_hasher();
        self.values().for_each(|value| value.hash(&mut state));
        state.finish()
    }
}

/// Calls by the hash of their key; a key whose hash is taken stands one further. Each function has its own idea of
/// the key, so each has its own queues.
#[derive(Debug)]
pub(crate) struct Queues(HashMap<u64, Queue, Keyed>);

/// The calls of one key, as positions in the recording's events.
#[derive(Debug)]
struct Queue {
    /// What identifies the calls, where it is not what was recorded.
    fitted: Option<Vec<Value>>,
    calls: Vec<usize>,
    /// How many of the calls are known to be given out.
    passed: usize,
}

/// What a queue has.
pub(crate) enum Next {
    /// This event.
    Call(usize),
    /// Every call was given out; this event is the last of so many.
    UsedUp { last: usize, recorded: usize },
    /// No call of this key.
    Never,
}

impl Queues {
    /// The queues of `calls` as `interceptor` sees them. What it does not see of their arguments is noted in
    /// `dropped`.
    pub(crate) fn of(
        calls: impl Iterator<Item = usize>,
        current: &CurrentBoundary,
        interceptor: &Interceptor,
        keyed: &Keyed,
        dropped: &mut BTreeSet<String>,
    ) -> Self {
        let capacity = calls.size_hint().1.unwrap_or_default();
        let mut queues = Self(HashMap::with_capacity_and_hasher(capacity, keyed.clone()));
        for event in calls {
            let Some(call) = current.call(event) else { continue };
            let arguments = arguments(call, current, interceptor, dropped);
            let identity = Identity::of(interceptor, &arguments);
            let wanted = Wanted { interceptor, identity: &identity, key: identity.hash(keyed) };
            let place = queues.place(&wanted, current);
            if let Some(queue) = queues.0.get_mut(&place) {
                queue.calls.push(event);
                continue;
            }
            let is_recorded = matches!((&arguments, &identity), (Cow::Borrowed(_), Identity::Arguments(..)));
            let fitted = (!is_recorded).then(|| identity.values().cloned().collect());
            queues.0.insert(place, Queue { fitted, calls: vec![event], passed: 0 });
        }
        queues
    }

    /// The next call of the wanted key that was not given out, by whichever queue; it is given out now.
    pub(crate) fn next(
        &mut self,
        wanted: &Wanted<'_>,
        current: &CurrentBoundary,
        given: &mut [bool],
    ) -> Next {
        let place = self.place(wanted, current);
        let Some(queue) = self.0.get_mut(&place) else { return Next::Never };
        while let Some(&event) = queue.calls.get(queue.passed) {
            queue.passed += 1;
            if let Some(given) = given.get_mut(event).filter(|given| !**given) {
                *given = true;
                return Next::Call(event);
            }
        }
        let recorded = queue.calls.len();
        queue.calls.last().map_or(Next::Never, |&last| Next::UsedUp { last, recorded })
    }

    /// Where the queue of the wanted key is, or would be.
    fn place(&self, wanted: &Wanted<'_>, current: &CurrentBoundary) -> u64 {
        let mut place = wanted.key;
        while self.0.get(&place).is_some_and(|queue| !queue.is_of(wanted, current)) {
            place = place.wrapping_add(1);
        }
        place
    }
}

impl Queue {
    fn is_of(&self, wanted: &Wanted<'_>, current: &CurrentBoundary) -> bool {
        let key = wanted.identity.values();
        let first = self.calls.first().and_then(|event| current.call(*event));
        match (&self.fitted, first) {
            (Some(fitted), _) => fitted.iter().eq(key),
            (None, Some(first)) => Identity::of(wanted.interceptor, &first.arguments).values().eq(key),
            (None, None) => false,
        }
    }
}

/// Whether the recorded call at this event has the wanted key. Notes in `dropped` as [`Queues::of`] does.
pub(crate) fn is_call(
    event: usize,
    wanted: &Wanted<'_>,
    current: &CurrentBoundary,
    dropped: &mut BTreeSet<String>,
) -> bool {
    current.call(event).is_some_and(|call| {
        let recorded = arguments(call, current, wanted.interceptor, dropped);
        Identity::of(wanted.interceptor, &recorded).values().eq(wanted.identity.values())
    })
}

/// Which of two values that are compared is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begun {
    /// The recorded one.
    Recorded,
    /// Neither has to be: the recorded operation was stopped too.
    Either,
}

/// Whether `arguments` identify the recorded call, where those at the positions `open` are only the beginning. A part that is made of
/// such an argument can only be told when the argument is whole.
pub(crate) fn is_begun(
    interceptor: &Interceptor,
    recorded: &[Value],
    arguments: &[Value],
    (open, begun): (&[usize], Begun),
) -> bool {
    let all: Vec<KeyPart> = (0..arguments.len()).map(KeyPart::Argument).collect();
    let mut key = interceptor.key.as_deref().unwrap_or(&all).iter();
    let [made_recorded, made_arguments] =
        [recorded, arguments].map(|arguments| interceptor.normalised(arguments));
    let is_made = |part: &KeyPart| {
        let position = part.position();
        matches!(part, KeyPart::Inside(..)) || interceptor.normalise.iter().any(|made| made.is_for(position))
    };
    key.all(|part| match part {
        part if is_made(part) => {
            open.contains(&part.position()) || part.value(&made_recorded) == part.value(&made_arguments)
        }
        KeyPart::Argument(position) if open.contains(position) => {
            match (recorded.get(*position), arguments.get(*position)) {
                (Some(Value::Bytes(whole)), Some(Value::Bytes(part))) => begins(whole, part, begun),
                (Some(Value::List(whole)), Some(Value::List(part))) => begins(whole, part, begun),
                (_, part) => part == Some(&Value::Null),
            }
        }
        part => part.of(recorded).eq(part.of(arguments)),
    })
}

fn begins<T: PartialEq>(recorded: &[T], replayed: &[T], begun: Begun) -> bool {
    recorded.starts_with(replayed) || begun == Begun::Either && replayed.starts_with(recorded)
}

/// The arguments of a recorded call as declared today, unless none of them matters.
fn arguments<'r>(
    call: &'r Interception,
    current: &'r CurrentBoundary,
    interceptor: &Interceptor,
    dropped: &mut BTreeSet<String>,
) -> Cow<'r, [Value]> {
    if let Some([]) = key_of(interceptor) {
        return Cow::Borrowed(&[]);
    }
    let arguments = current.arguments(call, interceptor);
    dropped.extend(arguments.dropped.iter().map(|path| format!("{}{path}", interceptor.alias)));
    arguments.values
}

/// What identifies a call; `None`: all arguments do. No argument does for an output: it is found by its ordinal.
fn key_of(interceptor: &Interceptor) -> Option<&[KeyPart]> {
    match interceptor.kind {
        Kind::Input => interceptor.key.as_deref(),
        Kind::Output => Some(&[]),
    }
}
