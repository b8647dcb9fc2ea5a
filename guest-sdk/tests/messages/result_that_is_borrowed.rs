//! What is made of a recording belongs to nobody else: it is returned as its own.

use playback_guest::input;

#[input(alias = "first-word")]
fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or_default()
}

fn main() {
    first_word("a b");
}
