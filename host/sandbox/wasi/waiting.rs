//! Asks the tape which of the things that a service waits for are ready. While recording what the service found goes on the
//! tape; on a replay sources become ready in the recorded order, virtual time passes, and nothing waits.

use super::http::{self, Http};
use super::sources::{Sources, Subject};
use crate::failure::Trapped;
use crate::limits::{Deadline, LimitReached};
use playback_recording::Source;
use playback_tape::{About, Asks, Awaited, Readied, ReplayTape, Tape, Wait};
use std::time::Instant;
use wasmtime::Result;
use wasmtime::component::{Resource, ResourceTable};
use wasmtime_wasi::p2::{DynInputStream, DynPollable};
use wasmtime_wasi_http::p2::types::HostFutureIncomingResponse;

/// What deciding on readiness needs of an operation.
pub(crate) struct Waiting<'a> {
    pub(crate) tape: &'a mut Tape,
    pub(crate) table: &'a mut ResourceTable,
    pub(crate) http: &'a mut Http,
    pub(crate) sources: &'a mut Sources,
    /// Where the monotonic clock starts.
    pub(crate) started: Instant,
    pub(crate) deadline: Deadline,
}

/// Something that the service asks for.
pub(crate) struct Question {
    pub(crate) handle: Handle,
    /// What it stands for. `None`: what is always ready, or is not on the tape.
    pub(crate) subject: Option<Subject>,
}

/// The handle that the service asks by, as its number in the table.
#[derive(Clone, Copy)]
pub(crate) enum Handle {
    Pollable(u32),
    Input(u32),
    Output(u32),
    Response(u32),
}

