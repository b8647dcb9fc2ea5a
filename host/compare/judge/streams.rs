//! Comparing what was written to the standard streams that are compared, line by line.

use super::{Change, ChangeKind, Comparison, Reference, values};
use crate::cause::Cause;
use crate::values::Step;
use playback_recording::value::Value;
use playback_recording::value::diff::Difference;

/// The most lines of a stream that are aligned; beyond them the first difference is told.
const MAX_LINES: usize = 20_000;

impl Comparison<'_, '_> {
    pub(super) fn compare_streams(&mut self) {
        let streams: Vec<_> = self.candidate.streams.iter().map(|comparison| comparison.stream).collect();
        for stream in streams {
            self.compared += 1;
            let recorded = match self.reference {
                Reference::Recording => self.candidate.recording.stream(stream),
                Reference::Baseline(baseline) => baseline.stream(stream),
            };
            let replayed = self.candidate.stream(stream);
            if recorded != replayed {
                self.compare_lines(&stream.to_string(), &recorded, &replayed);
            }
        }
    }

    fn compare_lines(&mut self, what: &str, recorded: &[u8], replayed: &[u8]) {
        let scope = self.scope(&[what]);
        let [old, new] = [recorded, replayed].map(lines);
        let [old_forms, new_forms] =
            [&old, &new].map(|lines| lines.iter().map(|line| scope.canonical(line)).collect::<Vec<_>>());
        let changed = |from: Option<&Value>, to: Option<&Value>, line: usize, kind| {
            let difference =
                Difference { path: format!("/{line}"), recorded: from.cloned(), replayed: to.cloned() };
            Change::of_value(Cause::new(what, "", kind), Some(line), difference)
        };
        let is_cut_short = self.is_cut_short();
        for step in values::align_values(&old_forms, &new_forms) {
            let change = match step {
                Step::Same(..) => continue,
                Step::Removed(_) if is_cut_short => continue,
                Step::Changed(i, j) => changed(old.get(i), new.get(j), j + 1, ChangeKind::Changed),
                Step::Moved(i, j) => changed(old.get(i), new.get(j), j + 1, ChangeKind::Moved),
                Step::Removed(i) => changed(old.get(i), None, i + 1, ChangeKind::NotMade),
                Step::Added(j) => changed(None, new.get(j), j + 1, ChangeKind::New),
            };
            self.keep_whole(&scope, change);
        }
    }
}

/// The lines of a text; all that follows the last one that is aligned is one line.
fn lines(text: &[u8]) -> Vec<Value> {
    let lines = text.splitn(MAX_LINES, |byte| *byte == b'\n');
    let value = |line: &[u8]| match str::from_utf8(line) {
        Ok(line) => Value::from(line),
        Err(_) => Value::Bytes(line.to_vec()),
    };
    lines.map(value).collect()
}
