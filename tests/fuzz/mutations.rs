//! Bytes with random changes, the same ones for the same seed.

/// Bytes that stand at borders of formats and of numbers.
const BORDERS: [u8; 12] = [0, 1, 0x17, 0x18, 0x1b, 0x20, 0x5f, 0x7f, 0x80, 0x9b, 0xbb, 0xff];

/// The most bytes that one change adds.
const MAX_ADDED: usize = 64;

/// Calls `target` with each sample, then with `rounds` changed ones.
pub(crate) fn run(samples: &[Vec<u8>], rounds: u32, target: fn(&[u8])) {
    samples.iter().for_each(|sample| target(sample));
    let mut random = Random(1);
    for _ in 0..rounds {
        let mut bytes = samples[random.below(samples.len())].clone();
        for _ in 0..=random.below(6) {
            change(&mut bytes, samples, &mut random);
        }
        target(&bytes);
    }
}

fn change(bytes: &mut Vec<u8>, samples: &[Vec<u8>], random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    let length = random.below(MAX_ADDED).min(bytes.len() - at);
    match random.below(7) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..at + length)),
        2 => bytes.insert(at, BORDERS[random.below(BORDERS.len())]),
        3 => bytes.extend_from_within(at..at + length),
        4 => {
            let other = &samples[random.below(samples.len())];
            let from = random.below(other.len() + 1);
            let part = &other[from..other.len().min(from + MAX_ADDED)];
            drop(bytes.splice(at..at + length, part.iter().copied()));
        }
        kind => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = match kind {
                    5 => *byte ^ (1 << random.below(8)),
                    _ => BORDERS[random.below(BORDERS.len())],
                };
            }
        }
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    /// A number below `limit`, which is not 0.
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}
