use playback_guest::input;

#[input(alias = "rate.{curency}")]
fn rate(currency: &str) -> u32 {
    currency.len() as u32
}

#[input(alias = "price", fallback_aliases = ["price.{}"])]
fn price(sku: &str) -> u32 {
    sku.len() as u32
}

fn main() {
    rate("EUR");
    price("apple");
}
