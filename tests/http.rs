//! Outgoing HTTP: recorded against a real server, and replayed with the server gone.

use crate::support::command::Folder;
use crate::support::server::{COOKIE, PASSWORD, Server};
use crate::support::{arguments, impatient, record_with, replay, replay_by, returned, service, trapped};
use playback_host::Recording;
use playback_host::sandbox::{Host, Limits, Network, Providers, Recorded, Recorder, ServiceGrants};
use playback_host::tape::{Ending, Loss, Playback, Rule, Rules};
use playback_host::value::json;
use serde_json::{Value as Json, json};
use std::sync::Arc;

fn recorder(network: Network) -> Recorder {
    let recorder = Recorder::new(&service("http"), Providers::default(), &Rules::default()).unwrap();
    recorder.with_grants(ServiceGrants { network, ..ServiceGrants::default() }).unwrap()
}

async fn recorded(operation: &str, values: Json) -> Recorded {
    record_with(&recorder(Network::All), operation, arguments(values)).await
}

/// A request without anything but what is given.
fn request(method: &str, url: &str, more: Json) -> Json {
    let mut request = json!({
        "method": method, "url": url, "headers": [], "body": [], "trailers": [], "early": false, "patience": null,
    });
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    request
}

/// What stands for the exchanges on the tape, as JSON: their arguments and the result.
fn exchanges(recording: &Recording) -> Vec<Json> {
    let exchange = |call: &playback_host::recording::Interception| {
        let arguments = call.arguments.iter().map(json::to_json);
        let names = recording.function(call).unwrap().parameters.iter().map(ToString::to_string);
        let mut exchange: serde_json::Map<String, Json> = names.zip(arguments).collect();
        exchange.insert("result".to_owned(), returned(&call.outcome));
        Json::Object(exchange)
    };
    recording.interceptions().map(exchange).collect()
}

fn bytes(text: &str) -> Json {
    json::to_json(&playback_host::Value::Bytes(text.into()))
}

/// Rules by which these identify an exchange.
fn keyed(names: &[&str]) -> Rules {
    let key = Some(names.iter().map(ToString::to_string).collect());
    Rules::default().with("wasi:http/outgoing-handler", Rule { key, ..Rule::default() })
}

/// How a divergence reads.
fn diverged(playback: &Playback) -> String {
    match &playback.ending {
        Ending::Diverged(divergence) => divergence.to_string(),
        Ending::Finished(outcome) => panic!("it ended with {outcome:?}"),
    }
}

/// Records, takes the server away, and replays. Nobody asks the server again.
async fn round_trip(mut server: Server, operation: &str, values: Json) -> (Json, Vec<Json>) {
    let recorded = recorded(operation, values).await;
    let recording = Arc::new(recorded.recording.unwrap());
    server.stop().await;
    let hits = server.hits();
    for _ in 0..20 {
        let playback = replay(&service("http"), &recording).await;
        assert!(playback.is_equal(), "{operation}: {:?} {:?}", playback.ending, playback.result);
        assert_eq!(playback.moved, Vec::<usize>::new());
    }
    assert_eq!(server.hits(), hits);
    (returned(&recorded.outcome), exchanges(&recording))
}

#[tokio::test]
async fn a_request_is_answered_from_the_tape_when_the_server_is_gone() {
    let server = Server::start().await;
    let url = server.url("/echo");
    let get = request("GET", &url, json!({ "headers": [["x-agent", "test"]] }));
    let (outcome, exchanges) = round_trip(server, "fetch", json!([get])).await;
    assert_eq!(outcome["ok"]["status"], 200);
    assert_eq!(exchanges.len(), 1);
    assert_eq!(exchanges[0]["method"], "GET");
    assert_eq!(exchanges[0]["url"], url);
    assert_eq!(exchanges[0]["headers"], json!([["x-agent", bytes("test")]]));
    assert_eq!(exchanges[0]["result"]["ok"]["end"], json!({ "complete": null }));
}

