//! Comparing what was sent: the outputs of each alias are aligned, so that one that is missing or new is one change.

use super::calls::{self, Arguments, OfAlias, Sent};
use super::{Change, ChangeKind, Comparison, Found, Scope, values};
use crate::cause::Cause;
use crate::rules::Indexed;
use crate::values::{Difference, Step};
use playback_recording::value::Value;
use playback_tape::Crossing;

impl Comparison<'_, '_> {
    pub(super) fn compare_outputs(&mut self) {
        for of_alias in calls::by_alias(self.reference, self.candidate) {
            self.compare_alias(&of_alias);
        }
    }

    fn compare_alias(&mut self, of_alias: &OfAlias) {
        let OfAlias { recorded, replayed } = of_alias;
        self.compared += recorded.len().max(replayed.len()) as u64;
        let Some(any) = replayed.first().or(recorded.first()) else { return };
        let interceptor = self.crossing(replayed.first()).map(|crossing| &crossing.interceptor);
        let of_function = interceptor.map_or_else(Vec::new, |it| Indexed::of_interceptor(it));
        let scope = self.scope(&[&any.alias, &any.function]).with(&of_function);
        // All calls of an alias have one type, but for several versions of an interface in one component.
        let counterpart = |at: usize| self.crossing(replayed.get(at).or(replayed.first()));
        let old = recorded.iter().enumerate();
        let old: Vec<Arguments> = old
            .map(|(at, sent)| calls::recorded(self.reference, self.candidate, sent, counterpart(at)))
            .collect();
        let new: Vec<Value> = replayed.iter().map(|sent| calls::replayed(self.candidate, sent)).collect();
        let is_equal = |(old, new): (&Arguments, &Value)| old.values == *new && old.dropped.is_empty();
        if old.len() == new.len() && old.iter().zip(&new).all(is_equal) {
            return;
        }
        let old_forms: Vec<Value> = old.iter().map(|arguments| scope.canonical(&arguments.values)).collect();
        let new_forms: Vec<Value> = new.iter().map(|arguments| scope.canonical(arguments)).collect();
        let steps = match scope.is_unordered() {
            Some(rule) => self.unordered(rule, &old_forms, &new_forms),
            None => values::align_values(&old_forms, &new_forms),
        };
        for step in steps {
            self.keep_step(step, &scope, of_alias, (&old, &new));
        }
    }

    fn keep_step(
        &mut self,
        step: Step,
        scope: &Scope<'_>,
        of_alias: &OfAlias,
        (old, new): (&[Arguments], &[Value]),
    ) {
        let OfAlias { recorded, replayed } = of_alias;
        match step {
            Step::Same(from, to) | Step::Changed(from, to) => {
                if let (Some(old), Some(new), Some(sent)) = (old.get(from), new.get(to), replayed.get(to)) {
                    self.compare_arguments(scope, sent, old, new);
                }
            }
            Step::Moved(from, to) => {
                if let (Some(was), Some(sent)) = (recorded.get(from), replayed.get(to)) {
                    let cause = Cause::new(&*sent.function, "", ChangeKind::Moved);
                    let text = format!("call {} was recorded as call {}", sent.ordinal, was.ordinal);
                    self.keep_whole(
                        scope,
                        Change::of_text(cause, Some(sent.ordinal), text).with(None, new.get(to)),
                    );
                }
            }
            Step::Removed(from) => {
                if let Some(sent) = recorded.get(from).filter(|_| !self.is_cut_short()) {
                    let cause = Cause::new(&*sent.function, "", ChangeKind::NotMade);
                    let change = Change::of_text(cause, Some(sent.ordinal), "was recorded, and not made");
                    self.keep_whole(scope, change.with(old.get(from).map(|old| &old.values), None));
                }
            }
            Step::Added(to) => {
                if let Some(sent) = replayed.get(to) {
                    let cause = Cause::new(&*sent.function, "", ChangeKind::New);
                    let change = Change::of_text(cause, Some(sent.ordinal), "was not recorded");
                    self.keep_whole(scope, change.with(None, new.get(to)));
                }
            }
        }
    }

    pub(super) fn compare_arguments(&mut self, scope: &Scope<'_>, sent: &Sent, old: &Arguments, new: &Value) {
        let mut found = Found::default();
        scope.compare(&old.values, new, &mut found);
        for (path, value) in &old.dropped {
            // A value that is none says nothing that could be lost.
            if *value != Value::Null {
                let (path, kind, recorded) = (path.clone(), ChangeKind::NotInType, Some(value.clone()));
                scope.judge(Difference { path, kind, recorded, replayed: None }, &mut found);
            }
        }
        self.keep(&sent.function, Some(sent.ordinal), found);
    }

    /// Pairs calls whose order does not count.
    fn unordered(&mut self, rule: usize, old: &[Value], new: &[Value]) -> Vec<Step> {
        let (left, added) = values::unpaired(old, new);
        if left.is_empty() && added.is_empty() && old != new {
            *self.ignored.entry(rule).or_default() += 1;
        }
        let [old, new] = [(&left, old), (&added, new)]
            .map(|(at, forms)| at.iter().filter_map(|at| forms.get(*at).cloned()).collect::<Vec<_>>());
        let of_left = |at: usize| left.get(at).copied().unwrap_or_default();
        let of_added = |at: usize| added.get(at).copied().unwrap_or_default();
        let steps = values::align_values(&old, &new).into_iter();
        steps
            .map(|step| match step {
                Step::Same(from, to) => Step::Same(of_left(from), of_added(to)),
                Step::Changed(from, to) | Step::Moved(from, to) => Step::Changed(of_left(from), of_added(to)),
                Step::Removed(from) => Step::Removed(of_left(from)),
                Step::Added(to) => Step::Added(of_added(to)),
            })
            .collect()
    }

    fn crossing(&self, sent: Option<&Sent>) -> Option<&Crossing> {
        self.candidate.crossings.get(sent?.position)
    }
}
