//! What is returned is kept, and is made again of what was kept.

use playback_guest::{input, output};
use serde::Serialize;

struct Rate(#[allow(dead_code)] f64);

#[input(alias = "rate")]
fn rate(currency: &str) -> Rate {
    Rate(currency.len() as f64)
}

#[output(alias = "store")]
fn store(text: String) -> Result<(), Rate> {
    Err(Rate(text.len() as f64))
}

/// It can be written, and not read.
#[derive(Serialize)]
struct Label(&'static str);

#[input(alias = "label")]
fn label() -> Vec<Label> {
    vec![Label("new")]
}

fn main() {
    let _ = (rate("EUR"), store(String::new()), label());
}
