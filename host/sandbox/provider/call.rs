//! Calls that the running operation makes to its providers.

use crate::failure::Trapped;
use crate::state::State;
use playback_recording::Outcome;
use playback_recording::value::Value;
use playback_tape::Interceptor;
use wasmtime::{Result, StoreContextMut};

/// Asks the provider of `interceptor`'s function.
pub(crate) async fn call(
    cx: &mut StoreContextMut<'_, State>,
    interceptor: &Interceptor,
    arguments: &[Value],
) -> Result<Outcome> {
    let live = cx.data_mut().live.as_mut();
    match live.and_then(|live| live.call_at_once(interceptor, arguments)) {
        Some(outcome) => outcome,
        // Boxed: it is large, and the future around it is made for every call.
        None => Box::pin(wait(cx, interceptor, arguments)).await,
    }
}

async fn wait(
    cx: &mut StoreContextMut<'_, State>,
    interceptor: &Interceptor,
    arguments: &[Value],
) -> Result<Outcome> {
    // Taken out while it works: what it is called with comes from the same store.
    let Some(mut live) = cx.data_mut().live.take() else {
        return Err(Trapped(format!(
            "a rule lets `{}` go live, and no provider answers it",
            interceptor.function.name
        ))
        .into());
    };
    let outcome = live.call(interceptor, arguments, cx.data().started).await;
    cx.data_mut().live = Some(live);
    outcome
}

/// The service dropped a resource. On replay there is nothing behind its number.
pub(crate) async fn drop_resource(mut cx: StoreContextMut<'_, State>, number: u32) -> Result<()> {
    let Some(mut live) = cx.data_mut().live.take() else { return Ok(()) };
    let dropped = live.drop_resource(number).await;
    cx.data_mut().live = Some(live);
    dropped
}
