//! Recordings through their bytes and back, and what becomes of bytes that someone else made.
#![allow(clippy::unwrap_used)]

use super::format::{Limits, VERSION};
use super::*;
use crate::value::{Value, arbitrary, cbor};
use proptest::collection::vec;
use proptest::prelude::*;
use strum::IntoEnumIterator;

mod corpus;
mod crafted;

fn function(name: &str, parameters: &[&str]) -> Function {
    Function {
        name: name.into(),
        parameters: parameters.iter().map(|name| Name::from(*name)).collect(),
        signature: "func(..)".into(),
    }
}

fn call(function: u32, kind: Kind, alias: &str, arguments: Vec<Value>) -> Event {
    let outcome = Outcome::Returned(Value::case("ok", 12.5.into()));
    Event::Interception(Interception {
        function,
        kind,
        alias: alias.into(),
        arguments,
        outcome: outcome.into(),
        note: 0,
    })
}

fn arrived(sources: &[Source]) -> Event {
    let asked = |source: &Source| Asked { source: source.clone(), in_vain: 3 };
    Event::Arrived(Arrival {
        at: 5_000_000,
        found: Found::Among,
        sources: sources.iter().map(asked).collect(),
    })
}

fn readings(all: &[u64]) -> Readings {
    let mut readings = Readings::from(all[0]);
    all[1..].iter().for_each(|reading| assert!(readings.append(*reading).is_some()));
    readings
}

fn clock(clock: Clock, epoch: Option<u64>, all: &[u64]) -> Event {
    Event::Clock { clock, epoch, readings: readings(all) }
}

fn recording_of(events: Vec<Event>) -> Recording {
    let id: RecordingId = "place-order/20260102/019b7a3c-5d1e-7abc-8def-0123456789ab".parse().unwrap();
    let metadata = Metadata {
        id: id.clone(),
        recorded_at: jiff::Timestamp::UNIX_EPOCH,
        duration_us: 12,
        operation: "shop:orders/api#place-order".into(),
        component: "sha256:00".into(),
        host: "0.1.0".into(),
        exception: None,
        incomplete: false,
        limit: None,
        unverified: None,
        sockets: true,
        size: 0,
        counts: Counts::of(&events),
        more: serde_json::Map::new(),
    };
    let header = Header {
        minor: format::MINOR,
        id,
        operation: function("shop:orders/api#place-order", &["order"]),
        arguments: vec![Value::record([("sku", Value::from("a")), ("note", Value::Null)])],
        component: metadata.component.clone(),
        host: metadata.host.clone(),
        functions: vec![
            function("shop:orders/inputs@1.2.0#price-of", &["sku"]),
            function("shop:orders/outputs#notify", &["who", "what"]),
        ],
        seed: [7; 32],
        environment: vec![("TZ".into(), "UTC".into())],
        program_arguments: vec!["orders".into()],
        folders: vec![
            GrantedFolder { guest: "/data".into(), is_read_only: true },
            GrantedFolder { guest: "out".into(), is_read_only: false },
        ],
        sockets: true,
        secret_headers: vec!["authorization".into()],
        file_limit: Some(500_000_000),
    };
    let outcome = Some(Outcome::Returned(Value::case("ok", "receipt".into())));
    Recording { header, events, outcome, contents: Contents::new(), metadata }
}

