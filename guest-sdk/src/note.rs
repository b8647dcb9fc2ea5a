//! What the SDK keeps with a recorded call for itself: the number of hashers that the body made, so that a replay, which skips
//! the body, skips as many. The host stores it and returns it, and does not read it.

use crate::value;

/// The most hashers that a replay skips for one call: a recording may say anything.
const MAX_HASHERS: u64 = 100_000_000;

/// The note of a body that made so many hashers; `None` if it made none.
pub(crate) fn of(hashers: u32) -> Option<Vec<u8>> {
    (hashers > 0).then(|| {
        let mut note = Vec::with_capacity(size_of::<u8>() + size_of::<u32>());
        value::write_unsigned(hashers.into(), &mut note);
        note
    })
}

/// The number of hashers in a note. A note that this version of the SDK does not write counts as none.
pub(crate) fn read(note: Option<&[u8]>) -> u32 {
    let hashers = note.and_then(value::read_unsigned).unwrap_or_default();
    hashers.min(MAX_HASHERS) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written() {
        for hashers in [0, 1, 23, 24, 255, 256, 70_000, 100_000_000] {
            assert_eq!(read(of(hashers).as_deref()), hashers);
        }
        assert_eq!(of(0), None, "it takes no room");
        // Older builds of the host kept the number itself, which is these bytes.
        assert_eq!(of(300), Some(vec![0x19, 0x01, 0x2c]));
    }

    #[test]
    fn a_note_that_nobody_writes_skips_nothing_or_a_bounded_number() {
        assert_eq!(read(of(u32::MAX).as_deref()), 100_000_000);
        assert_eq!(read(Some(&[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])), 100_000_000);
        for note in [&b""[..], b"\x63set", b"\x20", b"\x19\x01", b"\x01\x01", b"\xff"] {
            assert_eq!(read(Some(note)), 0, "{note:x?}");
        }
    }
}
