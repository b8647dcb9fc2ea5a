//! The files of a report: each is written beside its place and takes it when it is complete.

use crate::cli::exit::Stop;
use anyhow::{Context, Result};
use playback_host::compare::report::{
    HtmlWriter, JunitWriter, Line, MarkdownWriter, NdjsonWriter, Reader, Summary, Writer,
};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter};
use std::path::{Path, PathBuf};

/// The report that programs read.
const NDJSON: &str = "report.ndjson";
/// The report that people read.
const HTML: &str = "report.html";
const JUNIT: &str = "junit.xml";
const MARKDOWN: &str = "summary.md";

/// Writes a report in all formats into a directory.
pub(crate) struct Reports {
    directory: PathBuf,
    writers: Vec<(&'static str, Box<dyn Writer + Send>)>,
}

impl Reports {
    /// Begins the files in `directory`, which is made if it is not there.
    pub(crate) fn create(directory: &Path) -> Result<Self> {
        let context = || format!("the report directory `{}` cannot be written", directory.display());
        fs::create_dir_all(directory).with_context(context)?;
        let create = |name: &str| File::create(partial(directory, name)).map(BufWriter::new);
        let begin = || -> io::Result<Vec<(&'static str, Box<dyn Writer + Send>)>> {
            Ok(vec![
                (NDJSON, Box::new(NdjsonWriter::new(create(NDJSON)?))),
                (HTML, Box::new(HtmlWriter::new(create(HTML)?))),
                (JUNIT, Box::new(JunitWriter::new(create(JUNIT)?)?)),
                (MARKDOWN, Box::new(MarkdownWriter::new(create(MARKDOWN)?))),
            ])
        };
        Ok(Self { directory: directory.to_owned(), writers: begin().with_context(context)? })
    }

    /// Puts complete files in their places.
    pub(crate) fn finish(self) -> Result<()> {
        for (name, writer) in self.writers {
            drop(writer);
            let path = self.directory.join(name);
            fs::rename(partial(&self.directory, name), &path).map_err(|error| unwritable(&path, &error))?;
        }
        Ok(())
    }

    /// The page to open.
    pub(crate) fn page(&self) -> PathBuf {
        self.directory.join(HTML)
    }

    /// Writes one line of every report.
    pub(crate) fn line(&mut self, line: &Line) -> Result<()> {
        for (name, writer) in &mut self.writers {
            writer.write(line).map_err(|error| unwritable(&self.directory.join(*name), &error))?;
        }
        Ok(())
    }
}

impl Writer for Reports {
    fn write(&mut self, line: &Line) -> io::Result<()> {
        self.line(line).map_err(io::Error::other)
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Stop {
    Stop::Failed(format!("the report `{}` cannot be written: {error}", path.display()))
}

fn partial(directory: &Path, name: &str) -> PathBuf {
    directory.join(format!(".{name}.partial"))
}

/// Opens a report for reading: a directory of reports, or the file in it that programs read.
pub(crate) fn open(report: &Path) -> Result<Reader<BufReader<File>>> {
    let path = if report.is_dir() { report.join(NDJSON) } else { report.to_owned() };
    let file =
        File::open(&path).with_context(|| format!("the report `{}` cannot be read", path.display()))?;
    Ok(Reader::new(BufReader::new(file)))
}

/// Reads the summary of a report.
pub(crate) fn summary(report: &Path) -> Result<Summary> {
    for line in open(report)? {
        let line = line.with_context(|| format!("`{}` is no report of this program", report.display()))?;
        if let Line::Summary(summary) = line {
            return Ok(summary);
        }
    }
    Err(Stop::Failed(format!("the report `{}` has no end", report.display())).into())
}
