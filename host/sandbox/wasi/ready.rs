//! Asks whether something is ready, without waiting for it.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use wasmtime::Result;
use wasmtime::component::{Resource, ResourceTable};
use wasmtime_wasi::p2::bindings::io::poll::HostPollable;
use wasmtime_wasi::p2::{DynPollable, Pollable};

/// Whether a resource is ready, without waiting for it.
pub(crate) fn is_ready_now(table: &mut ResourceTable, pollable: Resource<DynPollable>) -> Result<bool> {
    let mut ready = pin!(HostPollable::ready(table, pollable));
    match poll_now(|context| ready.as_mut().poll(context)) {
        Poll::Ready(is_ready) => is_ready,
        Poll::Pending => Ok(false),
    }
}

/// Whether something has come, without waiting for it.
pub(crate) fn is_ready(pollable: &mut (impl Pollable + ?Sized)) -> bool {
    let mut ready = pollable.ready();
    poll_now(|context| ready.as_mut().poll(context)).is_ready()
}

/// Polls once, now, and without tokio's cooperative budget: when that is used up its channels say that they are empty.
pub(crate) fn poll_now<T>(poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
    pin!(tokio::task::unconstrained(poll_fn(poll))).poll(&mut Context::from_waker(Waker::noop()))
}
