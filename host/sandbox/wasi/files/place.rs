//! Where something is: below which granted folder, and under which names.

/// A path below a granted folder, without `.`, `..` and symbolic links.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// Which of the granted folders.
    pub(super) root: usize,
    /// As the service calls it: `/data/prices/eu.csv`.
    path: String,
    /// Where in `path` the names below the folder begin.
    below: usize,
}

impl Place {
    /// The granted folder itself, that the service calls `guest`.
    pub(super) fn root(root: usize, guest: &str) -> Self {
        let path = guest.trim_end_matches('/').to_owned();
        Self { root, below: path.len() + 1, path }
    }

    /// What is called `name` in this folder.
    pub(super) fn join(&self, name: &str) -> Self {
        Self { path: format!("{}/{name}", self.path), ..*self }
    }

    /// The folder that it is in; `None` for a granted folder.
    pub(super) fn parent(&self) -> Option<Self> {
        let (folder, _) = self.path.get(self.below..)?.rsplit_once('/').unwrap_or_default();
        let end = if folder.is_empty() { self.below - 1 } else { self.below + folder.len() };
        Some(Self { path: self.path.get(..end)?.to_owned(), ..*self })
    }

    /// The paths of the folders that it is in, the nearest first, up to the granted folder: what is around that one is
    /// another matter.
    pub(super) fn folders(&self) -> impl Iterator<Item = &str> {
        let below = self.path.get(self.below - 1..).unwrap_or_default();
        let ends = below.rmatch_indices('/').map(|(at, _)| self.below - 1 + at);
        ends.filter_map(|end| self.path.get(..end))
    }

    /// Whether it is somewhere in `folder`.
    pub(super) fn is_in(&self, folder: &Self) -> bool {
        self.folders().any(|path| path == folder.path())
    }

    /// As the service calls it. `/` for a granted folder of that name.
    pub(super) fn path(&self) -> &str {
        if self.path.is_empty() { "/" } else { &self.path }
    }

    /// The names below the granted folder, `.` for that folder itself.
    pub(super) fn relative(&self) -> &str {
        self.path.get(self.below..).unwrap_or(".")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_knows_its_folder_and_its_names() {
        for guest in ["/data", "data", ".", "/"] {
            let root = Place::root(0, guest);
            assert_eq!((root.path(), root.relative(), root.parent()), (guest, ".", None));
            let file = root.join("a").join("b");
            assert_eq!(file.path(), format!("{}/a/b", guest.trim_end_matches('/')));
            assert_eq!(file.relative(), "a/b");
            assert_eq!(file.parent(), Some(root.join("a")));
            let folders = [root.join("a").path().to_owned(), guest.trim_end_matches('/').to_owned()];
            assert_eq!(file.folders().collect::<Vec<_>>(), folders);
            assert_eq!(root.folders().count(), 0);
            assert!(
                file.is_in(&root.join("a")) && !root.join("ab").is_in(&root.join("a")) && !file.is_in(&file)
            );
            assert_eq!(root.join("a").parent(), Some(root));
        }
    }
}
