//! What a service left in its folders, as it was recorded and as it was replayed.

use super::replay::MAX_SHOWN_FILE_BYTES;
use crate::replay::ReplayTape;
use playback_recording::value::Value;
use playback_recording::value::diff::{self, Difference};
use playback_recording::{Change, Changed, Content, Contents, Event};
use std::collections::BTreeMap;
use std::mem::discriminant;

/// One path at which the service left something, in its recording, its replay, or both.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FileComparison {
    /// As the service calls it.
    pub path: String,
    /// What it left when it was recorded. `None`: what it found.
    pub recorded: Option<Change>,
    /// What it left on replay. `None`: what it found.
    pub replayed: Option<Change>,
    /// Whether there is content in what was left on replay that was never read while it was recorded: only its size is known,
    /// and it is never equal.
    pub is_unread: bool,
    /// How the two differ.
    pub differences: Vec<Difference>,
}

impl FileComparison {
    /// Whether the same was left.
    ///
    /// Of a file whose content was not kept only the size is compared.
    pub fn is_equal(&self) -> bool {
        match (&self.recorded, &self.replayed) {
            _ if self.is_unread => false,
            (Some(Change::File(recorded)), Some(Change::File(replayed))) if self.is_size_alone() => {
                recorded.size() == replayed.size()
            }
            (recorded, replayed) => recorded == replayed,
        }
    }

    /// Whether it is a file whose content was too large to be kept, so that nothing but its size can be compared.
    pub fn is_size_alone(&self) -> bool {
        let is_too_large =
            |change: &Option<Change>| matches!(change, Some(Change::File(Content::TooLarge { .. })));
        is_too_large(&self.recorded) || is_too_large(&self.replayed)
    }
}

/// Every path at which something was left, in their order.
pub(crate) fn compared(tape: &ReplayTape) -> Vec<FileComparison> {
    let recorded = tape.recording.events.iter().filter_map(|event| match event {
        Event::Changed(changed) => Some(&**changed),
        _ => None,
    });
    let mut paths = BTreeMap::<&str, (Option<&Change>, Option<&Change>)>::new();
    for Changed { path, change } in recorded {
        paths.entry(path).or_default().0 = Some(change);
    }
    for Changed { path, change } in &tape.changed {
        paths.entry(path).or_default().1 = Some(change);
    }
    if paths.is_empty() {
        return Vec::new();
    }
    let compare = |(path, (recorded, replayed)): (&str, (Option<&Change>, Option<&Change>))| {
        let is_other_kind = recorded
            .zip(replayed)
            .is_some_and(|(recorded, replayed)| discriminant(recorded) != discriminant(replayed));
        let shown = (
            recorded.map(|change| shown(change, &tape.recording.contents)),
            replayed.map(|change| shown(change, &tape.contents)),
        );
        let (recorded, replayed) = (recorded.cloned(), replayed.cloned());
        let (path, is_unread) = (path.to_owned(), tape.unread.contains(path));
        let mut file = FileComparison { path, recorded, replayed, is_unread, differences: Vec::new() };
        if !file.is_equal() {
            file.differences = match shown {
                (Some(recorded), Some(replayed)) if !is_other_kind => diff::diff(&recorded, &replayed),
                (recorded, replayed) => vec![Difference { path: String::new(), recorded, replayed }],
            };
        }
        file
    };
    paths.into_iter().map(compare).collect()
}

/// What was left, with the text of a file where it is short enough. What is not a file cannot be taken for the text of one.
fn shown(change: &Change, contents: &Contents) -> Value {
    match change {
        Change::Removed => Value::case("kind", "removed".into()),
        Change::Folder => Value::case("kind", "directory".into()),
        Change::File(Content::Kept { digest, size }) if *size <= MAX_SHOWN_FILE_BYTES => {
            match contents.get(digest) {
                Some(bytes) => match str::from_utf8(bytes) {
                    Ok(text) => text.into(),
                    Err(_) => Value::Bytes(bytes.to_vec()),
                },
                None => change.to_value(),
            }
        }
        _ => change.to_value(),
    }
}
