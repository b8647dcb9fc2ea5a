//! What the page needs to know of a comparison and of the summary. What goes without saying is left out, so that the many equal
//! recordings take little room.

use crate::CauseId;
use crate::change::Change;
use crate::cost::{CostChange, Measure};
use crate::judge::{Ignored, Note};
use crate::report::{Comparison, Crossed, RunVerdict, Summary};
use crate::verdict::{End, Verdict};
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use strum::IntoEnumIterator;

/// One comparison.
#[derive(Serialize)]
pub(super) struct Row<'c> {
    id: &'c str,
    #[serde(skip_serializing_if = "str::is_empty")]
    operation: &'c str,
    /// `None`: equal.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
    /// How it ended when it was recorded and on replay. `None`: it returned both times.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends: Option<[End; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'c str>,
    #[serde(skip_serializing_if = "is_false")]
    bad: bool,
    #[serde(skip_serializing_if = "is_false")]
    accepted: bool,
    #[serde(skip_serializing_if = "is_false")]
    stale: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    us: Option<[u64; 2]>,
    /// Each number of the cost, before and now.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<BTreeMap<Measure, [Option<u64>; 2]>>,
    compared: u64,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    ignored: &'c [Ignored],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    notes: &'c BTreeMap<Note, u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<ChangeView<'c>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    timeline: &'c [Crossed],
}

/// One change.
#[derive(Serialize)]
struct ChangeView<'c> {
    cause: CauseId,
    title: String,
    /// What changed: the name of a function, of the outcome, of a file or stream.
    what: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<usize>,
    #[serde(skip_serializing_if = "str::is_empty")]
    path: &'c str,
    /// As text, since numbers of JavaScript are not exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replayed: Option<String>,
    text: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<&'c str>,
}

/// The summary, with what the page cannot find out itself.
#[derive(Serialize)]
pub(super) struct SummaryView<'s> {
    #[serde(flatten)]
    summary: &'s Summary,
    verdict: RunVerdict,
    /// The causes in words, in their order.
    titles: Vec<String>,
}

impl<'c> Row<'c> {
    pub(super) fn of(comparison: &'c Comparison) -> Self {
        let judgement = &comparison.judgement;
        let ends = [judgement.recorded, judgement.replayed];
        Self {
            id: comparison.id.as_str(),
            operation: &comparison.operation,
            verdict: (judgement.verdict != Verdict::Equal).then_some(judgement.verdict),
            ends: (ends != [End::Returned; 2]).then_some(ends),
            message: judgement.message.as_deref(),
            bad: comparison.is_bad(),
            accepted: comparison.is_accepted(),
            stale: comparison.stale,
            us: comparison.duration_us,
            cost: comparison.cost.as_ref().map(numbers),
            compared: judgement.compared,
            ignored: &judgement.ignored,
            notes: &judgement.notes,
            changes: judgement.changes.iter().map(ChangeView::of).collect(),
            timeline: &comparison.timeline,
        }
    }
}

impl<'c> ChangeView<'c> {
    fn of(change: &'c Change) -> Self {
        Self {
            cause: change.cause.id(),
            title: change.cause.to_string(),
            what: &change.cause.what,
            call: change.call,
            path: &change.path,
            recorded: change.recorded.as_ref().map(shown),
            replayed: change.replayed.as_ref().map(shown),
            text: &change.text,
            accepted: change.accepted.as_deref(),
        }
    }
}

impl<'s> SummaryView<'s> {
    pub(super) fn of(summary: &'s Summary) -> Self {
        let titles = summary.causes.iter().map(|cause| cause.cause.to_string()).collect();
        Self { summary, verdict: summary.verdict(), titles }
    }
}

fn numbers(cost: &CostChange) -> BTreeMap<Measure, [Option<u64>; 2]> {
    let of = |measure: Measure| (measure, [measure.of(&cost.before), measure.of(&cost.after)]);
    Measure::iter().map(of).filter(|(_, [_, after])| after.is_some()).collect()
}

/// The value as indented JSON. A text of several lines keeps its lines.
fn shown(value: &Json) -> String {
    match value {
        Json::String(text) if text.contains('\n') => format!("\"{text}\""),
        value => format!("{value:#}"),
    }
}

fn is_false(value: &bool) -> bool {
    !value
}
