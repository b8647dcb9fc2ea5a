//! What the service changed, by path. It goes before what the folders had.

use super::memory::Memory;
use std::collections::{BTreeMap, HashSet};
use std::ops::Bound;
use std::sync::Arc;

/// What is somewhere by the service's own doing.
#[derive(Debug, Clone)]
pub(super) enum Owned {
    /// Nothing any more.
    Removed,
    /// A folder. One that was made has nothing in it but what the service put there; one that was moved has what it had.
    Folder {
        /// Whether it was made.
        is_new: bool,
    },
    /// A symbolic link, and where it leads.
    Link(String),
    /// A file.
    File(OwnedFile),
}

/// A file that the service may have written to.
#[derive(Debug, Clone)]
pub(super) struct OwnedFile {
    /// Its bytes on replay; while recording they are in the folder.
    pub(super) memory: Option<Arc<Memory>>,
    /// Whether it is another file than was there before.
    pub(super) is_other: bool,
    /// Whether it is there because a recorded value names it: it looks as it did when it was recorded.
    pub(super) is_restored: bool,
}

/// Everything that was changed.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    entries: BTreeMap<String, Entry>,
    /// From where something was moved along with its folder, or where another folder came.
    left_behind: HashSet<String>,
    pub(super) noting: Noting,
}

/// What becomes of changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Noting {
    /// The service made them.
    #[default]
    Own,
    /// They are there, and are none that the service left: on a replay, of a body that was not skipped.
    Aside,
    /// They are somebody else's: while recording, of a body, which a replay skips.
    Nothing,
}

#[derive(Debug)]
struct Entry {
    /// Whether something was there before the service changed it.
    existed: bool,
    owned: Owned,
    /// Whether it is one of the changes that the service left.
    counts: bool,
}

impl Overlay {
    pub(super) fn get(&self, path: &str) -> Option<&Owned> {
        self.entries.get(path).map(|entry| &entry.owned)
    }

