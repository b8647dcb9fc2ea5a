use playback_guest::input;

#[input(alias = "read")]
fn read(name: &str, into: &mut Vec<u8>) -> usize {
    into.extend(name.bytes());
    into.len()
}

fn main() {
    read("a.txt", &mut vec![]);
}
