//! `wasi:io/poll`, with the tape behind it.

use super::waiting::{Question, Waiting};
use playback_tape::{Asks, Wait};
use wasmtime::Result;
use wasmtime::component::{HasData, Linker, Resource};
use wasmtime_wasi::p2::DynPollable;
use wasmtime_wasi::p2::bindings::io::poll::{self, Host, HostPollable};

/// Puts waiting behind the tape, in place of what is linked.
pub(crate) fn link<T: Send>(linker: &mut Linker<T>, view: fn(&mut T) -> Waiting<'_>) -> Result<()> {
    poll::add_to_linker::<T, Taped>(linker, view)
}

struct Taped;

impl HasData for Taped {
    type Data<'a> = Waiting<'a>;
}

impl Host for Waiting<'_> {
    async fn poll(&mut self, pollables: Vec<Resource<DynPollable>>) -> Result<Vec<u32>> {
        if pollables.is_empty() {
            // A trap, as it is while recording.
            return self.table.poll(pollables).await;
        }
        let questions: Vec<Question> = pollables.iter().map(|one| self.pollable(one)).collect();
        if let Some(ready) = self.recorded(Asks::Poll, &questions, Wait::ForOne)? {
            return Ok(ready.into_vec());
        }
        let ready = self.table.poll(pollables).await?;
        self.waited(&questions, &ready)?;
        Ok(ready)
    }
}

impl HostPollable for Waiting<'_> {
    async fn ready(&mut self, pollable: Resource<DynPollable>) -> Result<bool> {
        let questions = [self.pollable(&pollable)];
        if let Some(ready) = self.recorded(Asks::Ready, &questions, Wait::Never)? {
            return Ok(!ready.is_empty());
        }
        let is_ready = self.table.ready(pollable).await?;
        self.found(&questions, Wait::Never, if is_ready { &[0] } else { &[] });
        Ok(is_ready)
    }

    async fn block(&mut self, pollable: Resource<DynPollable>) -> Result<()> {
        let question = self.pollable(&pollable);
        if self.recorded_wait(&question)?.is_some() {
            return Ok(());
        }
        self.table.block(pollable).await?;
        self.waited(&[question], &[0])
    }

    fn drop(&mut self, pollable: Resource<DynPollable>) -> Result<()> {
        let subject = self.sources.pollables.take(pollable.rep());
        // A source that has other handles is not gone with this one.
        self.dropped(subject.filter(|subject| subject.timer().is_some()));
        HostPollable::drop(self.table, pollable)
    }
}
