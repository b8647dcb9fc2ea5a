//! A report as Markdown, for the summary of a job on GitHub.
//!
//! Text from outside stands in code spans alone. Nothing in a code span is HTML, a link or a mention, so only what ends a code
//! span or a cell of a table is escaped, beside what no reader would see.

use super::visible::{cut, escape, on_one_line};
use super::{CategorySummary, CauseSummary, Line, RuleSummary, Run, RunVerdict, Summary, Writer};
use crate::cost::{CostSummary, Measure, Percent};
use crate::verdict::Verdict;
use std::fmt::Write as _;
use std::io;

/// The most bytes of one section. All sections together stay below the 1 MiB that GitHub shows.
const MAX_SECTION_BYTES: usize = 128 << 10;
/// The most rows of a table.
const MAX_ROWS: usize = 100;
/// The most bytes of one text.
const MAX_TEXT_BYTES: usize = 300;

/// Writes the summary of a report as Markdown.
#[derive(Debug)]
pub struct MarkdownWriter<W> {
    to: W,
    /// What was compared, in Markdown.
    about: String,
}

impl<W: io::Write> MarkdownWriter<W> {
    /// A writer to this destination. It needs no buffer: all is written with one call at the end.
    pub fn new(to: W) -> Self {
        Self { to, about: String::new() }
    }
}

impl<W: io::Write> Writer for MarkdownWriter<W> {
    fn write(&mut self, line: &Line) -> io::Result<()> {
        match line {
            Line::Run(run) => self.about = about(run),
            Line::Comparison(_) => {}
            Line::Summary(summary) => {
                let text = markdown(&self.about, summary);
                self.to.write_all(text.as_bytes())?;
                self.to.flush()?;
            }
        }
        Ok(())
    }
}

fn about(run: &Run) -> String {
    let names = |builds: &[super::Build]| {
        let shown =
            builds.iter().take(10).map(|build| format!("{} ({})", code(&build.name), code(&build.digest)));
        let more =
            if builds.len() > 10 { format!(", and {} more", builds.len() - 10) } else { String::new() };
        shown.collect::<Vec<_>>().join(", ") + &more
    };
    let with = if run.baselines.is_empty() { "the recordings".to_owned() } else { names(&run.baselines) };
    let shard = run.shard.map(|shard| format!(", shard {shard}")).unwrap_or_default();
    format!("{} compared with {with} in {}{shard}.\n", names(&run.services), code(&run.cassette))
}

fn markdown(about: &str, summary: &Summary) -> String {
    let mut text = format!("## {}\n\n{about}", headline(summary));
    let all = std::iter::once(("**All**".to_owned(), &summary.all));
    let categories = summary.categories.iter().map(|(name, category)| (code(name), category));
    // One category says the same as all.
    let skipped = usize::from(summary.categories.len() == 1);
    let mut section = Section::new("Verdicts", VERDICT_COLUMNS);
    section.add_rows(all.skip(skipped).chain(categories).map(|(name, category)| verdict_row(name, category)));
    section.end(&mut text);

    let mut section = Section::new("Causes", "| Recordings | Cause | Name | Example |\n|--:|---|---|---|\n");
    section.add_rows(summary.causes.iter().map(cause_row));
    section.end(&mut text);

    let mut section = Section::new("Cost", COST_COLUMNS);
    section.add_rows(summary.costs.iter().flat_map(|(category, costs)| {
        costs.measures.iter().filter_map(|(measure, cost)| cost_row(category, *measure, cost))
    }));
    section.end(&mut text);

    let mut section = Section::new("Not compared", "| What | Why |\n|---|---|\n");
    section.add_rows(not_compared(summary));
    section.end(&mut text);

    let (needed, other): (Vec<_>, Vec<_>) = summary.rules.iter().partition(|rule| is_needed(rule));
    for (title, rules) in [("Ignored by rules", needed), ("Rules to look at", other)] {
        let mut section = Section::new(title, "| Differences | Place | Why | State |\n|--:|---|---|---|\n");
        section.add_rows(rules.into_iter().map(rule_row));
        section.end(&mut text);
    }
    text
}

fn headline(summary: &Summary) -> String {
    let all = &summary.all;
    match summary.verdict() {
        RunVerdict::Passed => format!("✅ No change in {}", recordings(all.recordings)),
        RunVerdict::Changed => {
            let changed = all.bad - all.count(Verdict::EqualizerFailure);
            format!("❌ {changed} of {} changed", recordings(all.recordings))
        }
        RunVerdict::CostExceeded => {
            format!("❌ No change in {}, and the cost increased more than it may", recordings(all.recordings))
        }
        RunVerdict::EqualizerFailure => "⚠️ Not everything could be compared".into(),
        RunVerdict::NothingSelected => "⚠️ Nothing was selected".into(),
    }
}

const VERDICT_COLUMNS: &str = "| Category | Recordings | Equal | Fixed | Different | Failed | Equalizer failure | Accepted | Stale |\n\
    |---|--:|--:|--:|--:|--:|--:|--:|--:|\n";

