//! On replay: requests are answered from the tape, within the operation's own steps, and nothing is sent.

use super::exchange::{self, Request};
use super::exchanges::{Began, Connection, Exchanges, Sending};
use super::function::OPEN;
use super::secrets::Secrets;
use super::served::{self, Past, Served};
use crate::failure::{Diverged, Trapped, returned};
use crate::limits::LimitReached;
use crate::wasi::ready::poll_now;
use crate::wasi::sources::{Frames, Subject};
use http_body::Body;
use playback_tape::{Crossing, Names, Place, Step, Tape};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use wasmtime::Result;
use wasmtime::component::{Resource, ResourceTable};
use wasmtime_wasi::runtime;
use wasmtime_wasi_http::p2::types::HostFutureIncomingResponse;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// Answers the requests of one replay.
pub(crate) struct Answerer {
    secrets: Secrets,
    /// A request that was just made, until it is known where it stands.
    made: Option<(Request, WasiBody, Arc<Frames>)>,
    waiting: Vec<Waiting>,
    /// Requests that nothing answers: while the recorded service waited nothing did.
    unanswered: Vec<Place>,
    past: Past,
    /// Bytes of memory that requests hold, which are kept for the report.
    held: usize,
    limit: usize,
}

/// A request that is not over.
struct Waiting {
    began: Began,
    body: WasiBody,
    request: Request,
    /// Of the response's body.
    frames: Arc<Frames>,
    is_answered: bool,
}

impl Answerer {
    /// Answers requests. They may hold `limit` bytes of memory for the report.
    pub(crate) fn new(secrets: Secrets, limit: usize) -> Self {
        let (waiting, unanswered, past) = (Vec::new(), Vec::new(), Past::default());
        Self { secrets, made: None, waiting, unanswered, past, held: 0, limit }
    }
}

impl WasiHttpHooks for Answerer {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Connection,
    ) -> Sending {
        let (parts, body) = request.into_parts();
        self.made = Some((Request::new(&parts, options, &self.secrets), body, Arc::default()));
        // The answer is put in its place.
        Box::new(std::future::pending())
    }
}

impl Exchanges for Answerer {
    fn made(&self) -> Option<(String, Arc<Frames>)> {
        self.made.as_ref().map(|(request, _, frames)| (request.name(), frames.clone()))
    }

    fn began(&mut self, began: Began) {
        let waiting = |(request, body, frames)| Waiting { began, body, request, frames, is_answered: false };
        self.waiting.extend(self.made.take().map(waiting));
    }

    fn is_open(&self, place: Place) -> bool {
        self.waiting.iter().any(|waiting| waiting.began.place == place && !waiting.is_answered)
    }

    fn settle(&mut self, tape: &mut Tape, table: &mut ResourceTable) -> Result<()> {
        *self.past.lock() = None;
        let mut at = 0;
        while let Some(waiting) = self.waiting.get_mut(at) {
            match waiting.drain(&self.secrets, &mut self.held, self.limit)? {
                Progress::Open => at += 1,
                Progress::Over => {
                    let whole = self.waiting.remove(at);
                    self.completed(whole, tape, table)?;
                }
            }
        }
        Ok(())
    }

    /// The request is answered with what there is of it, as the service seems to wait for the answer before it goes on.
    fn answer_open(&mut self, tape: &mut Tape, table: &mut ResourceTable) -> Result<bool> {
        let Some(open) = self.waiting.iter_mut().find(|waiting| !waiting.is_answered) else {
            return Ok(false);
        };
        open.is_answered = true;
        let (began, request, frames) = (open.began.clone(), open.request.clone(), open.frames.clone());
        self.answer(&began, request, frames, Whole::Open, tape, table)?;
        Ok(true)
    }

    fn unblock(&mut self, tape: &mut Tape, table: &mut ResourceTable) -> Result<bool> {
        if self.answer_open(tape, table)? {
            return Ok(true);
        }
        let past = *self.past.lock();
        let unanswered = self.unanswered.first().map(|place| (*place, NO_ANSWER));
        match (past.or(unanswered), tape.time().stopped_by()) {
            (None, _) => Ok(false),
            (Some(_), Some(limit)) => Err(LimitReached::AsRecorded(limit.clone()).into()),
            (Some((place, problem)), None) => match tape.calls().cut_off(place, problem) {
                Some(divergence) => Err(Diverged(divergence).into()),
                None => Ok(false),
            },
        }
    }

