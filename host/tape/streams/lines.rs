//! Comparing what a replay wrote to a standard stream with what was recorded: all of it, in whatever pieces it came.

use playback_recording::value::Value;
use playback_recording::value::diff::Difference;
use playback_recording::{Event, Recording, Stream};
use std::fmt;

/// A standard stream as it was recorded and as it was replayed.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamComparison {
    /// Which one.
    pub stream: Stream,
    /// Where they part. `None`: they are equal, byte for byte.
    pub difference: Option<LineDifference>,
}

/// The first line that differs between two texts.
#[derive(Debug, Clone, PartialEq)]
pub struct LineDifference {
    /// Which line, from 1.
    pub line: usize,
    /// The line in both, with its end; bytes where either is not UTF-8. Absent on the side that has no such line.
    pub change: Difference,
    /// Where the recorded line stands, or would, in the recording's events.
    pub event: usize,
}

impl fmt::Display for LineDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.change)
    }
}

/// Compares a stream that got `replayed` with the recorded one.
pub(crate) fn compare(recording: &Recording, stream: Stream, replayed: &[u8]) -> StreamComparison {
    let recorded = recording.stream(stream);
    let difference = (recorded != replayed).then(|| first_difference(recording, stream, &recorded, replayed));
    StreamComparison { stream, difference }
}

fn first_difference(
    recording: &Recording,
    stream: Stream,
    recorded: &[u8],
    replayed: &[u8],
) -> LineDifference {
    let same = recorded.iter().zip(replayed).take_while(|(recorded, replayed)| recorded == replayed).count();
    let before = recorded.get(..same).unwrap_or_default();
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let [recorded, replayed] = [recorded, replayed].map(|text| line(text.get(start..).unwrap_or_default()));
    let is_text = [recorded, replayed].into_iter().flatten().all(|line| str::from_utf8(line).is_ok());
    let value = |line: &[u8]| match str::from_utf8(line) {
        Ok(text) if is_text => Value::from(text),
        _ => Value::Bytes(line.to_vec()),
    };
    LineDifference {
        line: before.iter().filter(|byte| **byte == b'\n').count() + 1,
        change: Difference {
            path: String::new(),
            recorded: recorded.map(value),
            replayed: replayed.map(value),
        },
        event: event(recording, stream, same),
    }
}

/// The first line of a text that has any.
fn line(text: &[u8]) -> Option<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').next()
}

/// The event that wrote the byte at this offset of a stream; past its end, where one would follow.
fn event(recording: &Recording, stream: Stream, offset: usize) -> usize {
    let mut end = 0;
    let holds = |event: &Event| match event {
        Event::Written(of, bytes) if *of == stream => {
            end += bytes.len();
            offset < end
        }
        _ => false,
    };
    recording.events.iter().position(holds).unwrap_or(recording.events.len())
}
