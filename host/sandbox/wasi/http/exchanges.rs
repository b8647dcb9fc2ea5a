//! Who takes the requests of a service: while recording [the network](super::record), on replay
//! [the tape](super::replay).

use crate::wasi::sources::Frames;
use playback_tape::{Interceptor, Place, Tape};
use std::sync::Arc;
use wasmtime::Result;
use wasmtime::component::ResourceTable;
use wasmtime_wasi_http::{Error, WasiBody, WasiHttpHooks};

/// What sends a request, as wasmtime asks for it: with a future for the connection that is to be kept alive.
pub(crate) type Sending =
    Box<dyn Future<Output = Result<(http::Response<WasiBody>, Connection), Error>> + Send>;
pub(crate) type Connection = Box<dyn Future<Output = Result<(), Error>> + Send>;

/// An exchange that has a place on the tape.
#[derive(Clone)]
pub(crate) struct Began {
    pub(super) place: Place,
    pub(super) interceptor: Arc<Interceptor>,
    /// Where the service's future for the response is in the table, and what tells it from a later one there.
    pub(super) future: u32,
    pub(super) task: tokio::task::Id,
}

/// Takes the requests of one operation.
pub(crate) trait Exchanges: WasiHttpHooks {
    /// Whether requests may reach the network.
    fn may_send(&self) -> bool {
        false
    }

    /// The service is about to make a request.
    fn prepare(&mut self, _: &Tape) {}

    /// The name of the request that was just made, `GET http://example.com/`, and the frames of its response.
    fn made(&self) -> Option<(String, Arc<Frames>)>;

    /// That request has a place on the tape.
    fn began(&mut self, began: Began);

    /// On replay: takes what the service wrote, and answers the requests that are complete. To be called before the service is
    /// told what is ready, or writes, as nobody else reads what it writes.
    fn settle(&mut self, _: &mut Tape, _: &mut ResourceTable) -> Result<()> {
        Ok(())
    }

    /// On replay: nothing that the service waits for is there. Returns whether that changed.
    ///
    /// # Errors
    ///
    /// It waits for more of an exchange than was recorded: a divergence, unless the recorded operation waited for it until it
    /// was stopped.
    fn unblock(&mut self, _: &mut Tape, _: &mut ResourceTable) -> Result<bool> {
        Ok(false)
    }

    /// On replay: whether the exchange at this place has no answer because the service still writes the request.
    fn is_open(&self, _: Place) -> bool {
        false
    }

    /// On replay: answers the first request that the service still writes. Returns whether there was one.
    fn answer_open(&mut self, _: &mut Tape, _: &mut ResourceTable) -> Result<bool> {
        Ok(false)
    }

    /// The operation has ended.
    fn finish(&mut self, tape: &mut Tape, table: &mut ResourceTable) -> Result<()>;
}
