//! Successive readings of one clock. A loop that does nothing but read a clock makes millions of them, so that each after
//! the first takes a byte or two, in memory as on the tape.

use std::iter::FusedIterator;
use std::sync::Arc;

/// Where [`Readings::append`] stops, in bytes: what a list that grows copies is at most that much.
const MAX_APPENDED_BYTES: usize = 64 << 10;

/// One or more successive readings of a clock, in nanoseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readings {
    first: u64,
    more: Option<Arc<Further>>,
}

/// The readings after the first.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Further {
    /// For each: by how much its distance from the reading before differs from the distance before. The first distance
    /// before is 0. A signed number in zigzag, then in LEB128, in as few bytes as it takes.
    changes: Vec<u8>,
    end: Position,
}

/// What the next reading is told from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Position {
    reading: u64,
    distance: u64,
}

impl From<u64> for Readings {
    fn from(first: u64) -> Self {
        Self { first, more: None }
    }
}

impl Readings {
    /// The readings that [`first`](Self::first) and [`changes`](Self::changes) are of. `None` if the bytes are none that
    /// `changes` returns.
    pub(super) fn from_changes(first: u64, changes: Vec<u8>) -> Option<Self> {
        let (mut end, mut rest) = (Position::at(first), changes.as_slice());
        while !rest.is_empty() {
            end = end.next(read(&mut rest)?);
        }
        let more = (!changes.is_empty()).then(|| Arc::new(Further { changes, end }));
        Some(Self { first, more })
    }

    /// Adds a reading, and returns the memory that it takes, in bytes. `None`: it is not added, as this has enough of
    /// them or is shared.
    pub fn append(&mut self, reading: u64) -> Option<usize> {
        let (further, new) = match &mut self.more {
            Some(further) => (further, 0),
            None => {
                let further = Further { changes: Vec::new(), end: Position::at(self.first) };
                (self.more.insert(Arc::new(further)), size_of::<Further>())
            }
        };
        let Further { changes, end } = Arc::get_mut(further)?;
        let before = changes.len();
        if before >= MAX_APPENDED_BYTES {
            return None;
        }
        let distance = reading.wrapping_sub(end.reading);
        write(distance.wrapping_sub(end.distance), changes);
        *end = Position { reading, distance };
        Some(new + changes.len() - before)
    }

    /// The first reading.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The last reading.
    pub fn last(&self) -> u64 {
        self.more.as_ref().map_or(self.first, |further| further.end.reading)
    }

    /// Whether there is no reading after the first.
    pub fn is_one(&self) -> bool {
        self.more.is_none()
    }

    /// How many they are.
    pub fn count(&self) -> u64 {
        // Each ends in the one byte that has no successor.
        1 + self.changes().iter().map(|byte| u64::from(byte >> 7 ^ 1)).sum::<u64>()
    }

    /// Each reading, in order.
    pub fn iter(&self) -> IntoIter {
        self.clone().into_iter()
    }

    /// The bytes that stand for the readings after the first.
    pub(super) fn changes(&self) -> &[u8] {
        self.more.as_ref().map_or(&[], |further| &further.changes)
    }

    /// The memory that they hold, in bytes, beyond their own size.
    pub fn weight(&self) -> usize {
        self.more.as_ref().map_or(0, |further| size_of::<Further>() + further.changes.len())
    }
}

impl IntoIterator for Readings {
    type Item = u64;
    type IntoIter = IntoIter;

    fn into_iter(self) -> IntoIter {
        let next = Some(Position::at(self.first));
        IntoIter { next, read: 0, more: self.more }
    }
}

impl IntoIterator for &Readings {
    type Item = u64;
    type IntoIter = IntoIter;

    fn into_iter(self) -> IntoIter {
        self.iter()
    }
}

/// The readings one by one, which takes no more memory than they do.
#[derive(Debug, Clone)]
pub struct IntoIter {
    next: Option<Position>,
    /// How many bytes of `more` were read.
    read: usize,
    more: Option<Arc<Further>>,
}

impl IntoIter {
    /// The next reading, which stays the next.
    pub fn peek(&self) -> Option<u64> {
        self.next.map(|next| next.reading)
    }

    /// The next reading if it is wanted; else it stays the next.
    pub fn next_if(&mut self, is_wanted: impl FnOnce(u64) -> bool) -> Option<u64> {
        if is_wanted(self.peek()?) { self.next() } else { None }
    }
}

