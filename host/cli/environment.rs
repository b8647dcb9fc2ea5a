//! Options of the environment that exclude others. What is on the command line goes before them, so that it makes
//! those that exclude it count for nothing; this is why they are not read along with the flags.

use anyhow::{Result, bail};
use std::ffi::OsString;
use std::fmt::Display;
use std::str::FromStr;

/// What a variable says; nothing where it is empty.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The same as something that a text stands for.
pub(crate) fn parsed<T: FromStr<Err: Display>>(name: &str) -> Result<Option<T>> {
    read(name, |text| text.parse().map_err(|error: T::Err| error.to_string()))
}

/// The same, read by `parse`.
pub(crate) fn read<T>(name: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>> {
    let Some(value) = variable(name) else { return Ok(None) };
    let Some(text) = value.to_str() else { bail!("environment variable `{name}` is no UTF-8") };
    match parse(text) {
        Ok(value) => Ok(Some(value)),
        Err(problem) => bail!("environment variable `{name}`: {problem}"),
    }
}

/// Whether a variable says yes: anything but nothing, `0`, `no`, `off`, `false`, `n` and `f`.
pub(crate) fn is_set(name: &str) -> bool {
    let denied = ["0", "n", "no", "f", "false", "off"];
    variable(name).is_some_and(|value| !denied.iter().any(|no| value.eq_ignore_ascii_case(no)))
}
