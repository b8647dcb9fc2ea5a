//! What a service says of its own recording, and asks of it.

use super::bindings::playback::guest::recording::{Host, Mode};
use crate::state::State;
use playback_recording::value::cbor;
use playback_tape::{Loss, Tape};
use wasmtime::Result;

impl Host for State {
    fn current_mode(&mut self) -> Result<Mode> {
        Ok(match &self.tape {
            Tape::Recording(tape) if tape.is_off() => Mode::Off,
            Tape::Recording(_) => Mode::Recording,
            Tape::Replaying(_) => Mode::Replaying,
        })
    }

    fn id(&mut self) -> Result<Option<String>> {
        Ok(match &mut self.tape {
            Tape::Recording(tape) if tape.is_off() => None,
            Tape::Recording(tape) => Some(tape.id().to_string()),
            Tape::Replaying(tape) => Some(tape.id().to_string()),
        })
    }

    fn add_metadata(&mut self, key: String, json: String) -> Result<Result<(), String>> {
        Ok(match &mut self.tape {
            Tape::Recording(tape) => tape.add_metadata(&key, &json).map_err(|error| error.to_string()),
            // What was refused while recording is refused now.
            Tape::Replaying(tape) => tape.add_metadata(&key, &json).map_err(|error| error.to_string()),
        })
    }

    fn discard(&mut self, reason: String) -> Result<()> {
        if let Tape::Recording(tape) = &mut self.tape {
            tape.discard(Loss::Discarded { reason });
        }
        Ok(())
    }

    fn force_sample(&mut self) -> Result<()> {
        if let Tape::Recording(tape) = &mut self.tape {
            tape.force_sample();
        }
        Ok(())
    }

    fn put(&mut self, key: String, value: Vec<u8>) -> Result<Result<(), String>> {
        let value = match self.values(&value, |reader| reader.value()) {
            Ok(value) => value,
            Err(problem) => return Ok(Err(problem)),
        };
        if let Tape::Recording(tape) = &mut self.tape {
            tape.put(&key, value);
        }
        Ok(Ok(()))
    }

    fn get(&mut self, key: String) -> Result<Option<Vec<u8>>> {
        let Tape::Replaying(tape) = &self.tape else { return Ok(None) };
        Ok(tape.get(&key).map(cbor::to_vec))
    }
}
