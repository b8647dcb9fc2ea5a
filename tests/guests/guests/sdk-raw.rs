//! Uses the imports of the guest SDK as the SDK never does.

wit_bindgen::generate!({
    path: ["../../wit/guest.wit", "wit/sdk-raw.wit"],
    world: "test:sdk-raw/sdk-raw",
    generate_all,
});

use playback::guest::interception::{Kind, Missing, Point, Step, declare, enter, leave, pause, resume};
use playback::guest::{files, interception, recording};

struct Raw;

/// A function with one argument.
fn point() -> Point {
    Point {
        kind: Kind::Input,
        function: "raw".to_owned(),
        alias: "raw".to_owned(),
        fallback_aliases: vec![],
        arguments: vec!["one".to_owned()],
        key: None,
        missing: Missing::Fail,
    }
}

/// A call of it.
fn ticket() -> u64 {
    match enter(declare(&point()), None, &[0x81, 1]) {
        Step::Live(ticket) | Step::Default(ticket) => ticket,
        Step::Recorded(recorded) => recorded.ticket,
        Step::Abandoned(_) => 0,
    }
}

impl Guest for Raw {
    fn misuse(how: String) {
        match how.as_str() {
            "unknown-point" => drop(enter(7, None, &[0x80])),
            "arguments" => drop(enter(declare(&point()), None, &[0x80])),
            "no-cbor" => drop(enter(declare(&point()), None, &[0xff])),
            "huge-count" => {
                drop(enter(declare(&point()), None, &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))
            }
            "no-cbor-result" => leave(ticket(), Some(&[0x1f]), 0),
            "note" => match enter(declare(&point()), None, &[0x81, 1]) {
                Step::Recorded(recorded) => assert_eq!(recorded.note, u64::MAX),
                Step::Live(ticket) => leave(ticket, Some(&[0xf6]), u64::MAX),
                _ => panic!("it is neither live nor recorded"),
            },
            "key" => drop(declare(&Point { key: Some(vec![1]), ..point() })),
            "leave-none" => leave(3, None, 0),
            "leave-twice" => {
                let ticket = ticket();
                leave(ticket, None, 0);
                leave(ticket, None, 0);
            }
            "pause-none" => pause(3),
            "pause-twice" => {
                let ticket = ticket();
                pause(ticket);
                pause(ticket);
            }
            "resume-at-work" => resume(ticket()),
            "due-none" => drop(interception::is_due(3)),
            "abandon-none" => interception::abandon(3, 0),
            "aside" => drop((interception::aside(), interception::aside())),
            "failed" => interception::failed(declare(&point()), Some(9), "no reason"),
            "dropped" => interception::dropped(declare(&point()), &["/x".repeat(1_000)]),
            "points" => (0..100_000).for_each(|_| _ = declare(&point())),
            "names" => {
                let alias = "x".repeat(1 << 20);
                (0..100).for_each(|_| _ = declare(&Point { alias: alias.clone(), ..point() }));
            }
            "open" => {
                let point = declare(&point());
                (0..1_000_000).for_each(|_| drop(enter(point, None, &[0x81, 1])));
            }
            "held" => {
                let point = declare(&point());
                let text = [vec![0x81, 0x5a, 0, 0x10, 0, 0], vec![0; 1 << 20]].concat();
                (0..100).for_each(|_| drop(enter(point, None, &text)));
            }
            "put" => assert!(recording::put("key", &[0x5f]).is_err()),
            "metadata" => assert!(recording::add_metadata("key", "no json").is_err()),
            "files" => assert!(files::keep("/nowhere").is_err()),
            _ => panic!("nobody misuses it by `{how}`"),
        }
    }
}

export!(Raw);
