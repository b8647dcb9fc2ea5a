//! Outgoing HTTP: recorded against a real server, and replayed with the server gone.

use crate::support::http::{bytes, request, round_trip};
use crate::support::server::Server;
use serde_json::{Value as Json, json};

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