fn verdict_row(name: String, category: &CategorySummary) -> String {
    let verdicts =
        [Verdict::Equal, Verdict::Fixed, Verdict::Different, Verdict::Failed, Verdict::EqualizerFailure];
    let verdicts = verdicts.map(|verdict| category.count(verdict).to_string()).join(" | ");
    let CategorySummary { recordings, accepted, stale, .. } = category;
    format!("| {name} | {recordings} | {verdicts} | {accepted} | {stale} |\n")
}

fn cause_row(cause: &CauseSummary) -> String {
    let CauseSummary { id, cause, recordings, example, is_new, accepted } = cause;
    let new = if *is_new == Some(true) { "**new** " } else { "" };
    let accepted =
        accepted.as_ref().map(|reason| format!(", accepted: {}", code(reason))).unwrap_or_default();
    let command = code(&format!("playback-host replay {example}"));
    format!("| {recordings} | {new}{}{accepted} | `{id}` | {command} |\n", code(&cause.to_string()))
}

const COST_COLUMNS: &str = "| Category | Number | Before | Now | Total | Median | p99 | Worst | May increase by |\n\
    |---|---|--:|--:|--:|--:|--:|---|--:|\n";

/// The row of one number, if it was measured.
fn cost_row(category: &str, measure: Measure, cost: &CostSummary) -> Option<String> {
    let CostSummary { before, after, change, median, p99, worst, max_increase, exceeded, .. } = cost;
    if *after == 0 && before.is_none() {
        return None;
    }
    let percent = |percent: &Option<Percent>| percent.map(|it| it.to_string()).unwrap_or_default();
    let before = before.map(|before| before.to_string()).unwrap_or_default();
    let worst = worst.as_ref().map(|worst| format!("{} in {}", worst.change, code(worst.id.as_str())));
    let bound = max_increase.map(|bound| bound.to_string()).unwrap_or_default();
    let mark = if *exceeded { "❌ " } else { "" };
    let (total, median, p99) = (percent(change), percent(median), percent(p99));
    let (category, worst) = (code(category), worst.unwrap_or_default());
    Some(format!(
        "| {category} | {measure} | {before} | {after} | {mark}{total} | {median} | {p99} | {worst} | {bound} |\n"
    ))
}

fn not_compared(summary: &Summary) -> impl Iterator<Item = String> {
    let failed = summary.failed_categories.iter();
    let failed =
        failed.map(|(category, reason)| format!("| category {} | {} |\n", code(category), code(reason)));
    let left_out = summary.left_out.iter().map(|(operation, count)| {
        format!("| {} | the service does not have the operation {} |\n", recordings(*count), code(operation))
    });
    let skipped = (summary.not_compared > 0)
        .then(|| format!("| {} | the run was stopped before |\n", recordings(summary.not_compared)));
    failed.chain(skipped).chain(left_out)
}

/// Returns true for a rule that took differences away and still applies.
fn is_needed(rule: &RuleSummary) -> bool {
    rule.used > 0 && !rule.expired
}

fn rule_row(rule: &RuleSummary) -> String {
    let RuleSummary { at, why, used, expired } = rule;
    let why = why.as_deref().map(code).unwrap_or_default();
    let state = match (*expired, *used) {
        (true, _) => "expired",
        (false, 0) => "not needed",
        (false, _) => "",
    };
    format!("| {used} | {} | {why} | {state} |\n", code(at))
}

fn recordings(count: u64) -> String {
    format!("{count} recording{}", if count == 1 { "" } else { "s" })
}

/// A table below a title. It is left out if it has no rows, and cut if it is long.
struct Section {
    text: String,
    rows: usize,
    left_out: usize,
}

impl Section {
    fn new(title: &str, columns: &str) -> Self {
        Self { text: format!("\n### {title}\n\n{columns}"), rows: 0, left_out: 0 }
    }

    fn add_rows(&mut self, rows: impl Iterator<Item = String>) {
        for row in rows {
            if self.left_out > 0 || self.rows == MAX_ROWS || self.text.len() + row.len() > MAX_SECTION_BYTES {
                self.left_out += 1;
            } else {
                self.text.push_str(&row);
                self.rows += 1;
            }
        }
    }

    fn end(mut self, text: &mut String) {
        if self.left_out > 0 {
            // Writing to a string does not fail.
            let _ = writeln!(self.text, "\n{} more are in the other reports.", self.left_out);
        }
        if self.rows + self.left_out > 0 {
            text.push_str(&self.text);
        }
    }
}

