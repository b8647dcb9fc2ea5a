//! The outputs of both sides, in the form in which they are compared.

use super::Reference;
use playback_recording::value::fit::{self, Source};
use playback_recording::value::{Name, Value};
use playback_recording::{Event, Interception, format};
use playback_tape::{Crossing, Playback, named_arguments};
use std::collections::HashMap;

/// One output that was sent.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) alias: Name,
    /// The function's name without its version: an alias can be another for every call.
    pub(super) function: Name,
    /// Which call of its alias it is, from 1.
    pub(super) ordinal: usize,
    /// Where it stands among everything of its side: an event of the recording or a crossing of the playback.
    pub(super) position: usize,
}

/// The outputs of one alias on both sides, each in its own order.
#[derive(Debug, Default)]
pub(super) struct OfAlias {
    pub(super) recorded: Vec<Sent>,
    pub(super) replayed: Vec<Sent>,
}

/// The arguments of a recorded output in the form of today, and what the types of today do not have of it.
#[derive(Debug)]
pub(super) struct Arguments {
    pub(super) values: Value,
    pub(super) dropped: Vec<(String, Value)>,
}

/// Every alias with its outputs, in the order in which aliases first occur.
pub(super) fn by_alias(reference: Reference<'_>, candidate: &Playback) -> Vec<OfAlias> {
    let (mut positions, mut all) = (HashMap::<Name, usize>::new(), Vec::<OfAlias>::new());
    let mut add = |sent: Sent, side: fn(&mut OfAlias) -> &mut Vec<Sent>| {
        let next = all.len();
        let at = *positions.entry(sent.alias.clone()).or_insert(next);
        if at == next {
            all.push(OfAlias::default());
        }
        if let Some(of_alias) = all.get_mut(at) {
            side(of_alias).push(sent);
        }
    };
    for sent in reference_outputs(reference, candidate) {
        add(sent, |of_alias| &mut of_alias.recorded);
    }
    for sent in replayed_outputs(candidate) {
        add(sent, |of_alias| &mut of_alias.replayed);
    }
    all
}

/// The outputs of the reference in their order, each with its number.
pub(super) fn reference_outputs(reference: Reference<'_>, candidate: &Playback) -> Vec<Sent> {
    let baseline = match reference {
        Reference::Baseline(baseline) => return replayed_outputs(baseline),
        Reference::Recording => candidate,
    };
    let sent = baseline.outputs.iter().filter_map(|output| {
        let event = output.event?;
        let call = recorded_call(baseline, event)?;
        let function = baseline.recording.function(call)?;
        let (alias, function) = (output.alias.clone(), format::default_alias(&function.name).into());
        Some(Sent { alias, function, ordinal: 0, position: event })
    });
    let mut sent: Vec<Sent> = sent.collect();
    sent.sort_by_key(|sent| sent.position);
    numbered(sent)
}

/// The outputs of a playback in their order, each with its number.
pub(super) fn replayed_outputs(playback: &Playback) -> Vec<Sent> {
    let sent = playback.outputs.iter().filter_map(|output| {
        let position = output.crossing?;
        let function = &playback.crossings.get(position)?.interceptor.function;
        let (alias, function) = (output.alias.clone(), format::default_alias(&function.name).into());
        Some(Sent { alias, function, ordinal: 0, position })
    });
    let mut sent: Vec<Sent> = sent.collect();
    sent.sort_by_key(|sent| sent.position);
    numbered(sent)
}

/// Numbers the outputs of each alias, from 1.
fn numbered(mut outputs: Vec<Sent>) -> Vec<Sent> {
    let mut ordinals = HashMap::<Name, usize>::new();
    for sent in &mut outputs {
        let ordinal = ordinals.entry(sent.alias.clone()).or_default();
        *ordinal += 1;
        sent.ordinal = *ordinal;
    }
    outputs
}

/// The arguments of an output of the reference, in the form in which the candidate's `counterpart` declares them.
pub(super) fn recorded(
    reference: Reference<'_>,
    candidate: &Playback,
    sent: &Sent,
    counterpart: Option<&Crossing>,
) -> Arguments {
    let found = match reference {
        Reference::Recording => of_recording(candidate, sent.position, counterpart),
        Reference::Baseline(baseline) => of_baseline(baseline, sent.position, counterpart),
    };
    found.unwrap_or(Arguments { values: Value::Null, dropped: Vec::new() })
}

fn of_recording(candidate: &Playback, event: usize, counterpart: Option<&Crossing>) -> Option<Arguments> {
    if let Some(crossing) = counterpart {
        let arguments = candidate.recorded_arguments(event, &crossing.interceptor)?;
        return Some(Arguments { values: arguments.values, dropped: arguments.dropped });
    }
    let call = recorded_call(candidate, event)?;
    let names = candidate.recording.function(call)?.parameters.iter().cloned();
    let values = Value::Map(names.zip(call.arguments.iter().cloned()).collect());
    Some(Arguments { values, dropped: Vec::new() })
}

fn of_baseline(baseline: &Playback, position: usize, counterpart: Option<&Crossing>) -> Option<Arguments> {
    Some(of_crossing(baseline.crossings.get(position)?, counterpart))
}

/// The arguments of a call of the baseline, in the form in which the candidate's `counterpart` declares them.
pub(super) fn of_crossing(crossing: &Crossing, counterpart: Option<&Crossing>) -> Arguments {
    let own = &crossing.interceptor;
    let today = counterpart.map(|crossing| &crossing.interceptor);
    let Some(today) = today.filter(|today| today.function.signature != own.function.signature) else {
        return Arguments { values: named_arguments(own, &crossing.arguments), dropped: Vec::new() };
    };
    let names = &own.function.parameters;
    let fitted =
        fit::fit_parameters(crossing.arguments.clone(), names, &today.signature.parameters, Source::Tape);
    let whole = named_arguments(own, &crossing.arguments);
    let value = |path: String| whole.at(&path).cloned().map(|value| (path, value));
    let dropped = fitted.dropped.into_iter().filter_map(value).collect();
    Arguments { values: named_arguments(today, &fitted.values), dropped }
}

/// The arguments of an output of the candidate.
pub(super) fn replayed(candidate: &Playback, sent: &Sent) -> Value {
    let crossing = candidate.crossings.get(sent.position);
    crossing.map_or(Value::Null, |crossing| named_arguments(&crossing.interceptor, &crossing.arguments))
}

pub(super) fn recorded_call(playback: &Playback, event: usize) -> Option<&Interception> {
    match playback.recording.events.get(event) {
        Some(Event::Interception(call)) => Some(call),
        _ => None,
    }
}
