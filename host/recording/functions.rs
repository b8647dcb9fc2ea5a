//! The functions that the events of a recording name by their index, each with the alias that it has without a rule.

use crate::value::Name;
use crate::{Function, format};

pub(crate) struct Functions<'h> {
    functions: &'h [Function],
    /// Made when it is first needed.
    default_aliases: Vec<Option<Name>>,
}

impl<'h> Functions<'h> {
    pub(crate) fn new(functions: &'h [Function]) -> Self {
        Self { functions, default_aliases: vec![None; functions.len()] }
    }

    pub(crate) fn len(&self) -> usize {
        self.functions.len()
    }

    /// The function at this index, if there is one, with its alias.
    #[inline]
    pub(crate) fn get(&mut self, index: u32) -> Option<(&'h Function, &Name)> {
        let function = self.functions.get(index as usize)?;
        let alias = || {
            let alias = format::default_alias(&function.name);
            if *alias == *function.name { function.name.clone() } else { alias.into() }
        };
        Some((function, self.default_aliases.get_mut(index as usize)?.get_or_insert_with(alias)))
    }
}
