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

#[cfg(test)]
mod tests {
    use super::Hex;

    #[test]
    fn each_byte_is_two_digits() {
        assert_eq!(Hex(&[0, 0x1f, 0xff]).to_string(), "001fff");
        assert_eq!(Hex(&[]).to_string(), "");
    }
}
