//! Each argument is kept: the one that cannot be is named, by its type in the signature.

use playback_guest::{input, output};

struct Customer {
    _name: String,
}

#[input(alias = "tier")]
fn tier(day: u32, customers: &[Customer]) -> u32 {
    day + customers.len() as u32
}

#[output(alias = "greet")]
fn greet(customer: Customer, text: String) {
    let _ = (customer, text);
}

struct Desk;

impl Desk {
    #[output(alias = "greet-at")]
    fn greet(&self, text: String, customer: &Customer) {
        let _ = (text, customer);
    }
}

fn main() {
    let customer = || Customer { _name: String::new() };
    tier(1, &[customer()]);
    greet(customer(), String::new());
    Desk.greet(String::new(), &customer());
}
