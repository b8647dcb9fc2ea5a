//! What the host knows of the SDK in one operation.

use super::open::Calls;
use super::points::Points;
use super::said::Said;

/// The SDK of one operation.
pub(crate) struct Sdk {
    pub(super) points: Points,
    pub(super) calls: Calls,
    /// What bodies that are at work wrote to standard error.
    pub(super) said: Said,
    /// The most bytes of memory that one value may take.
    pub(super) crossing: usize,
}

impl Sdk {
    /// The SDK of a service that imports this many functions. A value may take `crossing` bytes of memory.
    pub(crate) fn new(imports: usize, crossing: usize) -> Self {
        Self { points: Points::new(imports), calls: Calls::default(), said: Said::default(), crossing }
    }

    /// A body that is at work wrote this to standard error.
    pub(crate) fn says(&mut self, bytes: &[u8]) {
        self.said.add(bytes);
    }
}
