//! Matching against a model of it that is too simple to be wrong: look through all recorded calls, in order.

use super::*;
use proptest::prelude::*;

/// `old` and `new` share an alias, `moved` falls back to it, `other` has nothing to do with them.
const RULES: &str = r#"
["inputs"]
key = ["sku"]
["inputs#old"]
alias = "price"
["inputs#new"]
alias = "price"
["inputs#moved"]
fallback-aliases = ["price"]
"#;
const NAMES: [&str; 4] = ["old", "new", "moved", "other"];

fn prices() -> Boundary {
    let price = |name: &&str| function(&format!("inputs#{name}"), &[("sku", U32), ("trace", U32)], U32);
    boundary(&NAMES.iter().map(price).collect::<Vec<_>>(), RULES)
}

/// A call by the function's place in `NAMES` and its key.
type Made = (usize, u32);

/// For each replayed call which recorded one answers it, and how; up to the first that has no answer.
fn model(recorded: &[Made], replayed: &[Made]) -> Vec<(Answered, usize)> {
    let alias = |function: usize| if function == 1 { 0 } else { function };
    let mut given = vec![false; recorded.len()];
    let mut answers = Vec::new();
    for (function, key) in replayed {
        let aliases = if *function == 2 { vec![2, 0] } else { vec![alias(*function)] };
        let calls: Vec<(usize, usize)> = aliases
            .iter()
            .flat_map(|wanted| {
                let calls = recorded.iter().enumerate();
                calls.filter_map(|(at, call)| {
                    ((alias(call.0), call.1) == (*wanted, *key)).then_some((*wanted, at))
                })
            })
            .collect();
        let Some(last) = calls.last() else { break };
        answers.push(match calls.iter().find(|(_, at)| !given[*at]) {
            Some((wanted, at)) => {
                given[*at] = true;
                (if *wanted == aliases[0] { Answered::Exact } else { Answered::Fallback }, *at)
            }
            None => (Answered::Repeated, last.1),
        });
    }
    answers
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn calls_are_answered_as_the_model_says(
        recorded in prop::collection::vec((0..4usize, 0..3u32), 0..24),
        replayed in prop::collection::vec((0..4usize, 0..3u32), 0..32),
        in_order in 0..24usize,
    ) {
        let prices = prices();
        // Most replays begin as recorded.
        let replayed: Vec<Made> = recorded.iter().take(in_order).chain(&replayed).copied().collect();
        let arguments: Vec<[Value; 2]> = (0..).zip(&recorded).map(|(at, (_, key))| [(*key).into(), Value::from(at)]).collect();
        let calls: Vec<_> = (0u32..)
            .zip(recorded.iter().zip(&arguments))
            .map(|(at, ((function, _), arguments))| gives(NAMES[*function], arguments, at))
            .collect();
        let mut replay = Replay::of(&record(&prices, &calls), &prices);
        let expected = model(&recorded, &replayed);
        for (function, key) in replayed.iter().take(expected.len()) {
            replay.call(NAMES[*function], &[(*key).into(), 99.into()]);
        }
        if let Some((function, key)) = replayed.get(expected.len()) {
            let reason = replay.diverges(NAMES[*function], &[(*key).into(), 99.into()]).reason;
            prop_assert_eq!(reason, Reason::NeverRecorded);
        }
        let playback = replay.finish();
        let found = playback.crossings.iter().map(|it| (it.answered, it.event.unwrap())).collect::<Vec<_>>();
        prop_assert_eq!(&found, &expected);
        let not_made: Vec<usize> = (0..recorded.len()).filter(|at| expected.iter().all(|(_, it)| it != at)).collect();
        prop_assert_eq!(&playback.inputs_not_made, &not_made);
        let by_value = answers(&playback).into_iter().map(|(_, value)| value);
        prop_assert!(by_value.eq(expected.iter().map(|(_, at)| Value::Int(*at as i128))));
    }
}
