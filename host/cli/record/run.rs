//! Running operations: several at once, their turns, results and ids in the order of the requests.

use super::report::Report;
use super::requests::{Origin, Request, Requests};
use crate::cli::abreast::{Abreast, Next};
use crate::cli::interrupts::Interrupts;
use crate::cli::session::Session;
use anyhow::Result;
use playback_host::cassette::Cassette;
use playback_host::recording::Metadata;
use playback_host::sandbox::{Operation, Recorded, Recorder, Replayer, Turn};
use playback_host::value::Value;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// What operations are run, verified and saved with.
pub(crate) struct Run {
    pub(crate) recorder: Recorder,
    /// What recordings are replayed with before they are saved. `None`: they are not.
    pub(crate) verifier: Option<Replayer>,
    pub(crate) cassette: Cassette,
}

/// An operation that ran, and what became of its recording.
#[derive(Debug)]
struct Done {
    recorded: Recorded,
    saved: Result<Metadata>,
}

impl Run {
    /// Runs all requests, `jobs` at once, until the end or the first ctrl-C.
    pub(crate) async fn all(
        self,
        jobs: NonZeroUsize,
        mut requests: Requests,
        mut report: Report,
        session: &mut Session,
    ) -> Result<(Report, Interrupts)> {
        let run = Arc::new(self);
        let mut interrupts = Interrupts::listen();
        let mut running = Abreast::new(Some(jobs));
        let (mut is_over, mut problem) = (false, None);
        session.terminal.start("recording", requests.count.unwrap_or(0));
        loop {
            let begins_more = !is_over && interrupts.count() == 0 && running.has_room();
            let more = begins_more.then(|| requests.next());
            let next = match running.next_or(more, "the operations", &mut interrupts, session).await {
                Ok(next) => next,
                Err(error) => {
                    problem.get_or_insert(error);
                    break;
                }
            };
            match next {
                Next::More(Some(Ok(request))) => running.begin(run.clone().begin(request)),
                Next::More(Some(Err(error))) => {
                    problem.get_or_insert(error);
                    is_over = true;
                }
                Next::More(None) => is_over = true,
                Next::Ended((origin, done)) => {
                    report_done(&mut report, session, &origin, done).unwrap_or_else(|error| {
                        problem.get_or_insert(error);
                    });
                    // What runs from here on would reach live providers and leave no recording.
                    is_over |= problem.is_some() || report.is_broken();
                }
                Next::None => break,
                Next::GivenUp => {
                    let (ended, given_up) = running.give_up().await;
                    for (origin, done) in ended {
                        report_done(&mut report, session, &origin, done).unwrap_or_else(|error| {
                            problem.get_or_insert(error);
                        });
                    }
                    report.abandoned(given_up);
                    break;
                }
            }
        }
        session.terminal.finish();
        report.print(session);
        problem.map_or(Ok((report, interrupts)), Err)
    }

    /// Takes the turn of a request, and returns what runs it. Turns are taken before anything runs, so that they have
    /// the order of the requests.
    fn begin(self: Arc<Self>, request: Request) -> impl Future<Output = (Origin, Result<Done>)> + Send {
        let Request { origin, arguments } = request;
        let turn = self.recorder.turn(&origin.target.category);
        async move {
            let done = self.one(turn, &origin.target.operation, arguments).await;
            (origin, done)
        }
    }

    /// Runs one operation, replays its recording where that is wanted, and saves it.
    async fn one(&self, turn: Turn, operation: &Operation, arguments: Vec<Value>) -> Result<Done> {
        let mut recorded = self.recorder.record_in_turn(turn, operation, arguments).await?;
        if let Some(verifier) = &self.verifier
            && let Ok(recording) = recorded.recording
        {
            recorded.recording = Ok(verifier.verify(recording).await?);
        }
        let saved = match &recorded.recording {
            Ok(recording) => self.cassette.save(recording).await.map_err(Into::into),
            Err(loss) => Err(loss.clone().into()),
        };
        Ok(Done { recorded, saved })
    }
}

/// Reports what came of one operation. It is an error only if the operation was never run.
fn report_done(
    report: &mut Report,
    session: &mut Session,
    origin: &Origin,
    done: Result<Done>,
) -> Result<()> {
    let Done { recorded, saved } = match done {
        Ok(done) => done,
        Err(error) => return Err(report.at_its_line(error, origin)),
    };
    report.add(session, origin, &recorded, saved);
    session.terminal.advance();
    Ok(())
}
