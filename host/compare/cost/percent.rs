//! A change in percent.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A change in percent, in steps of 0.01 %. What lies between two steps is rounded away from zero, so that no change is shown as none,
/// and none as less than it is.
///
/// In JSON it is a number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(
    /// In hundredths of a percent.
    i64,
);

/// 10,000,000 %. A larger change, and one from nothing to something, count as this one.
const MAX: i64 = 1_000_000_000;

/// Changes below this are counted in steps of 0.01 %, larger ones by their first three digits.
const EXACT: u64 = 1_000;

impl Percent {
    /// Returns the change from one number to another.
    pub fn of(before: u64, after: u64) -> Self {
        let (increase, before) = (i128::from(after) - i128::from(before), i128::from(before));
        let size = match before {
            0 if increase == 0 => 0,
            0 => i128::from(MAX),
            _ => (increase.abs() * 10_000 + before - 1) / before,
        };
        let size = i64::try_from(size).unwrap_or(MAX).min(MAX);
        Self(if increase < 0 { -size } else { size })
    }

    /// Returns the change by its first three digits, so that few different ones are left: 8,301 at most.
    pub(crate) fn rounded(self) -> Self {
        let size = self.0.unsigned_abs();
        let mut step = 1;
        while size / step >= EXACT {
            step *= 10;
        }
        let size = (size.div_ceil(step) * step) as i64;
        Self(if self.0 < 0 { -size } else { size })
    }

    /// Returns the change in hundredths of a percent.
    pub fn hundredths(self) -> i64 {
        self.0
    }

    /// A change of so many hundredths of a percent.
    pub(crate) fn of_hundredths(hundredths: i64) -> Self {
        Self(hundredths.clamp(-MAX, MAX))
    }
}

impl fmt::Display for Percent {
    /// `+5.31%`, `-0.2%`, `0%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.unsigned_abs();
        let sign = match self.0 {
            0 => "",
            1.. => "+",
            _ => "-",
        };
        let text = match size % 100 {
            0 => format!("{sign}{}%", size / 100),
            part if part % 10 == 0 => format!("{sign}{}.{}%", size / 100, part / 10),
            part => format!("{sign}{}.{part:02}%", size / 100),
        };
        f.pad(&text)
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Fewer than 53 bits: exact to the hundredth.
        (self.0 as f64 / 100.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let percent = f64::deserialize(deserializer)?;
        Ok(Self::of_hundredths((percent * 100.0).round() as i64))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_change_is_shown_as_none_or_as_less_than_it_is() {
        for (before, after, text) in [
            (100, 100, "0%"),
            (0, 0, "0%"),
            (1_000_000_000, 1_000_000_001, "+0.01%"),
            (1_000_000_000, 999_999_999, "-0.01%"),
            (100_000, 105_001, "+5.01%"),
            (100_000, 105_000, "+5%"),
            (1_000, 1_125, "+12.5%"),
            (100, 0, "-100%"),
            (0, 1, "+10000000%"),
            (1, u64::MAX, "+10000000%"),
            (u64::MAX, 0, "-100%"),
        ] {
            let percent = Percent::of(before, after);
            assert_eq!(percent.to_string(), text, "{before} {after}");
            let json = serde_json::to_string(&percent).unwrap();
            assert_eq!(serde_json::from_str::<Percent>(&json).unwrap(), percent);
        }
    }

    #[test]
    fn rounded_changes_are_few_and_keep_three_digits() {
        for (hundredths, expected) in
            [(999, 999), (-7, -7), (1_000, 1_000), (1_001, 1_010), (-99_910, -100_000)]
        {
            assert_eq!(Percent(hundredths).rounded(), Percent(expected), "{hundredths}");
        }
        let sizes = (0..=9).flat_map(|power| (0..=2_000).map(move |size| size * 10_i64.pow(power)));
        let increases = sizes.clone().filter(|size| *size <= MAX);
        let decreases = sizes.filter(|size| *size <= 10_000).map(|size| -size);
        let all: BTreeSet<Percent> = increases.chain(decreases).map(|it| Percent(it).rounded()).collect();
        assert_eq!(all.len(), 8_301);
        assert!(all.iter().all(|it| it.rounded() == *it && it.0 <= MAX));
    }
}
