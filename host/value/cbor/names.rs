//! One allocation for a name, however often it is read.

use crate::value::Name;

/// A power of two, a little above the number of names that a service's types have together.
const SLOTS: usize = 128;

/// The names that were read last. A name whose slot another one took is allocated again, so that crafted names
/// make reading no slower than having no cache.
pub(super) struct Names {
    slots: [Option<Name>; SLOTS],
}

impl Names {
    pub(super) fn new() -> Self {
        Self { slots: [const { None }; SLOTS] }
    }

    /// The shared name that reads `text`, and whether it had to be allocated.
    #[inline]
    pub(super) fn intern(&mut self, text: &str) -> (Name, bool) {
        let slot = &mut self.slots[slot(text.as_bytes())];
        match slot {
            Some(name) if **name == *text => (name.clone(), false),
            _ => (slot.insert(Name::from(text)).clone(), true),
        }
    }
}

/// Mixes the length with the first, the middle and the last bytes: names of one type differ in these.
#[inline]
fn slot(text: &[u8]) -> usize {
    let byte = |index: usize| text.get(index).map_or(0, |byte| u32::from(*byte));
    let last = text.len().saturating_sub(1);
    let mixed = byte(0) | byte(text.len() / 2) << 8 | byte(last) << 16 | (text.len() as u32) << 24;
    (mixed.wrapping_mul(0x9e37_79b1) >> 16) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_name_that_comes_again_is_shared() {
        let mut names = Names::new();
        let (first, allocated) = names.intern("price");
        let (second, again) = names.intern("price");
        assert!(allocated && !again && Arc::ptr_eq(&first, &second));
        assert_eq!(&*names.intern("").0, "");
    }

    #[test]
    fn names_that_share_a_slot_stay_apart() {
        let mut names = Names::new();
        for number in 0..1000 {
            let text = format!("name-{number}");
            assert_eq!(*names.intern(&text).0, *text);
        }
    }
}