#[tokio::test]
async fn bodies_are_on_the_tape_with_their_chunks_and_trailers() {
    for early in [false, true] {
        let server = Server::start().await;
        let body = json!({ "body": ["ab", "cde", "f"], "trailers": [["x-sum", "6"]], "early": early });
        let headers = json!({ "headers": [["trailer", "x-sum"]] });
        let mut post = request("POST", &server.url("/echo"), body);
        post["headers"] = headers["headers"].clone();
        let (outcome, exchanges) = round_trip(server, "fetch", json!([post])).await;
        assert_eq!(outcome["ok"]["body"], json!(["abcdef"]), "{outcome}");
        assert_eq!(exchanges[0]["body"], bytes("abcdef"));
        assert_eq!(exchanges[0]["chunks"], json!([2, 3, 1]));
        assert_eq!(exchanges[0]["trailers"], json!([["x-sum", bytes("6")]]));
    }
}

#[tokio::test]
async fn a_response_in_chunks_keeps_their_borders_and_its_trailers() {
    let server = Server::start().await;
    let url = server.url("/chunks");
    let (outcome, exchanges) = round_trip(server, "fetch", json!([request("GET", &url, json!({}))])).await;
    let body: Vec<String> = serde_json::from_value(outcome["ok"]["body"].clone()).unwrap();
    assert_eq!(body.concat(), "onetwothree");
    assert_eq!(exchanges[0]["result"]["ok"]["chunks"], json!([3, 3, 5]));

    let server = Server::start().await;
    let get = request("GET", &server.url("/trailers"), json!({ "headers": [["te", "trailers"]] }));
    let (outcome, exchanges) = round_trip(server, "fetch", json!([get])).await;
    assert_eq!(outcome["ok"]["trailers"], json!([["x-end", "all"]]));
    assert_eq!(exchanges[0]["result"]["ok"]["trailers"], json!([["x-end", bytes("all")]]));
}

#[tokio::test]
async fn a_redirect_is_followed_by_the_service_and_each_step_is_an_exchange() {
    let server = Server::start().await;
    let url = server.url("/redirect");
    let (outcome, exchanges) = round_trip(server, "follow", json!([url])).await;
    assert_eq!(outcome, json!({ "ok": [302, 301, 200] }));
    assert_eq!(exchanges.len(), 3);
}

#[tokio::test]
async fn a_large_body_is_whole_and_that_of_a_head_request_is_none() {
    let server = Server::start().await;
    let url = server.url("/large");
    let (outcome, exchanges) = round_trip(server, "measure", json!([url])).await;
    assert_eq!(outcome["ok"][0], 4 << 20);
    let chunks: Vec<u64> = serde_json::from_value(exchanges[0]["result"]["ok"]["chunks"].clone()).unwrap();
    assert_eq!(chunks.iter().sum::<u64>(), 4 << 20);

    let server = Server::start().await;
    let head = request("HEAD", &server.url("/large"), json!({}));
    let (outcome, exchanges) = round_trip(server, "fetch", json!([head])).await;
    assert_eq!(outcome["ok"]["body"], json!([]));
    assert_eq!(exchanges[0]["result"]["ok"]["end"], json!({ "complete": null }));
}

#[tokio::test]
async fn what_fails_fails_again() {
    let server = Server::start().await;
    let broken = request("GET", &server.url("/broken"), json!({}));
    let (outcome, exchanges) = round_trip(server, "fetch", json!([broken])).await;
    assert_eq!(outcome["ok"]["body"], json!(["half of it"]));
    assert_ne!(outcome["ok"]["failure"], Json::Null);
    let failed = json!({ "failed": { "HTTP-protocol-error": null } });
    assert_eq!(exchanges[0]["result"]["ok"]["end"], failed);

    let server = Server::start().await;
    let impatient = request("GET", &server.url("/never"), json!({ "patience": 50 }));
    let (outcome, exchanges) = round_trip(server, "fetch", json!([impatient])).await;
    assert_eq!(outcome, json!({ "err": "ErrorCode::ConnectionReadTimeout" }));
    assert_eq!(exchanges[0]["options"]["first-byte-timeout"], 50_000_000);

    let server = Server::start().await;
    let missing = request("GET", &server.url("/missing"), json!({}));
    assert_eq!(round_trip(server, "fetch", json!([missing])).await.0["ok"]["status"], 404);
}

