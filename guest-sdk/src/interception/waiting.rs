//! A body that waits: only while it is at work itself is it open. What goes on meanwhile is intercepted as ever.

use super::IN_BODY;
use crate::host;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

/// The body of an open call.
pub(super) struct Body<F> {
    ticket: u64,
    is_paused: bool,
    // On the heap, so that nothing here has to be pinned by hand.
    body: Pin<Box<F>>,
}

impl<F: Future> Body<F> {
    pub(super) fn new(ticket: u64, body: F) -> Self {
        Self { ticket, is_paused: false, body: Box::pin(body) }
    }
}

impl<F: Future> Future for Body<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        if std::mem::take(&mut self.is_paused) {
            host::resume(self.ticket);
        }
        IN_BODY.store(true, Ordering::Relaxed);
        let polled = self.body.as_mut().poll(context);
        IN_BODY.store(false, Ordering::Relaxed);
        if polled.is_pending() {
            self.is_paused = true;
            host::pause(self.ticket);
        }
        polled
    }
}
