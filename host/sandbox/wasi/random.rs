//! Random numbers, from the seed that is on the tape: a replay draws what was drawn when it was recorded.
//!
//! Each kind has numbers of its own, and so has each [epoch](playback_tape::Epochs) of the operation: changed code that draws
//! one number more, or one less, gets the recorded ones again after the next recorded call, request or opened file. Hash maps
//! are seeded with one constant of the recording.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use playback_tape::Tape;
use std::collections::BTreeMap;
use wasmtime::component::{HasData, Linker};
use wasmtime::{Result, bail};
use wasmtime_wasi::p2::bindings::random::{insecure, insecure_seed, random};

/// The most bytes that can be drawn at once, as in wasmtime-wasi.
const MOST: u64 = 64 << 20;

/// Puts random numbers behind the tape.
pub(crate) fn link<T: Send>(linker: &mut Linker<T>, view: fn(&mut T) -> RandomView<'_>) -> Result<()> {
    random::add_to_linker::<T, Taped>(linker, view)?;
    insecure::add_to_linker::<T, Taped>(linker, view)?;
    insecure_seed::add_to_linker::<T, Taped>(linker, view)
}

/// The random numbers of one operation.
pub(crate) struct Random {
    seed: [u8; 32],
    /// Of the epoch that the operation is in.
    here: [Option<Numbers>; 2],
    /// Of the bodies that are at work, or wait, by their epoch.
    bodies: BTreeMap<u64, [Option<Numbers>; 2]>,
}

/// The numbers of one kind in one epoch of the operation.
struct Numbers {
    epoch: u64,
    generator: ChaCha20Rng,
}

/// Which numbers of one seed are for whom.
#[derive(Clone, Copy)]
enum Kind {
    Secure = 0,
    Insecure = 1,
}

/// What is left of the streams of one seed for hash maps.
const HASH_MAPS: u64 = 2;

impl Random {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self { seed, here: [None, None], bodies: BTreeMap::new() }
    }

    /// The body of this epoch has ended.
    pub(crate) fn leave(&mut self, epoch: u64) {
        self.bodies.remove(&epoch);
    }

    fn generator(&mut self, kind: Kind, epoch: u64) -> &mut ChaCha20Rng {
        let kinds = match epoch % 2 {
            0 => &mut self.here,
            _ => self.bodies.entry(epoch).or_default(),
        };
        let numbers = &mut kinds[kind as usize];
        numbers.take_if(|numbers| numbers.epoch != epoch);
        let begin = || Numbers { epoch, generator: generator(self.seed, kind, epoch) };
        &mut numbers.get_or_insert_with(begin).generator
    }
}

/// What an epoch draws. No two have a stream in common: a recording has fewer than 2^62 of them.
fn generator(seed: [u8; 32], kind: Kind, epoch: u64) -> ChaCha20Rng {
    stream(seed, epoch << 2 | kind as u64)
}

fn stream(seed: [u8; 32], number: u64) -> ChaCha20Rng {
    let mut generator = ChaCha20Rng::from_seed(seed);
    generator.set_stream(number);
    generator
}

struct Taped;

impl HasData for Taped {
    type Data<'a> = RandomView<'a>;
}

/// What random numbers need of their host.
pub(crate) struct RandomView<'a> {
    pub(crate) tape: &'a Tape,
    pub(crate) random: &'a mut Random,
}

impl RandomView<'_> {
    fn bytes(&mut self, kind: Kind, length: u64) -> Result<Vec<u8>> {
        if length > MOST {
            bail!("the service asked for {length} random bytes at once, and the limit is {MOST}");
        }
        let mut bytes = vec![0; usize::try_from(length)?];
        self.random.generator(kind, self.tape.epochs().current()).fill_bytes(&mut bytes);
        Ok(bytes)
    }

    fn number(&mut self, kind: Kind) -> u64 {
        self.random.generator(kind, self.tape.epochs().current()).next_u64()
    }
}

impl random::Host for RandomView<'_> {
    fn get_random_bytes(&mut self, length: u64) -> Result<Vec<u8>> {
        self.bytes(Kind::Secure, length)
    }

    fn get_random_u64(&mut self) -> Result<u64> {
        Ok(self.number(Kind::Secure))
    }
}

impl insecure::Host for RandomView<'_> {
    fn get_insecure_random_bytes(&mut self, length: u64) -> Result<Vec<u8>> {
        self.bytes(Kind::Insecure, length)
    }

    fn get_insecure_random_u64(&mut self) -> Result<u64> {
        Ok(self.number(Kind::Insecure))
    }
}

impl insecure_seed::Host for RandomView<'_> {
    fn insecure_seed(&mut self) -> Result<(u64, u64)> {
        let mut generator = stream(self.random.seed, HASH_MAPS);
        Ok((generator.next_u64(), generator.next_u64()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_numbers_that_it_gave_older_builds() {
        let mut generator = stream([7; 32], 5);
        let mut bytes = [0; 5];
        generator.fill_bytes(&mut bytes);
        assert_eq!((bytes, generator.next_u64()), ([17, 82, 198, 143, 47], 12289403218737527754));
    }
}
