//! What a recording tape keeps, and when it gives up.

use super::*;
use playback_recording::Interception;

/// A tape that may hold `limit` bytes more than an empty one.
fn limited(limit: usize) -> Tape {
    Tape::from(RecordingTape::new(invocation(), size_of::<Value>() + limit))
}

fn finish(tape: Tape) -> Result<Recording, Loss> {
    let tape = tape.into_recording().expect("a recording");
    tape.finish(Outcome::Returned(Value::Null), false, Duration::ZERO)
}

fn keep(tape: &mut Tape, boundary: &Boundary, argument: &str) {
    let Ok(Step::Live(slot)) =
        tape.calls_mut().intercept(&interceptor(boundary, "price-of"), text(argument).to_vec())
    else {
        panic!("a recording tape answers nothing")
    };
    tape.calls_mut().keep(slot, Outcome::Returned(1.into()).into());
}

#[test]
fn everything_that_crosses_is_kept_in_order() {
    let shop = shop("");
    let recording =
        record(&shop, &[gives("price-of", &text("apple"), 1), gives("notify", &text("hi"), None::<bool>)]);
    let calls: Vec<&Interception> = recording.interceptions().collect();
    assert_eq!((&*calls[0].alias, calls[0].kind), ("shop:orders/inputs#price-of", Kind::Input));
    assert_eq!((&*calls[1].alias, calls[1].kind), ("shop:orders/outputs#notify", Kind::Output));
    assert_eq!(calls[0].arguments, text("apple"));
    assert_eq!(*calls[0].outcome, Outcome::Returned(1.into()));
    let signature = recording.function(calls[0]).map(|function| &*function.signature);
    assert_eq!(signature, Some("func(sku: string) -> u32"));
}

#[test]
fn a_function_is_named_once_however_often_it_is_called() {
    let shop = shop("");
    let apple = text("apple");
    let recording = record(&shop, &[gives("price-of", &apple, 1), gives("price-of", &apple, 2)]);
    assert_eq!(recording.header.functions.len(), 1);
}

#[test]
fn metadata_says_what_the_recording_is() {
    let shop = shop("");
    let mut tape = recording_tape();
    keep(&mut tape, &shop, "apple");
    tape.time_mut().clock(Clock::Wall, &mut || 5);
    let tape = tape.into_recording().expect("a recording");
    let trapped = Outcome::Trapped("unreachable".to_owned());
    let recording = tape.finish(trapped.clone(), true, Duration::from_millis(3)).unwrap();
    let metadata = &recording.metadata;
    assert_eq!((metadata.counts.inputs, metadata.counts.outputs, metadata.counts.ambient), (1, 0, 1));
    assert_eq!(metadata.exception.as_deref(), Some("unreachable"));
    assert!(metadata.incomplete);
    assert_eq!(metadata.duration_us, 3000);
    assert_eq!(metadata.operation, "shop:orders/api@1.0.0#place-order");
    assert_eq!((&metadata.id, metadata.recorded_at), (recording.id(), invocation().started_at));
    assert_eq!(recording.outcome, Some(trapped));
}

#[test]
fn an_operation_that_returned_has_no_exception() {
    let metadata = &record(&shop(""), &[]).metadata;
    assert_eq!((&metadata.exception, metadata.incomplete), (&None, false));
}

#[test]
fn calls_stand_in_the_order_in_which_they_began() {
    let shop = shop("");
    let mut tape = recording_tape();
    let mut begin =
        |sku| match tape.calls_mut().intercept(&interceptor(&shop, "price-of"), text(sku).to_vec()) {
            Ok(Step::Live(slot)) => slot,
            other => panic!("{other:?}"),
        };
    let (first, second, cut_off) = (begin("apple"), begin("pear"), begin("plum"));
    tape.calls_mut().keep(second, Outcome::Returned(2.into()).into());
    tape.calls_mut().keep(first, Outcome::Returned(1.into()).into());
    drop(cut_off);
    let recording = finished(tape);
    let arguments: Vec<_> = recording.interceptions().map(|call| call.arguments[0].clone()).collect();
    assert_eq!(arguments, [Value::from("apple"), "pear".into()]);
    assert_eq!(recording.metadata.counts.inputs, 2);
}

