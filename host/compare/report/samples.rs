//! Reports for tests.

#![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

use super::{Build, Comparison, Crossed, Line, RuleSummary, Run, Tally, Writer};
use crate::cause::Cause;
use crate::change::Change;
use crate::judge::{Ignored, Judgement, Note};
use crate::kind::ChangeKind;
use crate::verdict::{End, Verdict};
use playback_recording::{Kind, RecordingId};
use serde_json::Value as Json;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

/// Text that tries to break out of every format and to deceive a reader.
pub(super) const HOSTILE: &str = "</script><script>document.title='owned'</script><img src=x \
    onerror=\"document.title='owned'\"><!--]]>&amp;|`code`**bold** www.example.com\u{1b}[31m\u{0}\u{202e}\u{2028}\u{fffe}\n\
    next | line\r\\";

/// A buffer that the test reads while the writer has it.
#[derive(Debug, Clone, Default)]
pub(super) struct Buffer(Rc<RefCell<Vec<u8>>>);

impl Buffer {
    /// Takes what was written so far.
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.take()).unwrap()
    }
}

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns what the writer makes of these lines.
pub(super) fn written<W: Writer>(report: &[Line], writer: impl FnOnce(Buffer) -> W) -> String {
    let buffer = Buffer::default();
    let mut writer = writer(buffer.clone());
    for line in report {
        writer.write(line).unwrap();
    }
    drop(writer);
    buffer.text()
}

/// A report with each verdict.
pub(super) fn report() -> Vec<Line> {
    report_of(comparisons())
}

/// A report of these comparisons.
pub(super) fn report_of(comparisons: Vec<Comparison>) -> Vec<Line> {
    let summary = Line::Summary(summary(&comparisons));
    let comparisons = comparisons.into_iter().map(|comparison| Line::Comparison(comparison.into()));
    [Line::Run(run())].into_iter().chain(comparisons).chain([summary]).collect()
}

pub(super) fn run() -> Run {
    let build = |name: &str| Build { name: name.into(), digest: format!("sha256:{}", "ab".repeat(32)) };
    Run {
        host: "0.1.0".into(),
        services: vec![build("shop.wasm")],
        baselines: Vec::new(),
        cassette: "recordings".into(),
        categories: vec!["orders".parse().unwrap(), "payments".parse().unwrap()],
        shard: None,
        started_at: "2026-01-02T03:04:05.678Z".parse().unwrap(),
    }
}

pub(super) fn summary(comparisons: &[Comparison]) -> super::Summary {
    let mut tally = Tally::default();
    for comparison in comparisons {
        tally.add(comparison);
    }
    tally.finish(rules())
}

pub(super) fn rules() -> Vec<RuleSummary> {
    let rule = |at: &str, why: Option<&str>, expired| RuleSummary {
        at: at.into(),
        why: why.map(str::to_owned),
        used: 0,
        expired,
    };
    vec![
        rule("/**/trace-id", Some("new in each run"), false),
        rule("outcome /ok/age", None, false),
        rule("file /tmp/**", Some(HOSTILE), true),
    ]
}

/// A recording id of this category with this number.
pub(crate) fn id(category: &str, number: u32) -> RecordingId {
    format!("{category}/20260102/019b7a3c-5d1e-7abc-8def-0123{number:08x}").parse().unwrap()
}

/// A comparison that found nothing.
pub(super) fn equal(category: &str, number: u32) -> Comparison {
    Comparison {
        id: id(category, number),
        operation: "shop:orders/service@1.2.0#place-order".into(),
        judgement: Judgement {
            verdict: Verdict::Equal,
            recorded: End::Returned,
            replayed: End::Returned,
            message: None,
            changes: Vec::new(),
            notes: BTreeMap::new(),
            compared: 3,
            ignored: Vec::new(),
        },
        stale: false,
        duration_us: Some([41_000, 1_500 + u64::from(number)]),
        cost: None,
        timeline: Vec::new(),
    }
}

/// A comparison that found these changes.
pub(super) fn different(category: &str, number: u32, changes: Vec<Change>) -> Comparison {
    let mut comparison = equal(category, number);
    comparison.judgement.verdict = Verdict::Different;
    comparison.judgement.changes = changes;
    comparison.timeline = timeline();
    comparison
}

/// A change of a value.
pub(super) fn changed(
    what: &str,
    path: &str,
    recorded: impl Into<Json>,
    replayed: impl Into<Json>,
) -> Change {
    let (recorded, replayed) = (recorded.into(), replayed.into());
    Change {
        text: format!("recorded {recorded}, replayed {replayed}"),
        path: path.into(),
        recorded: Some(recorded),
        replayed: Some(replayed),
        ..Change::of_text(Cause::new(what, path, ChangeKind::Changed), None, "")
    }
}

fn timeline() -> Vec<Crossed> {
    let crossed = |kind, alias: &str, arguments: &str, answer: &str| Crossed {
        kind,
        alias: alias.into(),
        ordinal: 1,
        arguments: arguments.into(),
        answer: answer.into(),
        answered: None,
    };
    vec![
        crossed(Kind::Input, "shop:orders/stock#count", "item: \"tea\"", "12"),
        Crossed {
            answered: Some("repeated".into()),
            ..crossed(
                Kind::Input,
                "shop:orders/prices#price",
                "item: \"tea\", currency: \"EUR\"",
                "{\"ok\":450}",
            )
        },
        crossed(Kind::Output, "shop:orders/outputs#notify", "text: \"2 × tea: 9.00 EUR\"", "null"),
    ]
}

/// Comparisons with each verdict, an accepted one, a stale one, and hostile ones.
pub(super) fn comparisons() -> Vec<Comparison> {
    let mut with_notes = equal("orders", 1);
    with_notes.judgement.notes = [(Note::NotAsked, 2), (Note::Repeated, 1)].into();
    with_notes.judgement.ignored = vec![Ignored { rule: 0, differences: 4 }];
    let total = || changed("outcome", "/ok/total", 900, 9_007_199_254_740_993_u64);
    let mut notify = changed("shop:orders/outputs#notify", "/text", "2 × tea: 9.00 EUR", "2 × tea: 90.0 EUR");
    notify.call = Some(1);
    let mut failed = different("orders", 3, vec![total()]);
    failed.judgement.verdict = Verdict::Failed;
    failed.judgement.replayed = End::Trapped;
    let mut fixed = different("payments", 4, vec![changed("outcome", "", "trapped: out of bounds", 3)]);
    fixed.judgement.verdict = Verdict::Fixed;
    fixed.judgement.recorded = End::Trapped;
    let accepted =
        Change { accepted: Some("the new rounding".into()), ..changed("stdout", "/3", "1.0", "1.00") };
    let mut stale = equal("payments", 6);
    stale.stale = true;
    let mut hostile = different("payments", 7, vec![changed(HOSTILE, HOSTILE, HOSTILE, HOSTILE)]);
    hostile.operation = HOSTILE.into();
    hostile.judgement.message = Some(HOSTILE.into());
    hostile.timeline[0].arguments = HOSTILE.into();
    vec![
        with_notes,
        different("orders", 2, vec![total(), notify]),
        failed,
        fixed,
        different("payments", 5, vec![accepted]),
        stale,
        hostile,
        Comparison::failure(id("orders", 8), format!("cannot be read: {HOSTILE}")),
    ]
}
