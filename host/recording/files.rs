//! What a service saw of the folders that it was granted, and what it left there. Contents are named by their digest;
//! the bytes are kept beside the recording.
//!
//! On the tape each of these is a [value](values), so that it is written, read and shown as any other is.

mod values;

use crate::value::{Hex, hex};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use strum::{EnumString, IntoStaticStr};

/// A folder that the service was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantedFolder {
    /// What the service calls it.
    pub guest: String,
    /// Whether the service may not change it.
    pub is_read_only: bool,
}

/// The service looked at something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// As the service calls it, without symbolic links: `/data/prices.csv`.
    pub path: String,
    /// What it looked for.
    pub look: Look,
    /// The first look of this sort at this path that saw this, from 1. Those before saw what was seen before.
    pub ordinal: u64,
    /// What it saw.
    pub sight: Sight,
}

/// What can be looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Look {
    /// Whether something is there, and what.
    Entry,
    /// What became of something that the service made, changed or removed itself. Apart, because code that changes nothing
    /// sees nothing of it; and taken whenever it made or removed a name, so that what was its own doing is known.
    Own,
    /// What is in a folder.
    Listing,
    /// What is in a file.
    Content,
    /// Into a file that a value of the service names: what the body of a call left there.
    Kept,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// Nothing is there.
    Absent,
    /// It could not be looked at: an error code of `wasi:filesystem`.
    Failed(String),
    /// Something is there.
    Entry(Entry),
    /// The names in a folder and what they are of, in the order in which they were listed.
    Listing(Vec<(String, EntryKind)>),
    /// The content of a file.
    Content(Content),
}

/// A file, a folder, or whatever else has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: EntryKind,
    /// Where a symbolic link leads.
    pub target: Option<String>,
    /// In bytes.
    pub size: u64,
    /// How many names it has.
    pub links: u64,
    /// Nanoseconds since the Unix epoch.
    pub accessed: Option<u64>,
    /// Nanoseconds since the Unix epoch.
    pub modified: Option<u64>,
    /// Nanoseconds since the Unix epoch.
    pub created: Option<u64>,
}

/// What something with a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A device, a pipe, a socket.
    Other,
}

/// The content of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Kept under this digest.
    Kept {
        /// Of the bytes.
        digest: Digest,
        /// How many bytes.
        size: u64,
    },
    /// It has more bytes than are kept.
    TooLarge {
        /// How many bytes.
        size: u64,
    },
}

/// An attempt to change something was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The function of `wasi:filesystem/types`: `unlink-file-at`.
    pub call: String,
    /// What was to be changed.
    pub path: String,
    /// Which attempt of this call at this path it was, from 1.
    pub attempt: u64,
    /// The error code.
    pub code: String,
}

/// What the service left somewhere, at the end of its operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Where.
    pub path: String,
    /// What is there now.
    pub change: Change,
}

/// What the service left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Nothing, where something was.
    Removed,
    /// A new folder.
    Folder,
    /// A new symbolic link, and where it leads.
    Link(String),
    /// A file that is new, or was opened for writing.
    File(Content),
}

/// The SHA-256 of a content: what it is kept under.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest that these 64 hexadecimal digits are, in lower case.
    pub fn parse(digits: &str) -> Option<Self> {
        hex::parse(digits).map(Self)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hex(&self.0).fmt(f)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The contents of files by their digests.
pub type Contents = BTreeMap<Digest, Bytes>;
