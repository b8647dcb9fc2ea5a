//! Hashing of keys: fast, because every argument of every input goes through it, and seeded at random, because
//! recordings come from anywhere. Nothing but speed depends on it: what hashes alike is still compared.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Makes hashers of one random seed.
#[derive(Debug, Clone)]
pub(crate) struct Keyed([u64; 2]);

/// The hash of what was written so far.
pub(crate) struct Folding {
    state: u64,
    seed: u64,
}

impl Default for Keyed {
    fn default() -> Self {
        let random = RandomState::new();
        Self([random.hash_one(0), random.hash_one(1)])
    }
}

impl BuildHasher for Keyed {
    type Hasher = Folding;

    fn build_hasher(&self) -> Folding {
        Folding { state: self.0[0], seed: self.0[1] }
    }
}

/// Multiplies to twice the width and folds the halves, so that every bit of all three counts. The state goes in
/// once more, so that a product of zero does not forget it.
fn fold(state: u64, seed: u64, first: u64, second: u64) -> u64 {
    let product = u128::from(first ^ state) * u128::from(second ^ seed);
    (product as u64) ^ ((product >> 64) as u64) ^ state.rotate_left(29)
}

impl Folding {
    fn fold(&mut self, first: u64, second: u64) {
        self.state = fold(self.state, self.seed, first, second);
    }
}

impl Hasher for Folding {
    fn write(&mut self, bytes: &[u8]) {
        let halves = |chunk: &[u8; 16]| {
            let pair = u128::from_le_bytes(*chunk);
            (pair as u64, (pair >> 64) as u64)
        };
        let (chunks, rest) = bytes.as_chunks::<16>();
        let (rows, chunks) = chunks.as_chunks::<4>();
        if !rows.is_empty() {
            // Four at a time, because none has to wait for the others.
            let mut lanes = [1, 3, 5, 7].map(|lane| self.state.wrapping_mul(lane));
            for row in rows {
                for (lane, chunk) in lanes.iter_mut().zip(row) {
                    let (first, second) = halves(chunk);
                    *lane = fold(*lane, self.seed, first, second);
                }
            }
            self.fold(lanes[0], lanes[1]);
            self.fold(lanes[2], lanes[3]);
        }
        for chunk in chunks {
            let (first, second) = halves(chunk);
            self.fold(first, second);
        }
        let mut last = [0; 16];
        if let Some(last) = last.get_mut(..rest.len()) {
            last.copy_from_slice(rest);
        }
        let (first, second) = halves(&last);
        // With the length, so that the zeros that fill it up are no text.
        self.state = fold(self.state, self.seed.wrapping_add(bytes.len() as u64), first, second);
    }

    fn write_u8(&mut self, byte: u8) {
        self.write_u64(byte.into());
    }

    fn write_u64(&mut self, number: u64) {
        self.fold(number, 0);
    }

    fn write_i128(&mut self, number: i128) {
        self.fold(number as u64, (number >> 64) as u64);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        let product = u128::from(self.state) * u128::from(self.seed | 1);
        (product as u64) ^ ((product >> 64) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn texts_that_are_nearly_alike_have_other_hashes() {
        let keyed = Keyed::default();
        let text = |length: usize| vec![b'x'; length];
        let mut texts: Vec<Vec<u8>> = (0..100).map(text).collect();
        for length in [1, 7, 8, 9, 15, 16, 17, 33, 63, 64, 65, 1_000] {
            texts.extend((0..length).map(|at| {
                let mut text = text(length);
                text[at] = 0;
                text
            }));
        }
        let hashes: HashSet<u64> = texts.iter().map(|text| keyed.hash_one(text)).collect();
        assert_eq!(hashes.len(), texts.len());
        // The table takes a hash's low bits for the place and its high ones for the tag.
        let low: HashSet<u64> = hashes.iter().map(|hash| hash & 0xfff).collect();
        let high: HashSet<u64> = hashes.iter().map(|hash| hash >> 52).collect();
        assert!(low.len() > texts.len() / 2 && high.len() > texts.len() / 2, "{} {}", low.len(), high.len());
    }

    #[test]
    fn numbers_in_a_row_spread() {
        let keyed = Keyed::default();
        let low: HashSet<u64> = (0..4_096_i128).map(|number| keyed.hash_one(number) & 0xfff).collect();
        assert!(low.len() > 2_000, "{}", low.len());
    }

    #[test]
    fn every_hasher_has_its_own_seed() {
        assert_ne!(Keyed::default().hash_one("apple"), Keyed::default().hash_one("apple"));
    }
}
