//! Waiting. While recording the service waits as it would anywhere, and what was ready goes on the tape; on replay
//! nothing waits: it gets what was ready then, and when it waits for nothing but timers, virtual time jumps to the first.

use super::failure::Trapped;
use super::http::Http;
use super::limits::{Deadline, LimitReached};
use super::state::State;
use crate::tape::{About, Asks, Tape};
use std::collections::HashMap;
use wasmtime::Result;
use wasmtime::component::{HasData, Linker, Resource, ResourceTable};
use wasmtime_wasi::p2::DynPollable;
use wasmtime_wasi::p2::bindings::io::poll::{self, Host, HostPollable};

/// The timers of an operation, by the pollable's place in the table.
pub(crate) type Timers = HashMap<u32, Timer>;

/// A timer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timer {
    /// The instant or the duration that the service asked for, in nanoseconds.
    pub(crate) asked: u64,
    /// What the monotonic clock shows when it is due, on a replay.
    pub(crate) due: u64,
}

/// Puts waiting behind the tape, in place of what is linked.
pub(crate) fn link(linker: &mut Linker<State>) -> Result<()> {
    poll::add_to_linker::<State, Taped>(linker, |State { tape, timers, table, http, deadline, .. }| Waits {
        tape,
        timers,
        table,
        http,
        deadline: *deadline,
    })
}

struct Taped;

impl HasData for Taped {
    type Data<'a> = Waits<'a>;
}

struct Waits<'a> {
    tape: &'a mut Tape,
    timers: &'a mut Timers,
    table: &'a mut ResourceTable,
    http: &'a mut Http,
    deadline: Deadline,
}

/// A call that may wait begins.
pub(crate) fn begin(tape: &mut Tape) -> Result<()> {
    tape.waits();
    match tape.stopped_here() {
        Some(limit) => Err(LimitReached::AsRecorded(limit.clone()).into()),
        None => Ok(()),
    }
}

/// It is over.
pub(crate) fn end(tape: &mut Tape, deadline: Deadline) -> Result<()> {
    if let Tape::Recording(_) = tape {
        deadline.check()?;
        tape.waited();
    }
    Ok(())
}

impl Waits<'_> {
    /// What a question about `pollables` is about.
    fn about(&self, pollables: &[Resource<DynPollable>]) -> Vec<About> {
        let of = |one: &Resource<DynPollable>| {
            let timer = self.timers.get(&one.rep()).map(|timer| timer.asked);
            About { handle: one.rep(), timer }
        };
        pollables.iter().map(of).collect()
    }

    /// Which of `pollables` are ready on replay, without waiting; and when the first timer among the others is due.
    async fn look(&mut self, pollables: &[Resource<DynPollable>]) -> Result<(Vec<u32>, Option<u64>)> {
        self.http.settle(self.tape, self.table)?;
        let now = self.tape.now();
        let (mut ready, mut first_due) = (Vec::new(), None::<u64>);
        for (index, pollable) in (0..).zip(pollables) {
            let is_ready = match self.timers.get(&pollable.rep()) {
                Some(Timer { due, .. }) if *due > now => {
                    first_due = Some(first_due.map_or(*due, |first| first.min(*due)));
                    false
                }
                Some(_) => true,
                None => {
                    // Not by tokio's cooperative budget: when that is used up nothing seems ready.
                    let ready = self.table.ready(Resource::new_borrow(pollable.rep()));
                    tokio::task::unconstrained(ready).await?
                }
            };
            if is_ready {
                ready.push(index);
            }
        }
        Ok((ready, first_due))
    }

    /// What was ready when it was recorded, as far as it can be now: that a timer was due makes it so.
    async fn recorded(&mut self, pollables: &[Resource<DynPollable>], ready: &[u32]) -> Result<Vec<u32>> {
        let of_ready = |index: &u32| pollables.get(*index as usize);
        let timers = ready.iter().filter_map(of_ready).filter_map(|one| self.timers.get(&one.rep()));
        if let Some(due) = timers.map(|timer| timer.due).max() {
            self.tape.sleep_until(due);
        }
        let now_ready = self.look(pollables).await?.0;
        Ok(ready.iter().copied().filter(|index| now_ready.contains(index)).collect())
    }

    /// What is ready by the rule for calls that were not recorded: whatever is there, and a timer only where nothing
    /// else is, the first to come due first.
    async fn by_rule(&mut self, pollables: &[Resource<DynPollable>]) -> Result<Vec<u32>> {
        match self.look(pollables).await? {
            (ready, _) if !ready.is_empty() => Ok(ready),
            (_, Some(due)) => {
                self.tape.sleep_until(due);
                Ok(self.look(pollables).await?.0)
            }
            // Whatever there is on a replay is there at once: what is not ready when nothing more can be answered never will be.
            (_, None) => {
                while self.http.unblock(self.tape, self.table)? {
                    let ready = self.look(pollables).await?.0;
                    if !ready.is_empty() {
                        return Ok(ready);
                    }
                }
                Err(never(self.tape))
            }
        }
    }
}

