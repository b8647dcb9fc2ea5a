//! A service that intercepts functions of its own with the guest SDK: with nobody recording, recorded and replayed.

use crate::guest;
use playback_host::recording::{Category, Recording};
use playback_host::sandbox::{Engine, Options, Recorder, Replayer, Service};
use playback_host::value::Value;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// The service and its host.
pub(crate) struct Sdk {
    runtime: Runtime,
    recorder: Recorder,
    replayer: Replayer,
    category: Category,
}

impl Sdk {
    pub(crate) fn new() -> Self {
        let engine = Engine::new(&Options::default()).unwrap();
        let service = Service::from_bytes(&engine, "bench-sdk", &guest("bench-sdk")).unwrap();
        Self {
            runtime: tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap(),
            recorder: Recorder::builder(&service).build().unwrap(),
            replayer: Replayer::builder(&service).build().unwrap(),
            category: "bench".parse().unwrap(),
        }
    }

    /// Runs an operation that nobody records.
    pub(crate) fn off(&self, operation: &str, count: u32) {
        let operation = self.recorder.service().operation(Some(operation)).unwrap();
        let run = self.recorder.run(&self.category, operation, vec![Value::from(count)]);
        self.runtime.block_on(run).unwrap();
    }

    pub(crate) fn record(&self, operation: &str, count: u32) -> Arc<Recording> {
        let operation = self.recorder.service().operation(Some(operation)).unwrap();
        let record = self.recorder.record(&self.category, operation, vec![Value::from(count)]);
        Arc::new(self.runtime.block_on(record).unwrap().recording.unwrap())
    }

    pub(crate) fn replay(&self, recording: &Arc<Recording>) {
        assert!(self.runtime.block_on(self.replayer.replay(recording)).unwrap().is_equal());
    }
}
