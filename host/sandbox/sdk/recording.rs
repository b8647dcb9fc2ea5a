//! What a service says about its own recording, and asks of it.

use super::bindings::playback::guest::recording::{Host, Mode};
use crate::state::State;
use playback_recording::value::cbor;
use playback_tape as tape;
use wasmtime::Result;

impl Host for State {
    fn current_mode(&mut self) -> Result<Mode> {
        Ok(match self.tape.remarks().mode() {
            tape::Mode::Off => Mode::Off,
            tape::Mode::Recording => Mode::Recording,
            tape::Mode::Replaying => Mode::Replaying,
        })
    }

    fn id(&mut self) -> Result<Option<String>> {
        Ok(self.tape.remarks_mut().recording_id().map(|id| id.to_string()))
    }

    fn add_metadata(&mut self, key: String, json: String) -> Result<Result<(), String>> {
        let added = self.tape.remarks_mut().add_metadata(&key, &json);
        Ok(added.map_err(|error| error.to_string()))
    }

    fn discard(&mut self, reason: String) -> Result<()> {
        self.tape.remarks_mut().discard(reason);
        Ok(())
    }

    fn force_sample(&mut self) -> Result<()> {
        self.tape.remarks_mut().force_sample();
        Ok(())
    }

    fn put(&mut self, key: String, value: Vec<u8>) -> Result<Result<(), String>> {
        Ok(match self.values(&value, |reader| reader.value()) {
            Ok(value) => {
                self.tape.remarks_mut().put(&key, value);
                Ok(())
            }
            Err(problem) => Err(problem),
        })
    }

    fn get(&mut self, key: String) -> Result<Option<Vec<u8>>> {
        Ok(self.tape.remarks().get(&key).map(cbor::to_vec))
    }
}
