//! What a subscriber of `tracing` sees of a run.

use crate::support::{arguments, provider, service};
use playback_host::Category;
use playback_host::recording::RecordingId;
use playback_host::sandbox::{Recorder, Replayer};
use serde_json::json;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use tracing::Level;

/// Collects what is written, for all clones.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

fn id(text: &str) -> RecordingId {
    text.parse().unwrap()
}

#[test]
fn a_run_reports_in_a_span_with_the_id_that_the_caller_chose() {
    // In a process of its own: which events are enabled is decided once for all threads of a process.
    let test = std::env::current_exe().unwrap();
    let arguments = ["--exact", "--ignored", "traced::in_a_process_of_its_own"];
    let run = std::process::Command::new(test).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
#[ignore = "another test runs it"]
async fn in_a_process_of_its_own() {
    let service = service("chatty");
    let recorder = Recorder::builder(&service).providers(provider("chatty_provider")).build().unwrap();
    let category: Category = "test".parse().unwrap();
    let turn = recorder.turn(&category);
    assert_ne!(*turn.recording_id(), *recorder.turn(&category).recording_id());
    let chosen = id("request/20260101/019b7620-9c00-7abc-8def-0123456789ab");
    let turn = turn.with_recording_id(chosen.clone());

    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::DEBUG)
        .with_ansi(false)
        .without_time()
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let operation = service.operation(Some("chorus")).unwrap();
    let recorded = recorder.record_in_turn(turn, operation, arguments(json!([3]))).await.unwrap();
    let recording = Arc::new(recorded.recording.unwrap());
    assert_eq!(*recording.id(), chosen);
    let told = lines.take();
    let span = format!("record{{recording={chosen} operation=");
    assert!(told.lines().count() >= 2 && told.lines().all(|line| line.contains(&span)), "{told}");

    Replayer::builder(&service).build().unwrap().replay(&recording).await.unwrap();
    let told = lines.take();
    let span = format!("replay{{recording={chosen} operation=");
    assert!(told.lines().all(|line| line.contains(&span)) && told.contains("is_equal=true"), "{told}");
}
