use playback_guest::{input, output};

#[input("rate")]
fn rate(currency: &str) -> u32 {
    currency.len() as u32
}

#[input(alias)]
fn bare() -> u32 {
    1
}

#[input(alias = "a" key(a))]
fn comma(a: u32) -> u32 {
    a
}

#[input(alias = "a", key = a)]
fn assigned(a: u32) -> u32 {
    a
}

#[output(alias = "a", default_result = 1)]
fn assigned_default() -> u32 {
    1
}

#[input(alias = "a", fallback_aliases = "b")]
fn one_alias() -> u32 {
    1
}

#[input(alias = "a", data_handler())]
fn no_handler() -> u32 {
    1
}

#[input(alias = "")]
fn no_name() -> u32 {
    1
}

fn main() {
    rate("EUR");
}
