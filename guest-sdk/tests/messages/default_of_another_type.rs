use playback_guest::{input, output};

#[input(alias = "rate", on_missing = default("none"))]
fn rate(currency: &str) -> u32 {
    currency.len() as u32
}

#[output(alias = "notify", default_result(0))]
fn notify(customer: &str) -> Result<u32, String> {
    Ok(customer.len() as u32)
}

fn main() {
    rate("EUR");
    let _ = notify("ann");
}
