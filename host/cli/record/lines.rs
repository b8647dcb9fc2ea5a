//! The lines of requests, read one by one.

use anyhow::{Context, Result, anyhow, bail};
use std::io::{self, BufRead, BufReader, Read};
use tokio::sync::mpsc;

/// The longest line that is read, in bytes.
const MAX_LINE_BYTES: usize = 64 << 20;

/// A line that is not blank, and its number.
pub(crate) type Line = (usize, String);

/// Reads on a thread of its own: nobody can be kept from waiting for a terminal.
pub(crate) fn stream(
    name: String,
    from: impl Read + Send + 'static,
) -> io::Result<mpsc::Receiver<Result<Line>>> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::Builder::new().spawn(move || {
        let mut lines = Lines::new(&name, from);
        while let Some(line) = lines.next().transpose() {
            let is_last = line.is_err();
            if sender.blocking_send(line).is_err() || is_last {
                break;
            }
        }
    })?;
    Ok(receiver)
}

/// The lines of a file or a pipe that are not blank.
pub(crate) struct Lines<'n, R> {
    name: &'n str,
    from: BufReader<R>,
    number: usize,
}

impl<'n, R: Read> Lines<'n, R> {
    pub(crate) fn new(name: &'n str, from: R) -> Self {
        Self { name, from: BufReader::new(from), number: 0 }
    }

    /// The next one; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Line>> {
        loop {
            let mut bytes = Vec::new();
            let read = self.from.by_ref().take(MAX_LINE_BYTES as u64 + 1).read_until(b'\n', &mut bytes);
            read.with_context(|| format!("the requests in `{}` cannot be read", self.name))?;
            if bytes.is_empty() {
                return Ok(None);
            }
            self.number += 1;
            let at = format!("{}:{}", self.name, self.number);
            if bytes.len() > MAX_LINE_BYTES {
                bail!(
                    "{at}: the line is longer than {} MiB, the most that one request has",
                    MAX_LINE_BYTES >> 20
                );
            }
            let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
            let line = line.strip_prefix(b"\xef\xbb\xbf").filter(|_| self.number == 1).unwrap_or(line);
            let text = str::from_utf8(line).map_err(|_| anyhow!("{at}: the line is not UTF-8"))?;
            if !text.trim().is_empty() {
                return Ok(Some((self.number, text.to_owned())));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;

    #[test]
    fn lines_are_read_one_by_one_and_none_is_endless() {
        let mut lines = Lines::new("x", &b"\xef\xbb\xbf[1]\n\n [2]"[..]);
        assert_eq!(lines.next().unwrap(), Some((1, "[1]".to_owned())));
        assert_eq!(lines.next().unwrap(), Some((3, " [2]".to_owned())));
        assert_eq!(lines.next().unwrap(), None);
        let told = Lines::new("x", std::io::repeat(b' ')).next().unwrap_err().to_string();
        assert_eq!(told, "x:1: the line is longer than 64 MiB, the most that one request has");
    }
}
