//! Finding recorded calls: by alias, then by key. Each recorded call answers once, whoever asks and under
//! whichever name; only then is a key used up.

use super::boundary::Boundary;
use super::call::Names;
use super::current::CurrentBoundary;
use super::interceptor::Interceptor;
use super::messages::Sent;
use super::queue::{self, Begun, Identity, Next, Queues, Wanted};
use crate::keyed::Keyed;
use playback_recording::value::{Name, Value};
use playback_recording::{Kind, Recording};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasher;
use std::sync::Arc;

/// The recorded calls of one recording as one component sees them.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) current: CurrentBoundary,
    /// Calls by the alias that today's rules give them.
    aliases: Aliases,
    /// Calls by the alias they were recorded under, where today's rules give them another.
    former: Aliases,
    /// Calls by the alias that today's rules give those of another compatible version of the interface.
    versions: Aliases,
    /// By event, whether it was given out.
    given: Vec<bool>,
    /// How many calls the replay made, by the hash of alias and key.
    made: HashMap<u64, usize, Keyed>,
    /// What today's types do not have of the recorded arguments that were looked at.
    pub(crate) dropped: BTreeSet<String>,
    keyed: Keyed,
}

type Aliases = HashMap<Name, Alias, Keyed>;

/// The calls of one alias, as positions in the recording's events.
#[derive(Debug, Default)]
struct Alias {
    calls: Vec<usize>,
    /// How many of the calls, from the first on, are known to be given out.
    passed: usize,
    /// By the function's position in the boundary; made when its first call comes out of order.
    queues: BTreeMap<usize, Queues>,
}

/// By whom a call was given an alias: by today's rules, by those for another compatible version, or when it was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    CurrentBoundary,
    Version,
    Former,
}

/// What a look-up found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// This event, and the older alias it was found under.
    Next { event: usize, through: Option<Name> },
    /// Every call of the key was given out; this event is the last of so many.
    UsedUp { last: usize, through: Option<Name>, recorded: usize },
    /// No such key, or no such alias.
    Never,
}

impl Index {
    pub(crate) fn new(recording: Arc<Recording>, boundary: &Boundary) -> Self {
        let given = vec![false; recording.events.len()];
        let current = CurrentBoundary::new(recording, boundary);
        let keyed = Keyed::default();
        let mut aliases = HashMap::with_hasher(keyed.clone());
        let mut former = HashMap::with_hasher(keyed.clone());
        let mut versions = HashMap::with_hasher(keyed.clone());
        for (position, call) in current.calls() {
            let alias = current.alias(call);
            add(&mut aliases, &alias, position);
            if alias != call.alias {
                add(&mut former, &call.alias, position);
            }
            for other in current.others(call) {
                add(&mut versions, &current.alias_by(other, call), position);
            }
        }
        // More only when they come: a recording says nothing about how many calls a replay makes.
        let made = HashMap::with_capacity_and_hasher(given.len().min(1_024), keyed.clone());
        let dropped = BTreeSet::new();
        Self { current, aliases, former, versions, given, made, dropped, keyed }
    }

