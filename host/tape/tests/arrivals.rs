//! Races: what is recorded of them, and what changed code finds when it asks in other ways.

use super::*;
use crate::time::arrivals::Positions;
use playback_recording::Source;
use proptest::prelude::*;

/// How a service waits until everything has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `poll` on all that has not come yet.
    Poll,
    /// The same in the reverse order.
    PollReversed,
    /// `poll` on these and on standard output, which is always ready.
    PollWithStdout,
    /// `poll` whose answer is thrown away, then `poll`.
    PollTwice,
    /// `ready` on one after the other.
    Ask,
    AskReversed,
    AskTwice,
}

impl Style {
    fn polls(self) -> bool {
        matches!(self, Self::Poll | Self::PollReversed | Self::PollTwice)
    }
}

/// What a service waits for: a timer or a response, by its number.
fn source(number: usize) -> Source {
    match number % 2 {
        0 => Source::Timer { wait: number as u64 + 7_000, ordinal: 1 },
        _ => Source::Response { call: number as u64 },
    }
}

/// The list of what is asked for, with `None` for standard output, and what was ready of it.
type Question<'q> = &'q mut dyn FnMut(&[Option<usize>], Wait) -> Vec<u32>;

/// What came together, in order.
fn run(style: Style, sources: &[usize], ask: Question<'_>) -> Vec<Vec<usize>> {
    let (mut left, mut came) = (sources.to_vec(), Vec::new());
    if matches!(style, Style::PollReversed | Style::AskReversed) {
        left.reverse();
    }
    while !left.is_empty() {
        let found = match style {
            Style::Poll | Style::PollReversed | Style::PollWithStdout | Style::PollTwice => {
                let stdout = (style == Style::PollWithStdout).then_some(None);
                let list: Vec<Option<usize>> = left.iter().copied().map(Some).chain(stdout).collect();
                if style == Style::PollTwice {
                    ask(&list, Wait::ForOne);
                }
                let ready = ask(&list, Wait::ForOne);
                vec![ready.iter().filter_map(|position| list[*position as usize]).collect()]
            }
            Style::Ask | Style::AskReversed | Style::AskTwice => {
                let times = if style == Style::AskTwice { 2 } else { 1 };
                let mut is_ready =
                    |one: &usize| (0..times).any(|_| !ask(&[Some(*one)], Wait::Never).is_empty());
                let ready: Vec<usize> = left.iter().copied().filter(|one| is_ready(one)).collect();
                match style {
                    // The second question may find what came after the first.
                    Style::AskTwice => ready.into_iter().map(|one| vec![one]).collect(),
                    _ => vec![ready],
                }
            }
        };
        left.retain(|one| !found.iter().flatten().any(|found| found == one));
        came.extend(found.into_iter().filter(|group| !group.is_empty()));
    }
    came
}

/// Records a race whose sources come at these times, in nanoseconds.
fn recorded(style: Style, times: &[u64]) -> (Arc<Recording>, Vec<Vec<usize>>) {
    let (mut tape, mut now) = (recording_tape(), 0);
    let came = run(style, &(0..times.len()).collect::<Vec<_>>(), &mut |list, wait| {
        now += 10;
        let time = |one: &Option<usize>| one.map_or(0, |number| times[number]);
        let first = list.iter().map(time).min().unwrap();
        now = if wait == Wait::ForOne { now.max(first) } else { now };
        let named = list.iter().filter_map(|one| one.map(|number| (source(number), times[number] <= now)));
        let named: Vec<(Source, bool)> = named.collect();
        let ready: Vec<u32> =
            (0..).zip(list).filter(|(_, one)| time(one) <= now).map(|(position, _)| position).collect();
        let found = Found { at: now, sources: named, ready: ready.len() };
        tape.time_mut().saw(wait, &mut |_| found.clone());
        ready
    });
    (finished(tape), came)
}

/// Replays it on code that waits for `sources` in this way; a number past the recorded ones is a timer that is due then.
fn replayed(recording: &Arc<Recording>, style: Style, sources: &[usize], due: u64) -> Vec<Vec<usize>> {
    replayed_with(recording, style, sources, |_| due)
}

