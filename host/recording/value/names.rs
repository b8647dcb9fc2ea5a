//! One allocation for a name, however often it is read.

use crate::value::Name;

/// A power of two, a little above the number of names that a service's types have together.
const SLOTS: usize = 128;

/// The names that were read last. A name whose slot another one took is allocated again, so that crafted
/// names make reading no slower than having no cache.
pub struct Names {
    slots: [Option<Name>; SLOTS],
}

impl Default for Names {
    fn default() -> Self {
        Self { slots: [const { None }; SLOTS] }
    }
}

impl Names {
    /// Where the name that reads `text` is, if anywhere. Mixes the length with the first, the middle and the
    /// last bytes: names of one type differ in these.
    #[inline]
    pub fn slot(text: &[u8]) -> usize {
        let byte = |index: usize| text.get(index).map_or(0, |byte| u32::from(*byte));
        let last = text.len().saturating_sub(1);
        let mixed = byte(0) | byte(text.len() / 2) << 8 | byte(last) << 16 | (text.len() as u32) << 24;
        (mixed.wrapping_mul(0x9e37_79b1) >> 16) as usize % SLOTS
    }

    /// The shared name in `slot`, if it reads `text`.
    #[inline]
    pub fn get(&self, slot: usize, text: &[u8]) -> Option<Name> {
        self.slots.get(slot)?.as_ref().filter(|name| name.as_bytes() == text).cloned()
    }

    /// The shared name that reads `text`.
    #[inline]
    pub fn of(&mut self, text: &str) -> Name {
        let slot = Self::slot(text.as_bytes());
        match self.get(slot, text.as_bytes()) {
            Some(name) => name,
            None => self.insert(slot, text),
        }
    }

    /// A new shared name.
    pub fn insert(&mut self, slot: usize, text: &str) -> Name {
        let name = Name::from(text);
        if let Some(slot) = self.slots.get_mut(slot) {
            *slot = Some(name.clone());
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_until_another_takes_its_slot() {
        let mut names = Names::default();
        let slot = Names::slot(b"price");
        assert_eq!(names.get(slot, b"price"), None);
        let price = names.insert(slot, "price");
        assert!(names.get(slot, b"price").is_some_and(|name| Name::ptr_eq(&name, &price)));
        names.insert(slot, "other");
        assert_eq!(names.get(slot, b"price"), None);
    }

    #[test]
    fn every_text_has_a_slot() {
        for length in 0..1000 {
            assert!(Names::slot(&vec![0xff; length]) < SLOTS);
        }
    }
}
