//! Standard streams: compared when asked, as a whole, and told apart by their first line that differs.

use super::*;
use playback_recording::Stream::{self, Stderr, Stdout};

/// A recording that wrote these pieces, and notified somebody after the first.
fn recorded(shop: &Boundary, pieces: &[(Stream, &[u8])]) -> Arc<Recording> {
    let mut tape = recording_tape();
    for (index, (stream, bytes)) in pieces.iter().enumerate() {
        tape.streams_mut().written(*stream, bytes);
        if index == 0 {
            let step = tape.calls_mut().intercept(&interceptor(shop, "notify"), text("a").into()).unwrap();
            let Step::Live(slot) = step else { panic!("a recording tape answers nothing") };
            tape.calls_mut().keep(slot, Outcome::Returned(Value::Null).into());
        }
    }
    finished(tape)
}

/// The playback of an operation that notifies, then writes these pieces.
fn replayed(recording: &Arc<Recording>, shop: &Boundary, pieces: &[(Stream, &[u8])]) -> Playback {
    let mut tape = ReplayTape::new(recording.clone(), shop);
    tape.compare(&[Stdout, Stderr]);
    let mut replay = Replay { tape: Tape::from(tape), boundary: shop };
    replay.call("notify", &text("a"));
    pieces.iter().for_each(|(stream, bytes)| replay.tape.streams_mut().written(*stream, bytes));
    replay.finish()
}

/// How standard output differs.
fn difference(playback: &Playback) -> String {
    assert!(!playback.is_equal());
    assert_eq!(playback.streams[0].stream, Stdout);
    playback.streams[0].difference.as_ref().unwrap().to_string()
}

#[test]
fn in_which_pieces_a_stream_was_written_makes_no_difference() {
    let shop = shop("");
    let recording = recorded(&shop, &[(Stdout, b"one\ntw"), (Stdout, b"o\n"), (Stderr, b"oh")]);
    let playback = replayed(&recording, &shop, &[(Stderr, b"o"), (Stdout, b"one\ntwo\n"), (Stderr, b"h")]);
    assert!(playback.is_equal());
    assert!(playback.streams.len() == 2 && playback.first_difference().is_none());
}

#[test]
fn the_first_line_that_differs_is_told_with_its_number_and_its_call() {
    let shop = shop("");
    let recording = recorded(&shop, &[(Stdout, b"one\n"), (Stdout, b"two\nthree\n")]);
    let playback = replayed(&recording, &shop, &[(Stdout, b"one\ntoo\nfour\n")]);
    assert_eq!(difference(&playback), r#"line 2: "two\n" -> "too\n""#);
    assert_eq!(playback.streams[1].difference, None);
    assert_eq!(
        playback.first_difference().unwrap().to_string(),
        r#"after recorded call #1: stdout line 2: "two\n" -> "too\n""#
    );
    let playback = replayed(&recording, &shop, &[(Stdout, b"\x1bone\n")]);
    let first = playback.first_difference().unwrap().to_string();
    assert!(first.starts_with(r#"stdout line 1: "one\n" -> "\u001bone\n""#), "{first}");
}

#[test]
fn a_stream_that_ends_earlier_or_goes_on_differs_where_it_ends() {
    let shop = shop("");
    let recording = recorded(&shop, &[(Stdout, b"one\ntwo")]);
    let difference = |text: &[u8]| difference(&replayed(&recording, &shop, &[(Stdout, text)]));
    assert_eq!(difference(b"one\n"), r#"line 2: "two" -> (absent)"#);
    assert_eq!(difference(b"one\ntwo\n"), r#"line 2: "two" -> "two\n""#);
    assert_eq!(difference(b""), r#"line 1: "one\n" -> (absent)"#);
    assert_eq!(
        difference(b"one\n\xff"),
        "line 2: <3 bytes> -> <1 bytes>, unlike from byte 0 on: 74776f -> ff"
    );
    let whole = recorded(&shop, &[(Stdout, b"one\n")]);
    let playback = replayed(&whole, &shop, &[(Stdout, b"one\ntwo\n")]);
    assert_eq!(self::difference(&playback), r#"line 2: (absent) -> "two\n""#);
}

#[test]
fn a_stream_that_nobody_asked_for_is_not_compared() {
    let shop = shop("");
    let recording = recorded(&shop, &[(Stdout, b"one\n")]);
    let mut replay = Replay::of(&recording, &shop);
    replay.call("notify", &text("a"));
    replay.tape.streams_mut().written(Stdout, b"two\n");
    let playback = replay.finish();
    assert!(playback.is_equal() && playback.streams.is_empty());
}