/// The same with timers that are due at times of their own.
fn replayed_with(
    recording: &Arc<Recording>,
    style: Style,
    sources: &[usize],
    due: impl Fn(usize) -> u64,
) -> Vec<Vec<usize>> {
    let mut tape = ReplayTape::new(recording.clone(), &Boundary::default());
    for number in sources {
        match number % 2 {
            0 => tape.arrivals.begin_timer(&source(*number), due(*number)),
            _ => tape.begin(&source(*number)),
        }
    }
    run(style, sources, &mut |list, wait| {
        let awaited = |one: &Option<usize>| Awaited {
            source: one.map(source),
            is_there: one.is_none_or(|number| number % 2 == 1),
            due: one.filter(|number| number % 2 == 0).map(&due),
            is_open_request: false,
        };
        let awaited: Vec<Awaited> = list.iter().map(awaited).collect();
        loop {
            match tape.ready(&awaited, wait) {
                Readied::Ready(ready) => return ready.into_vec(),
                Readied::TimePassed => {}
                stuck => panic!("{stuck:?}"),
            }
        }
    })
}

fn styles() -> impl Strategy<Value = Style> {
    prop::sample::select(vec![
        Style::Poll,
        Style::PollReversed,
        Style::PollWithStdout,
        Style::PollTwice,
        Style::Ask,
        Style::AskReversed,
        Style::AskTwice,
    ])
}

/// The position of the group that each source came with.
fn order(came: &[Vec<usize>]) -> impl Fn(usize) -> usize {
    move |number| came.iter().position(|group| group.contains(&number)).unwrap()
}

/// Whether the groups that a recording found at different times come one after the other, each whole or in parts.
fn keeps_order(recorded: &[Vec<usize>], replayed: &[Vec<usize>]) -> bool {
    let groups: Vec<Vec<usize>> =
        replayed.iter().map(|group| group.iter().map(|number| order(recorded)(*number)).collect()).collect();
    groups.iter().all(|group| group.iter().all(|one| *one == group[0]))
        && groups.is_sorted_by_key(|group| group[0])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    #[test]
    fn the_same_code_finds_what_was_ready_question_by_question(
        style in styles(),
        times in prop::collection::vec(0..900u64, 1..7),
    ) {
        let (recording, came) = recorded(style, &times);
        let sources: Vec<usize> = (0..times.len()).collect();
        prop_assert_eq!(replayed(&recording, style, &sources, 0), came);
    }

    #[test]
    fn changed_code_finds_the_same_arrivals_however_it_asks(
        before in styles(),
        now in styles(),
        times in prop::collection::vec(0..900u64, 1..7),
    ) {
        let (recording, came) = recorded(before, &times);
        let sources: Vec<usize> = (0..times.len()).collect();
        let replayed = replayed(&recording, now, &sources, 0);
        // One round of questions may find what several had found, and so may the second of two answers: in their order.
        let one_by_one = |mut group: Vec<usize>| {
            group.sort_by_key(|one| order(&came)(*one));
            group.into_iter().map(|one| vec![one]).collect::<Vec<_>>()
        };
        let is_strict = before.polls() || now.polls() && now != Style::PollTwice;
        let replayed = if is_strict { replayed } else { replayed.into_iter().flat_map(one_by_one).collect() };
        prop_assert!(keeps_order(&came, &replayed), "{came:?} {replayed:?}");
        // Of two answers the second one has more.
        if now.polls() && before.polls() && before != Style::PollTwice {
            let sorted = |groups: Vec<Vec<usize>>| -> Vec<Vec<usize>> {
                groups.into_iter().map(|mut group| { group.sort_unstable(); group }).collect()
            };
            prop_assert_eq!(sorted(replayed), sorted(came));
        }
    }

    #[test]
    fn code_that_waits_for_some_finds_these_in_their_order(
        now in styles(),
        times in prop::collection::vec(0..900u64, 2..7),
        left_out in any::<prop::sample::Index>(),
    ) {
        let (recording, came) = recorded(Style::Poll, &times);
        let left_out = left_out.index(times.len());
        let sources: Vec<usize> = (0..times.len()).filter(|number| *number != left_out).collect();
        let replayed = replayed(&recording, now, &sources, 0);
        prop_assert_eq!(replayed.iter().flatten().count(), sources.len());
        prop_assert!(keeps_order(&came, &replayed), "{came:?} {replayed:?}");
    }

    #[test]
    fn new_timers_come_at_their_times_and_move_nothing(
        before in styles(),
        now in prop::sample::select(vec![Style::Poll, Style::PollReversed, Style::PollTwice]),
        times in prop::collection::vec(100..900u64, 1..7),
        new in prop::collection::vec(0..2_000u64, 1..4),
    ) {
        let (recording, came) = recorded(before, &times);
        let first_new = times.len() + times.len() % 2;
        let due = |number: usize| new[(number - first_new) / 2];
        let is_new = |number: &usize| *number >= first_new;
        let mut sources: Vec<usize> = (0..times.len()).collect();
        sources.extend((0..new.len()).map(|number| first_new + 2 * number));
        let replayed = replayed_with(&recording, now, &sources, |one| if is_new(&one) { due(one) } else { 0 });
        let without_new = |group: &Vec<usize>| group.iter().copied().filter(|one| !is_new(one)).collect();
        let mut others: Vec<Vec<usize>> = replayed.iter().map(without_new).collect();
        others.retain(|group| !group.is_empty());
        prop_assert!(keeps_order(&came, &others), "{came:?} {replayed:?}");
        // What was recorded comes when it was found, which is at most so much later than it was there.
        let slack = 10 * 200;
        for (at, group) in replayed.iter().enumerate() {
            for timer in group.iter().filter(|one| is_new(one)) {
                let due = due(*timer);
                let (earlier, later) = (&replayed[..at], &replayed[at + 1..]);
                let time = |one: &usize| if is_new(one) { new[(one - first_new) / 2] } else { times[*one] };
                prop_assert!(earlier.iter().flatten().all(|one| time(one) <= due), "{replayed:?}");
                prop_assert!(later.iter().flatten().all(|one| time(one) + slack >= due), "{replayed:?}");
                let alone = group.iter().all(is_new) || group.iter().any(|one| !is_new(one) && times[*one] <= due);
                prop_assert!(alone, "{replayed:?} {times:?} {new:?}");
            }
        }
    }
}

