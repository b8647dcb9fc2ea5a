//! Recorded calls as the component declares them today: their function, kind, alias and arguments.

use super::boundary::Boundary;
use super::interceptor::Interceptor;
use super::version::{self, Counterpart, Counterparts};
use playback_recording::value::fit::{self, Source};
use playback_recording::value::{Field, Name, Value};
use playback_recording::{Event, Function, Interception, Kind, Recording};
use std::borrow::Cow;
use std::sync::Arc;

/// A recording and what today's boundary makes of its functions.
#[derive(Debug)]
pub(crate) struct CurrentBoundary {
    recording: Arc<Recording>,
    /// Today's functions, by the index of the recorded one.
    functions: Vec<Counterparts>,
}

/// The arguments of a recorded call as a function declares them today.
pub(crate) struct Arguments<'r> {
    /// One a parameter; those that do not fit stay as they are, so that they match nothing and are shown.
    pub(crate) values: Cow<'r, [Value]>,
    /// Where there was something that today's types do not have, as JSON pointers.
    pub(crate) dropped: Vec<String>,
    /// Whether every argument fits.
    pub(crate) fit: bool,
}

impl CurrentBoundary {
    pub(crate) fn new(recording: Arc<Recording>, boundary: &Boundary) -> Self {
        let functions = version::counterparts(&boundary.versions, &recording.header.functions);
        Self { recording, functions }
    }

    /// The call at this position of the events, if a call is there.
    pub(crate) fn call(&self, event: usize) -> Option<&Interception> {
        interception(&self.recording, event)
    }

    /// The function of a recorded call, as it was recorded.
    pub(crate) fn function(&self, call: &Interception) -> Option<&Function> {
        self.recording.function(call)
    }

    /// Which call of the recording the one at this position of the events is, from 1.
    pub(crate) fn number(&self, event: usize) -> usize {
        self.calls().take_while(|(position, _)| *position < event).count() + 1
    }

    /// Every call with its position in the events.
    pub(crate) fn calls(&self) -> impl Iterator<Item = (usize, &Interception)> {
        self.recording.events.iter().enumerate().filter_map(|(position, event)| match event {
            Event::Interception(call) => Some((position, call)),
            _ => None,
        })
    }

    /// The function that a recorded call is of; `None` where it is imported no more.
    pub(crate) fn interceptor(&self, call: &Interception) -> Option<&Arc<Interceptor>> {
        self.counterpart(call).map(|current| &current.interceptor)
    }

    /// The function of the recorded call at this position of the events, where an incompatible version of its interface
    /// is imported today.
    pub(crate) fn other_version(&self, event: usize) -> Option<&Function> {
        let call = self.call(event)?;
        self.counterpart(call).filter(|current| current.is_other_version)?;
        self.recording.function(call)
    }

    fn counterpart(&self, call: &Interception) -> Option<&Counterpart> {
        self.functions.get(call.function as usize)?.own.as_ref()
    }

    /// Functions of other compatible versions that a recorded call answers too.
    pub(crate) fn others(&self, call: &Interception) -> &[Arc<Interceptor>] {
        self.functions.get(call.function as usize).map_or(&[], |current| &current.others)
    }

    /// What a call is by today's rules, and as recorded where it is imported no more.
    pub(crate) fn kind(&self, call: &Interception) -> Kind {
        self.interceptor(call).map_or(call.kind, |interceptor| interceptor.kind)
    }

    /// Whether a call sends something: one of an output, and one of an input that [does](super::Sends).
    pub(crate) fn is_sent(&self, call: &Interception) -> bool {
        let sends = self.interceptor(call).and_then(|interceptor| interceptor.signature.sends.as_ref());
        self.kind(call) == Kind::Output || sends.is_some_and(|sends| sends.is_sent(&call.arguments))
    }

    /// Whether the outcome of `call` may be an answer for `interceptor`. A function that is imported no more may
    /// have been renamed and become another kind; one of the service itself is what its attribute says.
    pub(crate) fn serves(&self, call: &Interception, interceptor: &Interceptor) -> bool {
        match self.interceptor(call) {
            Some(current) => current.kind == interceptor.kind,
            None => call.kind == interceptor.kind || !self.is_of_service(call),
        }
    }

    fn is_of_service(&self, call: &Interception) -> bool {
        self.recording.function(call).is_some_and(Function::is_of_service)
    }

    /// The alias that today's rules give a recorded call. The recorded one where the function is imported no more,
    /// or where the arguments do not fit it and so cannot fill in the alias.
    pub(crate) fn alias(&self, call: &Interception) -> Name {
        self.interceptor(call)
            .map_or_else(|| call.alias.clone(), |interceptor| self.alias_by(interceptor, call))
    }

    /// The alias that the rules of `interceptor` give a recorded call, and the recorded one where its arguments do not fit.
    pub(crate) fn alias_by(&self, interceptor: &Interceptor, call: &Interception) -> Name {
        if interceptor.alias.is_fixed() {
            return interceptor.alias.render(&[]);
        }
        let arguments = self.arguments(call, interceptor);
        if arguments.fit { interceptor.alias.render(&arguments.values) } else { call.alias.clone() }
    }

    /// The arguments of a recorded call as `interceptor` declares them.
    pub(crate) fn arguments<'r>(
        &'r self,
        call: &'r Interception,
        interceptor: &Interceptor,
    ) -> Arguments<'r> {
        match self.recording.function(call) {
            Some(function) if function.signature != interceptor.function.signature => {
                let to = &interceptor.signature.parameters;
                let (mut from, mut values) = (function.parameters.clone(), call.arguments.clone());
                for (old, new) in &interceptor.renamed {
                    // Only where the recording does not have today's name already.
                    if !from.contains(new)
                        && let Some(name) = from.iter_mut().find(|name| *name == old)
                    {
                        *name = new.clone();
                    }
                }
                if function.is_of_service() {
                    add_parts(&mut from, &mut values, to);
                }
                let fitted = fit::fit_parameters(values, &from, to, Source::Tape);
                let fit = fitted.misfits.is_empty();
                Arguments { values: Cow::Owned(fitted.values), dropped: fitted.dropped, fit }
            }
            _ => Arguments { values: Cow::Borrowed(&call.arguments), dropped: Vec::new(), fit: true },
        }
    }
}

/// Adds what a key names today, `order.id`, and was recorded as a part of `order`.
fn add_parts(names: &mut Vec<Name>, values: &mut Vec<Value>, wanted: &[Field]) {
    for Field { name, .. } in wanted.iter().filter(|field| field.name.contains('.')) {
        let part = {
            let (whole, path) = name.split_once('.').unwrap_or_default();
            let whole = names.iter().position(|known| **known == *whole).and_then(|at| values.get(at));
            whole.and_then(|whole| path.split('.').try_fold(whole, Value::get).cloned())
        };
        if let Some(part) = part.filter(|_| !names.contains(name)) {
            names.push(name.clone());
            values.push(part);
        }
    }
}

/// The call at this position of the events, if a call is there.
pub(crate) fn interception(recording: &Recording, event: usize) -> Option<&Interception> {
    match recording.events.get(event) {
        Some(Event::Interception(call)) => Some(call),
        _ => None,
    }
}
