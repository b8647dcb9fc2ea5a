//! A cassette keeps recordings and finds them again: a layout and a lookup over a small [`Store`]. It knows nothing
//! of wasm, of replaying, or of what a recording is good for.
//!
//! A recording is two objects, and one for each file it read or left, named alike in every store, so that copying the objects copies the recordings:
//!
//! | object | content |
//! |---|---|
//! | `full/<id>.tape` | the recording, as [`format`](mod@format) specifies |
//! | `metadata/<id>.json` | its [`Metadata`], with a digest of its own |
//! | `contents/<2 digits>/<sha256>` | a file that recordings read or left, one for all of them |
//!
//! The metadata is written last and removed first: it is the commit. What has none is not listed. Both objects are
//! written once and never change, and must agree. Everything read is untrusted: sizes are bounded before anything is
//! read, and a recording that cannot be read is reported by its name and never stands in the way of the others.
//!
//! What a cassette does is reported with [`tracing`] to whoever subscribes: a span for each operation, with the recording's id,
//! and in it an event for each call of the store, with its key and bytes.

#![warn(clippy::print_stdout, clippy::print_stderr, reason = "only the command line prints")]

mod agreement;
mod blocking;
mod contents;
mod directory;
mod found;
mod key;
mod keys;
mod leftovers;
mod load;
mod location;
mod lookup;
mod memory;
mod save;
mod selector;
mod store;
mod traced;
mod verify;

pub mod conformance;
#[cfg(test)]
mod samples;

pub use contents::ContentError;
pub use directory::DirectoryStore;
pub use found::LookupError;
pub use key::{InvalidKey, Key};
pub use leftovers::LEFTOVER_AFTER;
pub use load::{LoadError, MetadataProblem};
pub use location::{Access, InvalidLocation, Location, OpenError};
pub use lookup::{Lookup, Order};
pub use memory::MemoryStore;
pub use save::{SaveError, UnsavableMetadata};
pub use selector::{FindError, InvalidSelector, Selector};
pub use store::{Action, Page, Put, Store, StoreError};
pub use verify::Verified;

use futures_util::{Stream, StreamExt, TryFutureExt, TryStreamExt};
use key::Half;
use playback_recording::{Category, Metadata, Recording, RecordingId, format};
use std::pin::pin;
use std::sync::Arc;
use traced::Traced;
use tracing::{Instrument, debug, info_span, instrument};

/// The most bytes of metadata that one recording may have. Lookups read many, so they are kept small.
pub const LARGEST_METADATA: u64 = 1 << 20;

/// Where recordings are kept and looked up. A handle: clones are the same cassette.
#[derive(Debug, Clone)]
pub struct Cassette {
    store: Arc<dyn Store>,
    limits: format::Limits,
}

