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
    let Some(text) = value.to_str() else { bail!("environment variable `{name}` is not UTF-8") };
    match parse(text) {
        Ok(value) => Ok(Some(value)),
        Err(problem) => bail!("environment variable `{name}`: {problem}"),
    }
}

/// Whether a variable says yes or no; nothing where it is not set.
pub(crate) fn flag(name: &str) -> Result<Option<bool>> {
    read(name, yes_or_no)
}

/// What `1`, `yes`, `true` and `on` mean, and what `0`, `no`, `false` and `off` do. Anything else might be meant to
/// forbid what it would grant.
pub(crate) fn yes_or_no(text: &str) -> Result<bool, String> {
    let is_one_of = |words: [&str; 6]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    match (is_one_of(["1", "y", "yes", "t", "true", "on"]), is_one_of(["0", "n", "no", "f", "false", "off"]))
    {
        (true, _) => Ok(true),
        (_, true) => Ok(false),
        _ => Err(format!("`{}` is neither yes nor no; write `1` or `0`", text.escape_debug())),
    }
}