fn recording() -> Recording {
    recording_of(vec![
        clock(Clock::Wall, None, &[1_767_225_600_000_000_000]),
        call(0, Kind::Input, "shop:orders/inputs#price-of", vec!["a".into()]),
        call(0, Kind::Input, "price.b", vec!["b".into()]),
        clock(Clock::Monotonic, Some(7), &[u64::MAX]),
        clock(Clock::Wall, None, &[1_000, 1_100, 1_200, 1_305]),
        call(1, Kind::Output, "shop:orders/outputs#notify", vec!["me".into(), Value::Bytes(vec![0xff; 20])]),
        arrived(&[
            Source::Timer { wait: u64::MAX, ordinal: 1 },
            Source::Response { call: 0 },
            Source::Body { call: 0, frames: 2 },
            Source::Trailers { call: 0 },
            Source::RequestBody { request: "POST http://shop/".into(), ordinal: 2, writes: 0 },
        ]),
        Event::Unready(Box::new(Unready {
            at: 0,
            asked: Asked { source: Source::Response { call: 1 }, in_vain: u64::MAX },
        })),
        Event::Ready(Readiness { question: 7, questions: u64::MAX, ready: vec![0, u32::MAX] }),
        Event::Ready(Readiness { question: 8, questions: 0, ready: vec![] }),
        Event::Waiting(3),
        Event::Ended(1),
        Event::Put(Box::new(Put { key: "basket".into(), value: Value::record([("size", 3u32.into())]) })),
        Event::Seen(Box::new(Seen {
            path: "/data/a".into(),
            look: Look::Entry,
            ordinal: 1,
            sight: Sight::Absent,
        })),
        Event::Refused(Box::new(Refused {
            call: "unlink-file-at".into(),
            path: "/data/a".into(),
            attempt: 1,
            code: "no-entry".into(),
        })),
        Event::Changed(Box::new(Changed { path: "out/b".into(), change: Change::Removed })),
        Event::Stdin(b"in".to_vec()),
        Event::Written(Stream::Stdout, b"out".to_vec()),
        Event::Written(Stream::Stderr, vec![]),
    ])
}

fn encoded(recording: &Recording) -> Vec<u8> {
    encode(recording, &Limits::default()).unwrap()
}

fn decoded(stored: &[u8], recording: &Recording) -> Result<Recording, DecodeError> {
    decode(stored, recording.metadata.clone(), &Limits::default())
}

#[test]
fn a_recording_reads_back_as_it_was() {
    let recording = recording();
    assert_eq!(decoded(&encoded(&recording), &recording), Ok(recording));
}

#[test]
fn the_same_recording_has_the_same_bytes() {
    assert_eq!(encoded(&recording()), encoded(&recording()));
}

#[test]
fn an_alias_that_no_rule_gave_takes_no_space_and_is_shared() {
    let recording = recording();
    let content = frame::unpack(&encoded(&recording), 1 << 20).unwrap();
    assert!(!String::from_utf8_lossy(&content).contains("shop:orders/inputs#price-of"));
    let decoded = decoded(&encoded(&recording), &recording).unwrap();
    let [_, _, output] = decoded.interceptions().collect::<Vec<_>>()[..] else { unreachable!() };
    assert!(std::sync::Arc::ptr_eq(&output.alias, &decoded.header.functions[1].name));
}

#[test]
fn a_trap_is_an_outcome() {
    let mut recording = recording();
    recording.outcome = Some(Outcome::Trapped("unreachable".into()));
    assert_eq!(decoded(&encoded(&recording), &recording), Ok(recording));
}

#[test]
fn an_exit_is_written_as_the_trap_that_older_builds_wrote() {
    let mut older = recording();
    for (status, text) in
        [(0, "exited with status 0"), (255, "exited with status 255"), (-1, "exited with status -1")]
    {
        let mut recording = recording();
        recording.outcome = Some(Outcome::Exited(status));
        older.outcome = Some(Outcome::Trapped(text.into()));
        assert_eq!(encoded(&recording), encoded(&older));
        assert_eq!(decoded(&encoded(&older), &recording), Ok(recording));
    }
    for text in
        ["exited with status", "exited with status 01", "exited with status +1", "exited with status 1 "]
    {
        older.outcome = Some(Outcome::Trapped(text.into()));
        assert_eq!(decoded(&encoded(&older), &older), Ok(older.clone()));
    }
}

#[test]
fn only_a_call_is_abandoned() {
    let mut recording = recording();
    recording.outcome = Some(Outcome::Abandoned);
    let read = decoded(&encoded(&recording), &recording).unwrap_err();
    assert!(read.to_string().contains("an operation is never abandoned"), "{read}");
}

#[test]
fn a_limit_is_an_outcome_of_its_own_kind() {
    let mut recording = recording();
    for kind in LimitKind::iter() {
        recording.outcome = Some(Outcome::Stopped(Limit { kind, text: "stopped".into() }));
        assert_eq!(decoded(&encoded(&recording), &recording), Ok(recording.clone()));
    }
}

#[test]
fn a_recording_without_its_end_is_incomplete() {
    let mut recording = recording();
    recording.outcome = None;
    assert_eq!(decoded(&encoded(&recording), &recording), Ok(recording));
}

