//! What the tests of outgoing HTTP share: recording against a server, and looking at what is on the tape.

use super::server::Server;
use super::{arguments, record_with, replay, returned, service};
use playback_host::Recording;
use playback_host::sandbox::{Network, Recorded, Recorder, ServiceGrants};
use playback_host::tape::{Ending, Playback, Rule, Rules};
use playback_host::value::json;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Records the HTTP guest.
pub(crate) fn recorder(network: Network) -> Recorder {
    let recorder = Recorder::builder(&service("http")).build().unwrap();
    recorder.to_builder().grants(ServiceGrants::default().network(network)).build().unwrap()
}

/// Records one call with all of the network.
pub(crate) async fn recorded(operation: &str, values: Json) -> Recorded {
    record_with(&recorder(Network::All), operation, arguments(values)).await
}

/// A request without anything but what is given.
pub(crate) fn request(method: &str, url: &str, more: Json) -> Json {
    let mut request = json!({
        "method": method, "url": url, "headers": [], "body": [], "trailers": [], "early": false, "patience": null,
    });
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    request
}

/// What stands for the exchanges on the tape, as JSON: their arguments and the result.
pub(crate) fn exchanges(recording: &Recording) -> Vec<Json> {
    let exchange = |call: &playback_host::recording::Interception| {
        let arguments = call.arguments.iter().map(json::to_json);
        let names = recording.function(call).unwrap().parameters.iter().map(ToString::to_string);
        let mut exchange: serde_json::Map<String, Json> = names.zip(arguments).collect();
        exchange.insert("result".to_owned(), returned(&call.outcome));
        Json::Object(exchange)
    };
    recording.interceptions().map(exchange).collect()
}

/// Bytes as JSON has them.
pub(crate) fn bytes(text: &str) -> Json {
    json::to_json(&playback_host::Value::Bytes(text.into()))
}

/// Rules by which these identify an exchange.
pub(crate) fn keyed(names: &[&str]) -> Rules {
    let key = Some(names.iter().map(ToString::to_string).collect());
    Rules::default().with("wasi:http/outgoing-handler", Rule { key, ..Rule::default() })
}

/// How a divergence reads.
pub(crate) fn diverged(playback: &Playback) -> String {
    match &playback.ending {
        Ending::Diverged(divergence) => divergence.to_string(),
        Ending::Finished(outcome) => panic!("it ended with {outcome:?}"),
    }
}

/// Records, and replays with the server there and without it. Nobody asks the server again.
pub(crate) async fn round_trip(mut server: Server, operation: &str, values: Json) -> (Json, Vec<Json>) {
    let recorded = recorded(operation, values).await;
    let recording = Arc::new(recorded.recording.unwrap());
    let hits = server.hits();
    for round in 0..20 {
        if round == 10 {
            assert_eq!(server.hits(), hits);
            server.stop().await;
        }
        let playback = replay(&service("http"), &recording).await;
        assert!(playback.is_equal(), "{operation}: {:?} {:?}", playback.ending, playback.result);
        assert_eq!(playback.moved, Vec::<usize>::new());
    }
    (returned(&recorded.outcome), exchanges(&recording))
}
