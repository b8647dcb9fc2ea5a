//! A body that waits: only while it is at work itself is it open. What goes on meanwhile is intercepted as ever.

use super::in_body;
use crate::host;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The body of an open call.
pub(super) struct Body<F> {
    ticket: u64,
    is_paused: bool,
    /// Until it is over. On the heap, so that nothing here has to be pinned by hand.
    body: Option<Pin<Box<F>>>,
}

impl<F: Future> Body<F> {
    pub(super) fn new(ticket: u64, body: F) -> Self {
        Self { ticket, is_paused: false, body: Some(Box::pin(body)) }
    }
}

impl<F> Body<F> {
    fn resume(&mut self) {
        if std::mem::take(&mut self.is_paused) {
            host::resume(self.ticket);
        }
    }
}

impl<F: Future> Future for Body<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.resume();
        // Like any future, it is asked no more once it is over.
        let Some(body) = &mut self.body else { return Poll::Pending };
        let polled = in_body(|| body.as_mut().poll(context));
        match polled.is_pending() {
            true => {
                self.is_paused = true;
                host::pause(self.ticket);
            }
            false => in_body(|| self.body = None),
        }
        polled
    }
}

/// Nobody waits for it any more, as after a timeout.
impl<F> Drop for Body<F> {
    fn drop(&mut self) {
        if let Some(body) = self.body.take() {
            self.resume();
            // What the body does to clean up is a part of it.
            in_body(|| drop(body));
            host::abandon(self.ticket);
        }
    }
}
