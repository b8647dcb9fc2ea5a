//! Aligning two sequences, so that one item that is missing or new is told as one, and not as everything after it.

use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::collections::HashMap;
use std::hash::Hash;

/// The largest block of items without a counterpart whose best pairs are looked for; larger ones are paired in order.
const MAX_PAIRED: usize = 64;

/// How an item of one sequence stands to one of the other. Positions count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The same item.
    Same(usize, usize),
    /// Two items that take the same place and differ.
    Changed(usize, usize),
    /// The same item, at another place in the order.
    Moved(usize, usize),
    /// An item of the first sequence that the second does not have.
    Removed(usize),
    /// An item of the second sequence that the first does not have.
    Added(usize),
}

/// Aligns two sequences of items. `distance` says how many parts of two items differ, and how many parts they have: items that have
/// more than half of their parts in common are taken to be one that changed.
pub(crate) fn align<T: Hash + Eq + Ord>(
    recorded: &[T],
    replayed: &[T],
    distance: impl Fn(usize, usize) -> (usize, usize),
) -> Vec<Step> {
    let mut steps = Vec::new();
    for operation in capture_diff_slices(Algorithm::Myers, recorded, replayed) {
        match operation {
            DiffOp::Equal { old_index, new_index, len } => {
                steps.extend((0..len).map(|at| Step::Same(old_index + at, new_index + at)));
            }
            DiffOp::Delete { old_index, old_len, .. } => {
                steps.extend((old_index..old_index + old_len).map(Step::Removed));
            }
            DiffOp::Insert { new_index, new_len, .. } => {
                steps.extend((new_index..new_index + new_len).map(Step::Added));
            }
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                steps.extend((old_index..old_index + old_len).map(Step::Removed));
                steps.extend((new_index..new_index + new_len).map(Step::Added));
            }
        }
    }
    let steps = find_moved(steps, recorded, replayed);
    pair_changed(steps, &distance)
}

/// Turns an item that is removed here and added there into one that moved.
fn find_moved<T: Hash + Eq>(steps: Vec<Step>, recorded: &[T], replayed: &[T]) -> Vec<Step> {
    let mut removed: HashMap<&T, Vec<usize>> = HashMap::new();
    for step in steps.iter().rev() {
        if let Step::Removed(at) = step
            && let Some(item) = recorded.get(*at)
        {
            removed.entry(item).or_default().push(*at);
        }
    }
    let mut moved = HashMap::new();
    for step in &steps {
        if let Step::Added(at) = step
            && let Some(from) = replayed.get(*at).and_then(|item| removed.get_mut(item)?.pop())
        {
            moved.insert(*at, from);
        }
    }
    let is_moved = |at: &usize| moved.values().any(|from| from == at);
    let steps = steps.into_iter().filter_map(|step| match step {
        Step::Added(at) if moved.contains_key(&at) => moved.get(&at).map(|from| Step::Moved(*from, at)),
        Step::Removed(at) if is_moved(&at) => None,
        other => Some(other),
    });
    steps.collect()
}

/// Pairs items that were removed with items that were added between the same two neighbours.
fn pair_changed(steps: Vec<Step>, distance: &impl Fn(usize, usize) -> (usize, usize)) -> Vec<Step> {
    let (mut paired, mut removed, mut added) = (Vec::with_capacity(steps.len()), Vec::new(), Vec::new());
    for step in steps {
        match step {
            Step::Removed(at) => removed.push(at),
            Step::Added(at) => added.push(at),
            other => {
                pair_block(&removed, &added, distance, &mut paired);
                removed.clear();
                added.clear();
                paired.push(other);
            }
        }
    }
    pair_block(&removed, &added, distance, &mut paired);
    paired
}

/// Pairs two blocks in their order such that the fewest parts differ.
fn pair_block(
    removed: &[usize],
    added: &[usize],
    distance: &impl Fn(usize, usize) -> (usize, usize),
    out: &mut Vec<Step>,
) {
    if removed.len() == added.len() || removed.len().max(added.len()) > MAX_PAIRED {
        let pairs = removed.iter().zip(added).map(|(from, to)| Step::Changed(*from, *to));
        let rest = removed.iter().skip(added.len()).map(|at| Step::Removed(*at));
        out.extend(pairs.chain(rest));
        out.extend(added.iter().skip(removed.len()).map(|at| Step::Added(*at)));
        return;
    }
    out.extend(cheapest(removed, added, distance));
}

