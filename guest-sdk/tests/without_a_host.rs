//! Without a host every function runs as if no attribute stood on it, so that a service's own tests need no sandbox.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]
// Nobody shall have to allow anything because of what the attributes make of a function.
#![deny(clippy::pedantic, unused)]

use playback_guest::handler::{File, OnOk, Prepare, Restore};
use playback_guest::recording::Mode;
use playback_guest::{input, operation, output, recording};
use serde::Serialize;
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

#[input(alias = "rates.{currency}", fallback_aliases = ["rate", format!("old.{currency}")], key(currency, amount + 1), skip(trace, count))]
fn rate(
    currency: &str,
    amount: u32,
    trace: &mut Vec<String>,
    count: impl Fn() -> u32,
) -> Result<u32, String> {
    trace.push(currency.to_owned());
    if currency.is_empty() {
        return Err("no currency".to_owned());
    }
    Ok(amount.checked_mul(2).ok_or("too much")? + count())
}

#[test]
fn a_function_does_what_it_does_without_the_attribute() {
    let mut trace = vec![];
    assert_eq!(rate("EUR", 2, &mut trace, || 1), Ok(5));
    assert_eq!(rate("", 2, &mut trace, || 1), Err("no currency".to_owned()));
    assert_eq!(rate("EUR", u32::MAX, &mut trace, || 1), Err("too much".to_owned()));
    assert_eq!(trace, ["EUR", "", "EUR"]);
}

#[input(alias = "sum")]
fn sum((a, b): (u32, u32), [c, ..]: [u32; 3], mut total: u32, _: &str) -> u32 {
    total += a + b + c;
    total
}

/// Named as what the attributes make would be, were they careless.
#[input(alias = "{step}", key(open), on_missing = default(value + form + step + open), skip_if = arguments > 0)]
fn names(step: u32, open: u32, value: u32, form: u32, arguments: u32) -> u32 {
    step + open + value + form + arguments
}

#[output(alias = "{result}", default_result(names + form))]
fn more_names(result: u32, names: u32, form: u32) -> u32 {
    result + names + form
}

#[test]
fn arguments_may_have_any_pattern_and_any_name() {
    assert_eq!(sum((1, 2), [3, 4, 5], 10, ""), 16);
    assert_eq!(names(1, 2, 3, 4, 5), 15);
    assert_eq!(more_names(1, 2, 3), 6);
}

thread_local! {
    static ASKED: Cell<u32> = const { Cell::new(0) };
}

fn asked() -> u32 {
    ASKED.set(ASKED.get() + 1);
    panic!("nobody is to ask for this");
}

#[input(alias = format!("alias.{}", asked()), on_missing = default(asked()), key(asked()))]
fn undisturbed() -> u32 {
    7
}

#[input(alias = "sometimes", skip_if = asked() > number)]
fn sometimes(number: u32) -> u32 {
    number
}

#[output(alias = format!("alias.{}", asked()), default_result(asked()))]
fn sent() -> u32 {
    8
}

#[test]
fn nothing_of_the_attribute_is_looked_at() {
    assert_eq!((undisturbed(), sometimes(1), sent()), (7, 1, 8));
    assert_eq!(ASKED.get(), 0);
}

struct Never;

impl Prepare<u32> for Never {
    type Recorded = u32;
    type Error = String;

    fn prepare(_: &u32) -> Result<u32, String> {
        panic!("nothing is kept");
    }
}

impl Restore<u32> for Never {
    fn restore(_: u32) -> Result<u32, String> {
        panic!("nothing was kept");
    }
}

#[input(alias = "handled", data_handler = Never)]
fn handled(number: u32) -> u32 {
    number
}

#[output(alias = "both", data_handler(number = Never, file = File))]
fn both(number: u32, file: &Path) -> bool {
    number == 1 && file.ends_with("a.txt")
}

#[input(alias = "download", data_handler = OnOk<File>, on_missing = live)]
fn download(name: &str) -> Result<PathBuf, String> {
    Ok(PathBuf::from(name))
}

#[test]
fn no_data_handler_is_called() {
    assert_eq!(handled(3), 3);
    assert!(both(1, Path::new("a.txt")));
    assert_eq!(download("no such file"), Ok(PathBuf::from("no such file")));
}

trait Shop {
    const NAME: &str;

    fn price(&self, sku: &str) -> u32;
}