#[test]
fn a_recording_cut_between_items_is_incomplete_and_within_one_damaged() {
    let recording = recording();
    let content = frame::unpack(&encoded(&recording), 1 << 20).unwrap();
    let mut events = vec![];
    for length in 0..content.len() {
        match decoded(&frame::pack(&content[..length]).unwrap(), &recording) {
            Ok(cut) => {
                assert_eq!(cut.outcome, None);
                assert_eq!(cut.events, recording.events[..cut.events.len()]);
                events.push(cut.events.len());
            }
            Err(DecodeError::Corrupt { .. } | DecodeError::NotARecording { .. }) => {}
            Err(error) => unreachable!("{length}: {error}"),
        }
    }
    let all = recording.events.len();
    let expected: Vec<usize> = (0..=all).chain([all]).collect();
    assert_eq!(events, expected, "after the header, each event, and the outcome");
}

#[test]
fn a_recording_that_was_moved_tells() {
    let mut recording = recording();
    let stored = encoded(&recording);
    recording.metadata.id = RecordingId::new("other".parse().unwrap(), jiff::Timestamp::UNIX_EPOCH);
    let error = decoded(&stored, &recording).unwrap_err().to_string();
    let said =
        format!("it says that it is `{}`, and it is kept as `{}`", recording.id(), recording.metadata.id);
    assert!(error.contains(&said), "{error}");
}

#[test]
fn each_limit_is_named() {
    let recording = recording();
    let stored = encoded(&recording);
    let full = Limits::default();
    for (name, limits) in [
        ("stored", Limits { stored: 100, ..full }),
        ("content", Limits { content: 100, ..full }),
        ("decoded", Limits { decoded: 1000, ..full }),
    ] {
        let written = encode(&recording, &limits).unwrap_err();
        assert!(written.to_string().contains(&format!("(`{name}`)")), "{written}");
        let read = decode(&stored, recording.metadata.clone(), &limits).unwrap_err();
        assert!(matches!(read, DecodeError::TooLarge { limit, .. } if limit == name), "{read}");
    }
}

