//! Recordings for the tests of this module, and a store that fails.
#![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

use super::{Action, Cassette, Key, MemoryStore, Page, Put, Store, StoreError};
use async_trait::async_trait;
use bytes::Bytes;
use playback_recording::value::Value;
use playback_recording::{
    Category, Clock, Counts, Event, Function, Header, Interception, Kind, Metadata, Outcome, Recording,
    RecordingId,
};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A recording of `category`, begun at `second` seconds after a certain midnight.
pub(super) fn recording_at(category: &str, second: i64) -> Recording {
    let midnight: jiff::Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let recorded_at = midnight + jiff::SignedDuration::from_secs(second);
    let category: Category = category.parse().unwrap();
    let id = RecordingId::new(category, recorded_at);
    let function = |name: &str| Function {
        name: name.into(),
        parameters: vec!["sku".into()],
        signature: "func(sku: string) -> f64".into(),
    };
    let call = |function, kind, alias: &str, outcome: Outcome| {
        let arguments = vec![Value::from("apple")];
        Event::Interception(Interception {
            function,
            kind,
            alias: alias.into(),
            arguments,
            outcome: outcome.into(),
            note: 0,
        })
    };
    let events = vec![
        call(0, Kind::Input, "shop:orders/inputs#price-of", Outcome::Returned(1.25.into())),
        Event::Clock { clock: Clock::Wall, epoch: None, readings: 1_000.into() },
        call(1, Kind::Output, "shop:orders/outputs#notify", Outcome::Returned(Value::Null)),
    ];
    let (operation, component) = (function("shop:orders/orders#place-order"), "sha256:00".to_owned());
    let mut header = Header::new(id, operation, component, "0.1.0".to_owned());
    header.arguments = vec![Value::from("apple")];
    header.functions = vec![function("shop:orders/inputs#price-of"), function("shop:orders/outputs#notify")];
    header.seed = [7; 32];
    header.environment = vec![("REGION".to_owned(), "eu".to_owned())];
    let metadata = Metadata::new(&header, recorded_at, Duration::from_micros(1_500));
    let mut recording = Recording::new(header, metadata);
    recording.metadata.counts = Counts::of(&events);
    recording.events = events;
    recording.outcome = Some(Outcome::Returned(Value::from(1.25)));
    recording
}

/// Any recording.
pub(super) fn recording() -> Recording {
    recording_at("place-order", 0)
}

/// Saves recordings of `category` that began at these seconds, and returns their ids.
pub(super) async fn saved(cassette: &Cassette, category: &str, seconds: &[i64]) -> Vec<RecordingId> {
    let mut ids = Vec::new();
    for second in seconds {
        let recording = recording_at(category, *second);
        cassette.save(&recording).await.unwrap();
        ids.push(recording.header.id);
    }
    ids
}

/// A store that can be made to fail when it writes, deletes or lists the objects of one folder.
#[derive(Debug, Default)]
pub(super) struct Failing {
    pub(super) store: MemoryStore,
    pub(super) writes_to: Option<&'static str>,
    pub(super) deletes_from: Option<&'static str>,
    pub(super) lists: Option<&'static str>,
    pub(super) now: AtomicBool,
}

impl Failing {
    fn check(&self, action: Action, key: &Key, folder: Option<&str>) -> Result<(), StoreError> {
        if folder != key.parts().next() || !self.now.load(Ordering::Relaxed) {
            return Ok(());
        }
        let error = std::io::Error::other("disk full");
        Err(StoreError::Io { action, key: key.clone(), location: "memory:".to_owned(), error })
    }
}

#[async_trait]
impl Store for Failing {
    fn location(&self) -> &str {
        self.store.location()
    }

    async fn put(&self, key: &Key, object: Bytes) -> Result<Put, StoreError> {
        self.check(Action::Write, key, self.writes_to)?;
        self.store.put(key, object).await
    }

    async fn get(&self, key: &Key, at_most: u64) -> Result<Bytes, StoreError> {
        self.store.get(key, at_most).await
    }

    async fn size(&self, key: &Key) -> Result<u64, StoreError> {
        self.store.size(key).await
    }

    async fn list(&self, folder: &Key, after: Option<&Key>) -> Result<Page, StoreError> {
        self.check(Action::List, folder, self.lists)?;
        self.store.list(folder, after).await
    }

    async fn folders(&self, folder: &Key) -> Result<Vec<String>, StoreError> {
        self.check(Action::List, folder, self.lists)?;
        self.store.folders(folder).await
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.check(Action::Delete, key, self.deletes_from)?;
        self.store.delete(key).await
    }
}
