//! The same guest, recorded and replayed.

use playback_host::cassette::{Access, Cassette};
use playback_host::recording::{Category, Recording, RecordingId};
use playback_host::sandbox::{Engine, Options, Providers, Recorder, Replayer, Service};
use playback_host::value::Value;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// The guest with the host around it.
pub(crate) struct Hosted {
    runtime: Runtime,
    recorder: Recorder,
    pub(crate) replayer: Replayer,
    category: Category,
    pub(crate) memory: Stored,
    pub(crate) directory: Stored,
}

/// A place for recordings.
pub(crate) struct Stored {
    pub(crate) name: String,
    pub(crate) cassette: Cassette,
    /// Removed with it.
    _folder: Option<tempfile::TempDir>,
}

impl Hosted {
    pub(crate) fn new(guest: &[u8]) -> Self {
        let engine = Engine::new(&Options::default()).unwrap();
        let service = Service::from_bytes(&engine, "bench", guest).unwrap();
        let row = row();
        let providers = Providers::default()
            .function("test:bench/inputs#load", move |_| Ok(row.clone()))
            .function("test:bench/outputs#save", |_| Ok(Value::Null))
            .function("test:bench/plain#tick", |_| Ok(Value::from(1u32)))
            .function("test:bench/plain#blob", |_| Ok(Value::from(1u32 << 20)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let folder = crate::files::folder();
        let location = format!("file:{}", folder.path().display()).parse().unwrap();
        let directory = runtime.block_on(Cassette::open(&location, Access::Write)).unwrap();
        Self {
            recorder: Recorder::builder(&service).providers(providers).build().unwrap(),
            replayer: Replayer::builder(&service).build().unwrap(),
            category: "bench".parse().unwrap(),
            memory: Stored { name: "memory".to_owned(), cassette: Cassette::memory(), _folder: None },
            directory: Stored { name: "directory".to_owned(), cassette: directory, _folder: Some(folder) },
            runtime,
        }
    }

    /// Records one operation into `store`.
    pub(crate) fn record(&self, store: &Stored, size: u32) -> RecordingId {
        let (operation, arguments) = match size {
            1 => ("one", vec![]),
            _ => ("many", vec![Value::from(size)]),
        };
        self.runtime.block_on(async {
            let recording = self.recording(operation, arguments).await;
            store.cassette.save(&recording).await.unwrap();
            recording.header.id
        })
    }

    /// A recording in `store` that can be replayed.
    pub(crate) fn recorded(&self, store: &Stored, size: u32) -> RecordingId {
        self.record(store, size)
    }

    /// Loads a recording and replays it.
    pub(crate) fn replay(&self, store: &Stored, id: &RecordingId) {
        self.runtime.block_on(async {
            let recording = Arc::new(store.cassette.load(id).await.unwrap());
            let playback = self.replayer.replay(&recording).await.unwrap();
            assert!(playback.is_equal());
        });
    }

    /// Records calls of one import, and keeps them nowhere.
    pub(crate) fn record_calls(&self, operation: &str, count: u32) {
        self.runtime.block_on(self.recording(operation, vec![Value::from(count)]));
    }

    /// The recording of calls of one import.
    pub(crate) fn recorded_calls(&self, operation: &str, count: u32) -> Arc<Recording> {
        Arc::new(self.runtime.block_on(self.recording(operation, vec![Value::from(count)])))
    }

    /// Replays a recording that is in memory.
    pub(crate) fn replay_loaded(&self, recording: &Arc<Recording>) {
        let playback = self.runtime.block_on(self.replayer.replay(recording)).unwrap();
        assert!(playback.is_equal());
    }

    async fn recording(&self, operation: &str, arguments: Vec<Value>) -> Recording {
        let service = self.recorder.service();
        let operation = service.operation(Some(operation)).unwrap();
        self.recorder.record(&self.category, operation, arguments).await.unwrap().recording.unwrap()
    }
}

/// Eight texts of 120 letters, 1 KiB with the rest of the record. Not one letter over and over, which would
/// compress to nothing.
pub(crate) fn texts() -> impl Iterator<Item = (String, String)> {
    let mut state = 1u32;
    ('a'..='h').map(move |name| {
        let text = (0..120).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b'a' + (state >> 24) as u8 % 26)
        });
        (name.to_string(), text.collect())
    })
}

fn row() -> Value {
    let mut fields = vec![
        ("id".to_owned(), Value::from(7u64)),
        ("price".to_owned(), Value::from(12.5f64)),
        ("quantity".to_owned(), Value::from(3u32)),
        ("valid".to_owned(), Value::from(true)),
    ];
    fields.extend(texts().map(|(name, text)| (name, Value::from(text))));
    Value::record(fields)
}
