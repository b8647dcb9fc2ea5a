//! A provider that stays alive between operations: for one that takes long to set up, or is to remember.

use super::running::Running;
use crate::engine::Slots;
use crate::handles::Handles;
use crate::limits::Limits;
use playback_recording::Outcome;
use playback_recording::value::Value;
use playback_tape::Signature;
use tokio::sync::Mutex;
use wasmtime::Result;
use wasmtime::component::ComponentExportIndex;

/// The one instance of a provider, which answers one call at a time.
pub(crate) struct Shared {
    /// `None` before the first call, and after one that trapped or was given up half-way: the next begins anew.
    running: Mutex<Option<Running>>,
    /// Held as long as the instance can be alive.
    _slot: Slots,
}

impl Shared {
    pub(super) fn new(slot: Slots) -> Self {
        Self { running: Mutex::default(), _slot: slot }
    }

    /// Calls an export that has no resources: those belong to one operation. `start` makes an instance if none is alive.
    pub(super) async fn call(
        &self,
        start: impl Future<Output = Result<Running>>,
        limits: &Limits,
        export: &ComponentExportIndex,
        signature: &Signature,
        arguments: &[Value],
    ) -> Result<Outcome> {
        let mut place = self.running.lock().await;
        // Taken out while it works, so that whatever ends the call early ends the instance too.
        let mut running = match place.take() {
            Some(mut running) => {
                running.renew(limits);
                running
            }
            None => start.await?,
        };
        let outcome = running.call(0, export, signature, arguments, &mut Handles::default()).await?;
        if let Outcome::Returned(_) = outcome {
            *place = Some(running);
        }
        Ok(outcome)
    }
}
