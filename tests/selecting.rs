//! Recordings of several services in one cassette: which of them are listed and replayed.

use crate::support::command::{Folder, assert_told};
use serde_json::json;

/// A cassette with recordings of the shop and of the chatty service.
fn recorded() -> Folder {
    let folder = Folder::with(&["shop", "shop_provider", "chatty", "chatty_provider", "ambient"]);
    let quote = r#"record shop.wasm --provider shop_provider.wasm --invoke 'quote("apple", 2)'"#;
    folder.ok(quote);
    folder.ok(&format!("{quote} --category apples"));
    folder.ok("record chatty.wasm --provider chatty_provider.wasm --invoke 'same(2)'");
    folder.ok("record chatty.wasm --provider chatty_provider.wasm --invoke 'distinct(2)'");
    folder
}

#[test]
fn recordings_of_operations_that_the_service_does_not_have_are_left_out_and_counted() {
    let folder = recorded();
    assert_told!(folder.session(&[
        "replay --all shop.wasm",
        // The newest of the shop, though others are newer.
        "replay --all shop.wasm --limit 1",
        "replay --all chatty.wasm --category same",
        "replay --all ambient.wasm",
    ]));
    let summary = folder.json("replay --all shop.wasm").pop().unwrap();
    assert_eq!((&summary["summary"]["equal"], &summary["summary"]["left-out"]), (&json!(2), &json!(2)));
    assert_eq!(summary["summary"]["operations-left-out"], json!({ "distinct": 1, "same": 1 }));
}

#[test]
fn a_category_may_be_given_several_times() {
    let folder = recorded();
    let listed = |line: &str| {
        let ids = folder.json(line);
        let category =
            |line: &serde_json::Value| line["id"].as_str().unwrap().split('/').next().unwrap().to_owned();
        ids.iter().map(category).collect::<Vec<_>>()
    };
    assert_eq!(listed("list --category quote --category same"), ["same", "quote"]);
    assert_eq!(listed("list --category same,quote,same"), ["same", "quote"]);
    let replayed = folder.ok("replay --all shop.wasm --category quote --category apples");
    assert_eq!(replayed, "2 equal, 0 different, 0 diverged\n");
    let latest = folder.json("replay latest shop.wasm --category quote --category apples").remove(0);
    assert!(latest["recording"].as_str().unwrap().starts_with("apples/"), "{latest}");
    let nothing = folder.run("list --category no --category none");
    assert_eq!(nothing.code, 4);
    assert!(
        nothing.error().starts_with("there is no recording of category `no` or `none` in "),
        "{}",
        nothing.stderr
    );
}
