use playback_guest::handler::{File, Prepare};
use playback_guest::{input, output};

#[output(alias = "upload", data_handler = File)]
fn upload(path: &str, name: &str) {
    let _ = (path, name);
}

#[output(alias = "send", data_handler(paths = File))]
fn send(path: &str) {
    let _ = path;
}

/// An argument of an input names what its body leaves somewhere.
#[input(alias = "download", data_handler(count = OneWay))]
fn download(count: u32) -> u32 {
    count
}

/// It prepares paths, and no numbers.
#[output(alias = "store", data_handler = File)]
fn store(number: u32) {
    let _ = number;
}

struct OneWay;

impl Prepare<u32> for OneWay {
    type Recorded = u32;
    type Error = String;

    fn prepare(number: &u32) -> Result<u32, String> {
        Ok(*number)
    }
}

/// What an input returns has to be restored too.
#[input(alias = "count", data_handler = OneWay)]
fn count() -> u32 {
    1
}

fn main() {
    upload("a", "b");
    send("a");
    download(1);
    store(1);
    count();
}
