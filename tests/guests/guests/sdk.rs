//! Intercepts functions of its own, in every way that the guest SDK has.

wit_bindgen::generate!({ path: "wit/sdk.wit", world: "sdk", generate_all });

#[path = "executor.rs"]
mod executor;

use playback_guest::handler::{File, OnOk, Prepare, Restore};
use playback_guest::{input, operation, output, recording};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::task::{Context, Waker};
use test::sdk::world_facts::ask;

struct Sdk;

impl Guest for Sdk {
    fn run(steps: Vec<String>) -> Vec<String> {
        steps.iter().map(|step| done(&step.split(' ').collect::<Vec<_>>())).collect()
    }

    #[operation(metadata = describe)]
    fn place_order(customer: String, total: u32) -> Result<u32, String> {
        if total > 1_000 {
            return Err("too much".to_owned());
        }
        notify(&customer, "thank you");
        Ok(total)
    }
}

#[allow(clippy::ptr_arg, reason = "as the operation has it")]
fn describe(
    customer: &String,
    total: &u32,
    outcome: &Result<u32, String>,
) -> Result<serde_json::Value, String> {
    match customer.as_str() {
        "nobody" => Err("nobody has no tier".to_owned()),
        customer => {
            Ok(serde_json::json!({ "customer": customer, "total": total, "placed": outcome.is_ok() }))
        }
    }
}

fn done(step: &[&str]) -> String {
    match *step {
        ["price", sku] => price(sku).to_string(),
        ["convert", amount, currency, trace] => convert(amount.parse().unwrap(), currency, trace).to_string(),
        ["next"] => next().to_string(),
        ["order", id] => format!("{:?}", order(Order { id: id.to_owned(), note: None })),
        ["rate", currency] => rate(currency).to_string(),
        ["lucky"] => lucky().to_string(),
        ["doubled", number] => doubled(number.parse().unwrap()).to_string(),
        ["fresh"] => fresh(),
        ["lookup", name] => format!("{:?}", lookup(name)),
        ["boom"] => boom().to_string(),
        ["notify", customer, text] => notify(customer, text).to_string(),
        ["audit", text] => audit(text),
        ["outer"] => outer(),
        ["ask", question] => ask(question),
        ["secret", word] => secret(word),
        ["whisper", word] => whisper(word).to_string(),
        ["download", name] => std::fs::read_to_string(download(name).unwrap()).unwrap(),
        ["download-only", name] => download(name).unwrap().display().to_string(),
        ["upload", text] => {
            std::fs::write("/data/out.txt", text).unwrap();
            upload(Path::new("/data/out.txt")).to_string()
        }
        ["sometimes", number] => sometimes(number.parse().unwrap()).to_string(),
        ["put", key, value] => format!("{:?}", recording::put(key, value)),
        ["get", key] => format!("{:?}", recording::get::<String>(key)),
        ["mode"] => format!("{:?}", recording::mode()),
        ["id"] => recording::id().unwrap_or_default(),
        ["metadata", key, value] => {
            recording::metadata(key, value).map_or_else(|error| error.to_string(), |()| "ok".into())
        }
        ["discard", why] => {
            recording::discard(why);
            "ok".to_owned()
        }
        ["force"] => {
            recording::force_sample();
            "ok".to_owned()
        }
        ["client", base, path] => Client { base: base.to_owned() }.get(path),
        ["shape"] => Shape::sides("square").to_string(),
        ["generic", number] => generic(number.parse::<u32>().unwrap()) + &generic(number.to_owned()),
        ["unkeepable"] => unkeepable(Unkeepable).to_string(),
        ["unkept"] => unkept().0.to_string(),
        ["mutated"] => mutated(),
        ["both"] => executor::run(both()),
        ["wait", word] => executor::run(slow(word.to_owned())),
        ["careful", word] => executor::run(careful(word)),
        ["hurry", word] => executor::run(hurry(word)),
        ["leave", word] => leave(word),
        ["uuid"] => uuid::Uuid::new_v4().to_string(),
        ["now"] => std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos().to_string(),
        ["bytes", count] => bytes(count.parse().unwrap()).len().to_string(),
        ["maps"] => {
            // The same in another order: each map has keys of its own, and was filled otherwise.
            let words = ["apple", "bread", "cheese", "dates", "eggs", "flour", "grapes", "honey"];
            let numbered = || words.iter().zip(1..).map(|(word, number)| (word.to_string(), number));
            let one = numbered().collect();
            let other = numbered().collect::<Vec<_>>().into_iter().rev().collect();
            maps(one) + &maps(other)
        }
        ["refuse", path] => refuse(path),
        _ => panic!("no step {step:?}"),
    }
}