#[tokio::test]
async fn a_host_that_cannot_be_reached_is_recorded_as_that_with_the_whole_request() {
    let mut server = Server::start().await;
    server.stop().await;
    let post = request("POST", &server.url("/echo"), json!({ "body": ["ab", "cd", "ef", "gh"] }));
    let (outcome, exchanges) = round_trip(server, "fetch", json!([post])).await;
    assert_eq!(outcome, json!({ "err": "ErrorCode::ConnectionRefused" }));
    assert_eq!(exchanges[0]["body"], bytes("abcdefgh"));
    assert_eq!(exchanges[0]["result"], json!({ "err": { "connection-refused": null } }));
}

#[tokio::test]
async fn all_of_an_upload_is_on_the_tape_even_if_the_server_reads_none_of_it() {
    for path in ["/early", "/echo"] {
        let server = Server::start().await;
        let url = server.url(path);
        let (_, exchanges) = round_trip(server, "upload", json!([url, 300_000])).await;
        let chunks: Vec<u64> = serde_json::from_value(exchanges[0]["chunks"].clone()).unwrap();
        assert_eq!(chunks.iter().sum::<u64>(), 300_000);
        assert_eq!(chunks[0], 4096);
    }
}

#[tokio::test]
async fn two_requests_in_flight_are_answered_in_the_recorded_order() {
    for paths in [["/first", "/second"], ["/second", "/first"]] {
        let server = Server::start().await;
        let requests = paths.map(|path| request("GET", &server.url(path), json!({})));
        let (outcome, exchanges) = round_trip(server, "race", json!([requests])).await;
        // The server answers the first only after the second; which one the service sees first is not the test's.
        assert_eq!(outcome.as_array().unwrap().len(), 2);
        assert!(exchanges[0]["url"].as_str().unwrap().ends_with(paths[0]), "as they began");
    }
}

#[tokio::test]
async fn an_answer_that_nobody_waited_for_never_comes() {
    for (path, milliseconds, came) in [("/never", 50, false), ("/echo", 60_000, true)] {
        let server = Server::start().await;
        let url = server.url(path);
        let (outcome, exchanges) = round_trip(server, "wait", json!([url, milliseconds])).await;
        assert_eq!(outcome, json!(came));
        assert_eq!(exchanges[0]["result"] == json!({ "err": { "no-answer": null } }), !came);
    }
}

#[tokio::test]
async fn a_request_that_nobody_waits_for_is_on_the_tape_too() {
    let server = Server::start().await;
    let post = request("POST", &server.url("/never"), json!({ "body": ["ab", "cd"] }));
    let (_, exchanges) = round_trip(server, "tell", json!([post])).await;
    assert_eq!(exchanges[0]["body"], bytes("abcd"));
}

#[tokio::test]
async fn a_body_ends_on_replay_where_the_recorded_service_stopped_reading() {
    let mut server = Server::start().await;
    let url = server.url("/endless");
    let recorded = recorded("peek", json!([url, 5])).await;
    server.stop().await;
    assert_eq!(returned(&recorded.outcome), json!({ "ok": "begun" }));
    let mut recording = recorded.recording.unwrap();
    let playback = replay(&service("http"), &Arc::new(recording.clone())).await;
    assert!(playback.is_equal(), "{:?}", playback.ending);

    recording.header.arguments = arguments(json!([url, 6]));
    let divergence = diverged(&replay(&service("http"), &Arc::new(recording)).await);
    assert!(divergence.contains("the recorded one read no further"), "{divergence}");
    assert!(divergence.contains(&url), "{divergence}");
}

#[tokio::test]
async fn a_service_that_waits_longer_than_the_recorded_one_diverges_and_never_hangs() {
    let server = Server::start().await;
    let limits = impatient();
    let recorder = recorder(Network::All).with_limits(limits);
    let get = request("GET", &server.url("/never"), json!({}));
    let recorded = record_with(&recorder, "fetch", arguments(json!([get]))).await;
    assert!(trapped(&recorded.outcome).contains("time limit"));
    let recording = Arc::new(recorded.recording.unwrap());
    let divergence = diverged(&replay(&service("http"), &recording).await);
    assert!(divergence.contains("the recorded one stopped waiting"), "{divergence}");
}

