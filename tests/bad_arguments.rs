//! Operations, arguments and names that people get wrong. Nothing runs, and nothing is written.

use crate::support::command::{Folder, assert_told, ran};
use std::io::Write;
use std::process::Stdio;

const RECORD: &str = "record shop.wasm --provider shop_provider.wasm";
const APPLE: &str = r#"["apple", 1]"#;

fn invocations(calls: &[&str]) -> Vec<String> {
    calls.iter().map(|call| format!("{RECORD} --invoke '{call}'")).collect()
}

/// Without what a command repeats thousands of times.
fn shortened(told: &str) -> String {
    told.replace(&"x".repeat(5000), "x...x")
}

fn refusals(folder: &Folder, commands: &[String]) -> String {
    folder.refusals(&commands.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn an_operation_that_is_not_there_is_answered_with_those_that_are() {
    let folder = Folder::shop();
    folder.write("requests.ndjson", APPLE);
    let mut commands = invocations(&["buy(1)", "(1)"]);
    commands.push(format!("{RECORD} --from requests.ndjson --operation buy"));
    commands.push(format!("{RECORD} --from requests.ndjson"));
    commands.push(RECORD.to_owned());
    commands.push("record --invoke 'quote(1)'".to_owned());
    assert_told!(refusals(&folder, &commands));
}

#[test]
fn an_operation_is_named_by_as_much_as_is_unique_and_none_among_several_is_ambiguous() {
    let folder = Folder::with(&["types", "types_provider"]);
    folder.ok("record types.wasm --provider types_provider.wasm --invoke 'u8(7)'");
    folder.ok("record types.wasm --provider types_provider.wasm --invoke 'test:types/roundtrip#u8(7)'");
    folder.ok("record types.wasm --provider types_provider.wasm --invoke 'test:types/roundtrip@1.2.0#u8(7)'");
    folder.write("requests.ndjson", "[7]");
    let refused = folder.run("record types.wasm --provider types_provider.wasm --from requests.ndjson");
    assert_eq!(refused.code, 2);
    let message = refused.error();
    assert!(
        message.starts_with("requests.ndjson:1: `--operation` is needed, as this line names none: `types.wasm` has several operations; say which one: `"),
        "{message}"
    );
    assert!(message.contains("`find-and-keep`"), "{message}");
}

#[test]
fn a_call_that_does_not_parse_or_fit_says_where() {
    assert_told!(refusals(
        &Folder::shop(),
        &invocations(&[
            "",
            "quote",
            r#"quote("apple""#,
            r#"quote("apple", 1) and more"#,
            r#"quote("apple")"#,
            r#"quote("apple", 1, 2)"#,
            r#"quote("apple", -1)"#,
            "quote(1, 1)",
            r#"place-order({id: "o-1"})"#,
            r#"place-order({id: "o-1", customer: "alice", channel: fax, express: true, lines: []})"#,
            r#"place-order({id: "o-1", customer: "alice", channel: web, express: true, lines: [], colour: "red"})"#,
            "place-order({\n  id: \"o-1\",\n  custmer: \"alice\",\n})",
            "quote(\n\"apple\",\n  x)",
        ])
    ));
}

#[test]
fn a_number_that_no_float_holds_and_a_char_that_is_a_text_are_refused() {
    let folder = Folder::with(&["types", "types_provider"]);
    let record = "record types.wasm --provider types_provider.wasm --invoke";
    for (call, told) in [
        ("f64(1e400)", "it is too large for an f64, at character 5: `1e400)`"),
        ("f32(3.5e38)", "it is too large for an f32, at character 5: `3.5e38)`"),
        ("f32(16777217)", "an f32 does not hold it; the nearest is 16777216.0, at character 5: `16777217)`"),
        ("f32(1e-60)", "an f32 does not hold it; the nearest is 0.0, at character 5: `1e-60)`"),
        (
            "f64(9007199254740993)",
            "an f64 does not hold it; the nearest is 9007199254740992.0, at character 5: `9007199254740993)`",
        ),
        ("char(\"x\")", "a char stands in single quotes, as 'x', at character 6: `\"x\")`"),
    ] {
        let refused = folder.run(&format!("{record} '{call}'"));
        assert!(refused.error().contains(told), "{}", refused.stderr);
    }
    for call in ["f64(-inf)", "f32(0.1)", "f32(nan)", "f32(3.14159265358979)", "f32(1e30)", "f32(16777216)"] {
        folder.ok(&format!("{record} '{call}'"));
    }
    folder.write("requests.ndjson", "[0.1]\n[1e30]\n[16777217]\n");
    let from = "record types.wasm --provider types_provider.wasm --operation f32 --from requests.ndjson";
    let refused = folder.run(from);
    assert!(
        refused
            .error()
            .ends_with("expected f32, found 16777217, which f32 does not hold; the nearest is 16777216.0"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_bad_line_in_the_middle_of_a_file_is_found_before_the_first_one_runs() {
    let folder = Folder::shop();
    let order = r#"{"id": "o-1", "customer": "alice", "channel": "web", "express": true, "lines": []}"#;
    let orders = [
        order.replace("\"customer\"", "\"id\""),
        order.replace("web", "fax"),
        order.replace("true", "1"),
        order.replace("lines", "lnies"),
    ];
    let mut commands = Vec::new();
    for (number, line) in
        ["apple", "[\"apple\", 1", "[\"apple\"]", "{}", "[\"apple\", \"1\"]", "[nope]"].iter().enumerate()
    {
        folder.write(&format!("quotes-{number}.ndjson"), format!("{APPLE}\n\n{line}\n{APPLE}\n"));
        commands.push(format!("{RECORD} --from quotes-{number}.ndjson --operation quote"));
    }
    for (number, line) in orders.iter().enumerate() {
        folder.write(&format!("orders-{number}.ndjson"), format!("[{order}]\n[{line}]\n[{order}]\n"));
        commands.push(format!("{RECORD} --from orders-{number}.ndjson --operation place-order"));
    }
    folder.write("bytes.ndjson", b"[\"apple\", 1]\n[\"\xff\", 1]\n");
    folder.write("blank.ndjson", "\n  \n");
    for file in ["bytes.ndjson", "blank.ndjson", "nowhere.ndjson", "."] {
        commands.push(format!("{RECORD} --from {file} --operation quote"));
    }
    assert_told!(refusals(&folder, &commands));
}

#[test]
fn an_id_that_is_missing_ambiguous_or_malformed_is_told_apart() {
    let folder = Folder::shop();
    folder.write("requests.ndjson", format!("{APPLE}\n").repeat(2));
    folder.ok(&format!("{RECORD} --from requests.ndjson --operation quote"));
    assert_told!(shortened(&folder.refusals(&[
        "replay quote shop.wasm",
        "show refund",
        "show quote/20200101/01234567-89ab-7cde-8f01-23456789abcd",
        "verify quote/20200101/01234567-89ab-7cde-8f01-23456789abcd",
        "show ../secret",
        "replay 'a b' shop.wasm",
        "show ''",
        "replay shop.wasm",
        "replay latest",
        "replay",
        "replay --all latest shop.wasm",
        "replay latest shop.wasm --limit 2",
        "replay quote/20200101/01234567-89ab-7cde-8f01-23456789abcd shop.wasm --category quote",
        &format!("show {}", "x".repeat(5000)),
        &format!("verify {}", "x".repeat(5000)),
        &format!("replay {} shop.wasm", "x".repeat(5000)),
        "show",
    ])));
}

#[test]
fn a_name_or_a_number_that_cannot_be_is_refused_with_what_can() {
    let folder = Folder::shop();
    let record = format!("{RECORD} --invoke 'quote(1)'");
    assert_told!(refusals(
        &folder,
        &[
            format!("{record} --category ../x"),
            format!("{record} --category .."),
            format!("{record} --category ''"),
            format!("{record} --category {}", "x".repeat(129)),
            format!("{record} --timeout soon"),
            format!("{record} --max-memory 1.5Gigs"),
            format!("{record} --env =1"),
            format!("{record} --from requests.ndjson"),
            "list --category a/b".to_owned(),
            format!("{record} --category con"),
            "list --category quote,a/b".to_owned(),
            "list --limit 0".to_owned(),
            "list --format yaml".to_owned(),
            "list --cassette ''".to_owned(),
            "list --cassette s3://bucket/tapes".to_owned(),
            "repaly".to_owned(),
        ]
    ));
}

#[test]
fn lines_that_come_through_a_pipe_run_as_they_come_until_one_is_bad() {
    let folder = Folder::shop();
    let piped = |input: &str| {
        let mut command = folder.command(&format!("{RECORD} --from - --operation quote"));
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        ran(&child.wait_with_output().unwrap())
    };
    let refused = piped("[]\n");
    assert!(refused.error().starts_with("<stdin>:1: the line has 0 arguments"), "{}", refused.stderr);
    assert!(!folder.path("cassette").exists(), "nothing ran");
    let stopped = piped(&format!("{APPLE}\n{APPLE}\n[]\n{APPLE}\n"));
    assert_eq!(stopped.code, 2);
    assert!(stopped.error().starts_with("<stdin>:3: the line has 0 arguments"), "{}", stopped.stderr);
    assert!(stopped.stdout.starts_with("2 operations recorded as `quote`"), "{}", stopped.stdout);
    let all = piped(&format!("{APPLE}\n"));
    assert_eq!((all.code, folder.json("list").len()), (0, 3));
}
