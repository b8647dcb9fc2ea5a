//! The epochs of an operation. A new epoch begins whenever the operation gets something from outside: the result of a call, a
//! response, an open file. Random numbers start again with each epoch, so that code that changed in one epoch draws the
//! recorded numbers in the next. The same holds for clock readings; for them, an arrival begins an epoch too.

use crate::fnv::Fnv;
use std::collections::HashMap;

/// Epochs that a name begins have numbers from here on: no recording has so many events.
const NAMED: u64 = 1 << 61;

/// The same for bodies that are not recorded.
const UNRECORDED: u64 = 1 << 60;

/// The epochs of one operation, and the one that it is in.
#[derive(Debug, Default)]
pub struct Epochs {
    current: u64,
    /// The same for the readings of clocks.
    clock: u64,
    /// The epoch of the body that is running.
    body: Option<u64>,
    /// How often a name began an epoch, by its hash.
    named: HashMap<u64, u64>,
}

impl Epochs {
    /// The current epoch: 0 at first, another even number after each recorded call and each [name](Self::begin_named), and an
    /// odd one within the body of a call. While a replay does what was recorded, it is in the epoch that the recording was
    /// in, whatever it does between; a call that has no recorded counterpart begins none.
    pub fn current(&self) -> u64 {
        self.body.unwrap_or(self.current)
    }

    /// The epoch of a clock reading that is made now.
    pub(crate) fn of_clock(&self) -> u64 {
        self.clock
    }

    /// Begins the epoch after the call that is recorded as this event.
    pub(crate) fn begin_after(&mut self, event: usize) {
        self.current = after(event);
        self.clock = self.current;
    }

    /// Begins the epoch after the arrival that is recorded as this event, for clocks only.
    pub(crate) fn begin_after_arrival(&mut self, event: usize) {
        self.clock = after(event);
    }

    /// Begins an epoch: the service got something of this name, a response or an open file. The n-th of a name begins the same
    /// epoch on each run.
    pub fn begin_named(&mut self, name: &str) {
        if self.is_in_body() {
            return;
        }
        let mut hash = Fnv::default();
        hash.note(name.as_bytes());
        let ordinal = self.named.entry(hash.value()).or_default();
        *ordinal += 1;
        hash.note(&ordinal.to_le_bytes());
        self.current = NAMED | (hash.value() >> 4 & !1);
        self.clock = self.current;
    }

    /// Enters the body of the call that is recorded as this event. Until [`leave`](Self::leave) nothing goes on the tape.
    pub(crate) fn enter(&mut self, event: usize) {
        self.body = Some(2 * event as u64 + 1);
    }

    /// Enters a body that is not recorded, or that a replay does not run. The caller numbers such bodies.
    pub fn enter_unrecorded(&mut self, number: u64) {
        self.body = Some(UNRECORDED + 2 * number + 1);
    }

    /// Leaves the body.
    pub fn leave(&mut self) {
        self.body = None;
    }

    /// Whether a body is running.
    pub fn is_in_body(&self) -> bool {
        self.body.is_some()
    }
}

/// The number of the epoch that follows this event.
fn after(event: usize) -> u64 {
    2 * (event as u64 + 1)
}

/// Moves the position of the event that an epoch follows. An epoch that follows no event keeps its number.
pub(crate) fn shift(epoch: &mut u64, shift: impl Fn(&mut u64)) {
    if (1..UNRECORDED).contains(epoch) {
        let mut event = *epoch / 2 - 1;
        shift(&mut event);
        *epoch = 2 * (event + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::Epochs;

    fn named(names: &[&str]) -> Vec<u64> {
        let mut epochs = Epochs::default();
        let begin = |name: &&str| {
            epochs.begin_named(name);
            epochs.current()
        };
        names.iter().map(begin).collect()
    }

    #[test]
    fn the_nth_of_a_name_begins_the_same_epoch_whatever_comes_before_it() {
        let epochs = named(&["a", "b", "a"]);
        let (a, b, again) = (epochs[0], epochs[1], epochs[2]);
        assert!(a != b && a != again && b != again);
        assert_eq!(named(&["new", "b", "a", "a"])[1..], [b, a, again]);
        assert!(a << 2 >> 2 == a, "it leaves room for the kinds of numbers");
    }
}
