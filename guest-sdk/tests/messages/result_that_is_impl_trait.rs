use playback_guest::input;

#[input(alias = "words")]
fn words(text: String) -> impl Iterator<Item = char> {
    text.into_bytes().into_iter().map(char::from)
}

#[input(alias = "found")]
fn found(text: String) -> Option<impl Clone> {
    Some(text)
}

fn main() {
    words(String::new());
    found(String::new());
}
