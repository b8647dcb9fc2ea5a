//! The files of one operation.

use super::identities::Identities;
use super::memory::Budget;
use super::overlay::Overlay;
use super::roots::Roots;
use super::writes::{Refusals, Writes};
use std::collections::HashMap;
use std::sync::Arc;

/// The files of one operation.
pub(crate) struct Files {
    pub(super) roots: Arc<Roots>,
    pub(super) overlay: Overlay,
    pub(super) identities: Identities,
    /// The most bytes of a file that are kept.
    pub(super) largest: u64,
    pub(super) budget: Budget,
    pub(super) refusals: Refusals,
    /// How often was written, by path.
    pub(super) writes: HashMap<String, Writes>,
}

impl Files {
    /// Files below `roots`. A file of more than `largest` bytes is not kept; on replay files take at most `memory` bytes.
    pub(crate) fn new(roots: Arc<Roots>, largest: u64, memory: usize) -> Self {
        let (overlay, refusals) = (Overlay::default(), Refusals::default());
        let (budget, writes) = (Budget::new(memory), HashMap::new());
        let identities = Identities::default();
        Self { roots, overlay, identities, largest, budget, refusals, writes }
    }
}
