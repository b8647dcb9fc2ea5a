//! The providers of one running operation.

use super::assign::{Assignments, Target};
use super::running::Running;
use crate::failure::{EngineFailure, Failure};
use crate::handles::{Handles, Origin};
use crate::limits::{LimitReached, Limits};
use playback_recording::Outcome;
use playback_recording::value::Value;
use playback_tape::Interceptor;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Instant;
use wasmtime::{Error, Result, format_err};

/// The providers of one running operation, made when they are first called.
pub(crate) struct Live {
    assignments: Arc<Assignments>,
    limits: Limits,
    running: HashMap<usize, Running>,
    handles: Handles,
    /// Whether a provider was called: what it did cannot be undone.
    has_called: bool,
}

impl Live {
    pub(crate) fn new(assignments: Arc<Assignments>, limits: Limits) -> Self {
        Self { assignments, limits, running: HashMap::new(), handles: Handles::default(), has_called: false }
    }

    /// Whether a provider was called.
    pub(crate) fn has_called(&self) -> bool {
        self.has_called
    }

    /// Calls a closure whose answer is not waited for. `None` if it is another provider's call.
    pub(super) fn call_at_once(
        &mut self,
        interceptor: &Interceptor,
        arguments: &[Value],
    ) -> Option<Result<Outcome>> {
        let Some(Target::Closure(closure)) = self.assignments.targets.get(interceptor.position)?.as_ref()
        else {
            return None;
        };
        let outcome = closure.call_at_once(interceptor, arguments, &mut self.handles)?;
        self.has_called = true;
        Some(outcome)
    }

    /// A call that is not over when the operation's time is gets an outcome too, so that the tape has all of them.
    pub(super) async fn call(
        &mut self,
        interceptor: &Interceptor,
        arguments: &[Value],
        started: Instant,
    ) -> Result<Outcome> {
        let time = self.limits.time;
        // The longest times have no end that a clock can show.
        let end = time.and_then(|time| Some((time, started.checked_add(time)?)));
        let outcome = match end {
            Some((time, end)) => {
                let asked = tokio::time::timeout_at(end.into(), self.ask(interceptor, arguments)).await;
                asked.map_err(|_| LimitReached::Time(time))
            }
            None => Ok(self.ask(interceptor, arguments).await),
        };
        let is_refused = |error: &Error| error.downcast_ref().is_some_and(EngineFailure::is_at_start);
        // A provider that could not be instantiated did nothing yet.
        self.has_called |= !matches!(&outcome, Ok(Err(error)) if is_refused(error));
        outcome.unwrap_or_else(|limit| Ok(Failure::Limit(limit).of_provider(&interceptor.function.name)))
    }

    async fn ask(&mut self, interceptor: &Interceptor, arguments: &[Value]) -> Result<Outcome> {
        let target = self.assignments.targets.get(interceptor.position).cloned().flatten();
        match target.ok_or_else(|| format_err!("nothing provides `{}`", interceptor.function.name))? {
            Target::Closure(closure) => closure.call(interceptor, arguments, &mut self.handles).await,
            Target::Component { provider, export } => {
                if let Some(component) = self.assignments.providers.components.get(provider)
                    && let Some(shared) = &component.shared
                {
                    let signature = &interceptor.signature;
                    let start = component.start(&self.limits);
                    return shared.call(start, &self.limits, &export, signature, arguments).await;
                }
                let (running, handles) = self.running(provider).await?;
                running.call(provider, &export, &interceptor.signature, arguments, handles).await
            }
        }
    }

    /// The instance of a provider, made if this is its first call.
    async fn running(&mut self, provider: usize) -> Result<(&mut Running, &mut Handles)> {
        let Self { assignments, limits, running, handles, .. } = self;
        let running = match running.entry(provider) {
            Entry::Occupied(running) => running.into_mut(),
            Entry::Vacant(place) => {
                let component = assignments.providers.components.get(provider);
                let component = component.ok_or_else(|| format_err!("there is no provider {provider}"))?;
                place.insert(component.start(limits).await?)
            }
        };
        Ok((running, handles))
    }

    pub(super) async fn drop_resource(&mut self, number: u32) -> Result<()> {
        // What was handed on belongs to somebody else by now.
        match self.handles.take(number) {
            Ok(Origin::Component(provider, resource)) => match self.running.get_mut(&provider) {
                Some(running) => running.drop_resource(resource).await,
                None => Ok(()),
            },
            Ok(Origin::Closure(_)) | Err(_) => Ok(()),
        }
    }
}
