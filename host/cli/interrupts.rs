//! Ctrl-C, counted: the first is a request to stop, the second an order.

use tokio::sync::watch;

#[cfg(unix)]
fn signals() -> std::io::Result<tokio::signal::unix::Signal> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())
}

#[cfg(windows)]
fn signals() -> std::io::Result<tokio::signal::windows::CtrlC> {
    tokio::signal::windows::ctrl_c()
}

/// How often ctrl-C was pressed since this was made. Until then, and never again, it ends the process.
#[derive(Debug)]
pub(crate) struct Interrupts {
    count: watch::Receiver<usize>,
}

impl Interrupts {
    pub(crate) fn listen() -> Self {
        let (counter, count) = watch::channel(0);
        // Before the task runs, so that none comes too early to be counted.
        let signals = signals();
        tokio::spawn(async move {
            let Ok(mut signals) = signals else { return };
            while signals.recv().await.is_some() && !counter.is_closed() {
                counter.send_modify(|count| *count += 1);
            }
        });
        Self { count }
    }

    /// How often so far.
    pub(crate) fn count(&self) -> usize {
        *self.count.borrow()
    }

    /// Waits for the next one, and returns how many that makes.
    pub(crate) async fn next(&mut self) -> usize {
        if self.count.changed().await.is_err() {
            // There are no signals here: none will come.
            std::future::pending::<()>().await;
        }
        self.count()
    }
}
