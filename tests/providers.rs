//! Providers that are likely a mistake: two for one import, one for none, and one without the network it asks for.

use crate::support::command::{Folder, Ran};
use crate::support::server::Server;

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

/// A component that imports `follow`, which returns the statuses of the responses that a URL leads to, and exports it.
fn follower() -> Vec<u8> {
    let text = r#"(component
        (import "follow" (func $follow (param "url" string) (result (result (list u16) (error string)))))
        (core module $memory (memory (export "memory") 1) (global $end (mut i32) (i32.const 1024))
            (func (export "realloc") (param i32 i32 i32 i32) (result i32)
                (global.get $end)
                (global.set $end (i32.and (i32.const -16)
                    (i32.add (i32.add (global.get $end) (local.get 3)) (i32.const 15))))))
        (core instance $memory (instantiate $memory))
        (alias core export $memory "memory" (core memory $m))
        (alias core export $memory "realloc" (core func $realloc))
        (core func $lowered (canon lower (func $follow) (memory $m) (realloc $realloc)))
        (core module $main
            (import "" "follow" (func $follow (param i32 i32 i32)))
            (func (export "run") (param i32 i32) (result i32)
                (call $follow (local.get 0) (local.get 1) (i32.const 16))
                (i32.const 16)))
        (core instance $main (instantiate $main (with "" (instance (export "follow" (func $lowered))))))
        (func (export "run") (param "url" string) (result (result (list u16) (error string)))
            (canon lift (core func $main "run") (memory $m) (realloc $realloc))))"#;
    wat::parse_str(text).unwrap()
}

/// Records what a provider that sends HTTP requests answers.
fn follow(url: &str, network: &str) -> Ran {
    let folder = Folder::with(&["http"]);
    folder.write("follower.wasm", follower());
    let told = folder
        .run(&format!(r#"record follower.wasm --provider http.wasm {network} --invoke 'run("{url}")'"#));
    assert_eq!(told.code, 0, "{}", told.stderr);
    let replay = folder.run("replay latest follower.wasm");
    assert_eq!((replay.code, &*replay.stderr), (0, ""));
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_sends_http_requests_where_it_has_the_network_and_is_refused_elsewhere() {
    let server = Server::start().await;
    let url = server.url("/redirect");
    let sent = follow(&url, "--provider-network");
    assert!(sent.stdout.starts_with(r#"returned {"ok":[302,301,200]}"#), "{}", sent.stdout);
    assert_eq!((server.hits(), &*sent.stderr), (3, ""));

    let refused = follow(&url, "");
    let denied = r#"returned {"err":"ErrorCode::HttpRequestDenied"}"#;
    assert!(refused.stdout.starts_with(denied), "{}", refused.stdout);
    let warning = format!(
        "warning: provider `http.wasm` was refused `GET {url}`: it has no network; grant it the network, if it needs \
         it\n"
    );
    assert_eq!((server.hits(), refused.stderr), (3, warning));
}