    /// Which call of its key (an input) or alias (an output) this is, from 1, and what is recorded for it: under
    /// `alias`, else under each fallback alias.
    pub(crate) fn find(
        &mut self,
        interceptor: &Interceptor,
        names: &Names,
        arguments: &[Value],
    ) -> (usize, Found) {
        let Names { alias, fallback_aliases } = names;
        let identity = Identity::of(interceptor, arguments);
        let key = identity.hash(&self.keyed);
        let ordinal = self.made.entry(self.keyed.hash_one((alias, key))).or_default();
        *ordinal += 1;
        let ordinal = *ordinal;
        let wanted = Wanted { interceptor, identity: &identity, key };
        let mut used_up = None;
        match self.next(Given::CurrentBoundary, alias, &wanted) {
            Next::Call(event) => return (ordinal, Found::Next { event, through: None }),
            Next::UsedUp { last, recorded } => used_up = Some((last, None, recorded)),
            // Only then: what one version has recorded itself is no concern of another.
            Next::Never => match self.next(Given::Version, alias, &wanted) {
                Next::Call(event) => return (ordinal, Found::Next { event, through: None }),
                Next::UsedUp { last, recorded } => used_up = Some((last, None, recorded)),
                Next::Never => {}
            },
        }
        for (names, older) in older(alias, fallback_aliases) {
            match self.next(names, &older, &wanted) {
                Next::Call(event) => return (ordinal, Found::Next { event, through: Some(older) }),
                Next::UsedUp { last, recorded } => {
                    let before = used_up.map_or(0, |(.., recorded)| recorded);
                    used_up = Some((last, Some(older), before + recorded));
                }
                Next::Never => {}
            }
        }
        let used_up = used_up.map(|(last, through, recorded)| Found::UsedUp { last, through, recorded });
        (ordinal, used_up.or_else(|| self.find_said(interceptor, alias, arguments)).unwrap_or(Found::Never))
    }

    /// The next recorded call of the alias that sends the same message in other bytes.
    fn find_said(&mut self, interceptor: &Interceptor, alias: &Name, arguments: &[Value]) -> Option<Found> {
        let is_keyed = interceptor.kind == Kind::Input;
        let sent = is_keyed.then(|| Sent::of(interceptor, arguments)).flatten()?;
        let Self { current, aliases, given, .. } = self;
        let is_said = |event: &usize| {
            is_visible(*event, current, Given::CurrentBoundary, interceptor)
                && current
                    .call(*event)
                    .is_some_and(|call| sent.is_said_by(&current.arguments(call, interceptor).values))
        };
        let (mut last, mut recorded) = (None, 0);
        for event in aliases.get(alias)?.calls.iter().copied().filter(is_said) {
            if let Some(given) = given.get_mut(event).filter(|given| !**given) {
                *given = true;
                return Some(Found::Next { event, through: None });
            }
            (last, recorded) = (Some(event), recorded + 1);
        }
        last.map(|last| Found::UsedUp { last, through: None, recorded })
    }

    /// The first recorded call of this key, which stays as it is: for a body that runs though it was not recorded.
    pub(crate) fn peek(
        &mut self,
        interceptor: &Interceptor,
        names: &Names,
        arguments: &[Value],
    ) -> Option<usize> {
        let (_, calls) = self.candidates(interceptor, names);
        calls.into_iter().find(|event| self.is_call(*event, interceptor, arguments))
    }

    /// The first recorded call that was not given out and whose key is `arguments`, of which those at the positions `open` are
    /// only the beginning; it is given out now.
    pub(crate) fn find_begun(
        &mut self,
        interceptor: &Interceptor,
        alias: &Name,
        arguments: &[Value],
        open: (&[usize], Begun),
    ) -> Option<usize> {
        let Self { current, aliases, given, .. } = self;
        let is_left = |event: &usize| given.get(*event).is_some_and(|given| !given);
        let is_begun = |event: &usize| {
            let call = current
                .call(*event)
                .filter(|_| is_visible(*event, current, Given::CurrentBoundary, interceptor));
            call.is_some_and(|call| {
                queue::is_begun(interceptor, &current.arguments(call, interceptor).values, arguments, open)
            })
        };
        let calls = &aliases.get(alias)?.calls;
        let event = calls.iter().copied().find(|event| is_left(event) && is_begun(event))?;
        given[event] = true;
        Some(event)
    }

    /// Whether the recorded call at `event` has the key of a call with these arguments.
    pub(crate) fn is_call(&mut self, event: usize, interceptor: &Interceptor, arguments: &[Value]) -> bool {
        let identity = Identity::of(interceptor, arguments);
        let wanted = Wanted { interceptor, identity: &identity, key: 0 };
        queue::is_call(event, &wanted, &self.current, &mut self.dropped)
    }

    /// Whether every recorded call was given out.
    pub(crate) fn is_all_given(&self) -> bool {
        self.current.calls().all(|(event, _)| self.is_given(event))
    }

