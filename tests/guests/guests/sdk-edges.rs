//! Intercepts functions of its own as nobody would show it, and as everybody does some day.

wit_bindgen::generate!({ path: "wit/sdk.wit", world: "sdk", generate_all });

#[path = "executor.rs"]
mod executor;

use playback_guest::handler::{File, OnOk};
use playback_guest::{input, operation, output, recording};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use test::sdk::world_facts::ask;

struct Edges;

impl Guest for Edges {
    fn run(steps: Vec<String>) -> Vec<String> {
        steps.iter().map(|step| done(&step.split(' ').collect::<Vec<_>>())).collect()
    }

    fn place_order(customer: String, total: u32) -> Result<u32, String> {
        Ok(inner(&customer, total))
    }
}

fn done(step: &[&str]) -> String {
    match *step {
        ["deep", depth] => deep(nested(depth.parse().unwrap())).to_string(),
        ["deep-result", depth] => depth_of(&deep_result(depth.parse().unwrap())).to_string(),
        ["deep-put", depth] => {
            format!("{:?}", recording::put("deep", &nested(depth.parse().unwrap())).is_err())
        }
        ["chain", length] => chained(&Chain::of(length.parse().unwrap())).to_string(),
        ["clones", count] => clones(count.parse().unwrap()).len().to_string(),
        ["turns"] => executor::run(turns(1)),
        ["abandon-and-race"] => executor::run(async {
            let hurried = executor::until(turns(9), async {
                executor::pause().await;
                executor::pause().await;
            });
            executor::join(hurried, race(), async {}).await.1
        }),
        ["trap-later"] => executor::run(async {
            let other = async {
                executor::pause().await;
                notify("before")
            };
            executor::join(boom(), other, async {}).await.1
        }),
        ["crowd", count] => executor::run(crowd(count.parse().unwrap())),
        ["begun-trap"] => executor::run(async {
            let mut call: Pin<Box<dyn Future<Output = String>>> = Box::pin(boom());
            assert_eq!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
            within(call).await
        }),
        ["drop-panics"] => executor::run(async {
            let hurried = executor::until(touchy(), async { notify("before") }).await;
            format!("{hurried} {}", notify("after"))
        }),
        ["write", path, text] => {
            let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
            std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
            text.to_string()
        }
        ["read", path] => std::fs::read_to_string(path).unwrap_or_else(|error| error.kind().to_string()),
        ["refetch", path] => format!("{:?}", refetch(Path::new(path))),
        ["fetch-fails", path] => format!("{:?}", fetch_fails("a", Path::new(path))),
        ["download", name] => std::fs::read_to_string(download(name).unwrap()).unwrap(),
        ["leave"] => executor::run(executor::until(turns(1), async { "left".to_owned() })),
        ["select"] => executor::run(executor::until(turns(9), turns(2))),
        ["race"] => executor::run(race()),
        ["begun"] => executor::run(begun()),
        ["many", count] => many(count.parse().unwrap()).len().to_string(),
        ["set"] => set(),
        ["header", one, other] => two_parts(&[("a b", one), ("ab", other)]),
        ["older", name] => renamed(name),
        ["any", word] => any_arguments(word),
        ["listen", word] => listen(word, ask),
        ["default", word] => made(word).to_string(),
        ["early", word] => early(word).unwrap_or_else(|problem| problem),
        ["send", word] => send(word).to_string(),
        ["fetch", path] => {
            fetch("a", Path::new(path));
            std::fs::read_to_string(path).unwrap()
        }
        ["upload", path] => upload(Path::new(path)).to_string(),
        ["render", name] => std::fs::read_to_string(render(name)).unwrap(),
        ["choose", word] => choose(Choice { word: word.to_owned(), number: 1 }),
        ["whole", word] => whole(Choice { word: word.to_owned(), number: 1 }),
        ["live", word] => live(word),
        ["ask", word] => ask(word),
        ["order", customer] => inner(customer, 1).to_string(),
        ["metadata", key] => format!("{:?}", recording::metadata(key, 1).is_ok()),
        ["uuid"] => uuid::Uuid::new_v4().to_string(),
        ["now"] => std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos().to_string(),
        _ => panic!("no step {step:?}"),
    }
}

