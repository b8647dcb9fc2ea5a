//! Files that values name.

use super::bindings::playback::guest::files::{Host, Kept};
use crate::state::State;
use playback_recording::Content;
use wasmtime::Result;

impl Host for State {
    fn keep(&mut self, path: String) -> Result<Result<Kept, String>> {
        let State { files, tape, .. } = self;
        Ok(files.keep(tape, &path).map(|content| match content {
            Some(Content::Kept { digest, .. }) => Kept::Content(digest.to_string()),
            Some(Content::TooLarge { size }) => Kept::TooLarge(size),
            None => Kept::Absent,
        }))
    }

    fn restore(&mut self, path: String, digest: Option<String>) -> Result<Result<(), String>> {
        let State { files, tape, .. } = self;
        Ok(files.restore(tape, &path, digest.as_deref()))
    }
}
