//! Providers that are likely a mistake: two for one import, and one for none.

use crate::support::command::Folder;

const CALL: &str = r#"--invoke 'quote("apple", 2)'"#;

#[test]
fn two_providers_of_one_import_are_told_and_the_first_answers() {
    let folder = Folder::shop();
    std::fs::copy(folder.path("shop_provider.wasm"), folder.path("other.wasm")).unwrap();
    let told =
        folder.run(&format!("record shop.wasm --provider other.wasm --provider shop_provider.wasm {CALL}"));
    assert_eq!(told.code, 0, "{}", told.stderr);
    let warning = "warning: `other.wasm` and `shop_provider.wasm` both provide `shop:orders/inputs#";
    assert!(told.stderr.starts_with(warning), "{}", told.stderr);
    assert!(told.stderr.ends_with(" more; `other.wasm`, which comes first, answers\n"), "{}", told.stderr);
    assert_eq!(told.stderr.lines().count(), 1, "{}", told.stderr);
}

#[test]
fn a_provider_that_nothing_uses_is_told_when_recording_and_when_replaying() {
    let folder = Folder::with(&["shop", "shop_provider", "chatty_provider"]);
    let unused = |provider: &str| {
        format!(
            "warning: provider `{provider}` is not used: it exports nothing that is to be answered; leave it out\n"
        )
    };
    let record = "record shop.wasm --provider chatty_provider.wasm --provider shop_provider.wasm";
    assert_eq!(folder.run(&format!("{record} {CALL}")).stderr, unused("chatty_provider.wasm"));
    // No rule lets a call of the replay go to it.
    let replay = folder.run("replay latest shop.wasm --provider shop_provider.wasm");
    assert_eq!((replay.code, replay.stderr), (0, unused("shop_provider.wasm")));
    assert_eq!(folder.run(&format!("record shop.wasm --provider shop_provider.wasm {CALL}")).stderr, "");
}
