//! Waiting. While recording the service waits as it would anywhere, and what was ready goes on the tape; on replay
//! nothing waits: it gets what was ready then, and when it waits for nothing but timers, virtual time jumps to the first.

use super::failure::Trapped;
use super::http::Http;
use super::limits::LimitReached;
use super::state::State;
use crate::tape::{Asks, Tape};
use std::collections::HashMap;
use wasmtime::Result;
use wasmtime::component::{HasData, Linker, Resource, ResourceTable};
use wasmtime_wasi::p2::DynPollable;
use wasmtime_wasi::p2::bindings::io::poll::{self, Host, HostPollable};

/// The timers of a replay: by the pollable's place in the table, what the monotonic clock shows when it is due.
pub(crate) type Timers = HashMap<u32, u64>;

/// Puts waiting behind the tape, in place of what is linked.
pub(crate) fn link(linker: &mut Linker<State>) -> Result<()> {
    poll::add_to_linker::<State, Taped>(linker, |State { tape, timers, table, http, .. }| Waits {
        tape,
        timers,
        table,
        http,
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
}

impl Waits<'_> {
    /// Which of `pollables` are ready on replay, without waiting; and when the first timer among the others is due.
    async fn look(&mut self, pollables: &[Resource<DynPollable>]) -> Result<(Vec<u32>, Option<u64>)> {
        self.http.settle(self.tape, self.table)?;
        let now = self.tape.now();
        let (mut ready, mut first_due) = (Vec::new(), None::<u64>);
        for (index, pollable) in (0..).zip(pollables) {
            let is_ready = match self.timers.get(&pollable.rep()) {
                Some(due) if *due > now => {
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
        let due = ready.iter().filter_map(of_ready).filter_map(|one| self.timers.get(&one.rep())).max();
        if let Some(due) = due.copied() {
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
                if let Some(limit) = self.tape.stopped_in_timer() {
                    return Err(LimitReached::AsRecorded(limit.clone()).into());
                }
                self.tape.sleep_until(due);
                Ok(self.look(pollables).await?.0)
            }
            // Whatever there is on a replay is there at once: what is not ready now never will be.
            (_, None) => {
                self.http.unblock(self.tape, self.table)?;
                match (self.look(pollables).await?.0, self.tape.stopped_by_time()) {
                    (ready, _) if !ready.is_empty() => Ok(ready),
                    (_, Some(limit)) => Err(LimitReached::AsRecorded(limit.clone()).into()),
                    (_, None) => Err(Trapped(NEVER.to_owned()).into()),
                }
            }
        }
    }
}

/// How long it takes to ask whether a timer is due, in nanoseconds of virtual time.
const STEP: u64 = 1_000;

const NEVER: &str = "the service waits for something that nothing on this replay can bring";

impl Host for Waits<'_> {
    async fn poll(&mut self, pollables: Vec<Resource<DynPollable>>) -> Result<Vec<u32>> {
        let about: Vec<u32> = pollables.iter().map(Resource::rep).collect();
        let recorded = self.tape.ask(Asks::Poll, &about);
        self.tape.waits();
        if let Tape::Recording(_) = self.tape {
            let ready = self.table.poll(pollables).await?;
            self.tape.waited();
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
        let recorded = self.tape.ask(Asks::Ready, &[pollable.rep()]);
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
        self.tape.waits();
        match self.tape {
            Tape::Recording(_) => {
                self.table.block(pollable).await?;
                self.tape.waited();
                Ok(())
            }
            Tape::Replaying(_) => self.by_rule(&[pollable]).await.map(drop),
        }
    }

    fn drop(&mut self, pollable: Resource<DynPollable>) -> Result<()> {
        self.timers.remove(&pollable.rep());
        HostPollable::drop(self.table, pollable)
    }
}
