//! Waiting. While recording the service waits as it would anywhere; on replay nothing waits: when all that it waits
//! for is timers, virtual time jumps to the first of them.

use super::state::State;
use crate::tape::Tape;
use std::collections::HashMap;
use wasmtime::Result;
use wasmtime::component::{HasData, Linker, Resource, ResourceTable};
use wasmtime_wasi::p2::DynPollable;
use wasmtime_wasi::p2::bindings::io::poll::{self, Host, HostPollable};

/// The timers of a replay: by the pollable's place in the table, what the monotonic clock shows when it is due.
pub(crate) type Timers = HashMap<u32, u64>;

/// Puts waiting behind the tape, in place of what is linked.
pub(crate) fn link(linker: &mut Linker<State>) -> Result<()> {
    poll::add_to_linker::<State, Taped>(linker, |State { tape, timers, table, .. }| Waits {
        tape,
        timers,
        table,
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
}

impl Waits<'_> {
    /// Which of `pollables` are ready, without waiting; and when the first timer among the others is due.
    async fn look(
        &mut self,
        pollables: &[Resource<DynPollable>],
        now: u64,
    ) -> Result<(Vec<u32>, Option<u64>)> {
        let (mut ready, mut first_due) = (Vec::new(), None::<u64>);
        for (index, pollable) in (0..).zip(pollables) {
            let is_ready = match self.timers.get(&pollable.rep()) {
                Some(due) if *due > now => {
                    first_due = Some(first_due.map_or(*due, |first| first.min(*due)));
                    false
                }
                Some(_) => true,
                None => self.table.ready(Resource::new_borrow(pollable.rep())).await?,
            };
            if is_ready {
                ready.push(index);
            }
        }
        Ok((ready, first_due))
    }
}

impl Host for Waits<'_> {
    async fn poll(&mut self, pollables: Vec<Resource<DynPollable>>) -> Result<Vec<u32>> {
        let Tape::Replaying(tape) = &*self.tape else { return self.table.poll(pollables).await };
        match self.look(&pollables, tape.now()).await? {
            (ready, Some(due)) if ready.is_empty() => {
                if let Tape::Replaying(tape) = &mut *self.tape {
                    tape.sleep_until(due);
                }
                Ok(self.look(&pollables, due).await?.0)
            }
            (ready, None) if ready.is_empty() => self.table.poll(pollables).await,
            (ready, _) => Ok(ready),
        }
    }
}

impl HostPollable for Waits<'_> {
    async fn ready(&mut self, pollable: Resource<DynPollable>) -> Result<bool> {
        match &*self.tape {
            Tape::Recording(_) => self.table.ready(pollable).await,
            Tape::Replaying(tape) => Ok(!self.look(&[pollable], tape.now()).await?.0.is_empty()),
        }
    }

    async fn block(&mut self, pollable: Resource<DynPollable>) -> Result<()> {
        self.poll(vec![pollable]).await.map(|_| ())
    }

    fn drop(&mut self, pollable: Resource<DynPollable>) -> Result<()> {
        self.timers.remove(&pollable.rep());
        HostPollable::drop(self.table, pollable)
    }
}
