//! Comparing two lists: by index, by key, in any order, or aligned where they have different lengths.

use super::{Found, Scope, Step, Walk, align};
use crate::kind::ChangeKind;
use crate::rules::Indexed;
use playback_recording::value::Value;
use std::collections::HashMap;

impl<'r> Walk<'_, 'r> {
    pub(super) fn compare_lists(&mut self, recorded: &[Value], replayed: &[Value], in_force: &[&'r Indexed]) {
        let here = |wanted: fn(&Indexed) -> bool| {
            in_force.iter().copied().find(|rule| wanted(rule) && rule.is_at(&self.path))
        };
        if let Some(rule) = here(|rule| rule.rule.key.is_some())
            && let Some(key) = &rule.rule.key
        {
            let pointer = if key.starts_with('/') { key.clone() } else { format!("/{key}") };
            return self.compare_keyed(recorded, replayed, &pointer, rule, in_force);
        }
        if let Some(rule) = here(|rule| rule.rule.unordered) {
            return self.compare_unordered(recorded, replayed, rule, in_force);
        }
        if recorded.len() == replayed.len() {
            for (index, (recorded, replayed)) in recorded.iter().zip(replayed).enumerate() {
                self.item(index, in_force, |walk, in_force| {
                    walk.compare(Some(recorded), Some(replayed), in_force);
                });
            }
            return;
        }
        self.compare_aligned(recorded, replayed, in_force);
    }

    fn compare_aligned(&mut self, recorded: &[Value], replayed: &[Value], in_force: &[&'r Indexed]) {
        let [old, new] = [recorded, replayed].map(|items| self.forms(items, in_force));
        for step in align_values(&old, &new) {
            match step {
                Step::Same(..) => {}
                Step::Changed(i, j) => self.item(j, in_force, |walk, in_force| {
                    walk.compare(recorded.get(i), replayed.get(j), in_force);
                }),
                Step::Moved(i, j) => self.item(j, in_force, |walk, _| {
                    walk.differ_as(ChangeKind::Moved, recorded.get(i), replayed.get(j));
                }),
                Step::Removed(i) => {
                    self.item(i, in_force, |walk, in_force| walk.compare(recorded.get(i), None, in_force));
                }
                Step::Added(j) => {
                    self.item(j, in_force, |walk, in_force| walk.compare(None, replayed.get(j), in_force));
                }
            }
        }
    }

    /// Compares items that are found by a field of theirs.
    fn compare_keyed(
        &mut self,
        recorded: &[Value],
        replayed: &[Value],
        key: &str,
        rule: &'r Indexed,
        in_force: &[&'r Indexed],
    ) {
        let mut by_key: HashMap<Option<&Value>, Vec<usize>> = HashMap::new();
        for (index, item) in recorded.iter().enumerate().rev() {
            by_key.entry(item.at(key)).or_default().push(index);
        }
        let (before, mut is_in_order, mut last) = (self.found.differences.len(), true, None);
        for (index, item) in replayed.iter().enumerate() {
            let found = by_key.get_mut(&item.at(key)).and_then(Vec::pop);
            is_in_order &= found >= last;
            last = found.or(last);
            let recorded = found.and_then(|found| recorded.get(found));
            self.item(index, in_force, |walk, in_force| walk.compare(recorded, Some(item), in_force));
        }
        let mut left: Vec<usize> = by_key.into_values().flatten().collect();
        left.sort_unstable();
        for index in left {
            self.item(index, in_force, |walk, in_force| walk.compare(recorded.get(index), None, in_force));
        }
        if !is_in_order && self.found.differences.len() == before {
            self.take(&[rule]);
        }
    }

    /// Compares items whose order does not count: equal ones are paired first, the others in their order.
    fn compare_unordered(
        &mut self,
        recorded: &[Value],
        replayed: &[Value],
        rule: &'r Indexed,
        in_force: &[&'r Indexed],
    ) {
        let [old, new] = [recorded, replayed].map(|items| self.forms(items, in_force));
        let (left, added) = unpaired(&old, &new);
        if left.is_empty() && added.is_empty() {
            return self.take(&[rule]);
        }
        for at in 0..left.len().max(added.len()) {
            let (old, new) = (left.get(at), added.get(at));
            let Some(index) = new.or(old) else { continue };
            let recorded = old.and_then(|index| recorded.get(*index));
            let replayed = new.and_then(|index| replayed.get(*index));
            self.item(*index, in_force, |walk, in_force| walk.compare(recorded, replayed, in_force));
        }
    }

    /// The canonical forms of the items of the list where the walk is.
    fn forms(&self, items: &[Value], in_force: &[&'r Indexed]) -> Vec<Value> {
        self.scope.former(self.path.clone(), self.inside.clone()).items(items, in_force)
    }
}

/// The positions of the items of each list that the other does not have.
pub(crate) fn unpaired(recorded: &[Value], replayed: &[Value]) -> (Vec<usize>, Vec<usize>) {
    let mut by_form: HashMap<&Value, Vec<usize>> = HashMap::new();
    for (index, form) in recorded.iter().enumerate().rev() {
        by_form.entry(form).or_default().push(index);
    }
    let mut added = Vec::new();
    for (index, form) in replayed.iter().enumerate() {
        if by_form.get_mut(form).and_then(Vec::pop).is_none() {
            added.push(index);
        }
    }
    let mut left: Vec<usize> = by_form.into_values().flatten().collect();
    left.sort_unstable();
    (left, added)
}

/// Aligns two sequences of values in their canonical forms.
pub(crate) fn align_values(recorded: &[Value], replayed: &[Value]) -> Vec<Step> {
    let (old, new) = ranks(recorded, replayed);
    align(&old, &new, |i, j| match (recorded.get(i), replayed.get(j)) {
        (Some(recorded), Some(replayed)) => distance(recorded, replayed),
        _ => (1, 1),
    })
}

/// Numbers that equal values share, so that sequences of large values are aligned by comparing numbers.
fn ranks(recorded: &[Value], replayed: &[Value]) -> (Vec<usize>, Vec<usize>) {
    let mut known: HashMap<&Value, usize> = HashMap::new();
    let mut rank = |value| {
        let next = known.len();
        *known.entry(value).or_insert(next)
    };
    let recorded = recorded.iter().map(&mut rank).collect();
    (recorded, replayed.iter().map(rank).collect())
}

/// How many parts of two values differ, and how many parts the larger one has.
fn distance(recorded: &Value, replayed: &Value) -> (usize, usize) {
    let mut found = Found::default();
    Scope { rules: Vec::new(), root: String::new() }.compare(recorded, replayed, &mut found);
    let whole = found.differences.iter().any(|difference| difference.path.is_empty());
    let parts = parts(recorded).max(parts(replayed));
    (if whole { parts } else { found.differences.len().min(parts) }, parts)
}

/// The number of scalars in a value.
fn parts(value: &Value) -> usize {
    match value {
        Value::List(items) => items.iter().map(parts).sum::<usize>().max(1),
        Value::Map(fields) => fields.iter().map(|(_, value)| parts(value)).sum::<usize>().max(1),
        _ => 1,
    }
}