/// The cheapest edit script of two short blocks: a pair costs the share of its parts that differ, an item that is left over half of
/// one.
fn cheapest(
    removed: &[usize],
    added: &[usize],
    distance: &impl Fn(usize, usize) -> (usize, usize),
) -> Vec<Step> {
    const LEFT_OVER: f64 = 0.5;
    let width = added.len() + 1;
    let mut costs = vec![0.0; (removed.len() + 1) * width];
    let pair_cost = |from: usize, to: usize| {
        let (differ, parts) = distance(from, to);
        differ as f64 / parts.max(1) as f64
    };
    let mut pairs = vec![0.0; removed.len() * added.len()];
    for (i, from) in removed.iter().enumerate() {
        for (j, to) in added.iter().enumerate() {
            pairs[i * added.len() + j] = pair_cost(*from, *to);
        }
    }
    // From the ends, so that the script comes out in order.
    for i in (0..=removed.len()).rev() {
        for j in (0..=added.len()).rev() {
            costs[i * width + j] = match (i < removed.len(), j < added.len()) {
                (false, false) => 0.0,
                (true, false) => costs[(i + 1) * width + j] + LEFT_OVER,
                (false, true) => costs[i * width + j + 1] + LEFT_OVER,
                (true, true) => {
                    let pair = costs[(i + 1) * width + j + 1] + pairs[i * added.len() + j];
                    let single = costs[(i + 1) * width + j].min(costs[i * width + j + 1]) + LEFT_OVER;
                    pair.min(single)
                }
            };
        }
    }
    let (mut i, mut j, mut steps) = (0, 0, Vec::new());
    while i < removed.len() || j < added.len() {
        let is_pair = i < removed.len()
            && j < added.len()
            && costs[i * width + j] == costs[(i + 1) * width + j + 1] + pairs[i * added.len() + j];
        let is_removed = i < removed.len()
            && (j == added.len() || costs[i * width + j] == costs[(i + 1) * width + j] + LEFT_OVER);
        if is_pair {
            steps.push(Step::Changed(removed[i], added[j]));
            (i, j) = (i + 1, j + 1);
        } else if is_removed {
            steps.push(Step::Removed(removed[i]));
            i += 1;
        } else {
            steps.push(Step::Added(added[j]));
            j += 1;
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn aligned(recorded: &str, replayed: &str) -> Vec<Step> {
        let [recorded, replayed] =
            [recorded, replayed].map(|text| text.split_whitespace().collect::<Vec<_>>());
        // Words have letters as parts.
        let distance = |i: usize, j: usize| {
            let (a, b) = (recorded[i].as_bytes(), replayed[j].as_bytes());
            let parts = a.len().max(b.len());
            (parts - a.iter().zip(b).filter(|(a, b)| a == b).count(), parts)
        };
        align(&recorded, &replayed, distance)
    }

    fn unequal(recorded: &str, replayed: &str) -> Vec<Step> {
        aligned(recorded, replayed).into_iter().filter(|step| !matches!(step, Step::Same(..))).collect()
    }

    #[test]
    fn one_item_that_is_missing_or_new_is_one_step() {
        assert_eq!(unequal("a b c d", "a c d"), [Step::Removed(1)]);
        assert_eq!(unequal("a b c", "a x b c"), [Step::Added(1)]);
        assert_eq!(unequal("a a a", "a a"), [Step::Removed(2)]);
    }

    #[test]
    fn two_items_that_changed_places_are_one_that_moved() {
        let steps = unequal("a b c d", "a c b d");
        assert!(matches!(steps.as_slice(), [Step::Moved(..)]), "{steps:?}");
    }

    #[test]
    fn an_item_that_changed_is_paired_with_what_it_was() {
        assert_eq!(unequal("a b c", "a x c"), [Step::Changed(1, 1)]);
        assert_eq!(unequal("aaaa bbbb cccc", "bbbx cccc"), [Step::Removed(0), Step::Changed(1, 0)]);
        assert_eq!(unequal("aaaa", "bbbb aaax"), [Step::Added(0), Step::Changed(0, 1)]);
    }

    proptest! {
        #[test]
        fn every_item_of_both_sequences_is_in_one_step(
            recorded in prop::collection::vec(0_u8..6, 0..40),
            replayed in prop::collection::vec(0_u8..6, 0..40),
        ) {
            let steps = align(&recorded, &replayed, |i, j| (usize::from(recorded[i].abs_diff(replayed[j])), 6));
            let (mut olds, mut news) = (Vec::new(), Vec::new());
            for step in steps {
                match step {
                    Step::Same(i, j) | Step::Moved(i, j) => {
                        prop_assert_eq!(recorded[i], replayed[j]);
                        olds.push(i);
                        news.push(j);
                    }
                    Step::Changed(i, j) => {
                        prop_assert_ne!(recorded[i], replayed[j]);
                        olds.push(i);
                        news.push(j);
                    }
                    Step::Removed(i) => olds.push(i),
                    Step::Added(j) => news.push(j),
                }
            }
            olds.sort_unstable();
            news.sort_unstable();
            prop_assert_eq!(olds, (0..recorded.len()).collect::<Vec<_>>());
            prop_assert_eq!(news, (0..replayed.len()).collect::<Vec<_>>());
        }
    }
}
