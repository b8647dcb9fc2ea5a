//! Keys that reach into arguments, and arguments without what is new in each call.

use super::*;

const ID: &str = "0198b7a3-5d1e-7abc-8def-0123456789ab";
const OTHER_ID: &str = "0198b7a3-ffff-7abc-8def-ba9876543210";

/// A request as HTTP has it.
fn fetch() -> Signature {
    let headers = Type::List(Box::new(Type::Tuple(vec![Type::String, Type::Bytes])));
    let parameters = [("url", Type::String), ("headers", headers), ("body", Type::Bytes)];
    function("inputs#fetch", &parameters, U32)
}

fn fetching(rule: &str) -> Boundary {
    boundary(&[fetch()], &format!("[\"inputs#fetch\"]\n{rule}"))
}

fn request(url: &str, body: &str) -> [Value; 3] {
    let header = |name: &str, value: &str| Value::List(vec![name.into(), Value::Bytes(value.into())]);
    let headers = Value::List(vec![header("accept", "text"), header("x-request-id", body)]);
    [url.into(), headers, Value::Bytes(body.into())]
}

fn order(id: u32, note: &str) -> [Value; 3] {
    request("/orders", &format!(r#"{{"order": {{"id": {id}}}, "note": "{note}"}}"#))
}

fn problem(rule: &str) -> String {
    rules(&format!("[\"inputs#fetch\"]\n{rule}")).resolve(&[fetch()]).unwrap_err().to_string()
}

#[test]
fn a_key_reaches_into_a_body() {
    let boundary = fetching("key = [\"url\", \"body:/order/id\"]");
    let recording =
        record(&boundary, &[gives("fetch", &order(1, "a"), 10u32), gives("fetch", &order(2, "a"), 20u32)]);
    let playback = replay(&recording, &boundary, &[("fetch", &order(2, "b")), ("fetch", &order(1, "c"))]);
    let exact = |value: u32| (Answered::Exact, Value::from(value));
    assert_eq!(answers(&playback), [exact(20), exact(10)]);
    assert_eq!(playback.beside_key[0].differences.len(), 2, "the body and a header are told");

    let divergence = Replay::of(&recording, &boundary).diverges("fetch", &order(3, "a"));
    let nearest: Vec<_> = divergence.nearest[0].differences.iter().map(ToString::to_string).collect();
    assert_eq!(nearest, ["/body/order/id: 1 -> 3"]);
    Replay::of(&recording, &boundary).diverges("fetch", &request("/orders", "no json"));
}

#[test]
fn a_key_reaches_into_a_record_and_into_json_in_it() {
    let order = Type::Record(fields(&[("id", U32), ("payload", Type::String)]));
    let send = function("inputs#send", &[("order", order)], U32);
    let boundary = boundary(&[send], "[\"inputs#send\"]\nkey = [\"order:/id\", \"order:/payload/sku\"]");
    let call = |id: u32, sku: &str, note: u32| {
        let payload = format!(r#"{{"sku": "{sku}", "note": {note}}}"#);
        [Value::record([("id", Value::from(id)), ("payload", payload.into())])]
    };
    let recording =
        record(&boundary, &[gives("send", &call(1, "a", 1), 1u32), gives("send", &call(1, "b", 1), 2u32)]);
    let mut replay = Replay::of(&recording, &boundary);
    assert_eq!(replay.call("send", &call(1, "b", 9)), 2.into());
    assert_eq!(replay.call("send", &call(1, "a", 9)), 1.into());
    replay.diverges("send", &call(2, "a", 1));
}

#[test]
fn a_fresh_id_finds_the_recorded_answer_and_is_no_difference() {
    let body = |id: &str, n: u32| request("/orders", &format!(r#"{{"id": "{id}", "n": {n}}}"#));
    let rule = "key = [\"url\", \"body\"]\nnormalise = [{ path = \"body:/id\", as = \"uuid\" }, { path = \"headers.x-request-id\", as = \"request\" }]";
    let boundary = fetching(rule);
    let recording =
        record(&boundary, &[gives("fetch", &body(ID, 1), 10u32), gives("fetch", &body(ID, 2), 20u32)]);
    let playback =
        replay(&recording, &boundary, &[("fetch", &body(OTHER_ID, 2)), ("fetch", &body(OTHER_ID, 1))]);
    let exact = |value: u32| (Answered::Exact, Value::from(value));
    assert_eq!(answers(&playback), [exact(20), exact(10)]);
    assert!(playback.beside_key.is_empty(), "{:?}", playback.beside_key);
    assert_eq!(playback.crossings[0].arguments, body(OTHER_ID, 2), "the arguments are as they were made");

    let divergence = Replay::of(&recording, &boundary).diverges("fetch", &body(OTHER_ID, 3));
    let nearest: Vec<_> = divergence.nearest[0].differences.iter().map(ToString::to_string).collect();
    assert_eq!(nearest, ["/body/n: 1 -> 3"], "the id is no reason");
    let without = fetching("key = [\"url\", \"body\"]");
    Replay::of(&recording, &without).diverges("fetch", &body(OTHER_ID, 1));
}

#[test]
fn a_pattern_and_a_sort_without_a_path_hold_for_every_text() {
    let call = |id: &str, run: u32, time: &str| {
        request(&format!("/orders/{id}?run=run-{run}"), &format!("made at {time} by run-{run}"))
    };
    let boundary = fetching(
        "normalise = [{ as = \"uuid\" }, { as = \"timestamp\" }, { pattern = \"run-[0-9]+\", as = \"<run>\" }]",
    );
    let recording = record(&boundary, &[gives("fetch", &call(ID, 1, "2026-01-02T03:04:05Z"), 10u32)]);
    let mut replay = Replay::of(&recording, &boundary);
    assert_eq!(replay.call("fetch", &call(OTHER_ID, 22, "2026-02-02T03:04:05Z")), 10.into());
    Replay::of(&recording, &boundary).diverges("fetch", &call("no-id", 1, "2026-01-02T03:04:05Z"));
}

#[test]
fn an_output_under_such_a_rule_is_compared_under_it() {
    let rule = "[\"outputs#notify\"]\nnormalise = [{ path = \"text:/nonce\", as = \"nonce\" }]";
    let shop = shop(rule);
    let message = |nonce: u32, to: &str| text(&format!(r#"{{"nonce": {nonce}, "to": "{to}"}}"#));
    let recording = record(&shop, &[gives("notify", &message(1, "a"), Value::Null)]);
    assert!(replay(&recording, &shop, &[("notify", &message(2, "a"))]).is_equal());
    let playback = replay(&recording, &shop, &[("notify", &message(2, "b"))]);
    let told: Vec<_> = playback.outputs[0].differences.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["/text/to: \"a\" -> \"b\""]);
}

#[test]
fn a_request_that_is_still_written_waits_for_its_end_to_be_told_by_a_part_of_it() {
    let boundary = fetching("key = [\"url\", \"body:/order/id\"]");
    let recording = record(&boundary, &[gives("fetch", &order(1, "a"), 10u32)]);
    let begun = |url: &str| {
        let mut replay = Replay::of(&recording, &boundary);
        let calls = replay.tape.calls_mut();
        let place = calls.reserve();
        let step = calls.intercept_begun(
            place,
            &interceptor(&boundary, "fetch"),
            request(url, "{\"ord").to_vec(),
            &[2],
        );
        let whole = |arguments: &[Value; 3], replay: &mut Replay<'_>| {
            replay.tape.calls_mut().complete(place, arguments.to_vec()).is_ok()
        };
        step.is_ok().then(|| (whole(&order(1, "b"), &mut replay), whole(&order(2, "a"), &mut replay)))
    };
    assert_eq!(begun("/orders"), Some((true, false)));
    assert_eq!(begun("/other"), None);
}

/// A request with a body of this type.
fn typed(content_type: &str, body: &str) -> [Value; 3] {
    let header = Value::List(vec!["Content-Type".into(), Value::Bytes(content_type.into())]);
    ["/orders".into(), Value::List(vec![header]), Value::Bytes(body.into())]
}

fn upload(boundary: &str, id: impl std::fmt::Display) -> [Value; 3] {
    let part = format!("content-disposition: form-data; name=\"id\"\r\n\r\n{id}");
    let body = format!("--{boundary}\r\n{part}\r\n--{boundary}--\r\n");
    typed(&format!("multipart/form-data; boundary={boundary}"), &body)
}

#[test]
fn a_body_that_says_the_same_in_other_bytes_finds_the_recorded_answer() {
    for key in ["key = [\"url\", \"body\"]", "key = [\"headers.content-type\", \"body\"]", ""] {
        let boundary = fetching(key);
        let calls = [upload("a", 1), upload("b", 2), upload("c", 1)];
        let results = [10u32, 20, 11];
        let calls: Vec<Call<'_>> =
            calls.iter().zip(results).map(|(call, result)| gives("fetch", call, result)).collect();
        let recording = record(&boundary, &calls);
        let mut replay = Replay::of(&recording, &boundary);
        assert_eq!(replay.call("fetch", &upload("random-x", 2)), 20.into(), "{key}");
        assert_eq!(replay.call("fetch", &upload("random-y", 1)), 10.into(), "{key}");
        assert_eq!(replay.call("fetch", &upload("random-z", 1)), 11.into(), "{key}");
        let step = replay.step("fetch", &upload("random-w", 1)).unwrap();
        assert!(matches!(step, Step::Recorded(_)), "used up: the last again");
        replay.diverges("fetch", &upload("random-x", 3));
    }
}

#[test]
fn a_key_reaches_into_a_body_by_its_content_type() {
    let boundary =
        fetching("key = [\"url\", \"body:/sku\"]\nnormalise = [{ path = \"body:/nonce\", as = \"nonce\" }]");
    let form = |sku: &str, nonce: u32| {
        typed("application/x-www-form-urlencoded", &format!("nonce={nonce}&sku={sku}"))
    };
    let recording =
        record(&boundary, &[gives("fetch", &form("a", 1), 10u32), gives("fetch", &form("b", 1), 20u32)]);
    let playback = replay(&recording, &boundary, &[("fetch", &form("b", 2)), ("fetch", &form("a", 3))]);
    let exact = |value: u32| (Answered::Exact, Value::from(value));
    assert_eq!(answers(&playback), [exact(20), exact(10)]);
    assert!(playback.beside_key.is_empty(), "{:?}", playback.beside_key);
    Replay::of(&recording, &boundary).diverges("fetch", &form("c", 1));

    let boundary = fetching("key = [\"body:/id/body/order\"]");
    let recording = record(&boundary, &[gives("fetch", &upload("a", r#"{"order": 7}"#), 10u32)]);
    assert_eq!(
        Replay::of(&recording, &boundary).call("fetch", &upload("b", r#"{"order":7,"n":1}"#)),
        10.into()
    );
    Replay::of(&recording, &boundary).diverges("fetch", &upload("b", r#"{"order":8}"#));
}

#[test]
fn json_that_is_written_otherwise_is_the_same_body_and_text_is_not() {
    let boundary = fetching("key = [\"body\"]");
    let json = |body: &str| typed("application/json", body);
    let recording = record(&boundary, &[gives("fetch", &json(r#"{"a": 1, "b": 2}"#), 10u32)]);
    assert_eq!(Replay::of(&recording, &boundary).call("fetch", &json(r#"{"b":2,"a":1}"#)), 10.into());
    Replay::of(&recording, &boundary).diverges("fetch", &json(r#"{"b":2,"a":1,"c":null}"#));
    Replay::of(&recording, &boundary).diverges("fetch", &typed("text/plain", r#"{"b":2,"a":1}"#));
    let text = |body: &str| typed("text/plain", body);
    let recording = record(&boundary, &[gives("fetch", &text("a  b"), 10u32)]);
    Replay::of(&recording, &boundary).diverges("fetch", &text("a b"));
}

#[test]
fn a_rule_that_cannot_be_used_names_itself_the_reason_and_the_way_out() {
    let told = |rule: &str, parts: &[&str]| {
        let problem = problem(rule);
        for part in [&["`shop:orders/inputs#fetch`"], parts].concat() {
            assert!(problem.contains(part), "{problem}");
        }
    };
    told("key = [\"content:/id\"]", &["`key` names `content:/id`", "`url`, `headers`, `body`"]);
    told("key = [\"body:order.id\"]", &["`body:order.id`", "no JSON pointer", "`body:/order/id`"]);
    told("normalise = [{ path = \"bodi\", as = \"x\" }]", &["`normalise` names `bodi`", "`body`"]);
    told("normalise = [{ path = \"body:\", as = \"x\" }]", &["`body:`", "no JSON pointer"]);
    told("normalise = [{ pattern = \"a(\", as = \"x\" }]", &["`a(`", "unclosed group", "`\\`"]);
    told("normalise = [{ as = \"nonce\" }]", &["`as = \"nonce\"`", "add a `path` or a `pattern`"]);
    for unknown in ["normalise = [{ path = \"body\" }]", "normalise = [{ as = \"uuid\", at = \"body\" }]"] {
        let rule = format!("[\"inputs#fetch\"]\n{unknown}");
        assert!(toml::from_str::<Rules>(&rule).is_err(), "{unknown}");
    }
}