/// As deep as one likes.
#[derive(Serialize, Deserialize)]
struct Nested(Option<Box<(Nested,)>>);

fn nested(depth: u32) -> Nested {
    (0..depth).fold(Nested(None), |inner, _| Nested(Some(Box::new((inner,)))))
}

fn depth_of(nested: &Nested) -> u32 {
    nested.0.as_ref().map_or(0, |inner| 1 + depth_of(&inner.0))
}

#[input(alias = "deep")]
fn deep(nested: Nested) -> u32 {
    depth_of(&nested)
}

#[input(alias = "deep-result")]
fn deep_result(depth: u32) -> Nested {
    nested(depth)
}

/// As long as one likes, for code that goes along it.
#[derive(Serialize)]
struct Chain(Option<Box<(Chain,)>>);

impl Chain {
    fn of(length: u32) -> Self {
        (0..length).fold(Self(None), |next, _| Self(Some(Box::new((next,)))))
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        let mut next = self.0.take();
        while let Some(mut link) = next {
            next = link.0.0.take();
        }
    }
}

#[input(alias = "chained")]
fn chained(chain: &Chain) -> u32 {
    let (mut length, mut at) = (0, chain);
    while let Some(next) = &at.0 {
        (length, at) = (length + 1, &next.0);
    }
    length
}

/// Clones have the keys of what they are made of; what is read again has not.
#[input(alias = "clones")]
fn clones(count: u32) -> Vec<HashMap<String, u32>> {
    vec![HashMap::from([("a".to_owned(), 1)]); count as usize]
}

#[input(alias = "boom")]
async fn boom() -> String {
    executor::pause().await;
    executor::pause().await;
    panic!("boom")
}

#[input(alias = "turns.{turns}")]
async fn turns(turns: u32) -> String {
    for _ in 0..turns {
        executor::pause().await;
    }
    ask(&turns.to_string())
}

/// Says who was first; what is drawn afterwards belongs to each.
async fn race() -> String {
    let task = async |count: u32| {
        let answer = turns(count).await;
        notify(&answer);
        format!("{answer} {}", uuid::Uuid::new_v4())
    };
    let (one, two, three) = executor::join(task(5), task(1), task(3)).await;
    format!("{one} {two} {three}")
}

/// A call that began outside of a body goes on inside of one, as one that is shared does.
async fn begun() -> String {
    let mut call: Pin<Box<dyn Future<Output = String>>> = Box::pin(turns(1));
    assert_eq!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
    format!("{} {}", within(call).await, notify("outside"))
}

#[input(alias = "within", skip(call))]
async fn within(call: Pin<Box<dyn Future<Output = String>>>) -> String {
    let first = notify("inside");
    executor::pause().await;
    let answer = call.await;
    format!("{first} {answer} {}", notify("inside"))
}

#[output(alias = "notify")]
fn notify(text: &str) -> String {
    ask(text)
}

/// Its body makes hash maps, whose keys no later one may miss.
#[input(alias = "many")]
fn many(count: u32) -> HashMap<String, u32> {
    let made = (0..count).map(|number| HashMap::from([(number.to_string(), number)]));
    made.fold(HashMap::new(), |mut all, one| {
        all.extend(one);
        all
    })
}

/// In whatever order a hash set has them.
fn set() -> String {
    let words: HashSet<u32> = (0..50).collect();
    words.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn header<'h>(headers: &[(&str, &'h str)], name: &str) -> &'h str {
    headers.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
}

/// Two parts that look alike but for a blank.
#[input(alias = "parts", key(header(headers, "a b"), header(headers, "ab")), skip(headers))]
fn two_parts(headers: &[(&str, &str)]) -> String {
    ask(header(headers, "ab"))
}

/// Older names that nobody can list.
#[input(alias = "renamed.{name}", fallback_aliases = older(name))]
fn renamed(name: &str) -> String {
    ask(name)
}

fn older(name: &str) -> impl Iterator<Item = String> {
    (1..4).map(move |version| format!("v{version}.{name}"))
}

/// Whatever its argument is.
#[input(alias = "any", key())]
fn any_arguments(word: &str) -> String {
    ask(word)
}

