//! An intercepted function, as its attribute declares it.

use std::sync::atomic::AtomicU32;

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