    /// Whether nothing can be in the first of these folders but what the service put there. Each is in the next one.
    pub(super) fn is_new_folder<'f>(&self, folders: impl IntoIterator<Item = &'f str>) -> bool {
        match folders.into_iter().find_map(|folder| self.get(folder)) {
            Some(Owned::Folder { is_new }) => *is_new,
            Some(_) => true,
            None => false,
        }
    }

    /// The names directly in `folder` that the service has to do with.
    pub(super) fn names<'o>(&'o self, folder: &str) -> impl Iterator<Item = (&'o str, &'o Owned)> {
        let folder = format!("{}/", folder.trim_end_matches('/'));
        let below = self.entries.range::<str, _>((Bound::Included(folder.as_str()), Bound::Unbounded));
        let below = below.map_while(move |(path, entry)| Some((path.strip_prefix(&folder)?, &entry.owned)));
        below.filter(|(name, _)| !name.contains('/'))
    }

    /// Something is at `path` now, where something was before or not.
    pub(super) fn put(&mut self, path: &str, existed: bool, owned: Owned) {
        let counts = self.noting == Noting::Own;
        match self.entries.get_mut(path) {
            _ if self.noting == Noting::Nothing => {}
            Some(entry) => {
                entry.owned = owned;
                entry.counts |= counts;
            }
            None => drop(self.entries.insert(path.to_owned(), Entry { existed, owned, counts })),
        }
    }

    /// The same of something that the service did not do itself.
    pub(super) fn put_aside(&mut self, path: &str, owned: Owned) {
        let noting = std::mem::replace(&mut self.noting, Noting::Aside);
        self.put(path, true, owned);
        self.noting = noting;
    }

    /// On a replay this is taken to be at `path`, which is not a change by itself.
    pub(super) fn assume(&mut self, path: &str, owned: Owned) {
        let existed = !matches!(owned, Owned::Removed);
        self.entries.entry(path.to_owned()).or_insert(Entry { existed, owned, counts: false });
    }

    /// Whether the service had to do with `path` before the folder that it was in was moved or replaced: what the
    /// recording says of its doing there is of another folder than the one that is there now.
    pub(super) fn is_left_behind(&self, path: &str) -> bool {
        self.left_behind.contains(path)
    }

    /// What is at `from`, which is `owned`, and everything below it is at `to` now. What was changed below `to` before
    /// describes what is no longer there.
    pub(super) fn rename(&mut self, from: &str, to: &str, existed: bool, owned: Owned) {
        if self.noting == Noting::Nothing {
            return;
        }
        let moved = self.take_below(from);
        self.take_below(to);
        for (name, entry) in moved {
            // What was in the folder before it was moved counts as having been there: its removal is a change.
            self.entries.insert(format!("{to}/{name}"), entry);
        }
        self.put(to, existed, owned);
        self.put(from, true, Owned::Removed);
    }

    /// Takes out everything below `folder`, by its path from there.
    fn take_below(&mut self, folder: &str) -> Vec<(String, Entry)> {
        let below = format!("{folder}/");
        let mut rest = self.entries.split_off(&below);
        // The first path after all those that begin with `folder/`.
        let mut after = rest.split_off(&format!("{folder}0"));
        self.entries.append(&mut after);
        let mut taken = Vec::new();
        for (path, entry) in rest {
            taken.extend(path.strip_prefix(&below).map(|name| (name.to_owned(), entry)));
            self.left_behind.insert(path);
        }
        taken
    }

    /// What was changed for good: what was made and removed again is not.
    pub(super) fn into_changes(self) -> impl Iterator<Item = (String, Owned)> {
        let changed = |(_, entry): &(String, Entry)| {
            entry.counts && (entry.existed || !matches!(entry.owned, Owned::Removed))
        };
        self.entries.into_iter().filter(changed).map(|(path, entry)| (path, entry.owned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasi::files::place::Place;

    fn file() -> Owned {
        Owned::File(OwnedFile { memory: None, is_other: true, is_restored: false })
    }

    fn changes(overlay: Overlay) -> Vec<String> {
        overlay.into_changes().map(|(path, owned)| format!("{path} {}", text(&owned))).collect()
    }

    fn text(owned: &Owned) -> &'static str {
        match owned {
            Owned::Removed => "removed",
            Owned::Folder { .. } => "folder",
            Owned::Link(_) => "link",
            Owned::File(_) => "file",
        }
    }

    #[test]
    fn what_was_made_and_removed_again_is_no_change() {
        let mut overlay = Overlay::default();
        overlay.put("/a/new", false, file());
        overlay.put("/a/new", true, Owned::Removed);
        overlay.put("/a/old", true, Owned::Removed);
        assert_eq!(changes(overlay), ["/a/old removed"]);
    }

    #[test]
    fn what_a_body_changes_is_none_of_the_services_changes() {
        let mut overlay = Overlay { noting: Noting::Nothing, ..Overlay::default() };
        overlay.put("/a/elsewhere", false, file());
        assert!(overlay.get("/a/elsewhere").is_none());
        overlay.noting = Noting::Aside;
        overlay.put("/a/there", false, file());
        overlay.put("/a/written", false, file());
        assert!(overlay.get("/a/there").is_some());
        overlay.noting = Noting::Own;
        overlay.put("/a/written", true, file());
        assert_eq!(changes(overlay), ["/a/written file"]);
    }

    #[test]
    fn what_is_below_moves_along() {
        let mut overlay = Overlay::default();
        overlay.put("/a/x", false, Owned::Folder { is_new: true });
        overlay.put("/a/x/f", false, file());
        overlay.put("/a/xy", false, file());
        overlay.rename("/a/x", "/a/z", false, Owned::Folder { is_new: true });
        assert_eq!(changes(overlay), ["/a/xy file", "/a/z folder", "/a/z/f file"]);
    }

    #[test]
    fn what_is_gone_from_a_folder_that_moves_there_and_back_is_still_gone() {
        let mut overlay = Overlay::default();
        overlay.put("/a/x/old", true, Owned::Removed);
        overlay.put("/a/x/new", false, file());
        overlay.put("/a/x/new", true, Owned::Removed);
        overlay.rename("/a/x", "/a/y", false, Owned::Folder { is_new: false });
        overlay.rename("/a/y", "/a/x", true, Owned::Folder { is_new: false });
        assert_eq!(changes(overlay), ["/a/x folder", "/a/x/old removed"]);
    }

    #[test]
    fn what_was_below_the_folder_that_another_takes_the_place_of_is_forgotten() {
        let mut overlay = Overlay::default();
        overlay.put("/a/x/f", true, Owned::Removed);
        overlay.put("/a/x", true, Owned::Removed);
        overlay.put("/a/x0", true, Owned::Removed);
        overlay.put("/a/x.y", true, Owned::Removed);
        overlay.put("/a/y/g", true, file());
        overlay.rename("/a/y", "/a/x", false, Owned::Folder { is_new: false });
        assert!(overlay.get("/a/x/f").is_none());
        let left = ["/a/x folder", "/a/x.y removed", "/a/x/g file", "/a/x0 removed", "/a/y removed"];
        assert_eq!(changes(overlay), left);
    }

    #[test]
    fn only_a_folder_that_was_made_hides_what_was_there() {
        let mut overlay = Overlay::default();
        overlay.put("/a/new", false, Owned::Folder { is_new: true });
        overlay.put("/a/moved", false, Owned::Folder { is_new: false });
        overlay.put("/a/gone", true, Owned::Removed);
        let hidden = |names: &[&str]| {
            let place = names.iter().fold(Place::root(0, "/a"), |place, name| place.join(name));
            overlay.is_new_folder(place.folders())
        };
        assert_eq!([hidden(&["new", "x", "y"]), hidden(&["gone", "x"])], [true, true]);
        assert_eq!([hidden(&["moved", "x"]), hidden(&["x"]), hidden(&[])], [false, false, false]);
        overlay.put("/a/new/x", false, file());
        overlay.put("/a/new/x/y", false, file());
        assert_eq!(overlay.names("/a/new").map(|(name, _)| name).collect::<Vec<_>>(), ["x"]);
    }
}
