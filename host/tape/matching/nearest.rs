//! The recorded calls that are most like one that the recording cannot answer.

use super::current::CurrentBoundary;
use super::divergence::Nearest;
use super::interceptor::Interceptor;
use super::key::{self, KeyPart};
use super::pairs;
use playback_recording::Interception;
use playback_recording::value::diff::{self, Difference};
use playback_recording::value::{Field, Name, Value};
use std::borrow::Cow;

/// Where more places than these differ they are not told one by one: such a call is not near, and there may be
/// millions.
const MANY: usize = 1_000;

/// Of `calls`, positions in the recording's events, those whose key has the fewest differences to `arguments`.
pub(crate) fn nearest(
    current: &CurrentBoundary,
    interceptor: &Interceptor,
    arguments: &[Value],
    calls: &[usize],
) -> Vec<Nearest> {
    let parameters = &interceptor.signature.parameters;
    let all: Vec<KeyPart> = (0..parameters.len()).map(KeyPart::Argument).collect();
    // Nothing but the key keeps a recorded call from being the answer.
    let key = interceptor.key.as_deref().unwrap_or(&all);
    let arguments = &*interceptor.normalised(arguments);
    // Counts and positions. What differs is collected only for those that are shown: there may be many calls.
    let mut best: Vec<(usize, usize)> = Vec::with_capacity(Nearest::SHOWN + 1);
    for &event in calls {
        let Some(call) = current.call(event) else { continue };
        let limit = best.get(Nearest::SHOWN - 1).map_or(MANY, |(count, _)| *count);
        let mut places = Places { found: 0, limit };
        let recorded = current.arguments(call, interceptor).values;
        let recorded = interceptor.normalised(&recorded);
        for part in key {
            let [recorded, replayed] = sides(interceptor, part, [&recorded, arguments]);
            places.count(recorded.as_deref(), replayed.as_deref());
        }
        best.push((places.found, event));
        best.sort_unstable();
        best.truncate(Nearest::SHOWN);
    }
    let shown = best.into_iter().filter_map(|(count, event)| {
        let call = current.call(event)?;
        let recorded = current.arguments(call, interceptor).values;
        let recorded = interceptor.normalised(&recorded);
        let differences = key.iter().flat_map(|part| {
            let [recorded, replayed] = sides(interceptor, part, [&recorded, arguments]);
            differences(part, parameters, recorded.as_deref(), replayed.as_deref(), count)
        });
        let (position, differences) = (current.number(event), differences.collect());
        Some(Nearest { position, differences, renamed: renamed(current, call, interceptor, arguments) })
    });
    shown.collect()
}

/// Recorded arguments without a parameter today, each with a new parameter that has the same value.
fn renamed(
    current: &CurrentBoundary,
    call: &Interception,
    interceptor: &Interceptor,
    arguments: &[Value],
) -> Vec<(Name, Name)> {
    let Some(function) = current.function(call) else { return Vec::new() };
    let parameters = interceptor.signature.parameters.iter().map(|parameter| &parameter.name).zip(arguments);
    let mut new: Vec<(&Name, &Value)> =
        parameters.filter(|(name, _)| !function.parameters.contains(name)).collect();
    let is_known = |name: &Name| interceptor.signature.parameters.iter().any(|it| it.name == *name);
    let gone = function.parameters.iter().zip(&call.arguments).filter(|(name, _)| !is_known(name));
    let pairs = gone.filter_map(|(name, value)| {
        let at = new.iter().position(|(_, other)| *other == value)?;
        Some((name.clone(), new.swap_remove(at).0.clone()))
    });
    pairs.collect()
}

/// A part of the key as it was recorded and as it is replayed. The headers of a request are told by their names, unless it is their
/// order alone that differs.
fn sides<'v>(
    interceptor: &Interceptor,
    part: &KeyPart,
    sides: [&'v [Value]; 2],
) -> [Option<Cow<'v, Value>>; 2] {
    let sides = sides.map(|arguments| part.value(arguments));
    if interceptor.signature.sends.is_none() {
        return sides;
    }
    match sides.each_ref().map(|value| pairs::record(value.as_deref()?)) {
        [Some(recorded), Some(replayed)]
            if recorded != replayed && !diff::diff(&recorded, &replayed).is_empty() =>
        {
            [recorded, replayed].map(|value| Some(Cow::Owned(value)))
        }
        _ => sides,
    }
}

/// What differs of one argument, if `count` places do in all.
fn differences(
    part: &KeyPart,
    parameters: &[Field],
    recorded: Option<&Value>,
    replayed: Option<&Value>,
    count: usize,
) -> Vec<Difference> {
    let path = || match part {
        KeyPart::Inside(..) => part.path(parameters),
        part => format!("/{}", key::escaped(&part.name(parameters))),
    };
    match (recorded, replayed) {
        (recorded, replayed) if recorded == replayed => Vec::new(),
        (Some(recorded), Some(replayed)) if count <= MANY => {
            let mut differences = diff::diff(recorded, replayed);
            differences.iter_mut().for_each(|difference| difference.path.insert_str(0, &path()));
            differences
        }
        _ => {
            vec![Difference { path: path(), recorded: recorded.cloned(), replayed: replayed.cloned() }]
        }
    }
}

/// At how many places values differ, as [`diff::diff`] would tell them.
struct Places {
    found: usize,
    /// Counting stops past it.
    limit: usize,
}

impl Places {
    fn count(&mut self, recorded: Option<&Value>, replayed: Option<&Value>) {
        match (recorded, replayed) {
            _ if self.found > self.limit => {}
            (Some(Value::List(recorded)), Some(Value::List(replayed))) => {
                let mut at = 0..recorded.len().max(replayed.len());
                while let Some(at) = at.next().filter(|_| self.found <= self.limit) {
                    self.count(recorded.get(at), replayed.get(at));
                }
            }
            (Some(Value::Map(recorded)), Some(Value::Map(replayed))) => self.fields(recorded, replayed),
            (recorded, replayed) => self.found += usize::from(recorded != replayed),
        }
    }

    /// Fields by name; the case of a variant with its payload is one.
    fn fields(&mut self, recorded: &[(Name, Value)], replayed: &[(Name, Value)]) {
        if let ([(recorded, _)], [(replayed, _)]) = (recorded, replayed)
            && recorded != replayed
        {
            self.found += 1;
            return;
        }
        for (at, (name, value)) in recorded.iter().enumerate() {
            if self.found > self.limit {
                return;
            }
            self.count(Some(value), field(replayed, at, name));
        }
        let added =
            replayed.iter().enumerate().filter(|(at, (name, _))| field(recorded, *at, name).is_none());
        self.found += added.take(self.limit).count();
    }
}

/// The field `name`, which is most likely at `index`.
fn field<'v>(fields: &'v [(Name, Value)], index: usize, name: &Name) -> Option<&'v Value> {
    let likely = fields.get(index).filter(|(found, _)| found == name);
    likely.or_else(|| fields.iter().find(|(found, _)| found == name)).map(|(_, value)| value)
}
