//! Providers: what answers live calls while recording. Components with WASI of their own, or an embedder's
//! closures.

mod closures;
mod component;
mod outgoing;
mod shared;
mod warnings;

pub use closures::Closure;
pub use component::{Directory, DirectoryAccess, Grants, ProviderComponent};
pub use warnings::ProviderWarning;

use super::failure::{EngineFailure, Failure, Trapped};
use super::handles::{Handles, Origin};
use super::limits::{LimitReached, Limits};
use super::state::State;
use super::wasi::http;
use closures::Closures;
use component::Running;
use playback_recording::value::Value;
use playback_recording::{Outcome, format};
use playback_tape::{Boundary, Interceptor};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Instant;
use wasmtime::component::ComponentExportIndex;
use wasmtime::{Error, Result, StoreContextMut, format_err};

/// Everything that can answer a service's calls.
#[derive(Debug, Clone, Default)]
pub struct Providers {
    components: Vec<ProviderComponent>,
    closures: Closures,
}

/// An import that nothing provides.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unprovided {
    /// No provider exports it.
    #[error("nothing provides `{function}`, which `{service}` imports; looked in {looked_in}")]
    Missing {
        /// The import's full WIT name.
        function: String,
        /// The component.
        service: String,
        /// The providers.
        looked_in: String,
    },
    /// A provider exports it with another type.
    #[error(
        "`{provider}` provides `{function}` with another type than `{service}` imports; build both from the same WIT: it \
         is imported as {imported}, and provided as {provided}"
    )]
    Type {
        /// The import's full WIT name.
        function: String,
        /// The component.
        service: String,
        /// The provider.
        provider: String,
        /// The type there.
        provided: String,
        /// The type here.
        imported: String,
    },
    /// A provider that is shared between operations exports it, and it takes or returns a resource.
    #[error(
        "`{provider}` is shared between operations and cannot provide `{function}`, which takes or returns a \
         resource; those belong to one operation"
    )]
    Shared {
        /// The import's full WIT name.
        function: String,
        /// The provider.
        provider: String,
    },
}

/// Which provider answers which function of a boundary.
#[derive(Debug, Clone)]
pub(crate) struct Assignments {
    providers: Arc<Providers>,
    /// By the interceptor's position.
    targets: Vec<Option<Target>>,
}

#[derive(Debug, Clone)]
enum Target {
    Component { provider: usize, export: ComponentExportIndex },
    Closure(Closure),
}

/// The providers of one running operation, made when they are first called.
pub(crate) struct Live {
    assignments: Arc<Assignments>,
    limits: Limits,
    running: HashMap<usize, Running>,
    handles: Handles,
    /// Whether a provider was called: what it did cannot be undone.
    has_called: bool,
}

impl Providers {
    /// Adds a component. Where several export the same function, the one added first answers.
    #[must_use]
    pub fn component(mut self, provider: ProviderComponent) -> Self {
        self.components.push(provider);
        self
    }

    /// Adds a closure for one function: `shop:orders/inputs#price-of`, with or without its version. It goes before
    /// any component. The arguments come one a parameter; the result must be a value of the function's result
    /// type, [`Value::Null`] where it has none; an error traps the service.
    #[must_use]
    pub fn function(
        mut self,
        name: impl AsRef<str>,
        answer: impl Fn(&[Value]) -> Result<Value, String> + Send + Sync + 'static,
    ) -> Self {
        self.closures.add(name.as_ref(), Closure::sync(answer));
        self
    }

