//! Reading and writing streams. Calls that may find nothing to read, or no room to write, ask the tape first, so that
//! a replay finds nothing where the recording found nothing; all else is the streams' own.

use super::sources::Subject;
use super::waiting::{Handle, Question, Waiting};
use playback_tape::{Asks, Positions, Wait};
use wasmtime::Result;
use wasmtime::component::{HasData, Linker, Resource, ResourceTable};
use wasmtime_wasi::p2::bindings::io::streams::{self, Host, HostInputStream, HostOutputStream};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable, StreamError, StreamResult};

/// Puts streams behind the tape, in place of what is linked.
pub(crate) fn link<T: Send>(linker: &mut Linker<T>, view: fn(&mut T) -> StreamsView<'_>) -> Result<()> {
    streams::add_to_linker::<T, Taped>(linker, view)
}

struct Taped;

impl HasData for Taped {
    type Data<'a> = StreamsView<'a>;
}

/// What streams need of their host.
pub(crate) struct StreamsView<'a>(pub(crate) Waiting<'a>);

/// What a call that need not wait found.
trait Found: Default {
    fn is_nothing(&self) -> bool;
}

impl Found for u64 {
    fn is_nothing(&self) -> bool {
        *self == 0
    }
}

impl Found for Vec<u8> {
    fn is_nothing(&self) -> bool {
        self.is_empty()
    }
}

impl StreamsView<'_> {
    fn subject(&self, stream: u32) -> Option<Subject> {
        self.0.sources.streams.get(stream).cloned()
    }

    fn input(&self, stream: &Resource<DynInputStream>) -> Question {
        Question { handle: Handle::Input(stream.rep()), subject: self.subject(stream.rep()) }
    }

    fn output(&self, stream: &Resource<DynOutputStream>) -> Question {
        Question { handle: Handle::Output(stream.rep()), subject: self.subject(stream.rep()) }
    }

    /// Makes room for what the service writes to requests: on replay nobody else reads it.
    fn settle(&mut self) -> StreamResult<()> {
        let Waiting { http, tape, table, .. } = &mut self.0;
        http.exchanges.settle(tape, table).map_err(StreamError::Trap)
    }

    /// A call that may wait begins. Returns `None` if the machine makes it wait: a replay has waited by then.
    fn begin(&mut self, question: &Question) -> StreamResult<Option<Positions>> {
        self.settle()?;
        self.0.recorded_wait(question).map_err(StreamError::Trap)
    }

    /// The call has returned.
    fn end(&mut self, question: Question, recorded: Option<Positions>) -> StreamResult<()> {
        match recorded {
            Some(_) => Ok(()),
            None => self.0.waited(&[question], &[0]).map_err(StreamError::Trap),
        }
    }

    /// A call that wants `len` bytes and takes what there is.
    fn try_now<T: Found>(
        &mut self,
        asks: Asks,
        question: Question,
        len: u64,
        call: impl FnOnce(&mut ResourceTable) -> StreamResult<T>,
    ) -> StreamResult<T> {
        self.settle()?;
        let questions = [question];
        let recorded = self.0.recorded(asks, &questions, Wait::Never).map_err(StreamError::Trap)?;
        if recorded.is_some_and(|ready| ready.is_empty()) && len > 0 {
            return Ok(T::default());
        }
        let found = call(self.0.table);
        if len > 0 {
            let is_ready = found.as_ref().map_or(true, |found| !found.is_nothing());
            self.0.found(&questions, Wait::Never, if is_ready { &[0] } else { &[] });
        }
        found
    }

    /// The service writes to a stream or flushes it.
    fn count_write(&mut self, stream: &Resource<DynOutputStream>) {
        if let Some(Subject::RequestBody(upload)) = self.0.sources.streams.get(stream.rep()) {
            upload.count();
        }
    }
}

impl Host for StreamsView<'_> {
    fn convert_stream_error(&mut self, error: StreamError) -> Result<streams::StreamError> {
        self.0.table.convert_stream_error(error)
    }
}

