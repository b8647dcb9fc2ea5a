use playback_guest::output;

#[output(alias = "notify", on_missing = live)]
fn notify(customer: &str) {
    let _ = customer;
}

#[output(alias = "store", default_result(2), on_missing = default(1))]
fn store(text: &str) -> usize {
    text.len()
}

#[output(alias = "send", on_missing = fail, default_result(2))]
fn send(text: &str) -> usize {
    text.len()
}

fn main() {
    notify("ann");
    store("text");
    send("text");
}
