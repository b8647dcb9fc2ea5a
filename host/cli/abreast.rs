//! Work that runs side by side on all cores, and is told in the order in which it was begun.

use super::exit::Stop;
use super::interrupts::Interrupts;
use super::session::Session;
use anyhow::Result;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::future;
use std::num::NonZeroUsize;
use std::pin::pin;
use tokio::task::JoinHandle;

/// Tasks that run side by side.
#[derive(Debug)]
pub(crate) struct Abreast<T> {
    running: VecDeque<JoinHandle<T>>,
    most: usize,
}

/// What comes next.
#[derive(Debug)]
pub(crate) enum Next<T, M = Infallible> {
    /// The oldest task ended.
    Ended(T),
    /// There is more to begin.
    More(M),
    /// No task runs.
    None,
    /// Ctrl-C was pressed twice: the tasks that run are to be given up.
    GivenUp,
}

/// How many tasks the machine computes at once.
pub(crate) fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

impl<T: Send + 'static> Abreast<T> {
    /// At most so many at once, by default two a core: one that computes, and one that is ready when it ends.
    pub(crate) fn new(jobs: Option<NonZeroUsize>) -> Self {
        Self { running: VecDeque::new(), most: jobs.map_or(2 * cores().get(), NonZeroUsize::get) }
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
        self.next_or(None::<future::Pending<Infallible>>, doing, interrupts, session).await
    }

    /// Waits for the oldest or, where it is given, for `more` to begin, which the first ctrl-C ends.
    pub(crate) async fn next_or<M>(
        &mut self,
        more: Option<impl Future<Output = M>>,
        doing: &str,
        interrupts: &mut Interrupts,
        session: &Session,
    ) -> Result<Next<T, M>> {
        let mut waits_for_more = more.is_some();
        let mut more = pin!(async {
            match more {
                Some(more) => more.await,
                None => future::pending().await,
            }
        });
        while waits_for_more || !self.running.is_empty() {
            tokio::select! {
                biased;
                ended = oldest(&mut self.running) => {
                    let ended = ended.map_err(|error| Stop::Failed(format!("one of {doing} ended unexpectedly: {error}")))?;
                    return Ok(Next::Ended(ended));
                }
                count = interrupts.next() => match count {
                    1 if self.running.is_empty() => return Ok(Next::None),
                    1 => {
                        waits_for_more = false;
                        session.terminal.note(format_args!(
                            "stopping after {doing} that are running; ctrl-C again gives them up"
                        ));
                    }
                    _ => return Ok(Next::GivenUp),
                },
                more = &mut more, if waits_for_more => return Ok(Next::More(more)),
            }
        }
        Ok(Next::None)
    }

    /// Gives up the tasks that run, and returns what came of those that have ended, in order, with the number of the
    /// others.
    pub(crate) async fn give_up(self) -> (Vec<T>, usize) {
        let (mut ended, mut given_up) = (Vec::new(), 0);
        for task in self.running {
            // One that computes would end only when it is done: nobody waits for that.
            match task.is_finished() {
                true => ended.extend(task.await.ok()),
                false => {
                    task.abort();
                    given_up += 1;
                }
            }
        }
        (ended, given_up)
    }
}

/// Waits for the oldest task and takes it out; for ever where there is none. Nothing is lost if it is waited for again.
async fn oldest<T>(running: &mut VecDeque<JoinHandle<T>>) -> Result<T, tokio::task::JoinError> {
    match running.front_mut() {
        None => future::pending().await,
        Some(task) => {
            let ended = task.await;
            running.pop_front();
            ended
        }
    }
}
