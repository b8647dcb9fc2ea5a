//! Imports an `async` function, which the host does not record yet: it has to say so, not to fail in a strange way.

wit_bindgen::generate!({ path: "wit/async-import.wit", world: "async-import" });

use test::later::slow;

struct AsyncImport;

impl Guest for AsyncImport {
    async fn run(key: u32) -> u32 {
        slow::fetch(key).await
    }
}

export!(AsyncImport);
