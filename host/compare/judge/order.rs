//! Comparing the order among outputs of different aliases, where the settings ask for it.

use super::{Change, ChangeKind, Comparison, Reference};
use crate::cause::Cause;
use playback_recording::format;
use playback_tape::{OutputComparison, Playback};
use std::collections::HashMap;

impl Comparison<'_, '_> {
    /// Finds the outputs that came out of the order of the reference. Calls are paired by their alias and ordinal.
    pub(super) fn compare_order(&mut self) {
        let reference = match self.reference {
            Reference::Recording => order(self.candidate, |output| output.event),
            Reference::Baseline(baseline) => order(baseline, |output| output.crossing),
        };
        let positions: HashMap<_, _> =
            reference.iter().enumerate().map(|(at, output)| (name(output), at)).collect();
        let replayed = order(self.candidate, |output| output.crossing);
        let (made, recorded): (Vec<_>, Vec<usize>) =
            replayed.iter().filter_map(|output| Some((*output, *positions.get(&name(output))?))).unzip();
        for at in playback_tape::moved(&recorded) {
            let Some(output) = made.get(at) else { continue };
            let function = function(self.candidate, output);
            let cause = Cause::new(function.as_str(), "", ChangeKind::Moved);
            let text = format!("call {} came in another order among all outputs", output.ordinal);
            let scope = self.scope(&[&output.alias, &function]);
            self.keep_whole(&scope, Change::of_text(cause, Some(output.ordinal), text));
        }
    }
}

fn name(output: &OutputComparison) -> (&str, usize) {
    (&output.alias, output.ordinal)
}

/// The outputs that have a position, in its order.
fn order(playback: &Playback, position: fn(&OutputComparison) -> Option<usize>) -> Vec<&OutputComparison> {
    let mut outputs: Vec<&OutputComparison> =
        playback.outputs.iter().filter(|output| position(output).is_some()).collect();
    outputs.sort_by_key(|output| position(output));
    outputs
}

/// The function of an output of the playback, without its version.
fn function(playback: &Playback, output: &OutputComparison) -> String {
    let crossing = output.crossing.and_then(|at| playback.crossings.get(at));
    crossing.map_or_else(
        || output.alias.to_string(),
        |crossing| format::default_alias(&crossing.interceptor.function.name),
    )
}