impl Iterator for IntoIter {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let this = self.next?;
        let changes = self.more.as_ref().map_or(&[][..], |further| &further.changes);
        let mut rest = changes.get(self.read..).unwrap_or_default();
        self.next = read(&mut rest).map(|change| this.next(change));
        self.read = changes.len() - rest.len();
        Some(this.reading)
    }
}

impl FusedIterator for IntoIter {}

impl Position {
    fn at(reading: u64) -> Self {
        Self { reading, distance: 0 }
    }

    fn next(self, change: u64) -> Self {
        let distance = self.distance.wrapping_add(change);
        Self { reading: self.reading.wrapping_add(distance), distance }
    }
}

/// Writes a change. It is a signed number: small ones of either sign take one byte.
fn write(change: u64, out: &mut Vec<u8>) {
    let mut rest = change << 1 ^ ((change as i64) >> 63) as u64;
    while rest > 0x7f {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// Reads a change off the beginning of `bytes`. `None` if there is none, or it is not as [`write`] writes it.
fn read(bytes: &mut &[u8]) -> Option<u64> {
    let mut zigzag = 0;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.split_off_first()?;
        let bits = u64::from(byte & 0x7f);
        zigzag |= bits << shift;
        if byte < 0x80 {
            let is_shortest = byte > 0 || shift == 0;
            let fits = bits << shift >> shift == bits;
            return (is_shortest && fits).then_some(zigzag >> 1 ^ (zigzag & 1).wrapping_neg());
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn readings(all: &[u64]) -> Readings {
        let mut readings = Readings::from(all[0]);
        all[1..].iter().for_each(|reading| assert!(readings.append(*reading).is_some()));
        readings
    }

    #[test]
    fn a_loop_that_reads_a_clock_takes_a_byte_or_two_a_reading() {
        let mut now = 1_767_225_600_000_000_000;
        let all: Vec<u64> = (0..10_000u64)
            .map(|round| {
                // 50 to 90 ns, and now and then something else runs meanwhile.
                now += 50 + round * 7919 % 41 + if round % 1_000 == 0 { 2_000_000 } else { 0 };
                now
            })
            .collect();
        let readings = readings(&all);
        assert!(readings.weight() < 11_000, "{}", readings.weight());
        assert_eq!(readings.iter().collect::<Vec<_>>(), all);
    }

    #[test]
    fn what_a_reading_adds_is_what_they_weigh_more() {
        let mut readings = Readings::from(5);
        for reading in [5, 6, 1_000_000, 0, u64::MAX, 7] {
            let before = readings.weight();
            assert_eq!(readings.append(reading), Some(readings.weight() - before));
            assert_eq!(readings.last(), reading);
        }
    }

    #[test]
    fn readings_that_are_shared_or_enough_take_no_more() {
        let mut readings = readings(&[1, 2]);
        let other = readings.clone();
        assert_eq!(readings.append(3), None);
        drop(other);
        assert!(readings.append(3).is_some());
        let added = (0..MAX_APPENDED_BYTES as u64 * 2).take_while(|at| readings.append(3 + at).is_some());
        assert!(added.count() >= MAX_APPENDED_BYTES - 10);
        assert!(readings.weight() < MAX_APPENDED_BYTES + 100);
    }

    #[test]
    fn bytes_that_nobody_writes_are_refused() {
        let of = |changes: &[u8]| Readings::from_changes(7, changes.to_vec());
        assert_eq!(of(&[]), Some(7.into()));
        for (changes, why) in [
            (&[0x80][..], "cut off"),
            (&[0x80, 0x00], "longer than it need be"),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], "more than 64 bits"),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x80, 0x01], "more than 64 bits"),
        ] {
            assert_eq!(of(changes), None, "{why}");
        }
    }

    proptest! {
        #[test]
        fn any_readings_come_back_from_their_bytes(all in vec(any::<u64>(), 1..50)) {
            let readings = readings(&all);
            prop_assert_eq!(readings.count(), all.len() as u64);
            let read = Readings::from_changes(readings.first(), readings.changes().to_vec());
            prop_assert_eq!(read.as_ref(), Some(&readings));
            prop_assert_eq!(readings.into_iter().collect::<Vec<_>>(), all);
        }

        #[test]
        fn any_bytes_that_are_taken_are_those_of_the_readings(changes in vec(any::<u8>(), 0..40)) {
            if let Some(read) = Readings::from_changes(1, changes.clone()) {
                let all: Vec<u64> = read.iter().collect();
                let again = readings(&all);
                prop_assert_eq!(again.changes(), changes);
            }
        }
    }
}
