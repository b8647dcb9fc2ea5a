//! How recordings are to be replayed.

use super::Replayer;
use crate::limits::Limits;
use crate::provider::Providers;
use crate::record::error::RecordError;
use crate::run::Runner;
use crate::service::Service;
use crate::wasi::{Sockets, http};
use playback_recording::Stream;
use playback_tape::{Interceptor, OnMissing, Rules};
use std::sync::Arc;

/// Says how recordings are to be replayed, and makes a [`Replayer`].
#[derive(Debug, Clone)]
#[must_use = "`build` makes the replayer"]
pub struct ReplayerBuilder {
    service: Service,
    rules: Rules,
    providers: Option<Providers>,
    streams: Vec<Stream>,
    limits: Limits,
}

impl Replayer {
    /// A builder for a replayer on `service`. Without more, nothing is behind its imports but recordings, it has no rule, it
    /// compares no standard stream, and its limits are the default ones.
    pub fn builder(service: &Service) -> ReplayerBuilder {
        ReplayerBuilder {
            service: service.clone(),
            rules: Rules::default(),
            providers: None,
            streams: Vec::new(),
            limits: Limits::default(),
        }
    }

    /// A builder for a replayer like this one.
    pub fn to_builder(&self) -> ReplayerBuilder {
        ReplayerBuilder {
            service: self.service.clone(),
            rules: self.rules.clone(),
            providers: self.live.as_ref().map(|live| live.providers().clone()),
            streams: self.streams.clone(),
            limits: self.runner.limits,
        }
    }
}

impl ReplayerBuilder {
    /// The rules that say how calls are matched.
    pub fn rules(self, rules: &Rules) -> Self {
        Self { rules: rules.clone(), ..self }
    }

    /// Lets the calls whose rule says `on-missing = "live"` go to these providers, and no other call.
    pub fn providers(self, providers: Providers) -> Self {
        Self { providers: Some(providers), ..self }
    }

    /// Compares what the service writes to these standard streams too, as a whole.
    pub fn compared_streams(self, streams: &[Stream]) -> Self {
        Self { streams: streams.to_vec(), ..self }
    }

    /// What the service may use.
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Links the service.
    ///
    /// # Errors
    ///
    /// A rule that does not fit; a function that is to be answered live and that no provider answers.
    pub fn build(self) -> Result<Replayer, RecordError> {
        let Self { service, rules, providers, streams, limits } = self;
        let boundary = rules.resolve(service.imports())?;
        let is_live = |interceptor: &Interceptor| interceptor.on_missing == OnMissing::Live;
        let assign = |providers: Providers| providers.assign(service.name(), &boundary, is_live);
        let live = providers.map(assign).transpose()?.map(Arc::new);
        let runner = Runner::new(&service, &boundary, Sockets::Refused, limits)?;
        let makes_requests = boundary.interceptors().iter().any(|one| http::is_exchange(&one.signature));
        let boundary = Arc::new(boundary);
        Ok(Replayer { service, rules, boundary, runner, live, streams, makes_requests })
    }
}
