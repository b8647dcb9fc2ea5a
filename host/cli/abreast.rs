//! Work on many recordings at once: on all cores, told in the order in which it was begun.

use super::exit::Stop;
use super::interrupts::Interrupts;
use super::session::Session;
use anyhow::Result;
use std::collections::VecDeque;
use std::num::NonZeroUsize;
use tokio::task::JoinHandle;

/// Tasks that run side by side.
#[derive(Debug)]
pub(crate) struct Abreast<T> {
    running: VecDeque<JoinHandle<T>>,
    most: usize,
}

/// The next of them.
#[derive(Debug)]
pub(crate) enum Next<T> {
    /// It ended.
    Ended(T),
    /// None runs.
    None,
    /// Ctrl-C was pressed twice: it is given up, like those after it.
    GivenUp,
}

impl<T: Send + 'static> Abreast<T> {
    /// At most so many at once, by default two a core: one that computes, and one that is ready when it ends.
    pub(crate) fn new(jobs: Option<NonZeroUsize>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { running: VecDeque::new(), most: jobs.map_or(2 * cores, NonZeroUsize::get) }
    }

    /// Whether one more may begin.
    pub(crate) fn has_room(&self) -> bool {
        self.running.len() < self.most
    }

    /// How many have begun and were not told.
    pub(crate) fn len(&self) -> usize {
        self.running.len()
    }

    pub(crate) fn begin(&mut self, task: impl Future<Output = T> + Send + 'static) {
        self.running.push_back(tokio::spawn(task));
    }

    /// Waits for the oldest: whichever ends first, the order of what is printed stays. `doing` is what the tasks are.
    pub(crate) async fn next(
        &mut self,
        doing: &str,
        interrupts: &mut Interrupts,
        session: &Session,
    ) -> Result<Next<T>> {
        let Some(oldest) = self.running.front_mut() else { return Ok(Next::None) };
        loop {
            tokio::select! {
                biased;
                ended = &mut *oldest => {
                    self.running.pop_front();
                    let ended = ended.map_err(|error| Stop::Failed(format!("one of {doing} ended unexpectedly: {error}")))?;
                    return Ok(Next::Ended(ended));
                }
                count = interrupts.next() => match count {
                    1 => session.terminal.note(format_args!(
                        "stopping after {doing} that are running; ctrl-C again gives them up"
                    )),
                    _ => return Ok(Next::GivenUp),
                },
            }
        }
    }
}
