//! Files that are no component, or none that can be recorded, as services and as providers.

use crate::support::command::{Folder, assert_told};

/// A section of a binary component.
fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id, content.len() as u8][..], content].concat()
}

/// `(component (import "test:later/pipes" (instance (export "open" (func (result (stream u8)))))))`
fn streaming() -> Vec<u8> {
    // An instance type of three declarations: the stream, the function, and its name.
    let stream = [0x01, 0x66, 0x01, 0x7d];
    let function = [0x01, 0x40, 0x00, 0x00, 0x00];
    let export = [&[0x04, 0x00, 4][..], b"open", &[0x01, 0x01]].concat();
    let types = [&[0x01, 0x42, 3][..], &stream, &function, &export].concat();
    let import = [&[0x01, 0x00, 16][..], b"test:later/pipes", &[0x05, 0x00]].concat();
    [&b"\0asm\x0d\0\x01\0"[..], &section(7, &types), &section(10, &import)].concat()
}

/// A folder with one file of each sort.
fn folder() -> Folder {
    let folder = Folder::with(&["shop", "shop_provider", "shop_v2_provider", "async_import"]);
    folder.write("core.wasm", b"\0asm\x01\0\0\0");
    folder.write("text.wasm", "once upon a time");
    folder.write("empty.wasm", "");
    folder.write("later.wasm", b"\0asm\x0e\0\x01\0");
    let shop = std::fs::read(folder.path("shop.wasm")).unwrap();
    folder.write("cut.wasm", &shop[..1000]);
    folder.write("stream.wasm", streaming());
    std::fs::create_dir(folder.path("folder.wasm")).unwrap();
    folder
}

const BAD: [&str; 9] =
    ["core", "text", "empty", "later", "cut", "missing", "folder", "async_import", "stream"];

#[test]
fn what_is_no_service_is_refused_and_says_what_it_is_instead() {
    let commands = BAD.map(|name| format!("inspect {name}.wasm"));
    assert_told!(folder().refusals(&commands.each_ref().map(String::as_str)));
}

#[test]
fn every_command_that_takes_a_service_refuses_a_bad_one_alike() {
    let folder = folder();
    folder.ok(r#"record shop.wasm --provider shop_provider.wasm --invoke 'quote("apple", 1)'"#);
    for name in BAD {
        let commands = ["inspect", "record --invoke 'quote(1)'", "replay latest", "replay --all"];
        let told = commands.map(|command| {
            let ran = folder.run(&format!("{command} {name}.wasm"));
            assert_eq!(ran.code, 2, "{command} {name}");
            ran.error().to_owned()
        });
        assert!(told.iter().all(|message| *message == told[0]), "{told:?}");
    }
    assert_eq!(folder.json("list").len(), 1, "the recording is still there, and no other");
}

#[test]
fn what_is_no_provider_for_the_service_is_refused_before_anything_runs() {
    assert_told!(folder().refusals(&[
        r#"record shop.wasm --invoke 'quote("apple", 1)'"#,
        r#"record shop.wasm --provider missing.wasm --invoke 'quote("apple", 1)'"#,
        r#"record shop.wasm --provider core.wasm --invoke 'quote("apple", 1)'"#,
        r#"record shop.wasm --provider shop.wasm --invoke 'quote("apple", 1)'"#,
        r#"record shop.wasm --provider shop_v2_provider.wasm --invoke 'quote("apple", 1)'"#,
        r#"record shop.wasm --provider shop_provider.wasm --provider-dir nowhere::/data --invoke 'quote("apple", 1)'"#,
        r#"record shop.wasm --provider shop_provider.wasm --provider-dir nowhere --invoke 'quote("apple", 1)'"#,
        r#"record shop.wasm --provider shop_provider.wasm --provider-env UNSET --invoke 'quote("apple", 1)'"#,
        r#"record shop.wasm --provider-dir .::/data --invoke 'quote("apple", 1)'"#,
    ]));
}