struct Corner {
    prices: Vec<(String, u32)>,
}

impl Shop for Corner {
    const NAME: &str = "corner";

    #[input(alias = format!("{}.price", Self::NAME))]
    fn price(&self, sku: &str) -> u32 {
        self.prices.iter().find(|(name, _)| name == sku).map_or(0, |(_, price)| *price)
    }
}

impl Corner {
    #[output(alias = "raise")]
    fn raise(&mut self, sku: String, price: u32) {
        self.prices.push((sku, price));
    }

    #[input(alias = "closed", key(self.prices.len()))]
    fn closed(self) -> usize {
        self.prices.len()
    }

    #[input(alias = "name")]
    fn name() -> String {
        Self::NAME.to_owned()
    }
}

#[test]
fn methods_are_called_on_their_receiver() {
    let mut shop = Corner { prices: vec![] };
    shop.raise("apple".to_owned(), 3);
    assert_eq!((shop.price("apple"), shop.price("bread")), (3, 0));
    assert_eq!((shop.closed(), Corner::name()), (1, "corner".to_owned()));
}

#[input(alias = "longest")]
fn longest<'t, T>(items: &'t [T], otherwise: &'t T) -> usize
where
    T: AsRef<str> + Serialize,
{
    items.iter().chain([otherwise]).map(|item| item.as_ref().len()).max().unwrap_or_default()
}

#[test]
fn generic_functions_are_generic() {
    assert_eq!(longest(&["one", "three"], &"x"), 5);
    assert_eq!(longest(&["one".to_owned()], &"three".to_owned()), 5);
}

/// Lets whoever else is there go on, once.
fn pause() -> impl Future<Output = ()> {
    let mut is_over = false;
    std::future::poll_fn(
        move |_| if std::mem::replace(&mut is_over, true) { Poll::Ready(()) } else { Poll::Pending },
    )
}

#[input(alias = "slow.{word}")]
async fn slow(word: &str) -> Result<String, String> {
    pause().await;
    match word {
        "" => Err("no word")?,
        word => Ok(word.to_owned()),
    }
}

#[output(alias = "tell")]
async fn tell(word: String) {
    pause().await;
    drop(word);
}

/// What it returns, and how often it had to be asked.
fn run<T>(future: impl Future<Output = T> + Send) -> (T, u32) {
    let mut future = pin!(future);
    for asked in 1.. {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return (value, asked);
        }
    }
    unreachable!("it has not ended");
}

#[test]
fn async_functions_wait_and_may_go_to_another_thread() {
    assert_eq!(run(slow("word")), (Ok("word".to_owned()), 2));
    assert_eq!(run(slow("")), (Err("no word".to_owned()), 2));
    assert_eq!(run(tell("word".to_owned())), ((), 2));
}

#[derive(Clone)]
struct Basket(Vec<u32>);

#[operation]
fn plain(numbers: &[u32]) -> u32 {
    numbers.iter().sum()
}

#[operation(metadata = describe)]
fn order(basket: Basket, customer: &str) -> Result<u32, String> {
    let Basket(numbers) = basket;
    if customer.is_empty() { Err("nobody")? } else { Ok(numbers.into_iter().sum()) }
}

#[operation(metadata = describe)]
async fn order_later(basket: Basket, customer: &str) -> Result<u32, String> {
    pause().await;
    order(basket, customer)
}

fn describe(basket: &Basket, customer: &str, outcome: &Result<u32, String>) -> serde_json::Value {
    panic!("nobody asks for metadata: {:?} {customer} {outcome:?}", basket.0);
}

#[test]
fn an_operation_runs_without_its_metadata_extractor() {
    assert_eq!(plain(&[1, 2]), 3);
    assert_eq!(order(Basket(vec![1, 2]), "ann"), Ok(3));
    assert_eq!(order(Basket(vec![]), ""), Err("nobody".to_owned()));
    assert_eq!(run(order_later(Basket(vec![1, 2]), "ann")), (Ok(3), 2));
}

#[test]
fn there_is_no_recording() {
    assert_eq!((recording::mode(), recording::id()), (Mode::Off, None));
    recording::discard("it is not there");
    recording::force_sample();
    assert_eq!(recording::metadata("tier", "gold"), Ok(()));
    assert_eq!(recording::put("basket", &[1, 2]), Ok(()));
    assert_eq!(recording::get::<Vec<u32>>("basket"), Ok(None));
}
