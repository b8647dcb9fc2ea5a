//! Recordings of operations that a service does not have: they are of another service in the same cassette.

use super::exit::Stop;
use super::printable::one_line;
use super::units::count;
use std::collections::BTreeMap;

/// That all recordings are of other services. `left_out` has how many there are of each operation.
pub(crate) fn nothing(location: &str, service: &str, left_out: &BTreeMap<String, usize>) -> Stop {
    let all = count(left_out.values().sum::<usize>(), "recording");
    let operations = listed(left_out);
    Stop::Nothing(format!(
        "`{service}` has no operation that was recorded in `{location}`: {all} left out, {operations}"
    ))
}

/// The line of a summary that says which recordings were left out.
pub(crate) fn line(service: &str, left_out: &BTreeMap<String, usize>) -> String {
    format!("left out, as `{service}` has no such operation: {}", listed(left_out))
}

/// Operations and how many recordings of each: `` 2 of `quote`, 1 of `refund` ``.
fn listed(left_out: &BTreeMap<String, usize>) -> String {
    const SHOWN: usize = 5;
    let operations = left_out.iter().take(SHOWN);
    let operations: Vec<String> =
        operations.map(|(name, count)| format!("{count} of `{}`", one_line(name))).collect();
    let more = left_out.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and of {more} other operations") } else { String::new() };
    format!("{}{more}", operations.join(", "))
}