impl HostInputStream for StreamsView<'_> {
    fn read(&mut self, stream: Resource<DynInputStream>, len: u64) -> StreamResult<Vec<u8>> {
        self.try_now(Asks::Read, self.input(&stream), len, |table| HostInputStream::read(table, stream, len))
    }

    async fn blocking_read(&mut self, stream: Resource<DynInputStream>, len: u64) -> StreamResult<Vec<u8>> {
        let question = self.input(&stream);
        let recorded = self.begin(&question)?;
        let done = HostInputStream::blocking_read(self.0.table, stream, len).await;
        self.end(question, recorded)?;
        done
    }

    fn skip(&mut self, stream: Resource<DynInputStream>, len: u64) -> StreamResult<u64> {
        self.try_now(Asks::Read, self.input(&stream), len, |table| HostInputStream::skip(table, stream, len))
    }

    async fn blocking_skip(&mut self, stream: Resource<DynInputStream>, len: u64) -> StreamResult<u64> {
        let question = self.input(&stream);
        let recorded = self.begin(&question)?;
        let done = HostInputStream::blocking_skip(self.0.table, stream, len).await;
        self.end(question, recorded)?;
        done
    }

    fn subscribe(&mut self, stream: Resource<DynInputStream>) -> Result<Resource<DynPollable>> {
        let subject = self.subject(stream.rep());
        let pollable = HostInputStream::subscribe(self.0.table, stream)?;
        self.0.sources.pollables.set(pollable.rep(), subject);
        Ok(pollable)
    }

    async fn drop(&mut self, stream: Resource<DynInputStream>) -> Result<()> {
        let subject = self.0.sources.streams.take(stream.rep());
        self.0.dropped(subject);
        HostInputStream::drop(self.0.table, stream).await
    }
}

impl HostOutputStream for StreamsView<'_> {
    fn check_write(&mut self, stream: Resource<DynOutputStream>) -> StreamResult<u64> {
        self.try_now(Asks::Write, self.output(&stream), 1, |table| {
            HostOutputStream::check_write(table, stream)
        })
    }

    fn write(&mut self, stream: Resource<DynOutputStream>, bytes: Vec<u8>) -> StreamResult<()> {
        self.settle()?;
        self.count_write(&stream);
        HostOutputStream::write(self.0.table, stream, bytes)
    }

    async fn blocking_write_and_flush(
        &mut self,
        stream: Resource<DynOutputStream>,
        bytes: Vec<u8>,
    ) -> StreamResult<()> {
        let question = self.output(&stream);
        let recorded = self.begin(&question)?;
        self.count_write(&stream);
        let done = HostOutputStream::blocking_write_and_flush(self.0.table, stream, bytes).await;
        self.end(question, recorded)?;
        done
    }

    fn flush(&mut self, stream: Resource<DynOutputStream>) -> StreamResult<()> {
        self.settle()?;
        self.count_write(&stream);
        HostOutputStream::flush(self.0.table, stream)
    }

    async fn blocking_flush(&mut self, stream: Resource<DynOutputStream>) -> StreamResult<()> {
        let question = self.output(&stream);
        let recorded = self.begin(&question)?;
        self.count_write(&stream);
        let done = HostOutputStream::blocking_flush(self.0.table, stream).await;
        self.end(question, recorded)?;
        done
    }

    fn subscribe(&mut self, stream: Resource<DynOutputStream>) -> Result<Resource<DynPollable>> {
        let subject = self.subject(stream.rep());
        let pollable = HostOutputStream::subscribe(self.0.table, stream)?;
        self.0.sources.pollables.set(pollable.rep(), subject);
        Ok(pollable)
    }

    fn write_zeroes(&mut self, stream: Resource<DynOutputStream>, len: u64) -> StreamResult<()> {
        self.settle()?;
        self.count_write(&stream);
        HostOutputStream::write_zeroes(self.0.table, stream, len)
    }

    async fn blocking_write_zeroes_and_flush(
        &mut self,
        stream: Resource<DynOutputStream>,
        len: u64,
    ) -> StreamResult<()> {
        let question = self.output(&stream);
        let recorded = self.begin(&question)?;
        self.count_write(&stream);
        let done = HostOutputStream::blocking_write_zeroes_and_flush(self.0.table, stream, len).await;
        self.end(question, recorded)?;
        done
    }

    fn splice(
        &mut self,
        stream: Resource<DynOutputStream>,
        source: Resource<DynInputStream>,
        len: u64,
    ) -> StreamResult<u64> {
        self.try_now(Asks::Read, self.input(&source), len, |table| {
            HostOutputStream::splice(table, stream, source, len)
        })
    }

    async fn blocking_splice(
        &mut self,
        stream: Resource<DynOutputStream>,
        source: Resource<DynInputStream>,
        len: u64,
    ) -> StreamResult<u64> {
        let question = self.input(&source);
        let recorded = self.begin(&question)?;
        let done = HostOutputStream::blocking_splice(self.0.table, stream, source, len).await;
        self.end(question, recorded)?;
        done
    }

    async fn drop(&mut self, stream: Resource<DynOutputStream>) -> Result<()> {
        self.0.sources.streams.take(stream.rep());
        HostOutputStream::drop(self.0.table, stream).await
    }
}
