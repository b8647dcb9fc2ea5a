//! How a service is to be recorded.

use super::Recorder;
use super::error::RecordError;
use crate::limits::Limits;
use crate::provider::Providers;
use crate::run::Runner;
use crate::sampling::Samplings;
use crate::service::Service;
use crate::service_grants::ServiceGrants;
use crate::wasi::Sockets;
use crate::wasi::files::Roots;
use crate::wasi::http::ALWAYS_SECRET;
use playback_tape::Rules;
use std::sync::Arc;

/// Says how a service is to be recorded, and makes a [`Recorder`].
#[derive(Debug, Clone)]
#[must_use = "`build` makes the recorder"]
pub struct RecorderBuilder {
    service: Service,
    providers: Providers,
    rules: Rules,
    grants: ServiceGrants,
    secret_headers: Vec<String>,
    samplings: Samplings,
    limits: Limits,
}

impl Recorder {
    /// A builder for a recorder of `service`. Without more, it has no provider, no rule and no grant, it records every operation,
    /// and its limits are the default ones.
    pub fn builder(service: &Service) -> RecorderBuilder {
        RecorderBuilder {
            service: service.clone(),
            providers: Providers::default(),
            rules: Rules::default(),
            grants: ServiceGrants::default(),
            secret_headers: ALWAYS_SECRET.map(str::to_owned).to_vec(),
            samplings: Samplings::default(),
            limits: Limits::default(),
        }
    }

    /// A builder for a recorder like this one.
    pub fn to_builder(&self) -> RecorderBuilder {
        RecorderBuilder {
            service: self.service.clone(),
            providers: self.assignments.providers().clone(),
            rules: self.rules.clone(),
            grants: self.grants.clone(),
            secret_headers: self.secret_headers.clone(),
            samplings: self.samplings.clone(),
            limits: self.runner.limits,
        }
    }
}

impl RecorderBuilder {
    /// What answers the service's imports.
    pub fn providers(self, providers: Providers) -> Self {
        Self { providers, ..self }
    }

    /// The rules that say what is an input and what is an output.
    pub fn rules(self, rules: &Rules) -> Self {
        Self { rules: rules.clone(), ..self }
    }

    /// What the service may reach of the machine.
    pub fn grants(self, grants: ServiceGrants) -> Self {
        Self { grants, ..self }
    }

    /// Keeps the values of these HTTP headers off the tape too, besides those of `authorization`, `cookie`,
    /// `proxy-authorization`, `set-cookie` and `x-api-key`. Tokens stand in, the same for equal values.
    pub fn secret_headers(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.secret_headers.extend(names.into_iter().map(|name| name.to_ascii_lowercase()));
        self.secret_headers.sort_unstable();
        self.secret_headers.dedup();
        self
    }

    /// Records a part of the operations. Of the rest the recording is [`Loss::NotSampled`](playback_tape::Loss::NotSampled)
    /// or [`Loss::Skipped`](playback_tape::Loss::Skipped).
    pub fn samplings(self, samplings: Samplings) -> Self {
        Self { samplings, ..self }
    }

    /// What the service, and each provider, may use.
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Links the service with its providers.
    ///
    /// # Errors
    ///
    /// An import that no provider answers; a rule that does not fit; a directory that cannot be opened, two that the service
    /// would call the same, and two that overlap on the machine where one of them may be changed.
    pub fn build(self) -> Result<Recorder, RecordError> {
        let Self { service, providers, rules, grants, secret_headers, samplings, limits } = self;
        let boundary = rules.resolve(service.imports())?;
        let assignments = Arc::new(providers.assign(service.name(), &boundary, |_| true)?);
        let roots = Arc::new(Roots::open(&grants.directories)?);
        let sockets = if grants.sockets { Sockets::Granted } else { Sockets::Refused };
        let runner = Runner::new(&service, &boundary, sockets, limits)?;
        let boundary = Arc::new(boundary);
        Ok(Recorder {
            service,
            rules,
            boundary,
            runner,
            assignments,
            grants,
            roots,
            secret_headers,
            samplings,
        })
    }
}
