//! Reading what to record: one JSON list of arguments a line, of which one is in memory at a time.
//!
//! All of a file is checked before any of it runs. What comes through a pipe is checked as it comes.

use crate::cli::units::count;
use anyhow::{Context, Result, anyhow, bail};
use playback_host::sandbox::Operation;
use playback_host::tape::Signature;
use playback_host::value::fit::{self, Source};
use playback_host::value::{Value, json};
use serde_json::error::Category;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use tokio::sync::mpsc;

/// The longest line that is read, in bytes.
const LONGEST: usize = 64 << 20;

/// One operation to run.
#[derive(Debug)]
pub(crate) struct Request {
    /// The line it is on, from 1; `None`: it was given with `--invoke`.
    pub(crate) line: Option<usize>,
    /// One value a parameter.
    pub(crate) arguments: Vec<Value>,
}

/// Requests, one after another.
#[derive(Debug)]
pub(crate) struct Requests {
    /// How many there are; `None`: it is not known before the last has come.
    pub(crate) count: Option<usize>,
    /// One that was read already.
    first: Option<Request>,
    rest: Option<Rest>,
}

#[derive(Debug)]
struct Rest {
    name: String,
    operation: Signature,
    lines: mpsc::Receiver<Result<Line>>,
}

/// A line that is not blank, and its number.
type Line = (usize, String);

/// What messages call a file of requests.
pub(crate) fn name(file: &Path) -> String {
    if is_stdin(file) { "<stdin>".to_owned() } else { file.display().to_string() }
}

impl Requests {
    /// The one of `--invoke`.
    pub(crate) fn one(arguments: Vec<Value>) -> Self {
        Self { count: Some(1), first: Some(Request { line: None, arguments }), rest: None }
    }

    /// Those of `file`, or of standard input for `-`. Blank lines are passed over. `None`: there is none.
    pub(crate) async fn open(file: &Path, operation: &Operation) -> Result<Option<Self>> {
        let (name, operation) = (name(file), operation.signature().clone());
        let unreadable = || format!("the requests in `{name}` cannot be read");
        let mut count = None;
        let lines = if is_stdin(file) {
            stream(name.clone(), std::io::stdin())
        } else {
            let opened = File::open(file).with_context(unreadable)?;
            let sort = opened.metadata().with_context(unreadable)?;
            if sort.is_file() || sort.is_dir() {
                let opened = File::open(file).with_context(unreadable)?;
                count = Some(check(&name, &operation, opened)?);
            }
            stream(name.clone(), opened)
        };
        let mut requests = Self { count, first: None, rest: Some(Rest { name, operation, lines }) };
        // Before anything else is done, so that a mistake in the first line costs nothing.
        requests.first = requests.next().await.transpose()?;
        Ok(requests.first.is_some().then_some(requests))
    }

    pub(crate) async fn next(&mut self) -> Option<Result<Request>> {
        if let Some(first) = self.first.take() {
            return Some(Ok(first));
        }
        let Rest { name, operation, lines } = self.rest.as_mut()?;
        let line = lines.recv().await?;
        Some(line.and_then(|(number, text)| {
            let arguments = arguments(&text, operation, &format!("{name}:{number}"))?;
            Ok(Request { line: Some(number), arguments })
        }))
    }
}

/// Reads all requests, and counts them.
fn check(name: &str, operation: &Signature, file: File) -> Result<usize> {
    let mut lines = Lines::new(name, file);
    let mut count = 0;
    while let Some((number, text)) = lines.next()? {
        arguments(&text, operation, &format!("{name}:{number}"))?;
        count += 1;
    }
    Ok(count)
}

/// Reads on a thread of its own: nobody can be kept from waiting for a terminal.
fn stream(name: String, from: impl Read + Send + 'static) -> mpsc::Receiver<Result<Line>> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        let mut lines = Lines::new(&name, from);
        while let Some(line) = lines.next().transpose() {
            let is_last = line.is_err();
            if sender.blocking_send(line).is_err() || is_last {
                break;
            }
        }
    });
    receiver
}

struct Lines<'n, R> {
    name: &'n str,
    from: BufReader<R>,
    number: usize,
}

impl<'n, R: Read> Lines<'n, R> {
    fn new(name: &'n str, from: R) -> Self {
        Self { name, from: BufReader::new(from), number: 0 }
    }

    fn next(&mut self) -> Result<Option<Line>> {
        loop {
            let mut bytes = Vec::new();
            let read = self.from.by_ref().take(LONGEST as u64 + 1).read_until(b'\n', &mut bytes);
            read.with_context(|| format!("the requests in `{}` cannot be read", self.name))?;
            if bytes.is_empty() {
                return Ok(None);
            }
            self.number += 1;
            let at = format!("{}:{}", self.name, self.number);
            if bytes.len() > LONGEST {
                bail!("{at}: the line is longer than {} MiB, the most that one request has", LONGEST >> 20);
            }
            let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
            let line = line.strip_prefix(b"\xef\xbb\xbf").filter(|_| self.number == 1).unwrap_or(line);
            let text = str::from_utf8(line).map_err(|_| anyhow!("{at}: the line is no UTF-8"))?;
            if !text.trim().is_empty() {
                return Ok(Some((self.number, text.to_owned())));
            }
        }
    }
}

