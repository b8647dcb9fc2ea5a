//! The functions that a recording has calls of.

use super::interceptor::Interceptor;
use playback_recording::Function;

/// The functions that were called so far, each once.
#[derive(Debug, Default)]
pub(crate) struct Functions {
    called: Vec<Function>,
    /// Index into `called`, by the interceptor's position in its boundary.
    indices: Vec<Option<u32>>,
}

impl Functions {
    /// The index of this function in the list, where it is added if it is new.
    pub(crate) fn index(&mut self, interceptor: &Interceptor) -> u32 {
        if let Some(Some(index)) = self.indices.get(interceptor.position) {
            return *index;
        }
        self.called.push(interceptor.function.clone());
        let index = u32::try_from(self.called.len() - 1).unwrap_or(u32::MAX);
        self.indices.resize(self.indices.len().max(interceptor.position + 1), None);
        if let Some(known) = self.indices.get_mut(interceptor.position) {
            *known = Some(index);
        }
        index
    }

    /// The list, in the order in which the functions were first called.
    pub(crate) fn into_list(self) -> Vec<Function> {
        self.called
    }
}
