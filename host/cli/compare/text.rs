//! What a run of comparisons prints for people: recordings that changed, then causes and counts.

use super::costs::costs;
use crate::cli::Exit;
use crate::cli::exit::Stop;
use crate::cli::printable::one_line;
use crate::cli::session::{Detail, Session};
use crate::cli::units::count;
use anyhow::Result;
use playback_host::compare::report::{CategorySummary, Comparison, RuleSummary, RunVerdict, Summary};
use playback_host::compare::{Accepted, CauseId, Change, Verdict};
use std::path::Path;
use strum::IntoEnumIterator;

/// How many changes of a recording are printed where not all are asked for.
const SHOWN_CHANGES: usize = 3;
/// How many causes are printed where not all are asked for.
const SHOWN_CAUSES: usize = 20;

/// Prints a recording, unless it is equal.
pub(super) fn comparison(comparison: &Comparison, session: &mut Session) {
    let judgement = &comparison.judgement;
    let is_full = session.detail == Detail::Full;
    if judgement.verdict == Verdict::Equal && !is_full {
        return;
    }
    if comparison.is_accepted() && !is_full {
        return;
    }
    let stale = if comparison.stale { "  (stale: the baseline differs from the recording)" } else { "" };
    session.terminal.line(format_args!("{:<10} {}{stale}", word(comparison), comparison.id));
    if let Some(message) = &judgement.message {
        session.terminal.line(format_args!("  {}", indented(message)));
    }
    let shown = if is_full { judgement.changes.len() } else { SHOWN_CHANGES };
    for change in judgement.changes.iter().take(shown) {
        session.terminal.line(format_args!("  {}{}", indented(&change.to_string()), accepted(change)));
    }
    if let Some(more) = judgement.changes.len().checked_sub(shown).filter(|more| *more > 0) {
        session.terminal.line(format_args!("  and {more} more"));
    }
    if is_full {
        let notes = judgement.notes.iter().map(|(note, count)| format!("{count} {}", note.plural()));
        let notes: Vec<String> = notes.collect();
        if !notes.is_empty() {
            session.terminal.line(format_args!("  notes: {}", notes.join(", ")));
        }
    }
}

fn word(comparison: &Comparison) -> String {
    if comparison.is_accepted() { "accepted".to_owned() } else { comparison.judgement.verdict.to_string() }
}

fn accepted(change: &Change) -> String {
    change.accepted.as_ref().map(|reason| format!("  (accepted: {})", one_line(reason))).unwrap_or_default()
}

fn indented(text: &str) -> String {
    text.replace('\n', "\n  ")
}

/// Prints the summary. Its last line has the counts. `service` stands in commands after the id of a recording; `page` is the report to
/// open.
pub(crate) fn summary(
    summary: &Summary,
    accepted: &Accepted,
    service: &str,
    page: Option<&Path>,
    session: &mut Session,
) {
    causes(summary, service, session);
    rules(&summary.rules, session);
    unused(summary, accepted, session);
    costs(summary, session);
    for (category, reason) in &summary.failed_categories {
        session
            .terminal
            .line(format_args!("category {category} could not be compared: {}", indented(reason)));
    }
    if !summary.left_out.is_empty() {
        let operations =
            summary.left_out.iter().map(|(name, count)| format!("{count} of `{}`", one_line(name)));
        let operations: Vec<String> = operations.collect();
        session.terminal.line(format_args!("left out: {}", operations.join(", ")));
    }
    if summary.categories.len() > 1 {
        for (category, counts) in &summary.categories {
            session.terminal.line(format_args!("{category}: {}", self::counts(counts)));
        }
    }
    let all = &summary.all;
    let notes = all.notes.iter().map(|(note, count)| format!("{} in {count}", note.plural()));
    let notes: Vec<String> = notes.collect();
    let notes = if notes.is_empty() { String::new() } else { format!("; notes: {}", notes.join(", ")) };
    let ignored =
        if all.ignored > 0 { format!(", {} differences ignored", all.ignored) } else { String::new() };
    session.terminal.line(format_args!("{} outputs compared{ignored}{notes}", all.compared));
    if let Some(page) = page {
        session.terminal.line(format_args!("report: {}", page.display()));
    }
    let skipped = if summary.not_compared > 0 {
        format!(", {} not compared", summary.not_compared)
    } else {
        String::new()
    };
    let exceeded = match summary.exceeded().count() {
        0 => String::new(),
        exceeded => format!(", {} exceeded", count(exceeded, "cost bound")),
    };
    session.terminal.line(format_args!("{}{skipped}{exceeded}", counts(all)));
}

