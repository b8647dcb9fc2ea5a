//! The smallest executor there is: it asks again and again.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Runs a future to its end.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}

/// Lets others go first.
pub async fn pause() {
    let mut paused = false;
    poll_fn(|_| match std::mem::replace(&mut paused, true) {
        false => Poll::Pending,
        true => Poll::Ready(()),
    })
    .await
}

/// Runs two futures in turns until the second is over, and drops the first, whatever became of it.
pub async fn until<B>(a: impl Future, b: impl Future<Output = B>) -> B {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let mut is_over = false;
    poll_fn(|context| {
        is_over = is_over || a.as_mut().poll(context).is_ready();
        b.as_mut().poll(context)
    })
    .await
}

/// Runs three futures in turns.
pub async fn join<A, B, C>(
    a: impl Future<Output = A>,
    b: impl Future<Output = B>,
    c: impl Future<Output = C>,
) -> (A, B, C) {
    let (mut a, mut b, mut c) = (pin!(a), pin!(b), pin!(c));
    let (mut of_a, mut of_b, mut of_c) = (None, None, None);
    poll_fn(|context| {
        turn(&mut a, &mut of_a, context);
        turn(&mut b, &mut of_b, context);
        turn(&mut c, &mut of_c, context);
        match of_a.is_some() && of_b.is_some() && of_c.is_some() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
    (of_a.unwrap(), of_b.unwrap(), of_c.unwrap())
}

fn turn<T>(
    future: &mut std::pin::Pin<&mut impl Future<Output = T>>,
    value: &mut Option<T>,
    context: &mut Context<'_>,
) {
    if value.is_none()
        && let Poll::Ready(ready) = future.as_mut().poll(context)
    {
        *value = Some(ready);
    }
}
