//! Bytes as hexadecimal digits.

use std::fmt;

/// Shows bytes as lower-case hexadecimal digits, two for each.
#[derive(Debug, Clone, Copy)]
pub struct Hex<'b>(pub &'b [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The bytes that lower-case hexadecimal digits are, as [`Hex`] writes them. `None`: other digits, or not so many.
pub(crate) fn parse<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| char::from(byte).to_digit(16).filter(|_| !byte.is_ascii_uppercase());
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else { return None };
    let mut bytes = [0; N];
    if pairs.len() != N {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()?;
    }
    Some(bytes)
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
