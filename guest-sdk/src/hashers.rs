//! How many hashers code makes. Those of Rust's standard library have other keys each than the one before, in a sequence that
//! starts with a random number: as a replay skips bodies, it has to skip their keys too, or every hash map that is made later would
//! be in another order than it was.
//!
//! What the keys are is the standard library's secret, and there is no safe way to count them. So this looks at its memory, in this
//! file only, after it has made sure that what is there looks as it is known to; else there is nothing to count.

#![allow(unsafe_code, reason = "see above")]

use std::hash::RandomState;

/// The keys of a hasher, in whatever order.
type Keys = [u64; 2];

/// A place in the sequence of keys.
#[derive(Clone, Copy)]
pub(crate) struct Hashers(Option<Keys>);

impl Hashers {
    /// How many it takes to count others.
    pub(crate) const COUNTING: u32 = 2;

    /// Where it is now.
    #[inline]
    pub(crate) fn now() -> Self {
        Self(keys(RandomState::new()))
    }

    /// How many were made since.
    #[inline]
    pub(crate) fn since(self) -> u32 {
        match (self.0, Self::now().0) {
            (Some(before), Some(after)) => between(before, after).unwrap_or_default(),
            _ => 0,
        }
    }

    /// Makes as many keys go by.
    pub(crate) fn skip(hashers: u32) {
        (0..hashers).for_each(|_| _ = std::hint::black_box(RandomState::new()));
    }
}

/// How many are between two, of which one key counts and the other stays.
fn between(before: Keys, after: Keys) -> Option<u32> {
    let steps = [after[0].wrapping_sub(before[0]), after[1].wrapping_sub(before[1])];
    match steps {
        [0, steps] | [steps, 0] => u32::try_from(steps.checked_sub(1)?).ok(),
        _ => None,
    }
}

#[inline]
fn keys(state: RandomState) -> Option<Keys> {
    if size_of::<RandomState>() != size_of::<Keys>() || align_of::<RandomState>() != align_of::<Keys>() {
        return None;
    }
    // SAFETY: it has the size and the alignment of two `u64`, of which it has been made in all versions of the standard library so
    // far, so that no byte of it is padding; the first test below fails with one where it is made of something else.
    Some(unsafe { std::ptr::from_ref(&state).cast::<Keys>().read() })
}

#[cfg(test)]
mod tests {
    use super::{Hashers, between};
    use std::collections::HashSet;
    use std::hash::{BuildHasher, RandomState};

    #[test]
    fn as_many_are_counted_as_are_made() {
        for made in [0, 1, 7, 1_000] {
            let before = Hashers::now();
            for _ in 0..made {
                drop(HashSet::<u8>::new());
            }
            assert_eq!(before.since(), made);
        }
    }

    /// The safe twin: what is skipped is made, one by one, and no key comes twice.
    #[test]
    fn what_is_skipped_is_what_would_have_been_made() {
        let hash = || RandomState::new().hash_one("key");
        let before = Hashers::now();
        let made: HashSet<u64> = (0..50).map(|_| hash()).collect();
        Hashers::skip(50);
        assert!(!made.contains(&hash()) && made.len() == 50);
        // The set has one itself.
        assert_eq!(before.since(), 50 + 50 + 1 + 1);
    }

    #[test]
    fn what_looks_otherwise_is_not_counted() {
        assert_eq!(between([1, 2], [1, 2]), None);
        assert_eq!(between([1, 2], [3, 4]), None);
        assert_eq!(between([u64::MAX, 2], [1, 2]), Some(1));
        assert_eq!(between([1, 2], [0, 2]), None);
    }
}
