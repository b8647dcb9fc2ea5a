use playback_guest::{input, output};

#[input]
fn rate(currency: &str) -> u32 {
    currency.len() as u32
}

#[output(default_result(1))]
fn notify(customer: &str) -> u32 {
    customer.len() as u32
}

fn main() {
    rate("EUR");
    notify("ann");
}
