//! The cases of all suites in one anonymous temporary file, so that memory does not grow with them.

use super::Counts;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// So many bytes of a suite are collected before they are written.
const BLOCK_BYTES: usize = 64 << 10;

/// Cases that wait for the end of the report.
#[derive(Debug)]
pub(super) struct Spool {
    file: File,
    length: u64,
    suites: BTreeMap<String, Suite>,
}

/// The cases of one category.
#[derive(Debug, Default)]
pub(super) struct Suite {
    pub(super) counts: Counts,
    /// Where its blocks are in the file: offset and length.
    blocks: Vec<(u64, u64)>,
    /// What was not written yet.
    rest: Vec<u8>,
}

impl Spool {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile()?, length: 0, suites: BTreeMap::new() })
    }

    /// Adds a case to the suite of this name.
    pub(super) fn add(&mut self, suite: &str, case: &[u8], counts: Counts) -> io::Result<()> {
        if !self.suites.contains_key(suite) {
            self.suites.insert(suite.to_owned(), Suite::default());
        }
        let Some(suite) = self.suites.get_mut(suite) else { return Ok(()) };
        suite.counts.add(counts);
        suite.rest.extend(case);
        if suite.rest.len() >= BLOCK_BYTES {
            self.file.write_all(&suite.rest)?;
            let length = suite.rest.len() as u64;
            suite.blocks.push((self.length, length));
            self.length += length;
            suite.rest.clear();
        }
        Ok(())
    }

    pub(super) fn suites(&self) -> &BTreeMap<String, Suite> {
        &self.suites
    }

    /// Takes the suites by their names, each with what reads its cases.
    pub(super) fn take(
        &mut self,
        mut each: impl FnMut(&str, Suite, &mut dyn Read) -> io::Result<()>,
    ) -> io::Result<()> {
        for (name, mut suite) in std::mem::take(&mut self.suites) {
            let (blocks, rest) = (std::mem::take(&mut suite.blocks), std::mem::take(&mut suite.rest));
            let blocks = Blocks { file: &self.file, left: blocks.into_iter(), block: (0, 0) };
            each(&name, suite, &mut blocks.chain(&rest[..]))?;
        }
        Ok(())
    }
}

/// Reads blocks one after the other.
struct Blocks<'f> {
    file: &'f File,
    left: std::vec::IntoIter<(u64, u64)>,
    /// What is left of the current block.
    block: (u64, u64),
}

impl Read for Blocks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.block.1 == 0 {
            let Some(block) = self.left.next() else { return Ok(0) };
            self.block = block;
        }
        let (offset, length) = self.block;
        self.file.seek(SeekFrom::Start(offset))?;
        let read = self.file.take(length).read(buffer)?;
        if read == 0 && !buffer.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.block = (offset + read as u64, length - read as u64);
        Ok(read)
    }
}
