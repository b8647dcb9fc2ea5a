//! What is made of a recording belongs to nobody else: it is returned as its own.

use playback_guest::input;

#[input(alias = "first-word")]
fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or_default()
}

struct Name<'a>(&'a str);

#[input(alias = "name")]
fn name(text: &str) -> Option<Name<'_>> {
    Some(Name(text))
}

fn main() {
    first_word("a b");
    name("a");
}
