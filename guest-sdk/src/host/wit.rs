//! The host of a component: the imports of `playback:guest`.

use super::answer::{Answer, Kept, Mode, Names};
use crate::point::{Kind, Missing, Point};
use playback::guest::{files, interception, recording};
use std::sync::atomic::Ordering;

wit_bindgen::generate!({ path: "wit/guest.wit", world: "sdk" });

pub(crate) fn mode() -> Mode {
    match recording::current_mode() {
        recording::Mode::Off => Mode::Off,
        recording::Mode::Recording => Mode::Recording,
        recording::Mode::Replaying => Mode::Replaying,
    }
}

pub(crate) fn id() -> Option<String> {
    recording::id()
}

pub(crate) fn add_metadata(key: &str, json: &str) -> Result<(), String> {
    recording::add_metadata(key, json)
}

pub(crate) fn discard(reason: &str) {
    recording::discard(reason);
}

pub(crate) fn force_sample() {
    recording::force_sample();
}

pub(crate) fn put(key: &str, value: &[u8]) -> Result<(), String> {
    recording::put(key, value)
}

pub(crate) fn get(key: &str) -> Option<Vec<u8>> {
    recording::get(key)
}

/// Returns the number by which the host knows a point. The first call declares the point.
fn number(point: &'static Point) -> u32 {
    match point.number.load(Ordering::Relaxed) {
        0 => {
            let number = declare(point);
            point.number.store(number + 1, Ordering::Relaxed);
            number
        }
        number => number - 1,
    }
}

fn declare(point: &'static Point) -> u32 {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    interception::declare(&interception::Point {
        kind: match point.kind {
            Kind::Input => interception::Kind::Input,
            Kind::Output => interception::Kind::Output,
        },
        function: point.function.to_owned(),
        alias: point.alias.to_owned(),
        fallback_aliases: texts(point.fallback_aliases),
        arguments: texts(point.arguments),
        key: point.key.map(<[u32]>::to_vec),
        missing: match point.missing {
            Missing::Fail => interception::Missing::Fail,
            Missing::Default => interception::Missing::Default,
            Missing::Live => interception::Missing::Live,
        },
    })
}

pub(crate) fn enter(point: &'static Point, names: Option<Names>, arguments: &[u8]) -> Answer {
    let names =
        names.map(|Names { alias, fallback_aliases }| interception::Names { alias, fallback_aliases });
    match interception::enter(number(point), names.as_ref(), arguments) {
        interception::Step::Live(ticket) => Answer::Live(ticket),
        interception::Step::Default(ticket) => Answer::Default(ticket),
        interception::Step::Recorded(interception::Recorded { ticket, value, note }) => {
            Answer::Recorded(ticket, value, note)
        }
        interception::Step::Abandoned(note) => Answer::Abandoned(note),
    }
}

pub(crate) fn leave(ticket: u64, value: Option<&[u8]>, note: u64) {
    interception::leave(ticket, value, note);
}

pub(crate) fn abandon(ticket: u64, note: u64) {
    interception::abandon(ticket, note);
}

pub(crate) fn pause(ticket: u64) {
    interception::pause(ticket);
}

pub(crate) fn resume(ticket: u64) {
    interception::resume(ticket);
}

pub(crate) fn is_due(ticket: u64) -> bool {
    interception::is_due(ticket)
}

pub(crate) fn aside() -> u64 {
    interception::aside()
}

pub(crate) fn failed(point: &'static Point, ticket: Option<u64>, problem: &str) {
    interception::failed(number(point), ticket, problem);
}

pub(crate) fn dropped(point: &'static Point, paths: &[String]) {
    interception::dropped(number(point), paths);
}

pub(crate) fn keep_file(path: &str) -> Result<Kept, String> {
    Ok(match files::keep(path)? {
        files::Kept::Content(digest) => Kept::Content(digest),
        files::Kept::TooLarge(size) => Kept::TooLarge(size),
        files::Kept::Absent => Kept::Absent,
    })
}

pub(crate) fn restore_file(path: &str, digest: Option<&str>) -> Result<(), String> {
    files::restore(path, digest)
}
