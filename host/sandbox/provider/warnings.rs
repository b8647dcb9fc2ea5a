//! What about providers is likely a mistake: two for one import, one for none, and one without the network it asks for.

use super::assign::{Assignments, Target};
use playback_tape::Boundary;
use std::collections::BTreeMap;
use std::fmt;

/// Something that is likely a mistake, and stops nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProviderWarning {
    /// Two providers export the same imports, and the one that was added first answers them.
    Several {
        /// The imports' full WIT names.
        functions: Vec<String>,
        /// The provider that answers.
        answers: String,
        /// The other one.
        other: String,
    },
    /// A provider exports nothing that the service imports, or that is to be answered live.
    Unused {
        /// The provider.
        provider: String,
    },
    /// A provider sent an HTTP request, which was refused, as it is not granted the network.
    RefusedRequest {
        /// The provider.
        provider: String,
        /// The method and the URL of the first such request.
        request: String,
    },
}

impl fmt::Display for ProviderWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Several { functions, answers, other } => {
                let first = functions.first().map_or("", String::as_str);
                write!(f, "`{answers}` and `{other}` both provide `{first}`")?;
                if functions.len() > 1 {
                    write!(f, " and {} more", functions.len() - 1)?;
                }
                write!(f, "; `{answers}`, which comes first, answers")
            }
            Self::Unused { provider } => {
                write!(
                    f,
                    "provider `{provider}` is not used: it exports nothing that is to be answered; leave it out"
                )
            }
            Self::RefusedRequest { provider, request } => {
                write!(
                    f,
                    "provider `{provider}` was refused `{request}`: it has no network; grant it the network, if it \
                     needs it"
                )
            }
        }
    }
}

impl Assignments {
    /// Returns the providers that were refused an HTTP request so far.
    pub(crate) fn refused_requests(&self) -> Vec<ProviderWarning> {
        let refused = self.providers.components.iter().filter_map(|component| {
            let request = component.refused_request()?.to_owned();
            Some(ProviderWarning::RefusedRequest { provider: component.name().to_owned(), request })
        });
        refused.collect()
    }

    /// Returns what is likely a mistake in these assignments of the functions of `boundary`.
    pub(crate) fn warnings(&self, boundary: &Boundary) -> Vec<ProviderWarning> {
        let components = &self.providers.components;
        let mut several: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
        for interceptor in boundary.interceptors() {
            let target = self.targets.get(interceptor.position).and_then(Option::as_ref);
            let Some(Target::Component { provider, .. }) = target else { continue };
            for (other, component) in components.iter().enumerate() {
                if other != *provider && component.export(&interceptor.signature).is_some() {
                    let function = interceptor.function.name.to_string();
                    several.entry((*provider, other)).or_default().push(function);
                }
            }
        }
        let name = |index: usize| components.get(index).map_or("", |it| it.name()).to_owned();
        // One that is told to be second needs no other word.
        let is_told = |index: usize| several.keys().any(|(_, other)| *other == index);
        let unused = (0..components.len()).filter(|index| !self.is_used(*index) && !is_told(*index));
        let unused: Vec<_> = unused.map(|index| ProviderWarning::Unused { provider: name(index) }).collect();
        let several = several.into_iter().map(|((answers, other), functions)| ProviderWarning::Several {
            functions,
            answers: name(answers),
            other: name(other),
        });
        several.chain(unused).collect()
    }
}
