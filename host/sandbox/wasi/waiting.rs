//! Asks the tape which of the things that a service waits for are ready. While recording what the service found goes on the
//! tape; on a replay sources become ready in the recorded order, virtual time passes, and nothing waits.

use super::http::Http;
use super::ready;
use super::sources::{Sources, Subject};
use crate::failure::Trapped;
use crate::limits::{Deadline, LimitReached};
use playback_recording::Source;
use playback_tape::{About, Asks, Awaited, CallPort, Found, Positions, Readied, Tape, Wait};
use smallvec::SmallVec;
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
    /// Returns which of these are ready, as positions among them; at least one if the service waits. `None`: the recording does
    /// not say, the service is being recorded. Then the handles are to be asked, and [`found`](Self::found) or [`waited`](Self::waited) is to be called.
    ///
    /// # Errors
    ///
    /// The service waits for what never comes.
    pub(crate) fn recorded(
        &mut self,
        asks: Asks,
        questions: &[Question],
        wait: Wait,
    ) -> Result<Option<Positions>> {
        self.begin(questions, wait)?;
        match self.numbered_answer(asks, questions)? {
            Some(ready) if wait == Wait::Never || !ready.is_empty() => Ok(Some(ready)),
            _ => self.ready(questions, wait),
        }
    }

    /// The same for a call that waits for one handle and that recordings do not number.
    ///
    /// # Errors
    ///
    /// The service waits for what never comes.
    pub(crate) fn recorded_wait(&mut self, question: &Question) -> Result<Option<Positions>> {
        let questions = std::slice::from_ref(question);
        self.begin(questions, Wait::ForOne)?;
        self.ready(questions, Wait::ForOne)
    }

    fn begin(&mut self, questions: &[Question], wait: Wait) -> Result<()> {
        if wait == Wait::Never {
            return Ok(());
        }
        let mut sources = |calls: &dyn CallPort| {
            let named = questions.iter().filter_map(|one| one.subject.as_ref()?.awaited(calls));
            named.collect::<Vec<Source>>()
        };
        let begun = self.tape.time_mut().begin_wait(&mut sources);
        begun.map_err(|limit| LimitReached::AsRecorded(limit).into())
    }

    /// The service waited for handles of the machine, and these positions of `questions` were ready.
    ///
    /// # Errors
    ///
    /// Its time is over.
    pub(crate) fn waited(&mut self, questions: &[Question], ready: &[u32]) -> Result<()> {
        self.deadline.check()?;
        self.found(questions, Wait::ForOne, ready);
        Ok(())
    }

    /// The service asked, and these positions of `questions` were ready. Nothing on replay.
    pub(crate) fn found(&mut self, questions: &[Question], wait: Wait, ready: &[u32]) {
        let started = self.started;
        let mut found = |calls: &dyn CallPort| {
            let of_one = |(position, one): (u32, &Question)| {
                let subject = one.subject.as_ref()?;
                let is_ready = ready.contains(&position);
                Some((subject.found(subject.awaited(calls)?, is_ready), is_ready))
            };
            let sources = (0..).zip(questions).filter_map(of_one).collect();
            Found { at: nanoseconds(started), sources, ready: ready.len() }
        };
        self.tape.time_mut().saw(wait, &mut found);
    }

    /// Which of these are ready in the recorded order of arrivals.
    fn ready(&mut self, questions: &[Question], wait: Wait) -> Result<Option<Positions>> {
        loop {
            let Self { tape, table, http, .. } = self;
            match tape.ready(wait, |tape| look(questions, tape, table, http))? {
                Readied::Live => return Ok(None),
                Readied::Ready(ready) => return Ok(Some(ready)),
                Readied::TimePassed => {}
                Readied::AnswerOpenRequest => drop(http.exchanges.answer_open(tape, table)?),
                Readied::Stopped => return Err(never(tape)),
                Readied::Blocked => {
                    if !http.exchanges.unblock(tape, table)? {
                        return Err(never(tape));
                    }
                }
            }
        }
    }

    /// The answer of a recording of an older build, as far as it can be now. That a timer was due makes it so.
    fn numbered_answer(&mut self, asks: Asks, questions: &[Question]) -> Result<Option<Positions>> {
        let about = |one: &Question| About {
            handle: one.handle.number(),
            timer: one.subject.as_ref().and_then(Subject::timer).map(|timer| timer.asked),
        };
        let mut about = || questions.iter().map(about).collect();
        let Some(recorded) = self.tape.time_mut().numbered_answer(asks, &mut about) else { return Ok(None) };
        let ready = recorded.iter().filter_map(|position| questions.get(*position as usize));
        let timers = ready.filter_map(|one| one.subject.as_ref()).filter_map(Subject::timer);
        if let Some(due) = timers.map(|timer| timer.due).max() {
            self.tape.time_mut().sleep_until(due);
        }
        let now = self.tape.time().now();
        let awaited = look(questions, self.tape, self.table, self.http)?;
        let is_there = |position: &u32| {
            let one = awaited.get(*position as usize);
            one.is_some_and(|one| one.due.map_or(one.is_there, |due| due <= now))
        };
        Ok(Some(recorded.into_iter().filter(is_there).collect()))
    }

    pub(crate) fn pollable(&self, pollable: &Resource<DynPollable>) -> Question {
        let number = pollable.rep();
        Question { handle: Handle::Pollable(number), subject: self.sources.pollables.get(number).cloned() }
    }

    /// The service drops what stands for a source.
    pub(crate) fn dropped(&mut self, subject: Option<Subject>) {
        if let Some(source) = subject.and_then(|subject| subject.awaited(self.tape.calls())) {
            self.tape.time_mut().dropped(nanoseconds(self.started), &source);
        }
    }
}

/// What is there of these on a replay, without waiting.
fn look(
    questions: &[Question],
    tape: &mut Tape,
    table: &mut ResourceTable,
    http: &mut Http,
) -> Result<SmallVec<[Awaited; 1]>> {
    http.exchanges.settle(tape, table)?;
    questions.iter().map(|one| look_at(one, tape, table, http)).collect()
}

fn look_at(question: &Question, tape: &Tape, table: &mut ResourceTable, http: &Http) -> Result<Awaited> {
    let Question { handle, subject } = question;
    let due = subject.as_ref().and_then(Subject::timer).map(|timer| timer.due);
    // Looking takes frames of a body: what the service asks for is what it asked for before.
    let awaited = subject.as_ref().and_then(|subject| subject.awaited(tape.calls()));
    if let Some(subject) = subject {
        subject.release(awaited.as_ref(), tape);
    }
    let is_there = due.is_none() && handle.is_ready(table)?;
    let source = subject.as_ref().zip(awaited).map(|(subject, awaited)| subject.found(awaited, is_there));
    let is_open_request = match subject {
        Some(Subject::Response(place)) => http.exchanges.is_open(*place),
        _ => false,
    };
    Ok(Awaited { source, is_there, due, is_open_request })
}

/// How long the monotonic clock has run that started then, in nanoseconds.
fn nanoseconds(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX)
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
            Self::Pollable(number) => ready::is_ready_now(table, Resource::<DynPollable>::new_borrow(number)),
            Self::Input(number) => {
                let stream = table.get_mut(&Resource::<DynInputStream>::new_borrow(number))?;
                Ok(ready::is_ready(&mut **stream))
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
    match tape.time().stopped_by() {
        Some(limit) => LimitReached::AsRecorded(limit.clone()).into(),
        None => {
            Trapped("the service waits for something that nothing on this replay can bring".to_owned()).into()
        }
    }
}