/// What a provider says of something, as a number.
fn asked(question: &str) -> u32 {
    ask(question).parse().unwrap()
}

#[input(alias = "price.{sku}")]
fn price(sku: &str) -> u32 {
    asked(&format!("price {sku}"))
}

/// The trace tells nothing about the answer.
#[input(alias = "convert", key(amount, currency))]
fn convert(amount: u32, currency: &str, trace: &str) -> u32 {
    amount * asked(&format!("{currency} {trace}"))
}

#[input(alias = "next", key())]
fn next() -> u32 {
    asked("next")
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Order {
    id: String,
    note: Option<String>,
}

/// Found by a part of its argument.
#[input(alias = "order", key(order.id))]
fn order(order: Order) -> Order {
    Order { note: Some(ask(&order.id)), ..order }
}

#[input(alias = "rate")]
fn rate(currency: &str) -> u32 {
    asked(currency)
}

#[input(alias = "lucky", on_missing = default(7))]
fn lucky() -> u32 {
    asked("lucky")
}

#[input(alias = "doubled", on_missing = default(number * 2))]
fn doubled(number: u32) -> u32 {
    asked("doubled") + number
}

/// A body that needs nobody else may run on a replay.
#[input(alias = "fresh", on_missing = live)]
fn fresh() -> String {
    "made here".to_owned()
}

#[input(alias = "lookup")]
fn lookup(name: &str) -> Result<u32, String> {
    match ask(name).parse() {
        Ok(number) if number % 2 == 1 => Ok(number),
        _ => Err(format!("no {name}")),
    }
}

#[input(alias = "boom")]
fn boom() -> u32 {
    panic!("boom {}", ask("boom"))
}

#[output(alias = "notify")]
fn notify(customer: &str, text: &str) -> u32 {
    asked(&format!("{customer}: {text}"))
}

#[output(alias = "audit", default_result(format!("not recorded: {text}")))]
fn audit(text: &str) -> String {
    ask(text)
}

/// What happens inside is nobody's business: clocks, random numbers, output, other interceptions, imports.
#[input(alias = "outer")]
fn outer() -> String {
    println!("inside");
    let uuid = uuid::Uuid::new_v4();
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
    std::thread::sleep(std::time::Duration::from_millis(1));
    format!("{} {} {uuid} {time} {}", price("inner"), notify("inner", "text"), ask("inner"))
}

/// Keeps words backwards.
struct Backwards;

impl Prepare<String> for Backwards {
    type Recorded = String;
    type Error = String;

    fn prepare(word: &String) -> Result<String, String> {
        <Self as Prepare<str>>::prepare(word)
    }
}

impl Prepare<str> for Backwards {
    type Recorded = String;
    type Error = String;

    fn prepare(word: &str) -> Result<String, String> {
        if word == "unspeakable" {
            Err("it cannot be said".to_owned())
        } else {
            Ok(word.chars().rev().collect())
        }
    }
}

impl Restore<String> for Backwards {
    fn restore(recorded: String) -> Result<String, String> {
        Ok(recorded.chars().rev().collect())
    }
}

#[input(alias = "secret", data_handler = Backwards)]
fn secret(word: &str) -> String {
    format!("{word}{}", if word == "unspeakable" { String::new() } else { ask(word) })
}

#[output(alias = "whisper", data_handler = Backwards)]
fn whisper(word: &str) -> u32 {
    asked(word)
}

#[input(alias = "download", data_handler = OnOk<File>)]
fn download(name: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(format!("/data/{name}"));
    std::fs::write(&path, ask(name)).map_err(|error| error.to_string())?;
    Ok(path)
}

#[output(alias = "upload", data_handler = File)]
fn upload(file: &Path) -> u32 {
    asked(&std::fs::read_to_string(file).unwrap())
}

#[input(alias = "sometimes", skip_if = number.is_multiple_of(2))]
fn sometimes(number: u32) -> u32 {
    asked(&number.to_string())
}

struct Client {
    base: String,
}

impl Client {
    #[input(alias = format!("client.{}", self.base))]
    fn get(&self, path: &str) -> String {
        ask(&format!("{}{path}", self.base))
    }
}

struct Shape;

impl Shape {
    #[input(alias = "shape")]
    fn sides(name: &str) -> u32 {
        asked(name)
    }
}

#[input(alias = "generic")]
fn generic<T: Serialize + std::fmt::Debug>(value: T) -> String {
    ask(&format!("{value:?}"))
}

struct Unkeepable;

impl Serialize for Unkeepable {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("it changes too fast"))
    }
}