#[tokio::test]
async fn a_service_that_wants_an_answer_before_it_wrote_all_is_matched_with_what_it_wrote() {
    let mut server = Server::start().await;
    let url = server.url("/converse");
    let post = request("POST", &url, json!({ "body": ["ab", "cd"] }));
    let recorded = recorded("converse", json!([post])).await;
    server.stop().await;
    assert_eq!(returned(&recorded.outcome)["ok"]["body"], json!(["heard ab"]));
    let recording = Arc::new(recorded.recording.unwrap());
    assert_eq!(exchanges(&recording)[0]["body"], bytes("abcd"));
    let divergence = diverged(&replay(&service("http"), &recording).await);
    assert!(divergence.contains("these arguments were never recorded"), "{divergence}");
    let playback = replay_by(&keyed(&["method", "url"]), &service("http"), &recording).await;
    assert!(playback.is_equal(), "{:?} {:?}", playback.ending, playback.result);
}

#[tokio::test]
async fn one_more_request_is_a_divergence_that_names_it_and_the_nearest() {
    let mut server = Server::start().await;
    let get = |path: &str| request("GET", &server.url(path), json!({}));
    let (first, more) = (get("/echo"), get("/more"));
    let mut recording = recorded("race", json!([[first]])).await.recording.unwrap();
    recording.header.arguments = arguments(json!([[first, more]]));
    let hits = server.hits();
    server.stop().await;
    let divergence = diverged(&replay(&service("http"), &Arc::new(recording)).await);
    assert!(divergence.contains("/more"), "{divergence}");
    assert!(divergence.contains("recorded call #1 differs"), "{divergence}");
    assert_eq!(server.hits(), hits);
}

#[tokio::test]
async fn one_more_header_matters_only_where_a_rule_names_it() {
    let mut server = Server::start().await;
    let get = |agent: &str| {
        request("GET", &server.url("/echo"), json!({ "headers": [["x-agent", agent], ["x-trace", "1"]] }))
    };
    let (one, other) = (get("one"), get("other"));
    let mut recording = recorded("fetch", json!([one])).await.recording.unwrap();
    server.stop().await;
    let same = Arc::new(recording.clone());
    recording.header.arguments = arguments(json!([other]));
    let changed = Arc::new(recording);
    assert!(replay(&service("http"), &changed).await.is_equal());
    let by_agent = keyed(&["method", "url", "headers.X-Agent"]);
    assert!(replay_by(&by_agent, &service("http"), &same).await.is_equal());
    let divergence = diverged(&replay_by(&by_agent, &service("http"), &changed).await);
    assert!(divergence.contains("/headers.x-agent/0"), "{divergence}");
    assert!(!divergence.contains("/headers.x-trace"), "{divergence}");
}

#[tokio::test]
async fn a_request_that_is_not_granted_is_refused_and_recorded_and_reaches_nobody() {
    let server = Server::start().await;
    let elsewhere: Host = "elsewhere.example:80".parse().unwrap();
    let here: Host = server.host().parse().unwrap();
    let post = request("POST", &server.url("/echo"), json!({ "body": ["ab", "cd", "ef"] }));
    for (network, hits) in [
        (Network::None, 0),
        (Network::Hosts(vec![]), 0),
        (Network::Hosts(vec![elsewhere.clone()]), 0),
        (Network::Hosts(vec![elsewhere, here]), 1),
    ] {
        let recorded = record_with(&recorder(network), "fetch", arguments(json!([post]))).await;
        assert_eq!(server.hits(), hits);
        let recording = Arc::new(recorded.recording.unwrap());
        let is_refused =
            exchanges(&recording)[0]["result"] == json!({ "err": { "HTTP-request-denied": null } });
        assert_eq!(is_refused, hits == 0);
        assert_eq!(exchanges(&recording)[0]["body"], bytes("abcdef"));
        assert!(replay(&service("http"), &recording).await.is_equal());
        assert_eq!(server.hits(), hits);
    }
}

