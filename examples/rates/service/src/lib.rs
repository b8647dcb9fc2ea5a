//! Converts money. Its own function is on the tape, not the requests that it makes.

wit_bindgen::generate!({ path: "../wit" });

struct Rates;

impl Guest for Rates {
    fn convert(cents: u64, source: String, target: String) -> Result<u64, String> {
        let rate = rate(&source, &target)?;
        Ok((cents as f64 * rate).round() as u64)
    }
}

/// While it is recorded it asks the server; on a replay it is answered from the recording, and its body does not run.
#[playback_guest::input(alias = "rate.{source}.{target}")]
fn rate(source: &str, target: &str) -> Result<f64, String> {
    rates_upstream::rate(source, target)
}

export!(Rates);