#[test]
fn whatever_is_written_within_the_limits_can_be_read_within_them() {
    let nulls = Value::List(vec![Value::Null; 500]);
    let record = Value::record((0..200).map(|number| (format!("{number}"), Value::Null)));
    let mut calls: Vec<Event> = [nulls, record].map(|value| call(0, Kind::Input, "x", vec![value])).into();
    calls.extend(vec![clock(Clock::Wall, None, &[0]); 500]);
    let recording = recording_of(calls);
    for decoded in (0..200_000).step_by(1000) {
        let limits = Limits { decoded, ..Limits::default() };
        if let Ok(stored) = encode(&recording, &limits) {
            decode(&stored, recording.metadata.clone(), &limits).unwrap();
        }
    }
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let value = || arbitrary::typed().prop_map(|(_, value)| value);
    let limit = || {
        (prop::sample::select(LimitKind::iter().collect::<Vec<_>>()), ".*")
            .prop_map(|(kind, text)| Limit { kind, text })
    };
    let outcome = || {
        prop_oneof![
            4 => value().prop_map(Outcome::Returned),
            1 => ".*".prop_map(Outcome::Trapped),
            1 => any::<i32>().prop_map(Outcome::Exited),
            1 => limit().prop_map(Outcome::Stopped),
            1 => Just(Outcome::Abandoned),
        ]
    };
    let kind = prop_oneof![Just(Kind::Input), Just(Kind::Output)];
    let alias = prop_oneof![Just("shop:orders/inputs#price-of".to_owned()), "[a-c]{0,2}"];
    let note = prop_oneof![3 => Just(0), 1 => any::<u64>()];
    let input = (kind, alias, value(), outcome(), note).prop_map(|(kind, alias, argument, outcome, note)| {
        let alias = alias.into();
        Event::Interception(Interception {
            function: 0,
            kind,
            alias,
            arguments: vec![argument],
            outcome: outcome.into(),
            note,
        })
    });
    let bytes = || vec(any::<u8>(), 0..20);
    let event = prop_oneof![
        6 => input,
        2 => (any::<Option<u64>>(), vec(any::<u64>(), 1..4))
            .prop_map(|(epoch, all)| clock(Clock::Monotonic, epoch, &all)),
        1 => (any::<u64>(), any::<u64>(), vec(any::<u32>(), 0..4))
            .prop_map(|(question, questions, ready)| Event::Ready(Readiness { question, questions, ready })),
        1 => (any::<u64>(), any::<u64>()).prop_map(|(call, frames)| arrived(&[Source::Body { call, frames }])),
        1 => any::<u64>().prop_map(Event::Waiting),
        1 => any::<u64>().prop_map(Event::Ended),
        1 => ("[a-z]{0,3}", value()).prop_map(|(key, value)| Event::Put(Box::new(Put { key, value }))),
        1 => bytes().prop_map(Event::Stdin),
        1 => bytes().prop_map(|bytes| Event::Written(Stream::Stderr, bytes)),
    ];
    vec(event, 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_recording_reads_back_as_it_was(events in events()) {
        let recording = recording_of(events);
        prop_assert_eq!(decoded(&encoded(&recording), &recording), Ok(recording));
    }

    #[test]
    fn a_recording_that_was_cut_is_never_read(events in events(), at in any::<prop::sample::Index>()) {
        let recording = recording_of(events);
        let stored = encoded(&recording);
        prop_assert!(decoded(&stored[..at.index(stored.len())], &recording).is_err());
    }

    #[test]
    fn a_recording_with_changed_bytes_is_refused_or_means_the_same(
        events in events(),
        flips in vec((any::<prop::sample::Index>(), 1..=255u8), 1..4),
    ) {
        let recording = recording_of(events);
        let mut stored = encoded(&recording);
        for (at, flip) in flips {
            let at = at.index(stored.len());
            stored[at] ^= flip;
        }
        if let Ok(decoded) = decoded(&stored, &recording) {
            prop_assert_eq!(decoded, recording);
        }
    }

    #[test]
    fn any_bytes_are_refused(bytes in vec(any::<u8>(), 0..200)) {
        let recording = recording();
        prop_assert!(decoded(&bytes, &recording).is_err());
        prop_assert!(decoded(&frame::pack(&bytes).unwrap(), &recording).is_err());
    }

    #[test]
    fn changed_content_never_panics(
        at in any::<prop::sample::Index>(),
        new in vec(any::<u8>(), 0..12),
        seed in any::<bool>(),
    ) {
        let recording = recording();
        let mut content = frame::unpack(&encoded(&recording), 1 << 20).unwrap();
        let at = at.index(content.len());
        content.splice(at..(at + usize::from(seed) * new.len()).min(content.len()), new);
        let _ = decoded(&frame::pack(&content).unwrap(), &recording);
        let mut reader = cbor::Reader::new(&content[at..], 1 << 16);
        while !reader.is_at_end() && reader.value().is_ok() {}
    }
}

#[test]
fn no_flipped_bit_changes_what_is_read() {
    let recording = recording();
    let stored = encoded(&recording);
    let mut harmless = 0;
    for bit in 0..stored.len() * 8 {
        let mut flipped = stored.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(decoded) = decoded(&flipped, &recording) {
            assert_eq!(decoded, recording, "bit {bit}");
            harmless += 1;
        }
    }
    // A few bits of a frame mean nothing, such as the padding of its tables. No checksum covers them.
    assert!(harmless * 100 < stored.len() * 8, "{harmless} of {} bits can be flipped", stored.len() * 8);
}

#[test]
fn names_on_tapes_stay_as_they_are() {
    let limits =
        ["memory", "table-elements", "instances", "time", "fuel", "written", "crossing", "recording"];
    assert_eq!(LimitKind::iter().map(LimitKind::name).collect::<Vec<_>>(), limits);
    let looks = [Look::Entry, Look::Own, Look::Listing, Look::Content, Look::Kept];
    assert_eq!(looks.map(Look::name), ["entry", "own", "listing", "content", "kept"]);
    let kinds = [EntryKind::File, EntryKind::Folder, EntryKind::Link, EntryKind::Other];
    assert_eq!(kinds.map(EntryKind::name), ["file", "folder", "link", "other"]);
    let found = [Found::Asking, Found::Waiting, Found::Among];
    assert_eq!(found.map(Found::name), ["asking", "waiting", "among"]);
}