impl<'de> Deserialize<'de> for Unkeepable {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Ok(Self)
    }
}

#[input(alias = "unkeepable")]
fn unkeepable(what: Unkeepable) -> u32 {
    let _ = what;
    5
}

#[derive(Deserialize)]
struct Unkept(u32);

impl Serialize for Unkept {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("it is gone already"))
    }
}

#[input(alias = "unkept")]
fn unkept() -> Unkept {
    Unkept(6)
}

#[input(alias = "words", key())]
fn words() -> std::collections::HashMap<String, u32> {
    ask("words").split(' ').zip(1..).map(|(word, number)| (word.to_owned(), number)).collect()
}

/// What it got is changed afterwards, which is no concern of the recording.
fn mutated() -> String {
    let mut first = words();
    first.insert("mine".to_owned(), 0);
    let mut second: Vec<_> = words().into_iter().collect();
    second.sort();
    format!("{} {second:?}", first.len())
}

#[input(alias = "maps")]
fn maps(words: std::collections::HashMap<String, u32>) -> String {
    ask(&words.len().to_string())
}

#[input(alias = "slow.{word}")]
async fn slow(word: String) -> String {
    executor::pause().await;
    let answer = ask(&word);
    executor::pause().await;
    println!("{word} has {}", uuid::Uuid::new_v4());
    answer
}

/// Waits a while, and then goes on without.
async fn hurry(word: &str) -> String {
    executor::until(careful(word), executor::pause()).await;
    "too late".to_owned()
}

/// Begins what nobody ends.
fn leave(word: &str) -> String {
    let mut careful = Box::pin(careful(word));
    let is_over = careful.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready();
    std::mem::forget(careful);
    is_over.to_string()
}

#[input(alias = "careful")]
async fn careful(word: &str) -> String {
    struct CleanUp<'a>(&'a str);

    impl Drop for CleanUp<'_> {
        fn drop(&mut self) {
            println!("{} {}", ask(self.0), uuid::Uuid::new_v4());
        }
    }

    let clean_up = CleanUp(word);
    let first = ask(word);
    executor::pause().await;
    executor::pause().await;
    drop(clean_up);
    first + &ask(word)
}

/// Two bodies that wait for each other, and what goes on meanwhile, which is intercepted as ever.
async fn both() -> String {
    let meanwhile = async {
        let first = price("meanwhile");
        executor::pause().await;
        format!("{first} {} {}", ask("meanwhile"), uuid::Uuid::new_v4())
    };
    let (one, two, three) = executor::join(slow("one".to_owned()), slow("two".to_owned()), meanwhile).await;
    format!("{one} {two} {three}")
}

#[input(alias = "bytes")]
fn bytes(count: u32) -> Vec<u8> {
    (0..count).map(|at| at as u8).collect()
}

/// Whatever it is refused is not on the tape.
#[input(alias = "refuse")]
fn refuse(path: &str) -> String {
    match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => error.to_string(),
    }
}

#[allow(dead_code, reason = "shows that a handler that cannot fail needs no error")]
struct Whole;

impl Prepare<u32> for Whole {
    type Recorded = u32;
    type Error = Infallible;

    fn prepare(value: &u32) -> Result<u32, Infallible> {
        Ok(*value)
    }
}

export!(Sdk);
