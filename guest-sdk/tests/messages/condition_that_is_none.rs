use playback_guest::input;

#[input(alias = "rate", skip_if = currency)]
fn rate(currency: &str) -> u32 {
    currency.len() as u32
}

fn main() {
    rate("EUR");
}