#[test]
fn new_timers_that_are_due_before_an_arrival_come_before_it_one_by_one() {
    let (recording, _) = recorded(Style::Poll, &[50, 100_000]);
    let due = |number: usize| [0, 0, 20_000, 0, 40_000, 0, 60_000][number];
    for style in [Style::Poll, Style::PollTwice, Style::Ask, Style::AskReversed, Style::AskTwice] {
        let replayed = replayed_with(&recording, style, &[0, 1, 2, 4, 6], due);
        assert_eq!(replayed, [vec![0], vec![2], vec![4], vec![6], vec![1]], "{style:?}");
    }
}

#[test]
fn a_source_that_was_never_ready_stays_so_until_the_service_gave_it_up() {
    let mut tape = recording_tape();
    let (fast, slow) = (source(1), source(2));
    let sources = vec![(fast.clone(), true), (slow.clone(), false)];
    tape.time_mut().saw(Wait::ForOne, &mut |_| Found { at: 5, sources: sources.clone(), ready: 1 });
    tape.time_mut().dropped(8, &slow);
    let recording = finished(tape);
    // By virtual time alone the timer would have been due first.
    assert_eq!(replayed(&recording, Style::Poll, &[1, 2], 3), [vec![1], vec![2]]);
}

#[test]
fn code_that_asks_for_one_source_only_is_not_held_back_for_ever_by_the_others() {
    let (recording, _) = recorded(Style::Poll, &[10, 20, 30]);
    let mut tape = ReplayTape::new(recording, &Boundary::default());
    (0..3).for_each(|number| tape.begin(&source(number)));
    let last = [Awaited { source: Some(source(2)), is_there: false, due: Some(0), is_open_request: false }];
    let mut asked = 0;
    while tape.ready(&last, Wait::Never) != Readied::Ready(Positions::from_elem(0, 1)) {
        asked += 1;
        assert!(asked < 10_000, "it waits for ever");
    }
}

#[test]
fn a_timer_is_named_by_how_long_it_waits_whatever_the_clock_shows() {
    let mut names = TimerNames::default();
    let named = |wait, ordinal| Source::Timer { wait, ordinal };
    names.read(1_000);
    assert_eq!(names.until(6_000), named(5_000, 1));
    assert_eq!(names.after(5_000), named(5_000, 2));
    names.read(2_345);
    assert_eq!(names.until(7_345), named(5_000, 3));
    assert_eq!(names.until(0), named(0, 1), "one that is overdue");
}
