//! What a cassette asks of the place that keeps its objects: little enough that a map, a folder and an S3 bucket
//! can all promise it. Knows nothing of recordings. [`conformance`](super::conformance) says the same as a test.

use super::Key;
use async_trait::async_trait;
use bytes::Bytes;
use std::fmt;

/// A place for named objects that are written once and never change.
///
/// Whatever is killed when, nobody ever sees a part of an object: it is there whole, or it is not there.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync {
    /// The place, as messages name it: `./tapes`, `memory:`.
    fn location(&self) -> &str;

    /// Keeps `object` as `key`, unless something is there already. What is there stays: the same bytes again are
    /// fine, others are refused with [`StoreError::Exists`].
    async fn put(&self, key: &Key, object: Bytes) -> Result<Put, StoreError>;

    /// The object `key`. One of more than `at_most` bytes is refused with [`StoreError::TooLarge`] before it is read.
    async fn get(&self, key: &Key, at_most: u64) -> Result<Bytes, StoreError>;

    /// How many bytes the object `key` has.
    async fn size(&self, key: &Key) -> Result<u64, StoreError>;

    /// The keys in `folder`, however deep, that come after `after`, in their order. One page of them: as many as
    /// suit the store. Ask on with the last of them while there are [`more`](Page::more).
    async fn list(&self, folder: &Key, after: Option<&Key>) -> Result<Page, StoreError>;

    /// The names of the folders directly in `folder` that have an object in them, however deep, in order.
    async fn folders(&self, folder: &Key) -> Result<Vec<String>, StoreError>;

    /// Removes the object `key`. That it is not there is fine.
    async fn delete(&self, key: &Key) -> Result<(), StoreError>;
}

/// Whether [`Store::put`] had anything to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// The object is new.
    Created,
    /// The same object was there before.
    Unchanged,
}

/// Part of a listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// In their order.
    pub keys: Vec<Key>,
    /// Whether keys may follow the last of these. Never true of a page without keys.
    pub more: bool,
}

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no such object.
    #[error("there is no `{key}` in `{location}`")]
    NotFound {
        /// What was asked for.
        key: Key,
        /// The store.
        location: String,
    },
    /// Another object has the key.
    #[error(
        "`{key}` is in `{location}` already, with other content; objects are never overwritten, delete it first"
    )]
    Exists {
        /// What was to be written.
        key: Key,
        /// The store.
        location: String,
    },
    /// The object is larger than the caller takes.
    #[error("`{key}` in `{location}` has {size} bytes, more than the {at_most} that are read at most")]
    TooLarge {
        /// What was asked for.
        key: Key,
        /// The store.
        location: String,
        /// Its size in bytes.
        size: u64,
        /// What the caller takes, in bytes.
        at_most: u64,
    },
    /// The store was opened for reading only.
    #[error("cannot {action} `{key}`: `{location}` was opened for reading only; open it for writing")]
    ReadOnly {
        /// What was to be done.
        action: Action,
        /// With what.
        key: Key,
        /// The store.
        location: String,
    },
    /// The way to the object is not one that a store goes, such as a symbolic link or a device.
    #[error("cannot {action} `{key}` in `{location}`: {obstacle}")]
    Refused {
        /// What was to be done.
        action: Action,
        /// With what.
        key: Key,
        /// The store.
        location: String,
        /// What is in the way, and what to do about it.
        obstacle: String,
    },
    /// The store itself failed.
    #[error("cannot {action} `{key}` in `{location}`: {error}; {}", advice(*.action))]
    Io {
        /// What was to be done.
        action: Action,
        /// With what.
        key: Key,
        /// The store.
        location: String,
        /// What the system says.
        #[source]
        error: std::io::Error,
    },
}

/// What to do where the system does not let a store do something.
fn advice(action: Action) -> &'static str {
    match action {
        Action::Write => "see that this user may write there, and that there is room",
        Action::Read | Action::List => "see that this user may read it",
        Action::Delete => "see that this user may delete there",
    }
}

/// What a store was asked to do, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display)]
#[strum(serialize_all = "kebab-case")]
#[non_exhaustive]
pub enum Action {
    /// [`Store::put`]
    Write,
    /// [`Store::get`], [`Store::size`]
    Read,
    /// [`Store::list`], [`Store::folders`]
    List,
    /// [`Store::delete`]
    Delete,
}
