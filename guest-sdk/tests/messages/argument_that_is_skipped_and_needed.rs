use playback_guest::{input, output};

#[input(alias = "rate", skip(currencies))]
fn rate(currency: &str) -> u32 {
    currency.len() as u32
}

#[input(alias = "price", skip(sku), key(sku))]
fn price(sku: &str) -> u32 {
    sku.len() as u32
}

#[output(alias = "upload", skip(path), data_handler(path = playback_guest::handler::File))]
fn upload(path: &str) {
    let _ = path;
}

fn main() {
    rate("EUR");
    price("apple");
    upload("a.txt");
}
