//! Names of objects, and which two of them make up a recording. Says nothing about what is in them.

use playback_recording::RecordingId;
use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The longest key, in bytes: what S3 takes.
const LONGEST: usize = 1024;
/// The longest part of a key between slashes, in bytes: what file systems take.
const LONGEST_PART: usize = 255;

/// The name of an object in a [`Store`](super::Store), or of a folder of objects: `metadata/place-order`.
///
/// Parts of `A-Z`, `a-z`, `0-9`, `.`, `_` and `-`, separated by slashes. No part is `.` or `..`, and the first does not
/// begin with a dot: a key leads nowhere but down, and such names are left to the stores for their own use. Keys are
/// ordered by their bytes, as S3 orders them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Arc<str>);

impl Key {
    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of these parts, which are known to be parts of keys.
    pub(super) fn of(parts: &[&str]) -> Self {
        Self(parts.join("/").into())
    }

    /// The parts between the slashes, outermost first.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    /// The key of `part` in this folder.
    pub fn join(&self, part: &str) -> Result<Self, InvalidKey> {
        format!("{self}/{part}").parse()
    }

    /// Whether this is the key of something in `folder`, however deep.
    pub fn is_in(&self, folder: &Key) -> bool {
        self.0.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// Keys are ordered and hashed as their text is.
impl Borrow<str> for Key {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl FromStr for Key {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let allowed = |part: &str| {
            !matches!(part, "" | "." | "..")
                && part.len() <= LONGEST_PART
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        if text.len() <= LONGEST && !text.starts_with('.') && text.split('/').all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidKey(text.chars().take(LONGEST_PART).collect()))
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The text is no [`Key`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{}` cannot name an object; use letters, digits, `.`, `_` and `-` in parts separated by `/`, none of them `..`",
    .0.escape_debug()
)]
pub struct InvalidKey(String);

/// One of the two objects that make up a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    /// `full/<id>.tape`: everything that crossed the boundary.
    Tape,
    /// `metadata/<id>.json`: what lookups see. Written last, so that its being there means that both are.
    Metadata,
}

impl Half {
    /// The folder that all objects of this sort are in.
    pub(super) fn folder(self) -> Key {
        Key(self.affixes().0.into())
    }

    /// Where this half of the recording `id` is. Whatever is an id makes a key.
    pub(super) fn key(self, id: &RecordingId) -> Key {
        let (folder, ending) = self.affixes();
        Key(format!("{folder}/{id}{ending}").into())
    }

    /// The recording that `key` is this half of. `None`: it is somebody else's file.
    pub(super) fn id(self, key: &Key) -> Option<RecordingId> {
        let (folder, ending) = self.affixes();
        key.as_str().strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(ending)?.parse().ok()
    }

    fn affixes(self) -> (&'static str, &'static str) {
        match self {
            Self::Tape => ("full", ".tape"),
            Self::Metadata => ("metadata", ".json"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_leads_nowhere_but_down() {
        let long_part = "x".repeat(LONGEST_PART + 1);
        let long = vec!["x"; LONGEST].join("/");
        let up = ["..", "../x", "a/../b", "a/..", ".", "./a", "a/./b"];
        let strange = ["", "/", "/a", "a/", "a//b", ".hidden", "a\\b", "a b", "a:b", "ä", "a\0", "a\n"];
        for text in up.into_iter().chain(strange).chain([&*long_part, &*long]) {
            assert!(text.parse::<Key>().is_err(), "{text:?} was taken for a key");
        }
        for text in ["a", "full/A.b_c-9/x.tape", "a/.b", "a/..."] {
            assert_eq!(text.parse::<Key>().map(|key| key.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn a_refused_key_is_shown_without_its_control_characters() {
        let message = "a\n\u{1b}[31m".parse::<Key>().map_err(|error| error.to_string());
        assert!(message.is_err_and(|text| text.starts_with("`a\\n\\u{1b}[31m` cannot name an object")));
    }

    #[test]
    fn a_folder_holds_what_is_below_it_and_not_what_merely_begins_alike() -> Result<(), InvalidKey> {
        let folder: Key = "a/b".parse()?;
        assert!(folder.join("c")?.is_in(&folder));
        assert!("a/b/c/d".parse::<Key>()?.is_in(&folder));
        assert!(!"a/bc".parse::<Key>()?.is_in(&folder));
        assert!(!folder.is_in(&folder));
        assert!(folder.join("../c").is_err());
        Ok(())
    }
}
