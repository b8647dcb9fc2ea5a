use playback_guest::handler::File;
use playback_guest::input;

#[input(alias = "rate", key(currency), alias = "rates")]
fn rate(currency: &str) -> u32 {
    currency.len() as u32
}

#[input(alias = "price", key(sku, sku), on_missing = live)]
fn price(sku: &str) -> u32 {
    sku.len() as u32
}

#[input(alias = "stock", skip(sku, sku))]
fn stock(sku: &str) -> u32 {
    sku.len() as u32
}

#[input(alias = "label", data_handler(sku = File, sku = File))]
fn label(sku: &str) -> u32 {
    sku.len() as u32
}

fn main() {
    rate("EUR");
    price("EUR");
    stock("EUR");
    label("EUR");
}
