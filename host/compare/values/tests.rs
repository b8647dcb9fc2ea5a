//! Messages and texts under rules as stories: two values, the rules, and the differences that are left.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests panic where a promise is broken")]

use super::{Found, Scope};
use crate::rules::{Rule, RuleSet, Settings};
use flate2::Compression;
use flate2::bufread::GzEncoder;
use playback_recording::value::{Value, diff};
use proptest::prelude::*;
use std::io::Read;

/// Rules from the JSON form of `[[compare]]`.
fn rules(rules: &str) -> RuleSet {
    let rules: Vec<Rule> = serde_json::from_str(rules).unwrap();
    RuleSet::new(&rules, &Settings::default(), &"orders".parse().unwrap(), "2026-01-02".parse().unwrap())
}

fn found(rules: &RuleSet, recorded: &Value, replayed: &Value) -> Found {
    let mut found = Found::default();
    Scope::new(rules, &["outcome"]).compare(recorded, replayed, &mut found);
    found
}

/// The differences that rules leave, a line each.
fn under(given: &str, recorded: &Value, replayed: &Value) -> Vec<String> {
    let lines = found(&rules(given), recorded, replayed).differences;
    lines.into_iter().map(|difference| diff::Difference::from(difference).to_string()).collect()
}

fn lines(recorded: &Value, replayed: &Value) -> Vec<String> {
    under("[]", recorded, replayed)
}

