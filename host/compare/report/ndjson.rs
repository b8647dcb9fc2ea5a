//! A report as NDJSON: one line of JSON for each line of the report. `Reader` reads it back.

use super::{Line, Writer};
use std::io;

/// Writes each line of a report as a line of JSON.
#[derive(Debug)]
pub struct NdjsonWriter<W> {
    to: W,
    buffer: Vec<u8>,
}

impl<W: io::Write> NdjsonWriter<W> {
    /// A writer to this destination. It needs no buffer: each line is written with one call.
    pub fn new(to: W) -> Self {
        Self { to, buffer: Vec::new() }
    }
}

impl<W: io::Write> Writer for NdjsonWriter<W> {
    fn write(&mut self, line: &Line) -> io::Result<()> {
        self.buffer.clear();
        serde_json::to_writer(&mut self.buffer, line)?;
        self.buffer.push(b'\n');
        // Whole lines, so that what a killed run leaves behind can be read up to its last line.
        self.to.write_all(&self.buffer)?;
        match line {
            Line::Summary(_) => self.to.flush(),
            Line::Run(_) | Line::Comparison(_) => Ok(()),
        }
    }
}