    /// Whether an event was given out.
    pub(crate) fn is_given(&self, event: usize) -> bool {
        self.given.get(event).copied().unwrap_or_default()
    }

    /// Where a call of `interceptor` with these arguments is looked for: the aliases, and the recorded calls under
    /// them as positions in the recording's events.
    pub(crate) fn candidates(&self, interceptor: &Interceptor, names: &Names) -> (Vec<Name>, Vec<usize>) {
        let (mut aliases, mut calls) = (Vec::new(), Vec::new());
        let Names { alias, fallback_aliases } = names;
        let names = [(Given::CurrentBoundary, alias.clone()), (Given::Version, alias.clone())];
        for (names, name) in names.into_iter().chain(older(alias, fallback_aliases)) {
            let found = match names {
                Given::CurrentBoundary => self.aliases.get(&name),
                Given::Version => self.versions.get(&name),
                Given::Former => self.former.get(&name),
            };
            let found = found.map_or([].as_slice(), |alias| &alias.calls).iter().copied();
            calls.extend(found.filter(|event| is_visible(*event, &self.current, names, interceptor)));
            aliases.push(name);
        }
        aliases.dedup();
        calls.sort_unstable();
        calls.dedup();
        (aliases, calls)
    }

    fn next(&mut self, names: Given, name: &Name, wanted: &Wanted<'_>) -> Next {
        let Self { current, aliases, former, versions, given, dropped, keyed, .. } = self;
        let found = match names {
            Given::CurrentBoundary => aliases.get_mut(name),
            Given::Version => versions.get_mut(name),
            Given::Former => former.get_mut(name),
        };
        let Some(Alias { calls, passed, queues }) = found else { return Next::Never };
        let interceptor = wanted.interceptor;
        let is_visible = |event: &usize| is_visible(*event, current, names, interceptor);
        let queues = match queues.entry(interceptor.position) {
            Entry::Occupied(queues) => queues.into_mut(),
            Entry::Vacant(queues) => {
                // As long as calls come as recorded, the first one that is left is the next of its key.
                let is_given = |event: &usize| given.get(*event).copied().unwrap_or(true);
                *passed += calls.iter().skip(*passed).take_while(|event| is_given(event)).count();
                let first = calls.get(*passed).copied().filter(is_visible);
                if let Some(event) = first.filter(|event| queue::is_call(*event, wanted, current, dropped)) {
                    given[event] = true;
                    return Next::Call(event);
                }
                let visible = calls.iter().copied().filter(is_visible);
                queues.insert(Queues::of(visible, current, interceptor, keyed, dropped))
            }
        };
        queues.next(wanted, current, given)
    }
}

/// The older names to look under, in order. That calls had another alias when they were recorded matters here only:
/// an alias that was moved to another function is that function's.
fn older(alias: &Name, fallback_aliases: &[Name]) -> impl Iterator<Item = (Given, Name)> {
    let older = fallback_aliases.iter().filter(move |older| *older != alias);
    older.flat_map(|older| [(Given::CurrentBoundary, older.clone()), (Given::Former, older.clone())])
}

/// Whether `interceptor` can be answered from the call at `event`. Its own calls it finds under today's alias only,
/// so that none is taken for another.
fn is_visible(event: usize, current: &CurrentBoundary, names: Given, interceptor: &Interceptor) -> bool {
    current.call(event).is_some_and(|call| {
        let is_this = |current: &Arc<Interceptor>| current.position == interceptor.position;
        match names {
            Given::CurrentBoundary => current.serves(call, interceptor),
            Given::Version => current.others(call).iter().any(is_this),
            Given::Former => {
                current.serves(call, interceptor) && !current.interceptor(call).is_some_and(is_this)
            }
        }
    })
}

fn add(aliases: &mut Aliases, alias: &Name, position: usize) {
    match aliases.get_mut(alias) {
        Some(found) => found.calls.push(position),
        None => {
            aliases.insert(alias.clone(), Alias { calls: vec![position], ..Alias::default() });
        }
    }
}
