//! What a run prints about the cost of each category: a small table, and what exceeds its bound.

use crate::cli::printable::one_line;
use crate::cli::session::Session;
use crate::cli::units::count;
use playback_host::compare::cost::{CostSummary, Measure, Percent};
use playback_host::compare::report::{CategoryCost, Summary};

/// The names of the columns.
const COLUMNS: [&str; 7] = ["", "before", "now", "total", "median", "p99", "worst"];

/// Prints what each category costs, if that was measured.
pub(super) fn costs(summary: &Summary, session: &mut Session) {
    for (category, costs) in &summary.costs {
        if costs.recordings > 0 {
            table(&one_line(category), costs, session);
        }
    }
    for (category, measure, cost) in summary.exceeded() {
        let excess = cost.excess(measure).unwrap_or_default();
        session.terminal.line(format_args!("{}: {excess}", one_line(category)));
    }
}

fn table(category: &str, costs: &CategoryCost, session: &mut Session) {
    let measured = costs.measures.iter().filter(|(_, cost)| cost.before.is_some() || cost.after > 0);
    let rows: Vec<[String; 7]> = measured.map(|(measure, cost)| row(*measure, cost)).collect();
    let widths: [usize; 7] = std::array::from_fn(|at| {
        rows.iter().map(|row| row[at].len()).max().unwrap_or_default().max(COLUMNS[at].len())
    });
    let recordings = count(costs.recordings as usize, "recording");
    session.terminal.line(format_args!("cost of {category}, in {recordings} that ended alike"));
    for row in std::iter::once(&COLUMNS.map(str::to_owned)).chain(&rows) {
        let [name, before, now, total, median, p99, worst] = row;
        let [w0, w1, w2, w3, w4, w5, _] = widths;
        session.terminal.line(format_args!(
            "  {name:<w0$}  {before:>w1$}  {now:>w2$}  {total:>w3$}  {median:>w4$}  {p99:>w5$}  {worst}"
        ));
    }
    if costs.measures.values().any(|cost| cost.before.is_none() && cost.after > 0) {
        session.terminal.line(format_args!(
            "  a recording has neither instructions nor memory; --baseline shows how they changed"
        ));
    }
}

fn row(measure: Measure, cost: &CostSummary) -> [String; 7] {
    let percent = |percent: Option<Percent>| percent.map_or_else(|| "-".to_owned(), |it| it.to_string());
    let worst = cost.worst.as_ref().map(|worst| match worst.change == Percent::default() {
        true => worst.change.to_string(),
        false => format!("{} in {}", worst.change, worst.id),
    });
    [
        measure.to_string(),
        cost.before.map_or_else(|| "-".to_owned(), |before| before.to_string()),
        cost.after.to_string(),
        percent(cost.change),
        percent(cost.median),
        percent(cost.p99),
        worst.unwrap_or_else(|| "-".to_owned()),
    ]
}