#[input(alias = "listen", skip(listener))]
fn listen(word: &str, listener: impl Fn(&str) -> String) -> String {
    listener(word)
}

/// What its default calls is not intercepted.
#[input(alias = "made", on_missing = default(send(word) + 1))]
fn made(word: &str) -> u32 {
    ask(word).parse().unwrap()
}

#[output(alias = "send", default_result(word.len() as u32))]
fn send(word: &str) -> u32 {
    word.len() as u32
}

/// Its default may give up.
#[input(alias = "early", on_missing = default(Err(never()?)))]
fn early(word: &str) -> Result<String, String> {
    Ok(ask(word))
}

fn never() -> Result<String, String> {
    Err("never".to_owned())
}

/// Leaves a file where an argument says.
#[input(alias = "fetch", key(name), data_handler(to = File))]
fn fetch(name: &str, to: &Path) {
    std::fs::write(to, format!("{} of {name}", ask(name))).unwrap();
}

/// So many calls that wait at once, of which the first is over last.
async fn crowd(count: u32) -> String {
    let order = std::cell::RefCell::new(Vec::new());
    let mut calls: Vec<_> = (0..count)
        .map(|number| {
            let order = &order;
            Box::pin(async move {
                turns(count - number).await;
                order.borrow_mut().push(number.to_string());
            })
        })
        .collect();
    while !calls.is_empty() {
        executor::pause().await;
        calls.retain_mut(|call| call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    order.take().join(" ")
}

/// Whoever does not wait for it to the end gets a panic.
#[input(alias = "touchy")]
async fn touchy() {
    struct Touchy;

    impl Drop for Touchy {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }

    let _touchy = Touchy;
    loop {
        executor::pause().await;
    }
}

/// It takes away what is there.
#[input(alias = "refetch", data_handler(to = File))]
fn refetch(to: &Path) -> Result<(), String> {
    std::fs::remove_file(to).map_err(|error| error.to_string())?;
    Err("gone".to_owned())
}

/// It fails before it leaves anything.
#[input(alias = "fetch-fails", key(name), data_handler(to = File), on_missing = default(Err("offline".to_owned())))]
fn fetch_fails(name: &str, to: &Path) -> Result<(), String> {
    match ask(name).as_str() {
        "nothing" => std::fs::write(to, name).map_err(|error| error.to_string()),
        answer => Err(answer.to_owned()),
    }
}

#[input(alias = "download", data_handler = OnOk<File>)]
fn download(name: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(format!("/data/{name}"));
    std::fs::write(&path, ask(name)).map_err(|error| error.to_string())?;
    Ok(path)
}

/// The file is there already, and nobody else looks at it.
#[output(alias = "upload", data_handler(file = File))]
fn upload(file: &Path) -> bool {
    file.exists()
}

/// What an output leaves is returned.
#[output(alias = "render", data_handler(return = File))]
fn render(name: &str) -> PathBuf {
    let path = PathBuf::from("/data/rendered");
    std::fs::write(&path, format!("{} rendered", ask(name))).unwrap();
    path
}

#[derive(Serialize)]
struct Choice {
    word: String,
    number: u32,
}

#[input(alias = "choose")]
fn choose(choice: Choice) -> String {
    ask(&choice.word)
}

#[input(alias = "whole")]
fn whole(choice: Choice) -> String {
    ask(&choice.word)
}

/// Its body asks somebody; on a replay that reaches nothing but what is recorded.
#[input(alias = "live", on_missing = live)]
fn live(word: &str) -> String {
    let files = std::fs::read_to_string("/etc/passwd").is_err() && std::env::vars().count() == 0;
    format!("{} {} {files}", ask(word), ask(word))
}

/// An operation within another, whose extractor does all that shifts what follows if anything does.
#[operation(metadata = describe)]
fn inner(customer: &str, total: u32) -> u32 {
    let _ = customer;
    total
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as the operation has it")]
fn describe(customer: &str, _: &u32, _: &u32) -> serde_json::Value {
    println!("described");
    let drawn = (uuid::Uuid::new_v4(), std::time::SystemTime::UNIX_EPOCH.elapsed());
    serde_json::json!({ "customer": customer, "said": notify(customer), "drawn": drawn.0.to_string() })
}

export!(Edges);