/// How the program exits after a run.
pub(crate) fn exit(summary: &Summary) -> Result<Exit> {
    let failures = summary.all.count(Verdict::EqualizerFailure);
    match summary.verdict() {
        RunVerdict::Passed => Ok(Exit::Success),
        RunVerdict::Changed | RunVerdict::CostExceeded => Ok(Exit::Different),
        RunVerdict::NothingSelected => Err(Stop::Nothing("no recording was compared".to_owned()).into()),
        RunVerdict::EqualizerFailure if !summary.failed_categories.is_empty() => {
            let count = count(summary.failed_categories.len(), "category");
            Err(Stop::Failed(format!("{count} could not be compared")).into())
        }
        RunVerdict::EqualizerFailure => {
            let all = count(summary.all.recordings as usize, "recording");
            Err(Stop::Failed(format!("{failures} of {all} could not be compared")).into())
        }
        // A verdict of a newer library.
        _ => Ok(Exit::Failed),
    }
}

fn causes(summary: &Summary, service: &str, session: &mut Session) {
    let causes = &summary.causes;
    let Some(first) = causes.first() else { return };
    let all = &summary.all;
    let unchanged = all.count(Verdict::Equal) + all.count(Verdict::EqualizerFailure);
    let (count, changed) = (count(causes.len(), "cause"), all.recordings.saturating_sub(unchanged));
    session.terminal.line(format_args!(
        "{count} in {changed} of {} recordings: name, number of recordings, place, and the command that replays one",
        all.recordings
    ));
    let width = first.recordings.to_string().len();
    let shown = if session.detail == Detail::Full { causes.len() } else { SHOWN_CAUSES };
    for cause in causes.iter().take(shown) {
        let marks = [
            cause.is_new.map(|is_new| if is_new { "new" } else { "known" }),
            cause.accepted.as_ref().map(|_| "accepted"),
        ];
        let marks: Vec<&str> = marks.into_iter().flatten().collect();
        let marks = if marks.is_empty() { String::new() } else { format!(" ({})", marks.join(", ")) };
        session.terminal.line(format_args!(
            "  {}  {:>width$} x {}{marks}",
            cause.id,
            cause.recordings,
            one_line(&cause.cause.to_string())
        ));
        session.terminal.line(format_args!("      playback-host replay {}{service}", cause.example));
    }
    if let Some(more) = causes.len().checked_sub(shown).filter(|more| *more > 0) {
        session.terminal.line(format_args!("  and {more} more"));
    }
}

/// Rules that are of no use any more.
fn rules(rules: &[RuleSummary], session: &mut Session) {
    for rule in rules {
        let at = one_line(&rule.at);
        match rule.used {
            _ if rule.expired => session.terminal.line(format_args!("the rule for `{at}` has expired")),
            0 => session.terminal.line(format_args!("the rule for `{at}` took no difference away")),
            _ => {}
        }
    }
}

fn unused(summary: &Summary, accepted: &Accepted, session: &mut Session) {
    let causes: Vec<CauseId> = summary.causes.iter().map(|cause| cause.id).collect();
    for entry in accepted.unused(&causes) {
        let cause = entry.cause();
        session.terminal.line(format_args!(
            "accepted, and did not happen: {} {}",
            cause.id(),
            one_line(&cause.to_string())
        ));
    }
}

/// The counts of a category on a line: `245 equal, 55 different`. Of verdicts that none has, only the first two are named.
fn counts(summary: &CategorySummary) -> String {
    let is_told = |verdict: &Verdict| {
        matches!(verdict, Verdict::Equal | Verdict::Different) || summary.count(*verdict) > 0
    };
    let verdicts = Verdict::iter().filter(is_told);
    let verdicts = verdicts.map(|verdict| format!("{} {verdict}", summary.count(verdict)));
    let others = [(summary.stale, "stale"), (summary.accepted, "accepted")];
    let others =
        others.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    verdicts.chain(others).collect::<Vec<_>>().join(", ")
}
