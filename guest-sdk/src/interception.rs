//! One intercepted call: what the attributes make of a function.

use crate::aside::aside;
use crate::form::{Form, Reads, Write, Writes};
use crate::hashers::Hashers;
use crate::host;
use crate::host::answer::{Answer, Names};
use crate::note;
use crate::point::Point;
use crate::value::{self, Error};
use serde::Serialize;

mod waiting;

/// How many lists and maps may need hashers to be read again.
const MOST_PARTS: u32 = 1_000_000;

/// The arguments of a call as they go on the tape.
#[derive(Default)]
pub struct Arguments {
    bytes: Vec<u8>,
}

impl Arguments {
    fn of(count: usize) -> Self {
        let mut arguments = Self::default();
        value::write_array(count, &mut arguments.bytes);
        arguments
    }

    /// One more, that is declared.
    ///
    /// # Errors
    ///
    /// It cannot be kept.
    pub fn add<T: ?Sized>(&mut self, name: &str, write: Write<T>, argument: &T) -> Result<(), Error> {
        write(argument, &mut self.bytes).map_err(|error| error.within(&name))
    }

    /// One more, that is made of those.
    ///
    /// # Errors
    ///
    /// It cannot be kept.
    pub fn add_part(&mut self, name: &str, part: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        value::write_argument(part, &mut self.bytes).map_err(|error| error.within(&name))
    }
}

/// What is to be done for a call.
pub enum Step {
    /// Run the body, and tell nobody.
    Off,
    /// Run the body, and keep what it returns.
    Live(Open),
    /// Make the default, and keep it.
    Default(Open),
    /// Return this.
    Recorded(Open, Recorded),
    /// Never return: nobody waited for it when it was recorded.
    Abandoned(&'static Point, u32),
}

/// What a body did that is not run.
pub struct Recorded {
    value: Vec<u8>,
    hashers: u32,
}

/// A call that is not over.
pub struct Open {
    point: &'static Point,
    ticket: u64,
}

/// A call of `point`. On an error of the SDK's own while recording the body runs as if it were not intercepted, and the recording
/// is given up.
pub fn enter(
    point: &'static Point,
    arguments: impl FnOnce(&mut Arguments) -> Result<(), Error>,
    names: impl FnOnce() -> Option<Names>,
) -> Step {
    let mut kept = Arguments::of(point.arguments.len());
    if let Err(error) = aside(|| arguments(&mut kept)) {
        host::failed(point, None, &format!("an argument cannot be kept: {error}"));
        return Step::Off;
    }
    match host::enter(point, aside(names), &kept.bytes) {
        Answer::Live(ticket) => Step::Live(Open { point, ticket }),
        Answer::Default(ticket) => Step::Default(Open { point, ticket }),
        Answer::Recorded(ticket, value, note) => {
            let hashers = note::read(note);
            Step::Recorded(Open { point, ticket }, Recorded { value, hashers })
        }
        Answer::Abandoned(note) => Step::Abandoned(point, note::read(note)),
    }
}

impl Step {
    /// What the body of a call returns that is to run it.
    #[inline]
    pub fn body<T>(self, form: Form<impl Writes<T>, impl Reads<T>>, body: impl FnOnce() -> T) -> T {
        match self {
            Self::Live(open) => {
                let hashers = Hashers::now();
                let value = aside(body);
                open.kept(form, value, hashers.since())
            }
            // It was `async` then, and is not today.
            Self::Abandoned(point, _) => {
                let problem = "the recorded call was abandoned before it was over: there is no result of it";
                host::failed(point, None, problem);
                unreachable!("the host ends a replay that cannot go on")
            }
            _ => body(),
        }
    }

    /// The same for a body that waits.
    pub async fn body_async<T>(
        self,
        form: Form<impl Writes<T>, impl Reads<T>>,
        body: impl Future<Output = T>,
    ) -> T {
        match self {
            Self::Live(open) => {
                let mut hashers = 0;
                let value = waiting::Body::new(open.ticket, body, &mut hashers).await;
                open.kept(form, value, hashers.saturating_sub(Hashers::COUNTING))
            }
            Self::Abandoned(point, hashers) => {
                Hashers::skip(hashers);
                waiting::Never::new(point).await
            }
            _ => body.await,
        }
    }
}

impl Open {
    /// The call returns this, which is a default. A data handler may have nothing to handle: then nothing is known of it.
    pub fn default<T, R>(self, form: Form<impl Writes<T>, R>, value: T) -> T {
        let mut bytes = Vec::new();
        if aside(|| (form.write)(&value, &mut bytes)).is_err() {
            bytes = value::NOTHING.to_vec();
        }
        host::leave(self.ticket, Some(&bytes), note::NONE);
        value
    }

    /// The call returns this, which is kept. Its body made so many hashers.
    fn kept<T, R>(self, form: Form<impl Writes<T>, R>, value: T, hashers: u32) -> T {
        let (mut bytes, before) = (Vec::new(), Hashers::now());
        let (written, parts) = value::counted(|| aside(|| (form.write)(&value, &mut bytes)));
        let made = hashers.saturating_add(before.since()).saturating_add(Hashers::COUNTING);
        // To read it again may take one for each list and map in it, which are more than were made where some were cloned.
        let hashers = made.max(parts.min(MOST_PARTS));
        Hashers::skip(hashers - made);
        match written {
            Ok(()) => host::leave(self.ticket, Some(&bytes), note::of(hashers)),
            Err(error) => {
                let problem = format!("the result cannot be kept: {error}");
                host::failed(self.point, Some(self.ticket), &problem);
                host::leave(self.ticket, None, note::NONE);
            }
        }
        value
    }

    /// Waits until a call that was over before this one, when it was recorded, is over now too.
    pub async fn turn(&self) {
        waiting::Turn::new(self.ticket).await;
    }

    /// The call returns what this is.
    pub fn restored<T, W>(self, form: Form<W, impl Reads<T>>, recorded: &Recorded) -> T {
        let before = Hashers::now();
        let read = aside(|| (form.read)(&recorded.value));
        Hashers::skip(recorded.hashers.saturating_sub(before.since()));
        match read {
            Ok((value, dropped)) => {
                if !dropped.is_empty() {
                    host::dropped(self.point, &dropped);
                }
                host::leave(self.ticket, None, note::NONE);
                value
            }
            Err(error) => {
                let problem = format!("the recorded result cannot be taken: {error}");
                host::failed(self.point, Some(self.ticket), &problem);
                unreachable!("the host ends a replay that cannot go on")
            }
        }
    }
}
