//! Answers every question with its length.

wit_bindgen::generate!({ path: "wit/sdk.wit", world: "oracle", generate_all });

use exports::test::sdk::world_facts::Guest;

struct Oracle;

impl Guest for Oracle {
    fn ask(question: String) -> String {
        question.len().to_string()
    }
}

export!(Oracle);