impl Cassette {
    /// A cassette over any store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store: Arc::new(Traced(store)), limits: format::Limits::default() }
    }

    /// An empty cassette in memory.
    pub fn memory() -> Self {
        Self::new(Arc::new(MemoryStore::default()))
    }

    /// The cassette at `location`. Opened for writing, a folder that does not exist is created.
    #[instrument(skip_all, err(level = "debug"), fields(cassette = %location, access = ?access))]
    pub async fn open(location: &Location, access: Access) -> Result<Self, OpenError> {
        match location {
            Location::Memory => Ok(Self::memory()),
            Location::Directory(path) => {
                let path = path.clone();
                let store = blocking::run(move || DirectoryStore::open(&path, access)).await?;
                Ok(Self::new(Arc::new(store)))
            }
        }
    }

    /// The same cassette with other limits on what one recording may take, of storage and of memory.
    pub fn with_limits(self, limits: format::Limits) -> Self {
        Self { limits, ..self }
    }

    /// The place, as messages name it.
    pub fn location(&self) -> &str {
        self.store.location()
    }

    /// Keeps `recording`, and returns its metadata as kept: with the size and the counts filled in.
    ///
    /// A failure leaves nothing that is ever listed. Saving the same recording twice is saving it once.
    #[instrument(skip_all, err(level = "debug"), fields(recording = %recording.id(), operation = &*recording.header.operation.name, cassette = self.location()))]
    pub async fn save(&self, recording: &Recording) -> Result<Metadata, SaveError> {
        save::save(&*self.store, recording, &self.limits).await
    }

    /// The recording `id`.
    pub async fn load(&self, id: &RecordingId) -> Result<Recording, LoadError> {
        let span = info_span!("load", recording = %id, cassette = self.location());
        // Pinned here, the future is kept once and not moved; `#[instrument]` keeps it twice.
        let load = pin!(load::recording(&*self.store, id, &self.limits));
        let load = load.inspect_err(|error| debug!(%error));
        load.instrument(span).await
    }

    /// The metadata of the recording `id`; much cheaper than loading it.
    #[instrument(skip_all, err(level = "debug"), fields(recording = %id, cassette = self.location()))]
    pub async fn metadata(&self, id: &RecordingId) -> Result<Metadata, LoadError> {
        load::metadata(&*self.store, id).await
    }

    /// Removes the recording `id`, or what there is of it. That there is nothing is fine.
    #[instrument(skip_all, err(level = "debug"), fields(recording = %id, cassette = self.location()))]
    pub async fn remove(&self, id: &RecordingId) -> Result<(), StoreError> {
        // The other way round, a removal that is interrupted would leave a recording that is listed and has no tape.
        self.store.delete(&Half::Metadata.key(id)).await?;
        self.store.delete(&Half::Tape.key(id)).await
    }

    /// Streams what interrupted saves left behind: tapes without metadata, old enough that nobody is saving them. In the order
    /// of their ids.
    pub fn leftovers(&self) -> impl Stream<Item = Result<RecordingId, StoreError>> + Send + Unpin + use<> {
        leftovers::leftovers(Arc::clone(&self.store)).boxed()
    }

    /// The categories that have recordings, by name.
    pub async fn categories(&self) -> Result<Vec<Category>, StoreError> {
        let names = self.store.folders(&Half::Metadata.folder()).await?;
        Ok(names.iter().filter_map(|name| Category::of_recording(name).ok()).collect())
    }

    /// Streams the ids of the recordings that `lookup` asks for. Reads no metadata. The stream ends after an error.
    pub fn ids(
        &self,
        lookup: Lookup,
    ) -> impl Stream<Item = Result<RecordingId, StoreError>> + Send + Unpin + use<> {
        lookup::ids(Arc::clone(&self.store), lookup).boxed()
    }

    /// Streams the metadata of the recordings that `lookup` asks for. A recording that cannot be read is an error that names it,
    /// and others follow. The stream ends after [`LookupError::List`].
    pub fn lookup(
        &self,
        lookup: Lookup,
    ) -> impl Stream<Item = Result<Metadata, LookupError>> + Send + Unpin + use<> {
        found::found(Arc::clone(&self.store), lookup).boxed()
    }

    /// The newest recording of all categories. `None`: there is no recording.
    pub async fn latest(&self) -> Result<Option<RecordingId>, StoreError> {
        self.ids(Lookup::default().limit(1)).try_next().await
    }

    /// The one recording that `selector` means.
    #[instrument(skip_all, err(level = "debug"), fields(%selector, cassette = self.location()))]
    pub async fn find(&self, selector: &Selector) -> Result<RecordingId, FindError> {
        selector::find(self, selector).await
    }

    /// Whether the recording `id` is whole: both objects there, readable, and in agreement.
    #[instrument(skip_all, fields(recording = %id, cassette = self.location()))]
    pub async fn verify(&self, id: &RecordingId) -> Result<(), LoadError> {
        self.load(id).await.map(drop)
    }

    /// [`verify`](Self::verify)s every recording, and whatever is left of half a one, in the order of their
    /// [ids](Self::stored_ids). The stream ends after an error.
    pub fn verify_all(&self) -> impl Stream<Item = Result<Verified, StoreError>> + Send + Unpin + use<> {
        verify::verify_all(self.clone()).boxed()
    }

    /// Streams the id of every recording and of whatever is left of half a one, in order. For callers that verify several at
    /// once. The stream ends after an error.
    pub fn stored_ids(&self) -> impl Stream<Item = Result<RecordingId, StoreError>> + Send + Unpin + use<> {
        verify::stored_ids(&self.store).boxed()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use playback_recording::InvalidMetadata;
    use samples::{Failing, saved};
    use std::error::Error;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[tokio::test]
    async fn a_cassette_is_opened_by_its_location() {
        let folder = tempfile::tempdir().unwrap();
        let location: Location = format!("file:{}/tapes", folder.path().display()).parse().unwrap();
        let missing = Cassette::open(&location, Access::Read).await.unwrap_err().to_string();
        assert!(missing.ends_with("/tapes`; check the path, or record into it first"), "{missing}");

        let writer = Cassette::open(&location, Access::Write).await.unwrap();
        let id = saved(&writer, "a", &[0]).await.remove(0);
        let reader = Cassette::open(&location, Access::Read).await.unwrap();
        assert_eq!(reader.latest().await.unwrap().as_ref(), Some(&id));
        assert_eq!(reader.load(&id).await.unwrap(), writer.load(&id).await.unwrap());
        let refused = reader.save(&reader.load(&id).await.unwrap()).await.unwrap_err().to_string();
        assert!(refused.contains("was opened for reading only"), "{refused}");

        let memory = Cassette::open(&"memory:".parse().unwrap(), Access::Write).await.unwrap();
        assert_eq!((memory.location(), memory.latest().await.unwrap()), ("memory:", None));
    }

    #[tokio::test]
    async fn a_clone_is_the_same_cassette() {
        let cassette = Cassette::memory();
        let id = saved(&cassette.clone(), "a", &[0]).await.remove(0);
        assert_eq!(cassette.latest().await.unwrap(), Some(id));
    }

    #[tokio::test]
    async fn a_removed_recording_is_gone_with_its_category() {
        let cassette = Cassette::memory();
        let ids = saved(&cassette, "a", &[0, 1]).await;
        saved(&cassette, "b", &[0]).await;
        for id in &ids {
            cassette.remove(id).await.unwrap();
            cassette.remove(id).await.unwrap();
        }
        assert_eq!(cassette.categories().await.unwrap(), ["b".parse().unwrap()]);
    }

    #[tokio::test]
    async fn a_removal_that_is_interrupted_leaves_nothing_that_is_listed() {
        let now = AtomicBool::new(true);
        let store = Arc::new(Failing { deletes_from: Some("full"), now, ..Failing::default() });
        let cassette = Cassette::new(store);
        let id = saved(&cassette, "a", &[0]).await.remove(0);
        cassette.remove(&id).await.unwrap_err();
        assert_eq!(cassette.latest().await.unwrap(), None);
        assert!(matches!(cassette.load(&id).await, Err(LoadError::Leftover { .. })));
    }

    #[tokio::test]
    async fn a_stream_ends_after_a_listing_that_fails() {
        let store = Arc::new(Failing { lists: Some("metadata"), ..Failing::default() });
        let cassette = Cassette::new(Arc::clone(&store) as Arc<dyn Store>);
        saved(&cassette, "a", &[0]).await;
        store.now.store(true, Ordering::Relaxed);
        let ids = cassette.ids(Lookup::default()).map(|id| id.is_ok());
        let found = cassette.lookup(Lookup::default()).map(|metadata| metadata.is_ok());
        let stored = cassette.stored_ids().map(|id| id.is_ok());
        let verified = cassette.verify_all().map(|verified| verified.is_ok());
        for stream in [ids.boxed(), found.boxed(), stored.boxed(), verified.boxed()] {
            assert_eq!(stream.collect::<Vec<_>>().await, [false]);
        }
    }

    #[tokio::test]
    async fn an_error_keeps_what_caused_it() {
        let now = AtomicBool::new(true);
        let full = Cassette::new(Arc::new(Failing { writes_to: Some("full"), now, ..Failing::default() }));
        let error = full.save(&samples::recording()).await.unwrap_err();
        let store = error.source().and_then(|cause| cause.downcast_ref::<StoreError>()).unwrap();
        assert!(store.source().is_some_and(|cause| cause.is::<std::io::Error>()), "{store:?}");

        let cassette = Cassette::memory();
        let id = samples::recording().header.id;
        cassette.store.put(&Half::Metadata.key(&id), "{}".into()).await.unwrap();
        let error = cassette.load(&id).await.unwrap_err();
        let problem = error.source().and_then(|cause| cause.downcast_ref()).unwrap();
        assert!(matches!(problem, MetadataProblem::Invalid(InvalidMetadata::Damaged)), "{problem:?}");
    }
}
