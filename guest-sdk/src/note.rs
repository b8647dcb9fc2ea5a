//! What the SDK keeps with a recorded call for itself: the number of hashers that the body made, so that a replay, which skips
//! the body, skips as many. The host stores it and returns it, and does not know what it means.

/// Nothing is kept.
pub(crate) const NONE: u64 = 0;

/// The most hashers that a replay skips for one call: a recording may say anything.
const MAX_HASHERS: u64 = 100_000_000;

/// Encodes the number of hashers that a body made.
pub(crate) fn of(hashers: u32) -> u64 {
    hashers.into()
}

/// The number of hashers in a note.
pub(crate) fn read(note: u64) -> u32 {
    note.min(MAX_HASHERS) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written_up_to_a_limit() {
        for hashers in [0, 1, 70_000, 100_000_000] {
            assert_eq!(read(of(hashers)), hashers);
        }
        assert_eq!(of(0), NONE, "it takes no room");
        assert_eq!(read(u64::MAX), 100_000_000);
    }
}
