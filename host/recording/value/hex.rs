//! Bytes as hexadecimal digits.

use data_encoding::HEXLOWER;
use std::fmt;

/// Shows bytes as lower-case hexadecimal digits, two for each.
#[derive(Debug, Clone, Copy)]
pub struct Hex<'b>(pub &'b [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        HEXLOWER.encode_display(self.0).fmt(f)
    }
}

/// The bytes that lower-case hexadecimal digits are, as [`Hex`] writes them. `None`: other digits, or not so many.
pub(crate) fn parse<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let has_length = digits.len() == HEXLOWER.encode_len(N);
    (has_length && HEXLOWER.decode_mut(digits.as_bytes(), &mut bytes).is_ok()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{Hex, parse};

    #[test]
    fn each_byte_is_two_digits() {
        assert_eq!(Hex(&[0, 0x1f, 0xff]).to_string(), "001fff");
        assert_eq!(Hex(&[]).to_string(), "");
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else_is() {
        assert_eq!(parse("001fff"), Some([0, 0x1f, 0xff]));
        assert_eq!(parse(""), Some([]));
        for digits in ["001FFF", "001ff", "001fff00", "+11fff", "001ffg", "00 fff", "é0001"] {
            assert_eq!(parse::<3>(digits), None, "{digits}");
        }
    }
}
