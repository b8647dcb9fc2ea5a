//! Which provider answers which function.

use super::closures::{Closure, Closures};
use super::component::ProviderComponent;
use crate::wasi::http;
use playback_recording::format;
use playback_recording::value::Value;
use playback_tape::{Boundary, Interceptor};
use std::sync::Arc;
use wasmtime::component::ComponentExportIndex;

/// Everything that can answer a service's calls.
#[derive(Debug, Clone, Default)]
pub struct Providers {
    pub(super) components: Vec<ProviderComponent>,
    closures: Closures,
}

/// An import that nothing provides.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
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
    pub(super) providers: Arc<Providers>,
    /// By the interceptor's position.
    pub(super) targets: Vec<Option<Target>>,
}

/// What answers one function.
#[derive(Debug, Clone)]
pub(super) enum Target {
    Component { provider: usize, export: ComponentExportIndex },
    Closure(Closure),
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
    /// All providers, those that answer nothing among them.
    pub(crate) fn providers(&self) -> &Providers {
        &self.providers
    }

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

    pub(super) fn is_used(&self, component: usize) -> bool {
        let answers =
            |target: &Target| matches!(target, Target::Component { provider, .. } if *provider == component);
        self.targets.iter().flatten().any(answers)
    }
}