    /// As [`Self::function`], with an answer that is waited for.
    #[must_use]
    pub fn async_function<F>(
        mut self,
        name: impl AsRef<str>,
        answer: impl Fn(Vec<Value>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Value, String>> + Send + 'static,
    {
        self.closures.add(name.as_ref(), Closure::new(answer));
        self
    }

    /// Finds a provider for each function of `boundary` that `wanted` asks for. HTTP needs none.
    pub(crate) fn assign(
        self,
        service: &str,
        boundary: &Boundary,
        wanted: impl Fn(&Interceptor) -> bool,
    ) -> Result<Assignments, Unprovided> {
        let target = |interceptor: &Arc<Interceptor>| match wanted(interceptor)
            && !http::is_exchange(&interceptor.signature)
        {
            true => self.target(service, interceptor).map(Some),
            false => Ok(None),
        };
        let targets = boundary.interceptors().iter().map(target).collect::<Result<_, _>>()?;
        Ok(Assignments { targets, providers: Arc::new(self) })
    }

    fn target(&self, service: &str, interceptor: &Interceptor) -> Result<Target, Unprovided> {
        let function = interceptor.function.name.to_string();
        if let Some(closure) = self.closures.get(&format::default_alias(&function)) {
            return Ok(Target::Closure(closure.clone()));
        }
        for (provider, component) in self.components.iter().enumerate() {
            let Some((export, provided)) = component.export(&interceptor.signature) else { continue };
            let (provided, imported) = (provided.wit(), interceptor.signature.wit());
            if provided != imported {
                let (service, provider) = (service.to_owned(), component.name().to_owned());
                return Err(Unprovided::Type { function, service, provider, provided, imported });
            }
            if component.shared.is_some() && interceptor.signature.holds_resource() {
                return Err(Unprovided::Shared { function, provider: component.name().to_owned() });
            }
            return Ok(Target::Component { provider, export });
        }
        Err(Unprovided::Missing { function, service: service.to_owned(), looked_in: self.describe() })
    }

    fn describe(&self) -> String {
        let components = self.components.iter().map(|component| format!("`{}`", component.name()));
        let closures = self.closures.describe();
        let all: Vec<String> = components.chain(closures).collect();
        if all.is_empty() { "nothing: no provider was given".to_owned() } else { all.join(", ") }
    }
}

impl Assignments {
    /// The shares of the engine's pool that the providers of one operation may take.
    pub(crate) fn shares(&self) -> u32 {
        let own = self.providers.components.iter().filter(|component| component.shared.is_none());
        own.map(|component| component.shares).fold(0, u32::saturating_add)
    }

    /// The components that answer a function of the boundary.
    pub(crate) fn used(&self) -> impl Iterator<Item = &ProviderComponent> {
        let components = self.providers.components.iter().enumerate();
        components.filter(|(index, _)| self.is_used(*index)).map(|(_, component)| component)
    }

    fn is_used(&self, component: usize) -> bool {
        let answers =
            |target: &Target| matches!(target, Target::Component { provider, .. } if *provider == component);
        self.targets.iter().flatten().any(answers)
    }
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
    fn call_at_once(&mut self, interceptor: &Interceptor, arguments: &[Value]) -> Option<Result<Outcome>> {
        let Some(Target::Closure(closure)) = self.assignments.targets.get(interceptor.position)?.as_ref()
        else {
            return None;
        };
        let outcome = closure.call_at_once(interceptor, arguments, &mut self.handles)?;
        self.has_called = true;
        Some(outcome)
    }

    /// A call that is not over when the operation's time is gets an outcome too, so that the tape has all of them.
    async fn call(
        &mut self,
        interceptor: &Interceptor,
        arguments: &[Value],
        started: Instant,
    ) -> Result<Outcome> {
        let time = self.limits.time;
        // The longest times have no end that a clock can show.
        let outcome = match started.checked_add(time) {
            Some(end) => tokio::time::timeout_at(end.into(), self.ask(interceptor, arguments)).await,
            None => Ok(self.ask(interceptor, arguments).await),
        };
        let is_refused = |error: &Error| error.downcast_ref().is_some_and(EngineFailure::is_at_start);
        // A provider that could not be instantiated did nothing yet.
        self.has_called |= !matches!(&outcome, Ok(Err(error)) if is_refused(error));
        outcome.unwrap_or_else(|_| {
            let stopped = Failure::Limit(LimitReached::Time(time));
            Ok(stopped.of_provider(&interceptor.function.name))
        })
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
                    return shared.call(component, &self.limits, &export, signature, arguments).await;
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

    async fn drop_resource(&mut self, number: u32) -> Result<()> {
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

/// Asks the provider of `interceptor`'s function.
pub(crate) async fn call(
    cx: &mut StoreContextMut<'_, State>,
    interceptor: &Interceptor,
    arguments: &[Value],
) -> Result<Outcome> {
    let live = cx.data_mut().live.as_mut();
    match live.and_then(|live| live.call_at_once(interceptor, arguments)) {
        Some(outcome) => outcome,
        // Boxed: it is large, and the future around it is made for every call.
        None => Box::pin(wait(cx, interceptor, arguments)).await,
    }
}

async fn wait(
    cx: &mut StoreContextMut<'_, State>,
    interceptor: &Interceptor,
    arguments: &[Value],
) -> Result<Outcome> {
    // Taken out while it works: what it is called with comes from the same store.
    let Some(mut live) = cx.data_mut().live.take() else {
        return Err(Trapped(format!(
            "`{}` was to be answered live, and nothing is",
            interceptor.function.name
        ))
        .into());
    };
    let outcome = live.call(interceptor, arguments, cx.data().started).await;
    cx.data_mut().live = Some(live);
    outcome
}

/// The service dropped a resource. On replay there is nothing behind its number.
pub(crate) async fn drop_resource(mut cx: StoreContextMut<'_, State>, number: u32) -> Result<()> {
    let Some(mut live) = cx.data_mut().live.take() else { return Ok(()) };
    let dropped = live.drop_resource(number).await;
    cx.data_mut().live = Some(live);
    dropped
}
