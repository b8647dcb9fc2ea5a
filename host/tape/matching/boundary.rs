//! What the boundary of one component looks like to the tape: each imported function with the rule that
//! applies to it.

use super::interceptor::Interceptor;
use super::version::Versions;
use std::sync::Arc;

/// Every imported function of one component, resolved against the rules.
#[derive(Debug, Clone, Default)]
pub struct Boundary {
    interceptors: Vec<Arc<Interceptor>>,
    pub(super) versions: Versions,
}

impl Boundary {
    /// A boundary of these functions.
    pub fn new(interceptors: Vec<Interceptor>) -> Self {
        let at = |(position, interceptor)| Arc::new(Interceptor { position, ..interceptor });
        let interceptors: Vec<_> = interceptors.into_iter().enumerate().map(at).collect();
        let versions = Versions::of(&interceptors);
        Self { interceptors, versions }
    }

    /// The functions, in the order in which the component imports them.
    pub fn interceptors(&self) -> &[Arc<Interceptor>] {
        &self.interceptors
    }
}