/// How long it takes to ask whether a timer is due, in nanoseconds of virtual time.
const STEP: u64 = 1_000;

/// Why a wait ends that nothing on a replay can end: the recorded one was stopped in it, or code that changed waits for what
/// was never there.
pub(crate) fn never(tape: &Tape) -> wasmtime::Error {
    match tape.stopped_by_time() {
        Some(limit) => LimitReached::AsRecorded(limit.clone()).into(),
        None => {
            Trapped("the service waits for something that nothing on this replay can bring".to_owned()).into()
        }
    }
}

impl Host for Waits<'_> {
    async fn poll(&mut self, pollables: Vec<Resource<DynPollable>>) -> Result<Vec<u32>> {
        let about = self.about(&pollables);
        let recorded = self.tape.ask(Asks::Poll, &about);
        begin(self.tape)?;
        if let Tape::Recording(_) = self.tape {
            let ready = self.table.poll(pollables).await?;
            end(self.tape, self.deadline)?;
            self.tape.answered(&ready);
            return Ok(ready);
        }
        if about.is_empty() {
            // A trap, as it is while recording.
            return self.table.poll(pollables).await;
        }
        if let Some(recorded) = recorded {
            let ready = self.recorded(&pollables, &recorded).await?;
            if !ready.is_empty() {
                return Ok(ready);
            }
        }
        self.by_rule(&pollables).await
    }
}

impl HostPollable for Waits<'_> {
    async fn ready(&mut self, pollable: Resource<DynPollable>) -> Result<bool> {
        let about = self.about(std::slice::from_ref(&pollable));
        let recorded = self.tape.ask(Asks::Ready, &about);
        if let Tape::Recording(_) = self.tape {
            let is_ready = self.table.ready(pollable).await?;
            self.tape.answered(if is_ready { &[0] } else { &[] });
            return Ok(is_ready);
        }
        let pollables = [pollable];
        match recorded {
            Some(recorded) => Ok(!self.recorded(&pollables, &recorded).await?.is_empty()),
            None => {
                let (ready, due) = self.look(&pollables).await?;
                if ready.is_empty() && due.is_some() {
                    // Whoever asks again and again until a timer is due sees time pass.
                    let now = self.tape.now();
                    self.tape.sleep_until(now.saturating_add(STEP));
                }
                Ok(!ready.is_empty())
            }
        }
    }

    async fn block(&mut self, pollable: Resource<DynPollable>) -> Result<()> {
        begin(self.tape)?;
        match self.tape {
            Tape::Recording(_) => {
                self.table.block(pollable).await?;
                end(self.tape, self.deadline)
            }
            Tape::Replaying(_) => self.by_rule(&[pollable]).await.map(drop),
        }
    }

    fn drop(&mut self, pollable: Resource<DynPollable>) -> Result<()> {
        self.timers.remove(&pollable.rep());
        HostPollable::drop(self.table, pollable)
    }
}
