//! A sampler for `misbehave`: it keeps what ended in an exception and what is small, and fails in two ways.

use playback_guest::plugin::About;

playback_guest::sampler!(rate);

fn rate(about: About, size: u64) -> Result<f64, String> {
    match about.operation.as_str() {
        "unreachable" => Err("there is no rate for what is not reached".to_owned()),
        "recurse" => Ok(2.0),
        "trap" => panic!("no sample"),
        _ if about.metadata.get("exception").is_some() => Ok(1.0),
        _ => Ok(if size < 1_000 { 1.0 } else { 0.0 }),
    }
}
