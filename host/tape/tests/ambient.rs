//! What the runtime itself reads: clocks and standard streams.

use super::*;

const SECOND: u64 = 1_000_000_000;

/// A replay of these clock readings on a tape that records nothing else.
fn replay_of(readings: &[(Clock, u64)]) -> Tape {
    let mut tape = recording_tape();
    for (clock, reading) in readings {
        assert_eq!(tape.time_mut().clock(*clock, &mut || *reading), *reading);
    }
    Tape::from(ReplayTape::new(finished(tape), &Boundary::default()))
}

fn read(tape: &mut Tape, clock: Clock) -> u64 {
    tape.time_mut().clock(clock, &mut || panic!("a replay asks no clock"))
}

fn sleep(tape: &mut Tape, nanoseconds: u64) {
    let tape = tape.time_mut();
    tape.sleep_until(tape.now().saturating_add(nanoseconds));
}

fn sleep_until(tape: &mut Tape, monotonic: u64) {
    tape.time_mut().sleep_until(monotonic);
}

#[test]
fn each_clock_shows_its_recorded_readings_in_order() {
    let mut tape =
        replay_of(&[(Clock::Wall, 50), (Clock::Monotonic, 1), (Clock::Wall, 40), (Clock::Monotonic, 2)]);
    // Together the reads come in another order than recorded. A wall clock that was set back is shown as it was.
    assert_eq!([read(&mut tape, Clock::Monotonic), read(&mut tape, Clock::Monotonic)], [1, 2]);
    assert_eq!([read(&mut tape, Clock::Wall), read(&mut tape, Clock::Wall)], [50, 40]);
}

#[test]
fn a_loop_that_only_reads_clocks_takes_a_byte_or_two_a_reading_and_replays_as_it_was() {
    // Room for two bytes a reading; an event for each would take thirty times as much.
    let mut tape = Tape::from(RecordingTape::new(invocation(), 2 * 200_000));
    let reading = |round: u64| 5 * SECOND + round * 90 + round * 7919 % 31;
    for round in 0..100_000 {
        tape.time_mut().clock(Clock::Monotonic, &mut || reading(round));
        tape.time_mut().clock(Clock::Wall, &mut || 1_700_000_000 * SECOND + reading(round));
    }
    let recording = finished(tape);
    assert_eq!(recording.metadata.counts.ambient, 200_000);
    let mut tape = Tape::from(ReplayTape::new(recording, &Boundary::default()));
    for round in 0..100_000 {
        assert_eq!(read(&mut tape, Clock::Monotonic), reading(round));
    }
    for round in 0..100_000 {
        assert_eq!(read(&mut tape, Clock::Wall), 1_700_000_000 * SECOND + reading(round));
    }
}