#[test]
fn what_is_written_is_coalesced() {
    let mut tape = recording_tape();
    for (stream, text) in
        [(Stream::Stdout, "a"), (Stream::Stdout, "b"), (Stream::Stderr, "c"), (Stream::Stdout, "d")]
    {
        tape.streams_mut().written(stream, text.as_bytes());
    }
    let written = |stream, text: &str| Event::Written(stream, text.as_bytes().to_vec());
    let expected =
        [written(Stream::Stdout, "ab"), written(Stream::Stderr, "c"), written(Stream::Stdout, "d")];
    assert_eq!(finished(tape).events, expected);
}

#[test]
fn a_recording_that_grows_past_its_limit_is_given_up() {
    let shop = shop("");
    let mut tape = limited(10_000);
    keep(&mut tape, &shop, &"x".repeat(5_000));
    keep(&mut tape, &shop, &"x".repeat(5_000));
    assert_eq!(finish(tape), Err(Loss::TooLarge { limit: size_of::<Value>() + 10_000 }));
    let mut tape = limited(10_000);
    keep(&mut tape, &shop, &"x".repeat(5_000));
    assert!(finish(tape).is_ok());
}

#[test]
fn a_recording_that_was_given_up_holds_no_memory() {
    let shop = shop("");
    type Fill = fn(&mut Tape, &Boundary);
    let fill: [(&str, Fill); 4] = [
        ("calls", |tape, shop| keep(tape, shop, &"x".repeat(1_000))),
        ("one stream", |tape, _| tape.streams_mut().written(Stream::Stdout, &[b'x'; 1_000])),
        ("clocks", |tape, _| {
            for _ in 0..100 {
                tape.time_mut().clock(Clock::Wall, &mut || 1);
            }
        }),
        ("calls that are live", |tape, shop| {
            tape.calls_mut().intercept(&interceptor(shop, "price-of"), text("apple").to_vec()).unwrap();
        }),
    ];
    for (what, fill) in fill {
        let mut tape = limited(10_000);
        (0..200).for_each(|_| fill(&mut tape, &shop));
        let tape = tape.into_recording().expect("a recording");
        assert_eq!(tape.log.capacity(), 0, "{what}");
        assert!(finish((*tape).into()).is_err(), "{what}");
    }
}

#[test]
fn a_call_that_is_live_when_the_recording_is_given_up_is_forgotten() {
    let shop = shop("");
    let mut tape = limited(10_000);
    let Ok(Step::Live(slot)) =
        tape.calls_mut().intercept(&interceptor(&shop, "price-of"), text("apple").to_vec())
    else {
        panic!("a recording tape answers nothing")
    };
    keep(&mut tape, &shop, &"x".repeat(20_000));
    tape.calls_mut().keep(slot, Outcome::Returned(1.into()).into());
    assert!(finish(tape).is_err());
}

#[test]
fn a_call_keeps_the_place_that_was_reserved_when_it_began() {
    let boundary = shop("");
    let price_of = interceptor(&boundary, "price-of");
    let mut tape = recording_tape();
    let place = tape.calls_mut().reserve();
    let late = |tape: &mut Tape, sku: &str| {
        let names = Names::of(&price_of, &text(sku));
        tape.calls_mut().intercept_at(place, names, &price_of, text(sku).to_vec()).unwrap()
    };
    let Step::Live(slot) = tape.calls_mut().intercept(&price_of, text("pear").to_vec()).unwrap() else {
        panic!()
    };
    tape.calls_mut().keep(slot, Outcome::Returned(Value::from(2u32)).into());
    let Step::Live(slot) = late(&mut tape, "apple") else { panic!("a recording tape answers nothing") };
    tape.calls_mut().keep(slot, Outcome::Returned(Value::from(1u32)).into());
    let recording = finished(tape);
    let skus: Vec<_> = recording.interceptions().map(|call| call.arguments.clone()).collect();
    assert_eq!(skus, [text("apple"), text("pear")]);

    let mut replay = Replay::of(&recording, &boundary);
    assert_eq!(replay.tape.calls_mut().reserve(), place);
    replay.call("price-of", &text("pear"));
    late(&mut replay.tape, "apple");
    let cut_off = replay.tape.calls().cut_off(place, "it ends there").unwrap();
    assert!(cut_off.to_string().contains("it ends there\n    sku = \"apple\""), "{cut_off}");
    let playback = replay.finish();
    assert_eq!(playback.moved, Vec::<usize>::new());
    assert_eq!(playback.crossings[0].arguments, text("apple"));
}
