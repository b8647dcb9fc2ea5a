//! No host: nobody asks for any of this, as the mode is off.

use super::answer::{Answer, Kept, Mode, Names};
use crate::point::Point;

pub(crate) fn mode() -> Mode {
    Mode::Off
}

pub(crate) fn id() -> Option<String> {
    None
}

pub(crate) fn add_metadata(_: &str, _: &str) -> Result<(), String> {
    Ok(())
}

pub(crate) fn discard(_: &str) {}

pub(crate) fn force_sample() {}

pub(crate) fn put(_: &str, _: &[u8]) -> Result<(), String> {
    Ok(())
}

pub(crate) fn get(_: &str) -> Option<Vec<u8>> {
    None
}

pub(crate) fn enter(_: &'static Point, _: Option<Names>, _: &[u8]) -> Answer {
    Answer::Live(0)
}

pub(crate) fn leave(_: u64, _: Option<&[u8]>, _: u64) {}

pub(crate) fn abandon(_: u64, _: u64) {}

pub(crate) fn pause(_: u64) {}

pub(crate) fn resume(_: u64) {}

pub(crate) fn is_due(_: u64) -> bool {
    true
}

pub(crate) fn aside() -> u64 {
    0
}

pub(crate) fn failed(_: &'static Point, _: Option<u64>, _: &str) {}

pub(crate) fn dropped(_: &'static Point, _: &[String]) {}

pub(crate) fn keep_file(_: &str) -> Result<Kept, String> {
    Err("there is no host that keeps files".to_owned())
}

pub(crate) fn restore_file(_: &str, _: Option<&str>) -> Result<(), String> {
    Err("there is no host that keeps files".to_owned())
}
