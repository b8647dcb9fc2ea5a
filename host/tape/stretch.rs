//! The stretches of an operation: what lies between two things that it has from the world. Random numbers begin anew with each,
//! so that code that changed in one draws what was recorded in the next. Clock readings do the same; for
//! them, an arrival begins a stretch too.

use super::fnv::Fnv;
use std::collections::HashMap;

/// The number of a stretch that a name begins is from here on: no recording has so many events.
const NAMED: u64 = 1 << 61;

/// The same of a body that was not recorded.
const UNRECORDED: u64 = 1 << 60;

/// Where an operation is.
#[derive(Debug, Default)]
pub(super) struct Stretches {
    here: u64,
    /// The same for the readings of clocks.
    clock_epoch: u64,
    /// Within the body that is at work.
    body: Option<u64>,
    /// How often a name began one, by its hash.
    named: HashMap<u64, u64>,
}

impl Stretches {
    /// The number of the stretch: 0 at first, even but within a body.
    pub(super) fn here(&self) -> u64 {
        self.body.unwrap_or(self.here)
    }

    /// Returns the epoch of a clock reading that is made now.
    pub(super) fn clock_epoch(&self) -> u64 {
        self.clock_epoch
    }

    /// What follows comes after the call that is recorded as this event.
    pub(super) fn begin_after(&mut self, event: usize) {
        self.here = after(event);
        self.clock_epoch = self.here;
    }

    /// What follows comes after the arrival that is recorded as this event. Random numbers go on.
    pub(super) fn begin_after_arrival(&mut self, event: usize) {
        self.clock_epoch = after(event);
    }

    /// The body of the call that is recorded as this event is at work.
    pub(super) fn enter(&mut self, event: usize) {
        self.body = Some(2 * event as u64 + 1);
    }

    /// Something is at work that was not recorded, or is not on a replay: no other such thing has this number.
    pub(super) fn enter_unrecorded(&mut self, number: u64) {
        self.body = Some(UNRECORDED + 2 * number + 1);
    }

    /// No body is at work.
    pub(super) fn leave(&mut self) {
        self.body = None;
    }

    pub(super) fn is_in_body(&self) -> bool {
        self.body.is_some()
    }

    /// What follows comes after something of this name, whatever it is: the n-th of the name begins the same stretch on each run.
    pub(super) fn begin_named(&mut self, name: &str) {
        if self.is_in_body() {
            return;
        }
        let mut hash = Fnv::default();
        hash.note(name.as_bytes());
        let ordinal = self.named.entry(hash.value()).or_default();
        *ordinal += 1;
        hash.note(&ordinal.to_le_bytes());
        self.here = NAMED | (hash.value() >> 4 & !1);
        self.clock_epoch = self.here;
    }
}

/// Returns the number of the stretch that follows this event.
fn after(event: usize) -> u64 {
    2 * (event as u64 + 1)
}

/// Shifts the position of the event that a stretch follows. A stretch that follows no event keeps its number.
pub(super) fn shift(stretch: &mut u64, shift: impl Fn(&mut u64)) {
    if (1..UNRECORDED).contains(stretch) {
        let mut event = *stretch / 2 - 1;
        shift(&mut event);
        *stretch = 2 * (event + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::Stretches;

    fn named(names: &[&str]) -> Vec<u64> {
        let mut stretches = Stretches::default();
        let begin = |name: &&str| {
            stretches.begin_named(name);
            stretches.here()
        };
        names.iter().map(begin).collect()
    }

    #[test]
    fn the_nth_of_a_name_begins_the_same_stretch_whatever_comes_before_it() {
        let stretches = named(&["a", "b", "a"]);
        let (a, b, again) = (stretches[0], stretches[1], stretches[2]);
        assert!(a != b && a != again && b != again);
        assert_eq!(named(&["new", "b", "a", "a"])[1..], [b, a, again]);
        assert!(a << 2 >> 2 == a, "it leaves room for the kinds of numbers");
    }
}