    /// Answers whatever the service left behind.
    fn finish(&mut self, tape: &mut Tape, table: &mut ResourceTable) -> Result<()> {
        self.settle(tape, table)?;
        for left in std::mem::take(&mut self.waiting) {
            match (tape.time().stopped_by(), left) {
                (None, left) => self.completed(left, tape, table)?,
                // How much of a request was written when the operation was stopped is not a difference.
                (Some(_), Waiting { began, request, frames, is_answered: false, .. }) => {
                    self.answer(&began, request, frames, Whole::Open, tape, table)?;
                }
                (Some(_), _) => {}
            }
        }
        Ok(())
    }
}

impl Answerer {
    /// Nothing more comes of a request.
    fn completed(&mut self, whole: Waiting, tape: &mut Tape, table: &mut ResourceTable) -> Result<()> {
        let Waiting { began, request, frames, is_answered, .. } = whole;
        match is_answered {
            false => self.answer(&began, request, frames, Whole::Yes, tape, table),
            // The answer was that of a request that began so; now it is known whether it goes on so.
            true => Ok(tape.calls_mut().complete(began.place, request.into_arguments()).map_err(Diverged)?),
        }
    }

    fn answer(
        &mut self,
        began: &Began,
        request: Request,
        frames: Arc<Frames>,
        whole: Whole,
        tape: &mut Tape,
        table: &mut ResourceTable,
    ) -> Result<()> {
        hold(&mut self.held, self.limit, size_of::<Crossing>() + request.weight())?;
        let (arguments, Began { place, interceptor, .. }) = (request.into_arguments(), began);
        let step = match whole {
            Whole::Yes => tape.calls_mut().intercept_at(
                *place,
                Names::of(interceptor, &arguments),
                interceptor,
                arguments,
            ),
            Whole::Open => tape.calls_mut().intercept_begun(*place, interceptor, arguments, &OPEN),
        };
        let step = step.map_err(Diverged)?;
        let function = &began.interceptor.function.name;
        let value = match &step {
            // An error only where somebody made the recording by hand.
            Step::Recorded(outcome) => returned(outcome)?,
            Step::Live(_) => return Err(Trapped(format!("`{function}` is never live on a replay")).into()),
        };
        Subject::Response(began.place).begin(tape);
        let served = served::answer(value, began.place, frames, &self.past)
            .ok_or_else(|| Trapped(format!("what was recorded of `{function}` is not a response")))?;
        match served {
            Served::Nothing => self.unanswered.push(began.place),
            Served::Answer(answer) => deliver(began, answer, table),
        }
        Ok(())
    }
}

const NO_ANSWER: &str =
    "the service waits for an answer, and the recorded one stopped waiting before there was one";

/// Makes an answer ready, unless the service gave up waiting: another future may be in its place then.
fn deliver(began: &Began, answer: Result<http::Response<WasiBody>, Error>, table: &mut ResourceTable) {
    let Ok(future) = table.get_mut(&Resource::<HostFutureIncomingResponse>::new_borrow(began.future)) else {
        return;
    };
    if matches!(future, HostFutureIncomingResponse::Pending(task) if task.id() == began.task) {
        let answer = answer.map(|response| (response, runtime::spawn(async {})));
        *future = HostFutureIncomingResponse::Ready(answer);
    }
}

/// Whether all of a request is there.
#[derive(Clone, Copy)]
enum Whole {
    Yes,
    Open,
}

/// How far a request is.
enum Progress {
    Open,
    Over,
}

impl Waiting {
    /// Takes what the service wrote so far, without waiting for more.
    fn drain(&mut self, secrets: &Secrets, held: &mut usize, limit: usize) -> Result<Progress> {
        loop {
            match poll_now(|context| Pin::new(&mut self.body).poll_frame(context)) {
                Poll::Pending => return Ok(Progress::Open),
                Poll::Ready(None | Some(Err(_))) => return Ok(Progress::Over),
                Poll::Ready(Some(Ok(frame))) => {
                    hold(held, limit, exchange::weight(&frame))?;
                    self.request.body.note(&frame, secrets);
                }
            }
        }
    }
}

fn hold(held: &mut usize, limit: usize, bytes: usize) -> Result<(), LimitReached> {
    *held = held.saturating_add(bytes);
    if *held > limit { Err(LimitReached::Kept(limit)) } else { Ok(()) }
}