impl Waiting<'_> {
    /// While recording: the monotonic clock, in nanoseconds.
    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// The service begins to wait for these.
    ///
    /// # Errors
    ///
    /// The recorded operation was stopped in this wait, and its recording numbers them.
    pub(crate) fn begin(&mut self, questions: &[Question]) -> Result<()> {
        match self.tape {
            Tape::Recording(_) => {
                let sources: Vec<Source> = questions.iter().filter_map(|one| self.source(one)).collect();
                self.tape.waits_for(sources.into_iter());
                Ok(())
            }
            Tape::Replaying(replay) => match replay.numbered_wait() {
                Some(limit) => Err(LimitReached::AsRecorded(limit.clone()).into()),
                None => Ok(()),
            },
        }
    }

    /// While recording: the service has waited, and these positions of `questions` are ready.
    ///
    /// # Errors
    ///
    /// Its time is over.
    pub(crate) fn end(&mut self, questions: &[Question], ready: &[u32]) -> Result<()> {
        if let Tape::Recording(_) = self.tape {
            self.deadline.check()?;
            self.saw(questions, Wait::ForOne, ready);
        }
        Ok(())
    }

    /// While recording: the service asked, and these positions of `questions` are ready.
    pub(crate) fn saw(&mut self, questions: &[Question], wait: Wait, ready: &[u32]) {
        let found = |(position, one): (u32, &Question)| {
            let is_ready = ready.contains(&position);
            let source = one.subject.as_ref()?.found(self.source(one)?, is_ready);
            Some((source, is_ready))
        };
        let seen: Vec<(Source, bool)> = (0..).zip(questions).filter_map(found).collect();
        let now = self.now();
        self.tape.saw(now, wait, &seen, ready.len());
    }

    fn source(&self, question: &Question) -> Option<Source> {
        question.subject.as_ref()?.awaited(self.tape)
    }

    /// On a replay: which of these are ready, as positions among them. At least one if the service waits.
    ///
    /// # Errors
    ///
    /// The service waits for what never comes.
    pub(crate) fn ready(&mut self, asks: Asks, questions: &[Question], wait: Wait) -> Result<Vec<u32>> {
        if let Some(ready) = self.numbered_answer(asks, questions)?
            && (wait == Wait::Never || !ready.is_empty())
        {
            return Ok(ready);
        }
        self.wait_by_order(questions, wait)
    }

    /// The same in the recorded order of arrivals.
    fn wait_by_order(&mut self, questions: &[Question], wait: Wait) -> Result<Vec<u32>> {
        if let [Question { handle, subject: None }] = questions
            && handle.is_ready(self.table)?
        {
            // A file or a standard stream, in which the tape has no part.
            return Ok(vec![0]);
        }
        loop {
            let awaited = self.look(questions)?;
            match self.replay(|replay| replay.ready(&awaited, wait)) {
                Readied::Ready(ready) => return Ok(ready),
                Readied::TimePassed => {}
                Readied::AnswerOpenRequest => self.http.answer_open(self.tape, self.table)?,
                Readied::Stopped => return Err(never(self.tape)),
                Readied::Blocked => {
                    if !self.http.unblock(self.tape, self.table)? {
                        return Err(never(self.tape));
                    }
                }
            }
        }
    }

    /// On a replay: waits for one of these by a call that recordings never number.
    pub(crate) fn wait(&mut self, questions: &[Question]) -> Result<()> {
        self.wait_by_order(questions, Wait::ForOne).map(drop)
    }

    /// On a replay of a recording that numbers its questions: the recorded answer, as far as it can be now. That a timer was due
    /// makes it so.
    fn numbered_answer(&mut self, asks: Asks, questions: &[Question]) -> Result<Option<Vec<u32>>> {
        if !self.replay_or(false, |replay| replay.has_numbered_answers()) {
            return Ok(None);
        }
        let about = |one: &Question| About {
            handle: one.handle.number(),
            timer: one.subject.as_ref().and_then(Subject::timer).map(|timer| timer.asked),
        };
        let about: Vec<About> = questions.iter().map(about).collect();
        let Some(recorded) = self.replay_or(None, |replay| replay.numbered_answer(asks, &about)) else {
            return Ok(None);
        };
        let ready = recorded.iter().filter_map(|position| questions.get(*position as usize));
        let timers = ready.filter_map(|one| one.subject.as_ref()).filter_map(Subject::timer);
        if let Some(due) = timers.map(|timer| timer.due).max() {
            self.replay_or((), |replay| replay.sleep_until(due));
        }
        let now = self.tape.now();
        let awaited = self.look(questions)?;
        let is_there = |position: &u32| {
            let one = awaited.get(*position as usize);
            one.is_some_and(|one| one.due.map_or(one.is_there, |due| due <= now))
        };
        Ok(Some(recorded.into_iter().filter(is_there).collect()))
    }

    /// What is there of these, without waiting.
    fn look(&mut self, questions: &[Question]) -> Result<Vec<Awaited>> {
        self.http.settle(self.tape, self.table)?;
        questions.iter().map(|one| self.look_at(one)).collect()
    }

    fn look_at(&mut self, question: &Question) -> Result<Awaited> {
        let Question { handle, subject } = question;
        let due = subject.as_ref().and_then(Subject::timer).map(|timer| timer.due);
        // Looking takes frames of a body: what the service asks for is what it asked for before.
        let awaited = self.source(question);
        if let Some(subject) = subject {
            subject.release(self.tape);
        }
        let is_there = due.is_none() && handle.is_ready(self.table)?;
        let source = subject.as_ref().zip(awaited).map(|(subject, awaited)| subject.found(awaited, is_there));
        let is_open_request = match subject {
            Some(Subject::Response(place)) => self.http.is_open(*place),
            _ => false,
        };
        Ok(Awaited { source, is_there, due, is_open_request })
    }

    fn replay(&mut self, ask: impl FnOnce(&mut ReplayTape) -> Readied) -> Readied {
        self.replay_or(Readied::Blocked, ask)
    }

    fn replay_or<T>(&mut self, otherwise: T, ask: impl FnOnce(&mut ReplayTape) -> T) -> T {
        match self.tape {
            Tape::Recording(_) => otherwise,
            Tape::Replaying(replay) => ask(replay),
        }
    }

    pub(crate) fn pollable(&self, pollable: &Resource<DynPollable>) -> Question {
        let number = pollable.rep();
        Question { handle: Handle::Pollable(number), subject: self.sources.pollables.get(&number).cloned() }
    }

    /// The service drops what stands for a source.
    pub(crate) fn dropped(&mut self, subject: Option<Subject>) {
        if let Some(source) = subject.and_then(|subject| subject.awaited(self.tape)) {
            let now = self.now();
            self.tape.dropped(now, &source);
        }
    }
}

impl Handle {
    fn number(self) -> u32 {
        match self {
            Self::Pollable(number) | Self::Input(number) | Self::Output(number) | Self::Response(number) => {
                number
            }
        }
    }

    /// On a replay: whether it is ready, apart from what the tape says.
    fn is_ready(self, table: &mut ResourceTable) -> Result<bool> {
        match self {
            Self::Pollable(number) => http::is_ready_now(table, Resource::<DynPollable>::new_borrow(number)),
            Self::Input(number) => {
                let stream = table.get_mut(&Resource::<DynInputStream>::new_borrow(number))?;
                Ok(http::is_ready(&mut **stream))
            }
            // On a replay the sandbox itself takes what the service writes.
            Self::Output(_) => Ok(true),
            Self::Response(number) => {
                let response = table.get(&Resource::<HostFutureIncomingResponse>::new_borrow(number))?;
                Ok(!matches!(response, HostFutureIncomingResponse::Pending(_)))
            }
        }
    }
}

/// Why a wait ends that nothing on a replay can end: the recorded one was stopped in it, or code that changed waits for what
/// was never there.
fn never(tape: &Tape) -> wasmtime::Error {
    match tape.stopped_by_time() {
        Some(limit) => LimitReached::AsRecorded(limit.clone()).into(),
        None => {
            Trapped("the service waits for something that nothing on this replay can bring".to_owned()).into()
        }
    }
}
