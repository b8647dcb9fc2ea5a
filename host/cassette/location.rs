//! Where a cassette is, as people write it, and what opening it can fail with. Opens nothing itself.

use serde::{Serialize, Serializer};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Where a cassette is: `./tapes`, `file:tapes` or `memory:`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Location {
    /// A new one in memory, gone with the process.
    Memory,
    /// A folder.
    Directory(PathBuf),
}

/// What a cassette is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// To read. Nothing is ever written, nor created.
    Read,
    /// To read and write. What does not exist is created.
    Write,
}

impl FromStr for Location {
    type Err = InvalidLocation;

    fn from_str(text: &str) -> Result<Self, InvalidLocation> {
        let shown = || text.escape_debug().to_string();
        match text.split_once(':') {
            Some(("memory", "")) => Ok(Self::Memory),
            Some(("memory", _)) => Err(InvalidLocation::Memory(shown())),
            Some(("s3", _)) => Err(InvalidLocation::S3(shown())),
            // `file:///tapes` and `file:/tapes` are one folder; `file://host/tapes` would be another machine's.
            Some(("file", path)) => match path.strip_prefix("//") {
                Some(rest) if !rest.starts_with('/') => Err(InvalidLocation::Host(shown())),
                rest => Self::directory(rest.unwrap_or(path)),
            },
            Some((scheme, rest)) if rest.starts_with("//") && is_scheme(scheme) => {
                Err(InvalidLocation::Scheme(shown()))
            }
            _ => Self::directory(text),
        }
    }
}

impl Location {
    fn directory(path: &str) -> Result<Self, InvalidLocation> {
        // A path with a NUL can be typed nowhere, and no file system takes it.
        if path.is_empty() || path.contains('\0') {
            return Err(InvalidLocation::Empty);
        }
        Ok(Self::Directory(path.into()))
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.pad("memory:"),
            Self::Directory(path) => {
                let path = path.display().to_string();
                // A path may look like another kind of location: `s3:tapes`.
                let is_read_as_path = path.parse() == Ok(Self::Directory(path.as_str().into()));
                f.pad(&if is_read_as_path { path } else { format!("file:{path}") })
            }
        }
    }
}

impl Serialize for Location {
    /// As it is written.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The text is no [`Location`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidLocation {
    /// Nothing where a folder should be named.
    #[error("the cassette's location names no folder; write `./tapes`, `file:tapes` or `memory:`")]
    Empty,
    /// `memory:` with something behind it.
    #[error(
        "`{0}` is not a cassette: `memory:` stands alone, as each one is new; for a folder write `./tapes`"
    )]
    Memory(String),
    /// A bucket.
    #[error(
        "`{0}` cannot be opened: s3 cassettes are not part of this build yet; \
         write `./tapes` and copy with `aws s3 sync`"
    )]
    S3(String),
    /// A folder of another machine.
    #[error(
        "`{0}` names a host, and a cassette is a folder of this machine; write `file:tapes` or `file:///tapes`"
    )]
    Host(String),
    /// A scheme that no cassette has.
    #[error("`{0}` is not a kind of cassette; write `./tapes`, `file:tapes` or `memory:`")]
    Scheme(String),
}

/// Why a cassette cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// It was to be read and is not there.
    #[error("there is no cassette at `{0}`; check the path, or record into it first")]
    Missing(String),
    /// Something else is there.
    #[error("`{0}` is not a folder, and a cassette is one; name another")]
    NotAFolder(String),
    /// The system refuses.
    #[error("cannot open the cassette `{location}` {}", match .access {
        Access::Read => format!("for reading: {error}; see that this user may read the folder"),
        Access::Write => format!("for writing: {error}; see that this user may write in the folder, or name another"),
    })]
    Io {
        /// The cassette.
        location: String,
        /// What it was opened for.
        access: Access,
        /// What the system says.
        #[source]
        error: std::io::Error,
    },
    /// Something is where the cassette keeps files of its own.
    #[error("cannot open the cassette `{location}` for writing: {obstacle}")]
    Obstructed {
        /// The cassette.
        location: String,
        /// What is in the way, and what to do about it.
        obstacle: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Location, InvalidLocation> {
        text.parse()
    }

    #[test]
    fn a_folder_is_named_by_a_path_or_a_file_url() {
        for (text, path) in [
            ("./tapes", "./tapes"),
            ("tapes", "tapes"),
            ("/var/tapes", "/var/tapes"),
            ("file:tapes", "tapes"),
            ("file:./tapes", "./tapes"),
            ("file:/var/tapes", "/var/tapes"),
            ("file:///var/tapes", "/var/tapes"),
            ("10:30", "10:30"),
            ("./a://b", "./a://b"),
        ] {
            assert_eq!(parse(text), Ok(Location::Directory(path.into())), "{text}");
        }
    }

    #[test]
    fn memory_stands_alone() {
        assert_eq!(parse("memory:"), Ok(Location::Memory));
        assert_eq!(parse("memory:x"), Err(InvalidLocation::Memory("memory:x".into())));
    }

    #[test]
    fn what_this_build_cannot_open_is_refused_and_says_so() {
        let message =
            |text| parse(text).map_or_else(|error| error.to_string(), |location| format!("{location:?}"));
        assert!(message("s3://bucket/tapes").contains("s3 cassettes are not part of this build yet"));
        assert!(message("s3:bucket").contains("s3 cassettes are not part of this build yet"));
        assert!(message("gs://bucket").contains("`gs://bucket` is not a kind of cassette"));
        assert!(message("file://server/tapes").contains("names a host"));
        assert!(message("").contains("names no folder"));
        assert!(message("file:").contains("names no folder"));
        assert!(message("file://").contains("names a host"));
    }

    #[test]
    fn a_location_is_shown_as_it_can_be_written() -> Result<(), InvalidLocation> {
        for text in ["./tapes", "memory:", "10:30", "file:s3:tapes", "file:gs://tapes", "file:memory:"] {
            assert_eq!(parse(text)?.to_string(), text);
        }
        Ok(())
    }
}
