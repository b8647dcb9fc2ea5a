//! The service of `sdk.rs` some months later.

wit_bindgen::generate!({ path: "wit/sdk.wit", world: "sdk", generate_all });

use playback_guest::{input, output};
use serde::{Deserialize, Serialize};
use test::sdk::world_facts::ask;

struct Sdk;

impl Guest for Sdk {
    fn run(steps: Vec<String>) -> Vec<String> {
        steps.iter().map(|step| done(&step.split(' ').collect::<Vec<_>>())).collect()
    }

    fn place_order(_: String, total: u32) -> Result<u32, String> {
        Ok(total)
    }
}

fn done(step: &[&str]) -> String {
    match *step {
        ["price", sku] => price(sku).to_string(),
        ["rate", currency] => rate(currency).to_string(),
        ["convert", amount, currency, trace] => {
            convert(amount.parse().unwrap(), currency, "today", trace).to_string()
        }
        ["order", id] => {
            let order = order(Order { id: id.to_owned(), note: None, gift: Some(true) });
            format!("{} {:?} {:?}", order.id, order.note, order.gift)
        }
        ["discount", customer] => discount(customer).to_string(),
        ["notify", customer, text] => notify(customer, text).to_string(),
        ["archive", text] => archive(text),
        ["report", text] => {
            report(text);
            "reported".to_owned()
        }
        ["report-strictly", text] => {
            report_strictly(text);
            "reported".to_owned()
        }
        ["bundle"] => bundle().to_string(),
        ["live-bundle"] => live_bundle().to_string(),
        ["lookup", name] => format!("{:?}", lookup(name)),
        _ => panic!("no step {step:?}"),
    }
}

fn asked(question: &str) -> u32 {
    ask(question).parse().unwrap()
}

#[input(alias = "price.{sku}")]
fn price(sku: &str) -> u32 {
    asked(sku)
}

/// It was called `rate`.
#[input(alias = "exchange.{currency}", fallback_aliases = ["rate.{currency}", "rate"])]
fn rate(currency: &str) -> u32 {
    asked(currency)
}

/// The day is new, and says nothing about what was recorded.
#[input(alias = "convert", key(amount, currency))]
fn convert(amount: u32, currency: &str, day: &str, trace: &str) -> u32 {
    amount * asked(&format!("{currency} {day} {trace}"))
}

#[derive(Serialize, Deserialize)]
struct Order {
    id: String,
    note: Option<String>,
    /// It is new.
    gift: Option<bool>,
}

#[input(alias = "order", key(order.id))]
fn order(order: Order) -> Order {
    order
}

/// It is new.
#[input(alias = "discount", on_missing = default(if customer == "ann" { 10 } else { 0 }))]
fn discount(customer: &str) -> u32 {
    asked(customer)
}

#[output(alias = "notify")]
fn notify(customer: &str, text: &str) -> u32 {
    asked(&format!("{customer}: {text}"))
}

/// It is new.
#[output(alias = "archive", default_result("nowhere".to_owned()))]
fn archive(text: &str) -> String {
    ask(text)
}

/// They are new, and return nothing.
#[output(alias = "report")]
fn report(text: &str) {
    ask(text);
}

#[output(alias = "report-strictly", on_missing = fail)]
fn report_strictly(text: &str) {
    ask(text);
}

/// Calls that stood by themselves are inside it now.
#[input(alias = "bundle", on_missing = default(99))]
fn bundle() -> u32 {
    price("apple") + price("bread")
}

#[input(alias = "live-bundle", on_missing = live)]
fn live_bundle() -> u32 {
    price("apple") + price("bread")
}

/// It returned a number or a text.
#[input(alias = "lookup")]
fn lookup(name: &str) -> Result<String, String> {
    Ok(ask(name))
}

export!(Sdk);
