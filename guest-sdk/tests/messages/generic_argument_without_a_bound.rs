//! A generic argument needs the bound that its type has to have.

use playback_guest::input;

#[input(alias = "count")]
fn count<T: Clone>(items: Vec<T>) -> usize {
    items.len()
}

fn main() {
    count(vec![1]);
}
