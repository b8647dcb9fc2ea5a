//! The service of `sdk-edges.rs` some months later.

wit_bindgen::generate!({ path: "wit/sdk.wit", world: "sdk", generate_all });

use playback_guest::input;
use serde::Serialize;
use test::sdk::world_facts::ask;

struct Edges;

impl Guest for Edges {
    fn run(steps: Vec<String>) -> Vec<String> {
        steps.iter().map(|step| done(&step.split(' ').collect::<Vec<_>>())).collect()
    }

    fn place_order(_: String, total: u32) -> Result<u32, String> {
        Ok(total)
    }
}

fn done(step: &[&str]) -> String {
    let choice = |word: &str| Choice { number: 1, word: word.to_owned(), gift: None };
    match *step {
        ["choose", word] => choose(choice(word)),
        ["whole", word] => whole(Choice { number: 2, ..choice(word) }),
        ["turns"] => turns(1),
        _ => panic!("no step {step:?}"),
    }
}

/// Its fields are in another order, and there is one more.
#[derive(Serialize)]
struct Choice {
    number: u32,
    word: String,
    gift: Option<bool>,
}

#[input(alias = "choose")]
fn choose(choice: Choice) -> String {
    ask(&choice.word)
}

/// A part of the argument is the key now.
#[input(alias = "whole", key(choice.word))]
fn whole(choice: Choice) -> String {
    ask(&choice.word)
}

/// It was `async`.
#[input(alias = "turns.{turns}")]
fn turns(turns: u32) -> String {
    ask(&turns.to_string())
}

export!(Edges);