#[test]
fn readings_that_something_came_between_stand_before_and_after_it() {
    let mut tape = recording_tape();
    for (reading, text) in [(1, "a"), (2, ""), (3, ""), (4, "b"), (5, "")] {
        tape.time_mut().clock(Clock::Monotonic, &mut || reading);
        if !text.is_empty() {
            tape.streams_mut().written(Stream::Stdout, text.as_bytes());
        }
    }
    let events = &finished(tape).events;
    let shown: Vec<String> = events
        .iter()
        .map(|event| match event {
            Event::Clock { readings, .. } => format!("{:?}", readings.iter().collect::<Vec<_>>()),
            Event::Written(_, text) => String::from_utf8_lossy(text).into_owned(),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(shown, ["[1]", "a", "[2, 3, 4]", "b", "[5]"]);
}

#[test]
fn past_the_end_clocks_repeat_the_last_reading_and_then_continue_in_small_steps() {
    let mut tape = replay_of(&[(Clock::Monotonic, 5 * SECOND)]);
    for _ in 0..=1_000 {
        assert_eq!(read(&mut tape, Clock::Monotonic), 5 * SECOND);
    }
    let mut last = 5 * SECOND;
    for _ in 0..1_000 {
        let reading = read(&mut tape, Clock::Monotonic);
        assert!(last < reading && reading < last + 10_000, "{last} {reading}");
        last = reading;
    }
}

/// Reads a clock, calls, reads it twice, calls again and reads it once more. `extra` more readings come before each of these.
fn calls_between_readings(tape: &mut Tape, shop: &Boundary, clock: Clock, extra: usize) -> Vec<u64> {
    let mut live = (1..).map(|seconds| seconds * SECOND);
    let mut read = |tape: &mut Tape| {
        let mut reading = || live.next().unwrap();
        for _ in 0..extra {
            tape.time_mut().clock(clock, &mut || panic!("it is not recorded"));
        }
        tape.time_mut().clock(clock, &mut reading)
    };
    let mut readings = vec![read(tape)];
    for (sku, reads) in [("a", 2), ("b", 1)] {
        let price_of = interceptor(shop, "inputs#price-of");
        match tape.calls_mut().intercept(&price_of, vec![sku.into()]).unwrap() {
            Step::Live(slot) => tape.calls_mut().keep(slot, Outcome::Returned(1_u32.into()).into()),
            Step::Recorded(_) => {}
        }
        readings.extend((0..reads).map(|_| read(tape)));
    }
    readings
}

#[test]
fn an_extra_reading_changes_no_reading_after_the_next_call() {
    for clock in [Clock::Wall, Clock::Monotonic] {
        let shop = shop("");
        let mut tape = recording_tape();
        let recorded = calls_between_readings(&mut tape, &shop, clock, 0);
        assert_eq!(recorded, [1, 2, 3, 4].map(|seconds| seconds * SECOND));
        let recording = finished(tape);
        let replayed = |extra| {
            let mut tape = Tape::from(ReplayTape::new(recording.clone(), &shop));
            calls_between_readings(&mut tape, &shop, clock, extra)
        };
        assert_eq!(replayed(0), recorded);
        // The first of two readings shows what the second showed; whoever reads once reads what was recorded.
        assert_eq!(replayed(1), [1, 3, 3, 4].map(|seconds| seconds * SECOND), "{clock:?}");
        assert_eq!(replayed(7), [1, 3, 3, 4].map(|seconds| seconds * SECOND), "{clock:?}");
    }
}

#[test]
fn readings_of_a_call_that_is_not_made_any_more_are_left_out() {
    let shop = shop("");
    let price_of = interceptor(&shop, "inputs#price-of");
    let mut tape = recording_tape();
    calls_between_readings(&mut tape, &shop, Clock::Monotonic, 0);
    let mut tape = Tape::from(ReplayTape::new(finished(tape), &shop));
    assert_eq!(read(&mut tape, Clock::Monotonic), SECOND);
    tape.calls_mut().intercept(&price_of, vec!["b".into()]).unwrap();
    assert_eq!(read(&mut tape, Clock::Monotonic), 4 * SECOND);
    // A clock that cannot go back shows no readings of what came before.
    tape.calls_mut().intercept(&price_of, vec!["a".into()]).unwrap();
    assert_eq!(read(&mut tape, Clock::Monotonic), 4 * SECOND);
}

#[test]
fn a_clock_that_was_never_read_begins_when_the_operation_did() {
    let mut tape = replay_of(&[]);
    let began = 1_700_000_000 * SECOND;
    assert!((began..began + 10_000).contains(&read(&mut tape, Clock::Wall)));
    assert!(read(&mut tape, Clock::Monotonic) < 10_000);
}

#[test]
fn clocks_agree_on_what_passed_beyond_the_recording() {
    let mut tape = replay_of(&[(Clock::Monotonic, 100), (Clock::Wall, 7_000)]);
    let begin = (read(&mut tape, Clock::Monotonic), read(&mut tape, Clock::Wall));
    sleep(&mut tape, SECOND);
    let (monotonic, wall) =
        (read(&mut tape, Clock::Monotonic) - begin.0, read(&mut tape, Clock::Wall) - begin.1);
    assert!((SECOND..SECOND + 10_000).contains(&monotonic), "{monotonic}");
    assert!((monotonic..monotonic + 10_000).contains(&wall), "{wall}");
}

#[test]
fn readings_from_before_a_sleep_that_was_not_recorded_are_past() {
    let mut tape =
        replay_of(&[(Clock::Monotonic, 100), (Clock::Monotonic, 200), (Clock::Monotonic, 20 * SECOND)]);
    assert_eq!(read(&mut tape, Clock::Monotonic), 100);
    sleep(&mut tape, 10 * SECOND);
    assert_eq!(read(&mut tape, Clock::Monotonic), 20 * SECOND, "200 was before");
    sleep(&mut tape, 10 * SECOND);
    assert!((30 * SECOND..31 * SECOND).contains(&read(&mut tape, Clock::Monotonic)));
}

#[test]
fn what_one_clock_shows_to_have_passed_has_passed_for_the_other() {
    let began = 1_700_000_000 * SECOND;
    let mut tape = replay_of(&[(Clock::Monotonic, 10 * SECOND), (Clock::Monotonic, 20 * SECOND)]);
    for seconds in [10, 20] {
        assert_eq!(read(&mut tape, Clock::Monotonic), seconds * SECOND);
        let wall = read(&mut tape, Clock::Wall) - began;
        assert!((seconds * SECOND..seconds * SECOND + 10_000).contains(&wall), "{wall}");
    }
    let mut tape = replay_of(&[(Clock::Wall, began + 7 * SECOND)]);
    read(&mut tape, Clock::Wall);
    let monotonic = read(&mut tape, Clock::Monotonic);
    assert!((7 * SECOND..7 * SECOND + 10_000).contains(&monotonic), "{monotonic}");
}

#[test]
fn a_sleep_that_recorded_readings_show_is_not_counted_again() {
    for other in [Clock::Monotonic, Clock::Wall] {
        let mut tape = replay_of(&[(other, 0), (other, SECOND)]);
        read(&mut tape, other);
        sleep(&mut tape, SECOND);
        assert_eq!(read(&mut tape, other), SECOND);
        let beyond = read(&mut tape, other);
        assert!((SECOND..SECOND + 10_000).contains(&beyond), "{other:?}: {beyond}");
    }
}

#[test]
fn who_sleeps_until_a_time_wakes_at_it() {
    let mut tape = replay_of(&[(Clock::Monotonic, SECOND)]);
    read(&mut tape, Clock::Monotonic);
    for _ in 0..3 {
        sleep_until(&mut tape, 3 * SECOND);
        let reading = read(&mut tape, Clock::Monotonic);
        assert!((3 * SECOND..3 * SECOND + 10_000).contains(&reading), "{reading}");
    }
    sleep_until(&mut tape, SECOND);
    assert!(read(&mut tape, Clock::Monotonic) < 3 * SECOND + 10_000, "that time is over");
}

#[test]
fn clocks_never_go_backwards_past_the_end_and_never_overflow() {
    let mut tape = replay_of(&[(Clock::Monotonic, u64::MAX - 1), (Clock::Wall, 10)]);
    let mut last = [0, 0];
    for round in 0..50u64 {
        for (at, clock) in [Clock::Monotonic, Clock::Wall].into_iter().enumerate() {
            let reading = read(&mut tape, clock);
            assert!(reading >= last[at]);
            last[at] = reading;
        }
        sleep(&mut tape, 1 << round);
        sleep_until(&mut tape, u64::MAX - (1 << round));
    }
}

#[test]
fn standard_input_is_what_it_was_when_recorded() {
    let mut tape = recording_tape().into_recording().expect("a recording");
    tape.keep_stdin(b"one ");
    tape.keep_stdin(b"two");
    let recording = finished(Tape::from(*tape));
    assert_eq!(ReplayTape::new(recording, &Boundary::default()).take_stdin(), b"one two");
}

#[test]
fn what_a_replay_writes_is_kept_in_order_and_by_stream() {
    let shop = shop("");
    let mut replay = Replay::of(&record(&shop, &[]), &shop);
    for (stream, text) in
        [(Stream::Stdout, "a"), (Stream::Stdout, "b"), (Stream::Stderr, "c"), (Stream::Stdout, "d")]
    {
        replay.tape.streams_mut().written(stream, text.as_bytes());
    }
    let playback = replay.finish();
    assert_eq!(playback.written.len(), 3);
    assert_eq!(
        (playback.stream(Stream::Stdout), playback.stream(Stream::Stderr)),
        (b"abd".to_vec(), b"c".to_vec())
    );
}
