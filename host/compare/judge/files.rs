//! Comparing what the service left in its directories.

use super::{Change, ChangeKind, Comparison, Found, Reference};
use crate::cause::Cause;
use playback_recording::value::Value;
use playback_tape::{FileComparison, Playback};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// What reports call a file.
const FILE: &str = "file";

/// A path, and what each side left there.
type File = (String, Left, Left);

/// What one side left at a path: nothing, or something, with its content where that is shown.
#[derive(Debug, Clone, PartialEq)]
enum Left {
    Nothing,
    Something(Option<Value>),
}

impl Comparison<'_, '_> {
    pub(super) fn compare_files(&mut self) {
        let files = self.files();
        for (path, recorded, replayed) in self.renamed(files) {
            self.compared += 1;
            if recorded != replayed {
                self.compare_file(&path, recorded, replayed);
            }
        }
    }

    /// Pairs files that only one side has, and whose names are the same without what rules say is new each time.
    fn renamed(&mut self, files: Vec<File>) -> Vec<File> {
        let (gone, others): (Vec<File>, Vec<File>) =
            files.into_iter().partition(|(_, _, replayed)| *replayed == Left::Nothing);
        let (mut renamed, mut by_name) = (Vec::new(), HashMap::<String, VecDeque<File>>::new());
        for file in gone {
            match self.scope(&[FILE]).below(&file.0).normalised(&file.0) {
                Some((name, _)) => by_name.entry(name).or_default().push_back(file),
                None => renamed.push(file),
            }
        }
        for (path, recorded, replayed) in others {
            let is_new = recorded == Left::Nothing;
            let name = self.scope(&[FILE]).below(&path).normalised(&path).filter(|_| is_new);
            let found = name.and_then(|(name, rules)| Some((by_name.get_mut(&name)?.pop_front()?, rules)));
            let recorded = match found {
                Some(((_, recorded, _), rules)) => {
                    rules.into_iter().for_each(|rule| *self.ignored.entry(rule).or_default() += 1);
                    recorded
                }
                None => recorded,
            };
            renamed.push((path, recorded, replayed));
        }
        renamed.extend(by_name.into_values().flatten());
        renamed.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        renamed
    }

    /// The paths at which either side left something else than the recording, and what each left.
    fn files(&self) -> Vec<File> {
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

fn against_baseline(baseline: &Playback, candidate: &BTreeMap<&str, &FileComparison>) -> Vec<File> {
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
