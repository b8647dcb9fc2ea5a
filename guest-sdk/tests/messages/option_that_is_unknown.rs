use playback_guest::{input, operation, output};

#[input(alias = "rate", keys(currency))]
fn rate(currency: &str) -> u32 {
    currency.len() as u32
}

/// An output is found by its ordinal: nothing of it is a key.
#[output(alias = "notify", key(customer))]
fn notify(customer: &str) {
    let _ = customer;
}

#[operation(alias = "order")]
fn order() {}

#[input(alias = "next", on_missing = skip)]
fn next() -> u32 {
    1
}

fn main() {
    rate("EUR");
    notify("ann");
    order();
    next();
}