fn is_stdin(file: &Path) -> bool {
    file == Path::new("-")
}

/// The arguments on one line, in the form of the operation's parameters. `at` is where the line is.
fn arguments(text: &str, operation: &Signature, at: &str) -> Result<Vec<Value>> {
    let json = json::parse(text).map_err(|error| malformed(&error, at))?;
    let parameters = &operation.parameters;
    let values = match json::from_json(json).with_context(|| at.to_owned())? {
        Value::List(values) => values,
        other => bail!(
            "{at}: the line is {}; write the arguments of a call as a JSON list, {}",
            other.kind(),
            example(operation)
        ),
    };
    if values.len() != parameters.len() {
        let (given, taken) = (count(values.len(), "argument"), parameters.len());
        bail!("{at}: the line has {given}, and `{}` takes {taken}: {}", operation.name, example(operation));
    }
    let names: Vec<_> = parameters.iter().map(|parameter| parameter.name.clone()).collect();
    let fitted = fit::fit_parameters(values, &names, parameters, Source::Json);
    if !fitted.misfits.is_empty() {
        let misfits: Vec<String> = fitted.misfits.iter().map(ToString::to_string).collect();
        bail!("{at}: the arguments are not those of `{}`: {}", operation.name, misfits.join("; "));
    }
    if let Some(path) = fitted.dropped.first() {
        bail!(
            "{at}: `{}` has no `{}`; check its spelling, or leave it out",
            operation.name,
            path.escape_debug()
        );
    }
    Ok(fitted.values)
}

/// What a line looks like: `[sku, count]`.
fn example(operation: &Signature) -> String {
    let names: Vec<&str> = operation.parameters.iter().map(|parameter| &*parameter.name).collect();
    format!("`[{}]`", names.join(", "))
}

/// What serde_json says, in words of this program, with the column and without the line, which it cannot know.
fn malformed(error: &serde_json::Error, at: &str) -> anyhow::Error {
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or(&text);
    let at = format!("{at}:{}", error.column());
    match (error.classify(), reason) {
        // It is JSON, and says two things.
        (Category::Data, _) => anyhow!("{at}: {reason}"),
        (Category::Eof, _) => anyhow!("{at}: the line is no JSON: it ends too early"),
        (_, "expected ident") => {
            anyhow!("{at}: the line is no JSON: a word that is none of `true`, `false` and `null`")
        }
        (_, "expected value") => anyhow!("{at}: the line is no JSON: no value begins like this"),
        (_, reason) => anyhow!("{at}: the line is no JSON: {reason}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use playback_host::tape::OnExhausted;
    use playback_host::value::{Field, Type};

    fn quote() -> Signature {
        let count = Type::Int { signed: false, bits: 32 };
        let field = |name: &str, ty| Field { name: name.into(), ty };
        let parameters = vec![field("sku", Type::String), field("count", count)];
        Signature {
            interface: None,
            name: "quote".into(),
            parameters,
            result: None,
            key: None,
            on_exhausted: OnExhausted::default(),
            sends: None,
        }
    }

    fn message(line: &str) -> String {
        arguments(line, &quote(), "requests.ndjson:17").unwrap_err().to_string()
    }

    #[test]
    fn a_line_is_the_list_of_its_arguments() {
        assert_eq!(arguments(r#" ["apple", 3] "#, &quote(), "").unwrap(), ["apple".into(), Value::Int(3)]);
    }

    #[test]
    fn what_is_wrong_with_a_line_is_told_with_its_place() {
        assert_eq!(
            message(r#"["apple", 3"#),
            "requests.ndjson:17:11: the line is no JSON: it ends too early"
        );
        assert_eq!(
            message(r#"{"sku": "apple"}"#),
            "requests.ndjson:17: the line is a record or case; write the arguments of a call as a JSON list, `[sku, count]`"
        );
        assert_eq!(
            message(r#"["apple"]"#),
            "requests.ndjson:17: the line has 1 argument, and `quote` takes 2: `[sku, count]`"
        );
        assert_eq!(message(r#"[{"a": 1, "a": 2}]"#), "requests.ndjson:17:13: the key `a` is there twice");
        let word = "the line is no JSON: a word that is none of `true`, `false` and `null`";
        assert_eq!(message("[nope]"), format!("requests.ndjson:17:3: {word}"));
        let misfit = message(r#"["apple", -1]"#);
        assert!(
            misfit.starts_with("requests.ndjson:17: the arguments are not those of `quote`: at `/count`: "),
            "{misfit}"
        );
    }

    #[test]
    fn zero_is_zero_with_any_sign() {
        assert_eq!(arguments(r#"["apple", -0]"#, &quote(), "").unwrap()[1], Value::Int(0));
    }

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