/// The text as a code span that can stand in a cell of a table.
fn code(text: &str) -> String {
    let text = on_one_line(text);
    let text = escape(&text, |character| matches!(character, '`' | '|'));
    let text = cut(&text, MAX_TEXT_BYTES);
    if text.trim().is_empty() { "(empty)".into() } else { format!("`{text}`") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::{self, HOSTILE, changed, different, equal, written};
    use crate::report::{CauseId, Tally};

    #[test]
    fn the_summary_shows_verdicts_causes_and_rules() {
        let mut comparisons = [
            equal("orders", 1),
            different("orders", 2, vec![changed("outcome", "/ok/total", 1, 2)]),
            different("payments", 3, vec![changed("outcome", "/ok/total", 1, 2)]),
        ];
        comparisons[0].judgement.ignored =
            vec![crate::Ignored { rule: 0, differences: 4 }, crate::Ignored { rule: 2, differences: 1 }];
        let mut tally = Tally::default().since(std::iter::empty::<CauseId>());
        comparisons.iter().for_each(|comparison| tally.add(comparison));
        tally.leave_out("shop:orders/service#cancel", 7);
        tally.fail_category("refunds", "there is no component for it");
        let mut rules = samples::rules();
        rules[2].why = None;
        let report = [Line::Run(samples::run()), Line::Summary(tally.finish(rules))];
        let digest = format!("sha256:{}", "ab".repeat(32));
        let expected = format!(
            "## ❌ 2 of 3 recordings changed

`shop.wasm` (`{digest}`) compared with the recordings in `recordings`.

### Verdicts

| Category | Recordings | Equal | Fixed | Different | Failed | Equalizer failure | Accepted | Stale |
|---|--:|--:|--:|--:|--:|--:|--:|--:|
| **All** | 3 | 1 | 0 | 2 | 0 | 0 | 0 | 0 |
| `orders` | 2 | 1 | 0 | 1 | 0 | 0 | 0 | 0 |
| `payments` | 1 | 0 | 0 | 1 | 0 | 0 | 0 | 0 |

### Causes

| Recordings | Cause | Name | Example |
|--:|---|---|---|
| 2 | **new** `outcome /ok/total` | `7fb84d8c` | `playback-host replay orders/20260102/019b7a3c-5d1e-7abc-8def-012300000002` |

### Not compared

| What | Why |
|---|---|
| category `refunds` | `there is no component for it` |
| 7 recordings | the service does not have the operation `shop:orders/service#cancel` |

### Ignored by rules

| Differences | Place | Why | State |
|--:|---|---|---|
| 4 | `/**/trace-id` | `new in each run` |  |

### Rules to look at

| Differences | Place | Why | State |
|--:|---|---|---|
| 0 | `outcome /ok/age` |  | not needed |
| 1 | `file /tmp/**` |  | expired |
"
        );
        assert_eq!(written(&report, MarkdownWriter::new), expected);
    }

    #[test]
    fn hostile_text_stays_in_its_code_span_and_its_cell() {
        let text = written(&samples::report(), MarkdownWriter::new);
        assert!(text.contains("\\u{60}code\\u{60}**bold**") && text.contains("\\u{202e}"), "{text}");
        for row in text.lines().filter(|line| line.starts_with('|')) {
            assert_eq!(row.matches('`').count() % 2, 0, "{row}");
            let outside: String = row.split('`').step_by(2).collect();
            assert!(!outside.contains(['<', '>', '&', '[', '\u{1b}']), "{row}");
        }
        let widths = |title: &str| {
            let section =
                text.split(title).nth(1).and_then(|rest| rest.split("\n###").next()).unwrap_or_default();
            let rows = section.lines().filter(|line| line.starts_with('|'));
            rows.map(|row| row.matches('|').count()).collect::<Vec<_>>()
        };
        for title in ["### Verdicts", "### Causes", "### Rules to look at"] {
            let widths = widths(title);
            assert!(widths.len() > 2 && widths.iter().all(|width| *width == widths[0]), "{title} {widths:?}");
        }
        assert_eq!(code(&HOSTILE.repeat(9)).lines().count(), 1);
    }

    #[test]
    fn the_summary_of_a_large_run_stays_below_what_github_shows() {
        let many = |number: u32| {
            let what = format!("{number}{}", "|`\u{202e}".repeat(2_000));
            different(&format!("category-{number}"), number, vec![changed(&what, "", 1, 2)])
        };
        let mut tally = Tally::default();
        (0..3_000).map(many).for_each(|comparison| tally.add(&comparison));
        for number in 0..3_000 {
            tally.leave_out(&format!("{number}{}", HOSTILE.repeat(20)), 1);
            tally.fail_category(&format!("category-{number}"), HOSTILE.repeat(20));
        }
        let rule =
            RuleSummary { used: 0, at: HOSTILE.repeat(50), why: Some(HOSTILE.repeat(50)), expired: false };
        let used = RuleSummary { used: 1, ..rule.clone() };
        let rules = [vec![rule; 3_000], vec![used; 3_000]].concat();
        let mut run = samples::run();
        run.services = vec![run.services[0].clone(); 3_000];
        let text = written(&[Line::Run(run), Line::Summary(tally.finish(rules))], MarkdownWriter::new);
        assert!(text.len() < 1 << 20, "{} bytes", text.len());
        assert_eq!(text.matches("more are in the other reports").count(), 5);
    }
}
