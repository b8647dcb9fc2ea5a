//! Outgoing HTTP: recorded against a real server, and replayed with the server gone.

use crate::support::server::Server;
use crate::support::{arguments, record_with, replay, returned, service};
use playback_host::Recording;
use playback_host::sandbox::{Network, Providers, Recorded, Recorder, ServiceGrants};
use playback_host::tape::Rules;
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
