//! One intercepted call: what the attributes make of a function.

use crate::form::{Form, Write};
use crate::host::{self, Answer, Mode, Names};
use crate::value::{self, Error};
use serde::Serialize;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

mod waiting;

/// Whether an intercepted function brings something in or sends something out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What it returns is recorded and served; found by its alias and the arguments that identify the call.
    Input,
    /// What it is called with is recorded and compared, what it returned is served; found by its alias and its ordinal.
    Output,
}

/// What a call gets that was never recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Nothing: the replay ends there.
    Fail,
    /// What the attribute says.
    Default,
    /// Its body runs.
    Live,
}

/// An intercepted function.
#[derive(Debug)]
pub struct Point {
    pub(crate) kind: Kind,
    pub(crate) function: &'static str,
    pub(crate) alias: &'static str,
    pub(crate) fallback_aliases: &'static [&'static str],
    pub(crate) arguments: &'static [&'static str],
    pub(crate) key: Option<&'static [u32]>,
    pub(crate) missing: Missing,
    /// One more than its number with the host; 0: it has none yet.
    pub(crate) number: AtomicU32,
}

impl Point {
    /// A function that is found under `alias`, else under each fallback alias. `key` are positions in `arguments`; `None`: all.
    pub const fn new(
        kind: Kind,
        function: &'static str,
        (alias, fallback_aliases): (&'static str, &'static [&'static str]),
        arguments: &'static [&'static str],
        key: Option<&'static [u32]>,
        missing: Missing,
    ) -> Self {
        let number = AtomicU32::new(0);
        Self { kind, function, alias, fallback_aliases, arguments, key, missing, number }
    }
}

/// Whether a body runs whose function is intercepted: what it calls is not.
static IN_BODY: AtomicBool = AtomicBool::new(false);

/// Whether calls are intercepted here and now.
#[inline]
pub fn is_on() -> bool {
    host::mode() != Mode::Off && !IN_BODY.load(Ordering::Relaxed)
}

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
        value::write(part, &mut self.bytes).map_err(|error| error.within(&name))
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
    Recorded(Open, Vec<u8>),
    /// Never return: nobody waited for it when it was recorded.
    Abandoned(&'static Point),
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
    if let Err(error) = arguments(&mut kept) {
        host::failed(point, &format!("an argument cannot be kept: {error}"));
        return Step::Off;
    }
    match host::enter(point, names(), &kept.bytes) {
        Answer::Live(ticket) => Step::Live(Open { point, ticket }),
        Answer::Default(ticket) => Step::Default(Open { point, ticket }),
        Answer::Recorded(ticket, value) => Step::Recorded(Open { point, ticket }, value),
        Answer::Abandoned => Step::Abandoned(point),
    }
}

impl Step {
    /// What the body of a call returns that is to run it.
    #[inline]
    pub fn body<T>(self, form: Form<T>, body: impl FnOnce() -> T) -> T {
        match self {
            Self::Live(open) => open.keep(form, in_body(body)),
            // It was `async` then, and is not today.
            Self::Abandoned(point) => {
                let problem = "the recorded call was abandoned before it was over: there is no result of it";
                host::failed(point, problem);
                unreachable!("the host ends a replay that cannot go on")
            }
            _ => body(),
        }
    }

    /// The same for a body that waits.
    pub async fn body_async<T>(self, form: Form<T>, body: impl Future<Output = T>) -> T {
        match self {
            Self::Live(open) => {
                let value = waiting::Body::new(open.ticket, body).await;
                open.keep(form, value)
            }
            Self::Abandoned(_) => std::future::pending().await,
            _ => body.await,
        }
    }
}

/// Runs something whose calls are not intercepted.
fn in_body<T>(body: impl FnOnce() -> T) -> T {
    let before = IN_BODY.swap(true, Ordering::Relaxed);
    let value = body();
    IN_BODY.store(before, Ordering::Relaxed);
    value
}

impl Open {
    /// The call returns this, which is kept.
    pub fn keep<T>(self, form: Form<T>, value: T) -> T {
        let mut bytes = Vec::new();
        match in_body(|| (form.write)(&value, &mut bytes)) {
            Ok(()) => host::leave(self.ticket, Some(&bytes)),
            Err(error) => {
                host::failed(self.point, &format!("the result cannot be kept: {error}"));
                host::leave(self.ticket, None);
            }
        }
        value
    }

    /// The call returns what this is.
    pub fn restored<T>(self, form: Form<T>, value: &[u8]) -> T {
        match in_body(|| (form.read)(value)) {
            Ok((value, dropped)) => {
                if !dropped.is_empty() {
                    host::dropped(self.point, &dropped);
                }
                host::leave(self.ticket, None);
                value
            }
            Err(error) => {
                host::failed(self.point, &format!("the recorded result does not fit its type: {error}"));
                unreachable!("the host ends a replay that cannot go on")
            }
        }
    }
}
