//! The tape while recording: every call goes live, and the tape keeps its outcome. Each room has the part of it that
//! records its own events.

use crate::files::probes::ProbeRecorder;
use crate::invocation::Invocation;
use crate::log::Log;
use crate::loss::Loss;
use crate::matching::functions::Functions;
use crate::remarks::Remarks;
use crate::time::arrivals::{ArrivalRecorder, TimerNames};
use playback_recording::value::Value;
use playback_recording::{Counts, Event, Header, Metadata, Outcome, Recording, RecordingId};
use std::borrow::Cow;
use std::time::Duration;

/// Keeps what happens during one operation.
#[derive(Debug)]
pub struct RecordingTape {
    pub(crate) invocation: Invocation,
    pub(crate) log: Log,
    pub(crate) functions: Functions,
    pub(crate) timers: TimerNames,
    pub(crate) arrivals: ArrivalRecorder,
    pub(crate) probes: ProbeRecorder,
    pub(crate) remarks: Remarks,
    /// Whether it keeps nothing from the start.
    pub(crate) is_off: bool,
    /// Whether there is a recording only if the service asks for it.
    is_only_if_forced: bool,
    /// The recording's id, once somebody asked.
    id: Option<RecordingId>,
}

impl RecordingTape {
    /// A tape for `invocation` that gives the recording up when it would hold more than `limit` bytes of memory.
    pub fn new(invocation: Invocation, limit: usize) -> Self {
        let weight = invocation.arguments.iter().map(Value::weight).sum();
        Self {
            invocation,
            log: Log::new(weight, limit),
            functions: Functions::default(),
            timers: TimerNames::default(),
            arrivals: ArrivalRecorder::default(),
            probes: ProbeRecorder::default(),
            remarks: Remarks::default(),
            is_off: false,
            is_only_if_forced: false,
            id: None,
        }
    }

    /// A tape that keeps nothing of `invocation`.
    pub fn off(invocation: Invocation) -> Self {
        let mut tape = Self { is_off: true, ..Self::new(invocation, 0) };
        tape.log.give_up();
        tape
    }

    /// Gives the recording this id. Without it, the tape makes one.
    #[must_use]
    pub fn named(self, id: RecordingId) -> Self {
        Self { id: Some(id), ..self }
    }

    /// Makes a recording only if the service [asks for it](crate::RemarkPort::force_sample). Otherwise
    /// [`finish`](Self::finish) returns [`Loss::NotSampled`].
    #[must_use]
    pub fn only_if_forced(self) -> Self {
        Self { is_only_if_forced: true, ..self }
    }

    /// Keeps what the service can read from its standard input. All of it, whatever it reads: changed code may read more.
    pub fn keep_stdin(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() && !self.log.is_lost() {
            self.log.push(Event::Stdin(bytes.to_vec()));
        }
    }

    /// Whether the service [asked](crate::RemarkPort::force_sample) that the recording is kept.
    pub fn is_forced(&self) -> bool {
        self.remarks.is_forced
    }

    /// The id of the recording.
    pub fn id(&mut self) -> &RecordingId {
        let Invocation { category, started_at, .. } = &self.invocation;
        self.id.get_or_insert_with(|| RecordingId::new(category.clone(), *started_at))
    }

    /// Whether a body is running, so that nothing goes on the tape.
    pub(crate) fn is_suspended(&self) -> bool {
        self.log.epochs.is_in_body()
    }

    /// The finished recording. `incomplete`: the host ended the operation before its outcome.
    ///
    /// # Errors
    ///
    /// The recording was given up. That does not change the operation.
    pub fn finish(
        mut self,
        outcome: Outcome,
        incomplete: bool,
        duration: Duration,
    ) -> Result<Recording, Loss> {
        self.loss().map_or(Ok(()), Err)?;
        let id = self.id().clone();
        let end = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let unready = self.arrivals.finish(end).into_iter().map(|unready| Event::Unready(Box::new(unready)));
        let (events, contents) = self.log.finish(unready);
        let invocation = self.invocation;
        let host = env!("CARGO_PKG_VERSION").to_owned();
        let mut header = Header::new(id, invocation.function, invocation.component, host);
        header.arguments = invocation.arguments;
        header.functions = self.functions.into_list();
        header.seed = invocation.seed;
        header.environment = invocation.environment;
        header.program_arguments = invocation.program_arguments;
        header.folders = invocation.folders;
        header.sockets = invocation.sockets;
        header.secret_headers = invocation.secret_headers;
        header.file_limit = Some(invocation.file_limit);
        let mut metadata = Metadata::new(&header, invocation.started_at, duration);
        metadata.exception = outcome.exception().map(Cow::into_owned);
        metadata.incomplete = incomplete;
        metadata.limit = outcome.limit().map(|limit| limit.kind);
        metadata.counts = Counts::of(&events);
        metadata.more = self.remarks.metadata;
        let mut recording = Recording::new(header, metadata);
        recording.events = events;
        recording.outcome = Some(outcome);
        recording.contents = contents;
        Ok(recording)
    }

    /// Why there is no recording, if there is none.
    fn loss(&mut self) -> Option<Loss> {
        if self.is_only_if_forced && !self.remarks.is_forced {
            return Some(Loss::NotSampled);
        }
        if self.is_off {
            return Some(Loss::Off);
        }
        let discarded = self.remarks.discarded.take();
        discarded.or_else(|| self.log.is_lost().then(|| Loss::TooLarge { limit: self.log.limit() }))
    }
}
