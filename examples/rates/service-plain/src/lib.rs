//! Converts money. It knows nothing of recordings: the requests that it makes are on the tape.

wit_bindgen::generate!({ path: "../wit" });

struct Rates;

impl Guest for Rates {
    fn convert(cents: u64, source: String, target: String) -> Result<u64, String> {
        let rate = rates_upstream::rate(&source, &target)?;
        Ok((cents as f64 * rate).round() as u64)
    }
}

export!(Rates);
