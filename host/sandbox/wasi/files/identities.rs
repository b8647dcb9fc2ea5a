//! What tells one file from another: the path under which it was found first. The numbers that a file system gives are
//! other ones on each machine. It is kept apart only for files that the service gives more than one name.

use std::borrow::Cow;
use std::collections::HashMap;

/// The identities of files with several names, and of what came to be where such a file was.
#[derive(Debug, Default)]
pub(super) struct Identities {
    by_path: HashMap<String, String>,
    /// How many identities were given to new files where another one was.
    renewed: u64,
}

impl Identities {
    /// The identity of the file at `path`.
    pub(super) fn of<'a>(&'a self, path: &'a str) -> Cow<'a, str> {
        self.by_path.get(path).map_or(path, String::as_str).into()
    }

    /// The file at `from` has the name `to` too.
    pub(super) fn link(&mut self, from: &str, to: &str) {
        let identity = self.of(from).into_owned();
        self.by_path.insert(to.to_owned(), identity);
    }

    /// The file at `path` has this name no more. What is there next is another file.
    pub(super) fn remove(&mut self, path: &str) {
        let removed = self.by_path.remove(path).unwrap_or_else(|| path.to_owned());
        if self.by_path.values().any(|identity| *identity == path) || removed != path {
            self.renewed += 1;
            // No path has a zero byte.
            self.by_path.insert(path.to_owned(), format!("{path}\0{}", self.renewed));
        }
    }

    /// The file at `from` is at `to`.
    pub(super) fn rename(&mut self, from: &str, to: &str) {
        let identity = self.of(from).into_owned();
        let has_several_names = self.by_path.values().any(|other| *other == identity);
        self.remove(to);
        if has_several_names {
            self.remove(from);
            self.by_path.insert(to.to_owned(), identity);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Identities;

    #[test]
    fn names_of_one_file_have_one_identity_and_a_file_that_comes_after_it_another() {
        let mut files = Identities::default();
        files.link("a", "b");
        files.link("b", "c");
        assert_eq!([files.of("b"), files.of("c")], ["a", "a"]);
        files.remove("a");
        assert_ne!(files.of("a"), "a");
        files.rename("b", "d");
        assert_eq!([files.of("c"), files.of("d")], ["a", "a"]);
        assert_ne!(files.of("b"), "a");
        files.rename("x", "d");
        assert_ne!(files.of("d"), "a");
        assert_eq!(files.of("c"), "a");
    }

    #[test]
    fn a_file_with_one_name_is_its_path() {
        let mut files = Identities::default();
        files.rename("a", "b");
        files.remove("c");
        assert_eq!([files.of("a"), files.of("b"), files.of("c")], ["a", "b", "c"]);
    }
}