#[tokio::test]
async fn secrets_are_nowhere_in_a_recording_and_match_nevertheless() {
    let mut server = Server::start().await;
    let recorder = recorder(Network::All).with_secret_headers(["X-Tenant".to_owned()]);
    let recorded = record_with(&recorder, "login", arguments(json!([server.url("/login")]))).await;
    server.stop().await;
    assert_eq!(returned(&recorded.outcome), json!({ "ok": [200, 204] }));
    let recording = recorded.recording.unwrap();
    let stored = playback_host::recording::encode(&recording, &Default::default()).unwrap();
    let content = zstd::decode_all(stored.as_slice()).unwrap();
    let holds = |text: &str| content.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(
        holds("Bearer secret-") && holds("sid=secret-") && holds("; Path=/; HttpOnly") && holds("x-tenant")
    );
    assert!(!holds(PASSWORD) && !holds(COOKIE));

    let metadata = recording.metadata.clone();
    let read = playback_host::recording::decode(&stored, metadata, &Default::default()).unwrap();
    assert!(read.header.secret_headers.contains(&"x-tenant".to_owned()));
    let names = ["url", "headers.authorization", "headers.cookie", "headers.x-tenant"];
    let playback = replay_by(&keyed(&names), &service("http"), &Arc::new(read.clone())).await;
    assert!(playback.is_equal(), "{:?} {:?}", playback.ending, playback.result);

    let mut other = read;
    other.header.arguments = arguments(json!([server.url("/elsewhere")]));
    let divergence = diverged(&replay(&service("http"), &Arc::new(other)).await);
    assert!(divergence.contains("/elsewhere") && !divergence.contains(PASSWORD), "{divergence}");
}

#[tokio::test]
async fn what_a_recording_cannot_hold_costs_the_recording_and_not_the_service() {
    let server = Server::start().await;
    let limits = Limits { recording: 1 << 20, ..Limits::default() };
    let recorder = recorder(Network::All).with_limits(limits);
    let recorded = record_with(&recorder, "measure", arguments(json!([server.url("/large")]))).await;
    assert_eq!(returned(&recorded.outcome)["ok"][0], 4 << 20);
    assert_eq!(recorded.recording.unwrap_err(), Loss::TooLarge { limit: 1 << 20 });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_grants_hosts_and_names_secrets_and_shows_both() {
    let mut server = Server::start().await;
    let folder = Folder::with(&["http"]);
    let record = format!("record http.wasm --invoke 'login(\"{}\")'", server.url("/login"));
    let host = server.host();
    for granted in [
        "--network --secret-header x-tenant".to_owned(),
        format!("--allow-host example.com,{host} --secret-header x-tenant"),
    ] {
        assert!(folder.ok(&format!("{record} {granted}")).contains("{\"ok\":[200,204]}"), "{granted}");
    }
    assert_eq!(server.hits(), 4);
    let refused = "ErrorCode::HttpRequestDenied";
    assert!(folder.ok(&format!("{record} --allow-host example.com")).contains(refused));
    assert!(folder.ok(&record).contains(refused));
    folder.write(
        "playback.toml",
        format!("[service]\nallow-hosts = [\"{host}\"]\nsecret-headers = [\"x-tenant\"]\n"),
    );
    assert!(folder.ok(&record).contains("{\"ok\":[200,204]}"));
    assert_eq!(server.hits(), 6);
    server.stop().await;
    let shown = folder.ok("show latest");
    assert!(shown.contains("wasi:http/outgoing-handler#handle") && shown.contains("/login"), "{shown}");
    assert!(!shown.contains(PASSWORD) && !shown.contains(COOKIE), "{shown}");
    assert_eq!(folder.run("replay --all http.wasm").code, 0);
    let inspected = folder.ok("inspect http.wasm");
    assert!(inspected.contains("key: method, url, body"), "{inspected}");
    for (line, problem) in [
        ("--allow-host http://example.com", "is no host"),
        ("--network --allow-host example.com", "cannot be used with"),
        ("--secret-header 'a b'", "is no name of an HTTP header"),
    ] {
        let ran = folder.run(&format!("{record} {line}"));
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.error().contains(problem), "{}", ran.stderr);
    }
    folder.write(
        "playback.toml",
        "[interceptions.\"wasi:http/outgoing-handler#handle\"]\non-missing = \"live\"\n",
    );
    let ran = folder.run("replay latest http.wasm");
    assert!(ran.error().contains("a replay sends no HTTP request"), "{}", ran.stderr);
}