/// A message with the length of its body, and its body in one chunk.
fn message(headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Value {
    let body = body.as_ref();
    let length = body.len().to_string();
    let pair = |(name, value): (&str, &str)| Value::List(vec![name.into(), Value::Bytes(value.into())]);
    let headers = headers.iter().copied().chain([("Content-Length", length.as_str())]);
    Value::record([
        ("headers", Value::List(headers.map(pair).collect())),
        ("body", Value::Bytes(body.to_vec())),
        ("chunks", Value::List(vec![Value::from(body.len() as u64)])),
    ])
}

fn of_type(content_type: &str, body: impl AsRef<[u8]>) -> Value {
    message(&[("Content-Type", content_type)], body)
}

fn gzip(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut packed = Vec::new();
    GzEncoder::new(bytes, Compression::new(level)).read_to_end(&mut packed).unwrap();
    packed
}

#[test]
fn json_is_compared_by_path_and_its_length_is_no_second_difference() {
    let json = |body: &str| of_type("application/json; charset=utf-8", body);
    let (recorded, replayed) =
        (json(r#"{"order": {"id": 1, "tags": []}}"#), json(r#"{"order": {"tags": [], "id": 1000}}"#));
    assert_eq!(lines(&recorded, &replayed), ["/body/order/id: 1 -> 1000"]);
    assert_eq!(lines(&json(r#"{"a": 1}"#), &json("{\n \"a\": 1\n}")), [""; 0], "written otherwise");
    assert_eq!(lines(&json("1"), &json("2")), ["/body: 1 -> 2"]);
    let problem = |body: &str| of_type("application/problem+json", body);
    assert_eq!(lines(&problem(r#"{"a":[1]}"#), &problem(r#"{"a":[1,2]}"#)), ["/body/a/1: (absent) -> 2"]);
    let rows = |body: &str| of_type("application/x-ndjson", body);
    assert_eq!(
        lines(&rows("{\"n\":1}\n{\"n\":2}\n"), &rows("{\"n\":2}\n")),
        [r#"/body/0: {"n":1} -> (absent)"#]
    );
}

#[test]
fn a_body_that_is_not_what_it_says_is_compared_as_it_is() {
    let json = |body: &[u8]| of_type("application/json", body);
    assert_eq!(
        lines(&json(b"{\"a\": 1}"), &json(b"{\"a\": 1")),
        [r#"/body: "{\"a\": 1}" -> "{\"a\": 1", unlike from character 8 on"#]
    );
    assert_eq!(
        lines(&json(b"\xff\x00"), &json(b"\xff\x01")),
        ["/body: <2 bytes> -> <2 bytes>, unlike from byte 1 on: 00 -> 01"]
    );
}

#[test]
fn forms_are_compared_by_field() {
    let form = |body: &str| of_type("application/x-www-form-urlencoded", body);
    assert_eq!(
        lines(&form("sku=a+b&n=1&tag=x&tag=y"), &form("n=2&sku=a%20b&tag=x&tag=z")),
        [r#"/body/n: "1" -> "2""#, r#"/body/tag/1: "y" -> "z""#]
    );
}

#[test]
fn multipart_is_compared_by_part_without_its_boundary() {
    let upload = |boundary: &str, id: u32, byte: &str| {
        let body = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"order\"\r\nContent-Type: application/json\r\n\r\n\
             {{\"id\": {id}}}\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n\
             {byte}\r\n--{boundary}--\r\n"
        );
        of_type(&format!("multipart/form-data; boundary={boundary}"), body)
    };
    assert_eq!(lines(&upload("x1", 1, "a"), &upload("a-longer-one", 1, "a")), [""; 0]);
    assert_eq!(
        lines(&upload("x1", 1, "a"), &upload("y2", 22, "b")),
        [r#"/body/file/body: "a" -> "b", unlike from character 1 on"#, "/body/order/body/id: 1 -> 22"]
    );
    let broken = of_type("multipart/form-data; boundary=zz", "--x1\r\n\r\na\r\n--x1--");
    let told = lines(&upload("x1", 1, "a"), &broken).join("\n");
    assert!(told.contains("/headers/content-type") && told.contains("/body: "), "{told}");
}

#[test]
fn a_multipart_body_in_a_multipart_body_is_read_and_no_deeper_than_the_bound() {
    let nest = |depth: usize, text: &str| {
        let mut inner = ("application/json".to_owned(), format!("{{\"t\": \"{text}\"}}"));
        for level in 0..depth {
            let body = format!(
                "--b{level}\n\nfirst\n--b{level}\nContent-Type: {}\n\n{}\n--b{level}--",
                inner.0, inner.1
            );
            inner = (format!("multipart/mixed; boundary=b{level}"), body);
        }
        of_type(&inner.0, inner.1)
    };
    assert_eq!(lines(&nest(2, "a"), &nest(2, "b")), [r#"/body/1/body/1/body/t: "a" -> "b""#]);
    let deep = lines(&nest(100, "a"), &nest(100, "b"));
    assert!(deep.len() == 1 && deep[0].starts_with("/body/1/body/1/body/1/body/1/body: "), "{deep:?}");
}

#[test]
fn text_is_compared_by_line_with_the_part_that_differs_in_a_long_one() {
    let text = |body: &str| of_type("text/plain", body);
    assert_eq!(lines(&text("a\nb\nc\n"), &text("a\nc\n")), [r#"/body/1: "b" -> (absent)"#]);
    assert_eq!(lines(&text("a"), &text("a\n")), [r#"/body/1: (absent) -> """#], "the end of a line counts");
    let long = |word: &str| text(&format!("first\n{}{word}{}", "x".repeat(200), "y".repeat(200)));
    assert_eq!(
        lines(&long("1"), &long("2")),
        [
            r#"/body/1: …"xxxxxxxxxxxx1yyyyyyyyyyyy"… -> …"xxxxxxxxxxxx2yyyyyyyyyyyy"…, unlike from character 201 on"#
        ]
    );
    let huge = |word: &str| text(&format!("{}{word}", "\n".repeat(50_000)));
    assert!(lines(&huge("a"), &huge("b"))[0].ends_with("unlike from line 50001, column 1 on"));
    let xml = |body: &str| of_type("application/xml", body);
    let told = lines(&xml("<a><b n='1'/></a>"), &xml("<a> <b n='2'/> </a>"));
    assert_eq!(told, [r#"/body/a/content/0/b/@n: "1" -> "2""#]);
}

#[test]
fn packed_bodies_are_unpacked_and_the_coding_is_compared() {
    let packed = |body: &[u8], level| {
        message(&[("content-type", "application/json"), ("content-encoding", "gzip")], gzip(body, level))
    };
    let body = format!(r#"{{"id": 1, "text": "{}"}}"#, "lorem ipsum ".repeat(50));
    let (fast, best) = (packed(body.as_bytes(), 0), packed(body.as_bytes(), 9));
    assert_eq!(lines(&fast, &best), [""; 0]);
    let other = packed(body.replace("1,", "2,").as_bytes(), 9);
    assert_eq!(lines(&fast, &other), ["/body/id: 1 -> 2"]);
    let plain = of_type("application/json", &body);
    assert_eq!(lines(&fast, &plain), [r#"/headers/content-encoding: "gzip" -> (absent)"#]);
}

#[test]
fn a_bomb_is_compared_as_bytes() {
    let bomb = |last: u8| {
        let zeros = [vec![0; 8 << 20], vec![last]].concat();
        message(&[("content-type", "text/plain"), ("content-encoding", "gzip")], gzip(&zeros, 9))
    };
    let told = lines(&bomb(1), &bomb(2));
    assert!(
        told.len() == 1 && told[0].starts_with("/body: <") && told[0].contains("unlike from byte"),
        "{told:?}"
    );
}

#[test]
fn headers_are_compared_by_name_in_any_case_and_order() {
    let with = |headers: &[(&str, &str)]| message(headers, "same");
    let recorded =
        with(&[("X-A", "1"), ("vary", "a"), ("vary", "b"), ("date", "Fri, 02 Jan 2026 03:04:05 GMT")]);
    let replayed =
        with(&[("date", "Fri, 02 Jan 2026 03:04:06 GMT"), ("Vary", "a"), ("vary", "b"), ("x-a", "2")]);
    let told = lines(&recorded, &replayed).join("\n");
    assert_eq!(told.lines().count(), 2, "{told}");
    assert!(told.contains("/headers/date: ") && told.contains(r#"/headers/x-a: "1" -> "2""#), "{told}");
}

#[test]
fn a_length_that_is_not_that_of_the_body_is_compared() {
    let head = |length: &str| {
        let headers = Value::record([("content-length", Value::from(length))]);
        Value::record([("headers", headers), ("body", Value::Bytes(vec![]))])
    };
    assert_eq!(lines(&head("10"), &head("12")), [r#"/headers/content-length: "10" -> "12""#]);
    let same_length = |chunks: &[u64]| {
        let Value::Map(mut fields) = of_type("text/plain", "abc") else { panic!("a record") };
        fields[2].1 = Value::List(chunks.iter().map(|chunk| (*chunk).into()).collect());
        Value::Map(fields)
    };
    assert_eq!(
        lines(&same_length(&[3]), &same_length(&[1, 2])),
        ["/chunks/0: 3 -> 1", "/chunks/1: (absent) -> 2"]
    );
}

#[test]
fn rules_reach_into_bodies_and_go_before_the_content_type() {
    let json = |body: &str| of_type("application/json", body);
    let (recorded, replayed) = (json(r#"{"id": 1, "n": 1}"#), json(r#"{"id": 2, "n": 1}"#));
    assert_eq!(under(r#"[{"at": "outcome /body/id", "ignore": true}]"#, &recorded, &replayed), [""; 0]);
    let as_text = r#"[{"at": "outcome /body", "as": "text"}]"#;
    assert_eq!(
        under(as_text, &recorded, &replayed),
        [r#"/body/0: "{\"id\": 1, \"n\": 1}" -> "{\"id\": 2, \"n\": 1}""#]
    );
    let untyped = |body: &str| message(&[], body);
    let told =
        under(r#"[{"at": "outcome", "as": "json"}]"#, &untyped(r#"{"a": 1}"#), &untyped(r#"{"a": 2}"#));
    assert_eq!(told, ["/body/a: 1 -> 2"]);
}

#[test]
fn a_text_that_a_rule_gives_lines_is_read_once() {
    let text = |text: &str| Value::record([("note", Value::from(text))]);
    for at in ["outcome", "outcome /note", "/**"] {
        let rule = format!(r#"[{{"at": "{at}", "as": "text"}}]"#);
        assert_eq!(under(&rule, &text("a\nb"), &text("a\nc")), [r#"/note/1: "b" -> "c""#], "{at}");
        let (rules, value) = (rules(&rule), text("a\nb"));
        let form = Scope::new(&rules, &["outcome"]).canonical(&value);
        assert_eq!(form.get("note"), Some(&Value::List(vec!["a".into(), "b".into()])), "{at}");
    }
}

fn content_types() -> impl Strategy<Value = (&'static str, &'static str)> {
    let types = prop::sample::select(vec![
        "application/json",
        "application/x-ndjson",
        "application/x-www-form-urlencoded",
        "multipart/mixed; boundary=b",
        "application/xml",
        "text/plain",
        "image/png",
    ]);
    (types, prop::sample::select(vec!["", "identity", "gzip"]))
}

/// Bodies that are of some of the types, and nearly alike.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(vec!["1", "2", "\"a\"", "\"A\"", "[1]"]);
    let body = (word.clone(), word, 0..8_usize).prop_map(|(first, second, form)| match form {
        0 => format!("{{\"id\": {first}, \"n\": {second}}}"),
        1 => format!("{{\"n\":{second},\"id\":{first}}}"),
        2 => format!("{{\"id\": {first}}}\n{{\"id\": {second}}}\n"),
        3 => format!("id={first}&n={second}"),
        4 => format!("--b\ncontent-type: application/json\n\n{first}\n--b\n\n{second}\n--b--"),
        5 => format!("<a><id>{first}</id><n>{second}</n></a>"),
        6 => format!("[{first},{second}]"),
        _ => format!("{first}\n{second}"),
    });
    (body, any::<bool>()).prop_map(|(body, is_packed)| match is_packed {
        true => gzip(body.as_bytes(), 6),
        false => body.into_bytes(),
    })
}

fn messages() -> impl Strategy<Value = Value> {
    (content_types(), bodies()).prop_map(|((content_type, coding), body)| {
        message(&[("content-type", content_type), ("content-encoding", coding)], body)
    })
}

/// A rule that ignores nothing in a message.
const ALL_COUNTS: &str = r#"[{"at": "outcome /nowhere", "ignore": true}]"#;

/// Anything that may stand in a body, under any type.
fn wild() -> impl Strategy<Value = Value> {
    let pieces = [
        "--b",
        "--b--",
        "\r\n",
        "\n",
        "content-type: ",
        "text/plain",
        "{",
        "}",
        "\"",
        ":",
        "=",
        "%f",
        "&",
        "<a>",
        "</a>",
    ];
    let piece = prop_oneof![
        4 => prop::sample::select(pieces.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    let body = prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat());
    let header = "[a-z/+]{0,6}|multipart/x; ?boundary=\"?b\"?|text/[\"\\\\;= a]{0,4}|application/(json|xml)";
    (header, prop::sample::select(vec!["", "gzip", "br", "zstd", "deflate", ",,"]), body).prop_map(
        |(content_type, coding, body)| {
            message(&[("content-type", &content_type), ("content-encoding", coding)], body)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn bodies_from_anywhere_are_compared((recorded, replayed) in (wild(), wild())) {
        for given in ["[]", ALL_COUNTS] {
            let rules = rules(given);
            let differences = found(&rules, &recorded, &replayed).differences;
            for difference in differences {
                prop_assert_ne!(difference.recorded, difference.replayed);
            }
            let scope = Scope::new(&rules, &["outcome"]);
            if scope.canonical(&recorded) == scope.canonical(&replayed) {
                prop_assert_eq!(found(&rules, &recorded, &replayed).differences, []);
            }
        }
    }

    /// Messages of the same form have no difference. The reverse holds but for the chunks, and where headers and bodies count.
    #[test]
    fn the_canonical_form_agrees_with_the_comparison(
        (recorded, replayed) in (messages(), messages()),
        given in prop::sample::select(vec![
            ALL_COUNTS,
            r#"[{"at": "outcome /body/id", "ignore": true}, {"at": "outcome /headers", "ignore": true}]"#,
            r#"[{"at": "/**", "ignore-case": true}, {"at": "/headers/**", "ignore": true}]"#,
            r#"[{"at": "outcome /body", "as": "json"}, {"at": "/headers/*", "ignore": true}]"#,
            r#"[{"at": "outcome", "as": "text"}, {"at": "/body", "unordered": true}, {"at": "/headers", "ignore": true}]"#,
            r#"[{"at": "/body", "ignore": true}, {"at": "/chunks", "ignore": true}]"#,
        ]),
    ) {
        let rules = rules(given);
        let scope = Scope::new(&rules, &["outcome"]);
        let [old, new] = [&recorded, &replayed].map(|message| scope.canonical(message));
        let differences = found(&rules, &recorded, &replayed).differences;
        if old == new {
            prop_assert_eq!(&differences, &[]);
        }
        let without_chunks = |form: &Value| {
            let Value::Map(fields) = form else { return form.clone() };
            Value::Map(fields.iter().filter(|(name, _)| **name != *"chunks").cloned().collect())
        };
        if differences.is_empty() && given == ALL_COUNTS {
            prop_assert_eq!(without_chunks(&old), without_chunks(&new));
        }
    }
}
