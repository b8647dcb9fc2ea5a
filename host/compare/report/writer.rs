//! Writing a report, line by line, in one of several formats.

use super::Line;
use std::io;

/// Writes a report in one format.
///
/// The lines come in the order of a report: the run, each comparison, the summary. The summary completes the document and
/// flushes it. Memory does not grow with the number of comparisons.
pub trait Writer {
    /// Writes one line of the report.
    ///
    /// # Errors
    ///
    /// The destination cannot be written.
    fn write(&mut self, line: &Line) -> io::Result<()>;
}

impl<W: Writer + ?Sized> Writer for Box<W> {
    fn write(&mut self, line: &Line) -> io::Result<()> {
        (**self).write(line)
    }
}

impl<W: Writer + ?Sized> Writer for &mut W {
    fn write(&mut self, line: &Line) -> io::Result<()> {
        (**self).write(line)
    }
}
