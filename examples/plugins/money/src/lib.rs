//! Compares results in which amounts of money may differ by a cent: numbers in fields whose names end with `cents`.

use playback_guest::plugin::{Comparison, Exhibit, Outcome};
use serde_json::Value;

/// The largest difference between two amounts that is no difference, in cents.
const TOLERANCE: i64 = 1;

playback_guest::comparator!(compare);

fn compare(exhibit: Exhibit) -> Result<Comparison, String> {
    let (Outcome::Returned(recorded), Outcome::Returned(replayed)) = (&exhibit.recorded, &exhibit.replayed)
    else {
        return Ok(match exhibit.recorded == exhibit.replayed {
            true => Comparison::equal(),
            false => Comparison::different("the operation ended in another way"),
        });
    };
    let mut comparison = Comparison::equal();
    differences("", recorded, replayed, &mut comparison);
    Ok(match comparison.differences.is_empty() {
        true => comparison,
        false => Comparison { differences: comparison.differences, ..Comparison::different("other amounts") },
    })
}

/// Adds each place at which two values differ by more than rounding.
fn differences(path: &str, recorded: &Value, replayed: &Value, found: &mut Comparison) {
    match (recorded, replayed) {
        (Value::Object(recorded), Value::Object(replayed)) if recorded.keys().eq(replayed.keys()) => {
            for (name, value) in recorded {
                differences(&format!("{path}/{name}"), value, &replayed[name], found);
            }
        }
        (Value::Array(recorded), Value::Array(replayed)) if recorded.len() == replayed.len() => {
            for (index, (recorded, replayed)) in recorded.iter().zip(replayed).enumerate() {
                differences(&format!("{path}/{index}"), recorded, replayed, found);
            }
        }
        _ if recorded == replayed || (path.ends_with("cents") && is_rounding(recorded, replayed)) => {}
        _ => *found = found.clone().with(path, Some(recorded.clone()), Some(replayed.clone())),
    }
}

fn is_rounding(recorded: &Value, replayed: &Value) -> bool {
    let amounts = recorded.as_i64().zip(replayed.as_i64());
    amounts.is_some_and(|(recorded, replayed)| recorded.abs_diff(replayed) <= TOLERANCE.unsigned_abs())
}
