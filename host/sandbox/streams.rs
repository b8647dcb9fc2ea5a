//! Reading and writing streams. Calls that may find nothing to read, or no room to write, ask the tape first, so that
//! a replay finds nothing where the recording found nothing; all else is the streams' own.

use super::http::Http;
use super::limits::Deadline;
use super::poll;
use super::state::State;
use crate::tape::{Asks, Tape};
use wasmtime::Result;
use wasmtime::component::{HasData, Linker, Resource, ResourceTable};
use wasmtime_wasi::p2::bindings::io::streams::{self, Host, HostInputStream, HostOutputStream};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable, StreamError, StreamResult};

/// Puts streams behind the tape, in place of what is linked.
pub(crate) fn link(linker: &mut Linker<State>) -> Result<()> {
    streams::add_to_linker::<State, Taped>(linker, |State { tape, table, http, deadline, .. }| Streams {
        tape,
        table,
        http,
        deadline: *deadline,
    })
}

struct Taped;

impl HasData for Taped {
    type Data<'a> = Streams<'a>;
}

struct Streams<'a> {
    tape: &'a mut Tape,
    table: &'a mut ResourceTable,
    http: &'a mut Http,
    deadline: Deadline,
}

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

impl Streams<'_> {
    /// Makes room for what the service writes to requests: on replay nobody else reads it.
    fn settle(&mut self) -> StreamResult<()> {
        self.http.settle(self.tape, self.table).map_err(StreamError::Trap)
    }

    /// A call that may wait begins.
    fn begin(&mut self) -> StreamResult<()> {
        self.settle()?;
        poll::begin(self.tape).map_err(StreamError::Trap)
    }

    /// The same of one that waits for something to read. On a replay it never waits for what does not come.
    fn begin_reading(&mut self, stream: &Resource<DynInputStream>) -> StreamResult<()> {
        self.begin()?;
        if let Tape::Recording(_) = self.tape {
            return Ok(());
        }
        while !super::http::is_ready(&mut **self.table.get_mut(stream)?) {
            if !self.http.unblock(self.tape, self.table).map_err(StreamError::Trap)? {
                return Err(StreamError::Trap(poll::never(self.tape)));
            }
        }
        Ok(())
    }

    /// It is over.
    fn end(&mut self) -> StreamResult<()> {
        poll::end(self.tape, self.deadline).map_err(StreamError::Trap)
    }

    /// A call on the streams `about` that wants `len` bytes and takes what there is.
    fn try_now<T: Found>(
        &mut self,
        asks: Asks,
        about: u32,
        len: u64,
        call: impl FnOnce(&mut ResourceTable) -> StreamResult<T>,
    ) -> StreamResult<T> {
        self.settle()?;
        if let Some(recorded) = self.tape.ask(asks, &[about.into()])
            && recorded.is_empty()
        {
            return Ok(T::default());
        }
        let found = call(self.table);
        let is_ready = len == 0 || found.as_ref().map_or(true, |found| !found.is_nothing());
        self.tape.answered(if is_ready { &[0] } else { &[] });
        found
    }
}

impl Host for Streams<'_> {
    fn convert_stream_error(&mut self, error: StreamError) -> Result<streams::StreamError> {
        self.table.convert_stream_error(error)
    }
}

impl HostInputStream for Streams<'_> {
    fn read(&mut self, stream: Resource<DynInputStream>, len: u64) -> StreamResult<Vec<u8>> {
        self.try_now(Asks::Read, stream.rep(), len, |table| HostInputStream::read(table, stream, len))
    }

    async fn blocking_read(&mut self, stream: Resource<DynInputStream>, len: u64) -> StreamResult<Vec<u8>> {
        self.begin_reading(&stream)?;
        let done = HostInputStream::blocking_read(self.table, stream, len).await;
        self.end()?;
        done
    }

    fn skip(&mut self, stream: Resource<DynInputStream>, len: u64) -> StreamResult<u64> {
        self.try_now(Asks::Read, stream.rep(), len, |table| HostInputStream::skip(table, stream, len))
    }

    async fn blocking_skip(&mut self, stream: Resource<DynInputStream>, len: u64) -> StreamResult<u64> {
        self.begin_reading(&stream)?;
        let done = HostInputStream::blocking_skip(self.table, stream, len).await;
        self.end()?;
        done
    }

    fn subscribe(&mut self, stream: Resource<DynInputStream>) -> Result<Resource<DynPollable>> {
        HostInputStream::subscribe(self.table, stream)
    }

    async fn drop(&mut self, stream: Resource<DynInputStream>) -> Result<()> {
        HostInputStream::drop(self.table, stream).await
    }
}

impl HostOutputStream for Streams<'_> {
    fn check_write(&mut self, stream: Resource<DynOutputStream>) -> StreamResult<u64> {
        self.try_now(Asks::Write, stream.rep(), 1, |table| HostOutputStream::check_write(table, stream))
    }

    fn write(&mut self, stream: Resource<DynOutputStream>, bytes: Vec<u8>) -> StreamResult<()> {
        self.settle()?;
        HostOutputStream::write(self.table, stream, bytes)
    }

    async fn blocking_write_and_flush(
        &mut self,
        stream: Resource<DynOutputStream>,
        bytes: Vec<u8>,
    ) -> StreamResult<()> {
        self.begin()?;
        let done = HostOutputStream::blocking_write_and_flush(self.table, stream, bytes).await;
        self.end()?;
        done
    }

    fn flush(&mut self, stream: Resource<DynOutputStream>) -> StreamResult<()> {
        self.settle()?;
        HostOutputStream::flush(self.table, stream)
    }

    async fn blocking_flush(&mut self, stream: Resource<DynOutputStream>) -> StreamResult<()> {
        self.begin()?;
        let done = HostOutputStream::blocking_flush(self.table, stream).await;
        self.end()?;
        done
    }

    fn subscribe(&mut self, stream: Resource<DynOutputStream>) -> Result<Resource<DynPollable>> {
        HostOutputStream::subscribe(self.table, stream)
    }

    fn write_zeroes(&mut self, stream: Resource<DynOutputStream>, len: u64) -> StreamResult<()> {
        self.settle()?;
        HostOutputStream::write_zeroes(self.table, stream, len)
    }

    async fn blocking_write_zeroes_and_flush(
        &mut self,
        stream: Resource<DynOutputStream>,
        len: u64,
    ) -> StreamResult<()> {
        self.begin()?;
        let done = HostOutputStream::blocking_write_zeroes_and_flush(self.table, stream, len).await;
        self.end()?;
        done
    }

    fn splice(
        &mut self,
        stream: Resource<DynOutputStream>,
        source: Resource<DynInputStream>,
        len: u64,
    ) -> StreamResult<u64> {
        self.try_now(Asks::Read, source.rep(), len, |table| {
            HostOutputStream::splice(table, stream, source, len)
        })
    }

    async fn blocking_splice(
        &mut self,
        stream: Resource<DynOutputStream>,
        source: Resource<DynInputStream>,
        len: u64,
    ) -> StreamResult<u64> {
        self.begin_reading(&source)?;
        let done = HostOutputStream::blocking_splice(self.table, stream, source, len).await;
        self.end()?;
        done
    }

    async fn drop(&mut self, stream: Resource<DynOutputStream>) -> Result<()> {
        HostOutputStream::drop(self.table, stream).await
    }
}
