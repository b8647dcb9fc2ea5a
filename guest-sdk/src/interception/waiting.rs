//! Calls that wait. What goes on meanwhile is intercepted as ever: a body is open only while it is at work itself.

use crate::aside::aside;
use crate::hashers::Hashers;
use crate::host;
use crate::note;
use crate::point::Point;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The body of an open call.
pub(super) struct Body<'h, F> {
    ticket: u64,
    /// How many it made, with those that count them.
    hashers: &'h mut u32,
    is_paused: bool,
    /// Until it is over. On the heap, so that nothing here has to be pinned by hand.
    body: Option<Pin<Box<F>>>,
}

impl<'h, F: Future> Body<'h, F> {
    pub(super) fn new(ticket: u64, body: F, hashers: &'h mut u32) -> Self {
        Self { ticket, hashers, is_paused: false, body: Some(Box::pin(body)) }
    }
}

impl<F> Body<'_, F> {
    fn resume(&mut self) {
        if std::mem::take(&mut self.is_paused) {
            host::resume(self.ticket);
        }
    }
}

impl<F: Future> Future for Body<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.resume();
        // Like any future, it is asked no more once it is over.
        let Some(body) = &mut self.body else { return Poll::Pending };
        let before = Hashers::now();
        let polled = aside(|| body.as_mut().poll(context));
        *self.hashers += before.since() + Hashers::COUNTING;
        match polled.is_pending() {
            true => {
                self.is_paused = true;
                host::pause(self.ticket);
            }
            false => aside(|| self.body = None),
        }
        polled
    }
}

/// Nobody waits for it any more, as after a timeout.
impl<F> Drop for Body<'_, F> {
    fn drop(&mut self) {
        if let Some(body) = self.body.take() {
            self.resume();
            // What the body does to clean up is a part of it.
            let before = Hashers::now();
            aside(|| drop(body));
            *self.hashers += before.since() + Hashers::COUNTING;
            host::abandon(self.ticket, note::of(*self.hashers));
        }
    }
}

/// A call that was abandoned when it was recorded, on a replay.
pub(super) struct Never<T> {
    point: &'static Point,
    asked: u32,
    value: PhantomData<fn() -> T>,
}

/// How often somebody may ask for what never comes. Who asks again and again while he waits for something else may do so often.
const PATIENCE: u32 = 10_000_000;

impl<T> Never<T> {
    pub(super) fn new(point: &'static Point) -> Self {
        Self { point, asked: 0, value: PhantomData }
    }
}

impl<T> Future for Never<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        self.asked += 1;
        if self.asked == PATIENCE {
            let problem = "the recorded call was abandoned before it was over, and this one is waited for";
            host::failed(self.point, None, problem);
        }
        Poll::Pending
    }
}

/// A recorded call on a replay, until it is its turn to be over. Its body waited; without this nothing that went on meanwhile
/// could come first.
pub(super) struct Turn {
    ticket: u64,
    is_paused: bool,
}

impl Turn {
    pub(super) fn new(ticket: u64) -> Self {
        Self { ticket, is_paused: false }
    }
}

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let is_due = host::is_due(self.ticket);
        match (is_due, self.is_paused) {
            (true, true) => host::resume(self.ticket),
            (false, false) => host::pause(self.ticket),
            _ => {}
        }
        self.is_paused = !is_due;
        match is_due {
            true => Poll::Ready(()),
            false => {
                // Whoever it waits for does not know of it.
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.is_paused {
            host::abandon(self.ticket, note::NONE);
        }
    }
}
