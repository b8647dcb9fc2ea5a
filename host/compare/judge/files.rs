//! Comparing what the service left in its directories.

use super::{Change, ChangeKind, Comparison, Found, Reference};
use crate::cause::Cause;
use playback_recording::value::Value;
use playback_tape::{FileComparison, Playback};
use std::collections::BTreeMap;

/// What reports call a file.
const FILE: &str = "file";

/// What one side left at a path: nothing, or something, with its content where that is shown.
#[derive(Debug, Clone, PartialEq)]
enum Left {
    Nothing,
    Something(Option<Value>),
}

impl Comparison<'_, '_> {
    pub(super) fn compare_files(&mut self) {
        for (path, recorded, replayed) in self.files() {
            self.compared += 1;
            if recorded != replayed {
                self.compare_file(&path, recorded, replayed);
            }
        }
    }

    /// The paths at which either side left something else than the recording, and what each left.
    fn files(&self) -> Vec<(String, Left, Left)> {
        let candidate = self.candidate.files.iter().map(|file| (file.path.as_str(), file));
        let candidate: BTreeMap<&str, &FileComparison> = candidate.collect();
        match self.reference {
            Reference::Recording => {
                let pair = |(path, file): (&str, &FileComparison)| {
                    let (recorded, replayed) = sides(file);
                    (path.to_owned(), recorded, replayed)
                };
                candidate.into_iter().map(pair).collect()
            }
            Reference::Baseline(baseline) => against_baseline(baseline, &candidate),
        }
    }

    fn compare_file(&mut self, path: &str, recorded: Left, replayed: Left) {
        // A file is found by the rules as a place of its own, `file /tmp/a.log`, and by what is in it.
        let name = format!("{FILE} {path}");
        let scope = self.scope(&[FILE]).below(path);
        let cause = |kind| Cause::new(FILE, path, kind);
        match (recorded, replayed) {
            (Left::Nothing, Left::Something(value)) => {
                let change =
                    Change::of_text(cause(ChangeKind::New), None, "was not left when it was recorded");
                self.keep_whole(&scope, change.with(None, value.as_ref()));
            }
            (Left::Something(_), Left::Nothing) if self.is_cut_short() => {}
            (Left::Something(value), Left::Nothing) => {
                let text = "was left when it was recorded, and is not now";
                self.keep_whole(
                    &scope,
                    Change::of_text(cause(ChangeKind::NotMade), None, text).with(value.as_ref(), None),
                );
            }
            (Left::Something(Some(recorded)), Left::Something(Some(replayed))) => {
                let mut found = Found::default();
                scope.compare(&recorded, &replayed, &mut found);
                self.keep(&name, None, found);
            }
            _ => {
                let change = Change::of_text(cause(ChangeKind::Changed), None, "has another content");
                self.keep_whole(&scope, change);
            }
        }
    }
}

/// What was left when it was recorded and on replay. Equal contents need not be shown.
fn sides(file: &FileComparison) -> (Left, Left) {
    if file.is_equal() {
        return (Left::Something(None), Left::Something(None));
    }
    let whole = file.differences.first().filter(|difference| difference.path.is_empty());
    let side = |change: bool, value: Option<&Value>| match change {
        true => Left::Something(value.cloned()),
        false => Left::Nothing,
    };
    let recorded = whole.and_then(|difference| difference.recorded.as_ref());
    let replayed = whole.and_then(|difference| difference.replayed.as_ref());
    let (recorded, replayed) =
        (side(file.recorded.is_some(), recorded), side(file.replayed.is_some(), replayed));
    if recorded == replayed {
        // They differ, and neither is shown.
        return (Left::Something(Some(Value::from("recorded"))), Left::Something(None));
    }
    (recorded, replayed)
}

fn against_baseline(
    baseline: &Playback,
    candidate: &BTreeMap<&str, &FileComparison>,
) -> Vec<(String, Left, Left)> {
    let baseline: BTreeMap<&str, &FileComparison> =
        baseline.files.iter().map(|file| (file.path.as_str(), file)).collect();
    let mut paths: Vec<&str> = baseline.keys().chain(candidate.keys()).copied().collect();
    paths.sort_unstable();
    paths.dedup();
    let pair = |path: &str| {
        let (old, new) = (baseline.get(path), candidate.get(path));
        let is_same = match (old, new) {
            (Some(old), Some(new)) => old.replayed == new.replayed && !old.is_unread && !new.is_unread,
            _ => false,
        };
        if is_same {
            return (path.to_owned(), Left::Something(None), Left::Something(None));
        }
        // What a side left is shown where it differs from the recording, and else is what was recorded.
        let left = |own: Option<&&FileComparison>, other: Option<&&FileComparison>| match (own, other) {
            (Some(own), _) if !own.is_equal() => sides(own).1,
            (Some(_), Some(other)) => sides(other).0,
            (Some(_), None) => Left::Something(None),
            (None, _) => Left::Nothing,
        };
        (path.to_owned(), left(old, new), left(new, old))
    };
    paths.into_iter().map(pair).collect()
}
