//! Floats without loss: between the two widths with every bit kept or not at all, and as the texts that stand
//! in JSON for what a JSON number cannot be.

use super::hex;

/// The `f32` as `f64`: the same number, and for a NaN the same sign and payload.
pub(super) fn widen(float: f32) -> f64 {
    if !float.is_nan() {
        return f64::from(float);
    }
    // A cast may change the bits of a NaN; which way is up to the processor.
    let bits = u64::from(float.to_bits());
    f64::from_bits((bits >> 31) << 63 | 0x7ff << 52 | (bits & 0x7f_ffff) << 29)
}

/// The `f64` as the one `f32` that is the same number, or the same NaN.
pub(super) fn narrow(float: f64) -> Option<f32> {
    let narrow = match float.is_nan() {
        false => float as f32,
        true => {
            let bits = float.to_bits();
            f32::from_bits(((bits >> 63) as u32) << 31 | 0xff << 23 | (bits >> 29) as u32 & 0x7f_ffff)
        }
    };
    (widen(narrow).to_bits() == float.to_bits()).then_some(narrow)
}

/// The `f32` that is nearest to a finite `f64`; none where it is too large for any.
pub(super) fn nearest(float: f64) -> Option<f32> {
    let nearest = float as f32;
    (float.is_finite() && nearest.is_finite()).then_some(nearest)
}

/// Whether `float` stands for the number `written` as people mean it: one that rounds below its digits, such as 0.1, does; one
/// that becomes another whole number, or nothing, does not.
pub fn stands_for(float: f32, written: f64) -> bool {
    let is_nothing = float == 0.0 && written != 0.0;
    let reads_alike = shortest(float).to_bits() == written.to_bits();
    !is_nothing && (reads_alike || (f64::from(float) - written).abs() < 0.5)
}

/// The `f64` that a JSON number needs to read like this finite `f32`: `0.1`, not `0.10000000149011612`.
pub(super) fn shortest(float: f32) -> f64 {
    match float.to_string().parse() {
        Ok(short) if (short as f32).to_bits() == float.to_bits() => short,
        _ => f64::from(float),
    }
}

/// What stands for an `f32` that is not finite.
pub(super) fn special_f32(float: f32) -> String {
    match float.to_bits() {
        0x7f80_0000 => "Infinity".to_owned(),
        0xff80_0000 => "-Infinity".to_owned(),
        0x7fc0_0000 => "NaN".to_owned(),
        bits => format!("NaN:{bits:08x}"),
    }
}

/// What stands for an `f64` that is not finite.
pub(super) fn special_f64(float: f64) -> String {
    match float.to_bits() {
        0x7ff0_0000_0000_0000 => "Infinity".to_owned(),
        0xfff0_0000_0000_0000 => "-Infinity".to_owned(),
        0x7ff8_0000_0000_0000 => "NaN".to_owned(),
        bits => format!("NaN:{bits:016x}"),
    }
}

/// Reads what [`special_f32`] writes.
pub(super) fn parse_special_f32(text: &str) -> Option<f32> {
    match text {
        "Infinity" => Some(f32::INFINITY),
        "-Infinity" => Some(f32::NEG_INFINITY),
        "NaN" => Some(f32::from_bits(0x7fc0_0000)),
        _ => {
            let bits = u32::from_be_bytes(nan_bits(text)?);
            Some(f32::from_bits(bits)).filter(|float| float.is_nan())
        }
    }
}

/// Reads what [`special_f64`] writes.
pub(super) fn parse_special_f64(text: &str) -> Option<f64> {
    match text {
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::from_bits(0x7ff8_0000_0000_0000)),
        _ => {
            let bits = u64::from_be_bytes(nan_bits(text)?);
            Some(f64::from_bits(bits)).filter(|float| float.is_nan())
        }
    }
}

fn nan_bits<const N: usize>(text: &str) -> Option<[u8; N]> {
    hex::parse(text.strip_prefix("NaN:")?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_nan_keeps_its_payload_over_the_widths() {
        for bits in [0x7fc0_0000, 0xffc0_0001, 0x7f80_0001, 0x7fbf_ffff_u32] {
            let wide = widen(f32::from_bits(bits));
            assert!(wide.is_nan());
            assert_eq!(narrow(wide).map(f32::to_bits), Some(bits));
        }
        assert_eq!(narrow(f64::from_bits(0x7ff8_0000_0000_0001)), None, "its payload needs 64 bits");
        assert_eq!(narrow(f64::from_bits(0x7ff0_0000_0000_0001)), None, "it would become an infinity");
    }

    #[test]
    fn only_what_is_the_same_number_is_narrowed() {
        assert_eq!(narrow(0.5), Some(0.5));
        assert_eq!(narrow(-0.0).map(f32::to_bits), Some(0x8000_0000));
        assert_eq!(narrow(f64::INFINITY), Some(f32::INFINITY));
        assert_eq!(narrow(0.1), None);
        assert_eq!(narrow(1e300), None);
        assert_eq!(nearest(0.1), Some(0.1));
        assert_eq!(nearest(1e300), None);
    }

    #[test]
    fn a_number_that_changes_visibly_is_told_from_one_that_rounds() {
        for written in [0.0, 0.1, 1.234_567_890_123_4, 16_777_216.0, 1e30, 3.402_823_5e38, -2.5, 1e-40] {
            assert!(stands_for(written as f32, written), "{written}");
        }
        for written in [16_777_217.0, 16_777_217.5, 123_456_789.0, -16_777_217.0, 1e-46] {
            assert!(!stands_for(written as f32, written), "{written}");
        }
    }

    #[test]
    fn texts_for_what_is_not_finite_read_back() {
        for bits in [0x7fc0_0000, 0xffc0_0000, 0x7f80_0001, 0x7f80_0000, 0xff80_0000_u32] {
            let text = special_f32(f32::from_bits(bits));
            assert_eq!(parse_special_f32(&text).unwrap().to_bits(), bits, "{text}");
        }
        for text in ["NaN:7f800000", "NaN:+7fc0000", "NaN:7fc00001f", "NaN:7FC00001", "nan", "NaN:", "inf"] {
            assert_eq!(parse_special_f32(text), None, "{text}");
        }
        assert_eq!(parse_special_f64("NaN:7fc00001"), None);
        assert_eq!(parse_special_f64("NaN:7ff8000000000001").unwrap().to_bits(), 0x7ff8_0000_0000_0001);
    }
}
