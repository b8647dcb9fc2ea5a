//! Reading what to record: a line for each operation, of which one is in memory at a time. A line is the JSON list of its
//! arguments, or an object that names the operation as well.
//!
//! All of a file is checked before any of it runs. What comes through a pipe is checked as it comes.

use super::lines::{Line, Lines, stream};
use super::operations::{Operations, Target};
use crate::cli::threads;
use crate::cli::units::count;
use anyhow::{Context, Result, anyhow, bail};
use playback_host::tape::Signature;
use playback_host::value::fit::{self, Source};
use playback_host::value::{Value, json};
use serde_json::error::Category;
use serde_json::{Map, Value as Json};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::mpsc;

/// One operation to run.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) origin: Origin,
    /// One value a parameter.
    pub(crate) arguments: Vec<Value>,
}

/// Where a request comes from, and what it is for.
#[derive(Debug)]
pub(crate) struct Origin {
    /// The line it is on, from 1; `None`: it was given with `--invoke`.
    pub(crate) line: Option<usize>,
    pub(crate) target: Arc<Target>,
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
    operations: Operations,
    lines: mpsc::Receiver<Result<Line>>,
}

/// What messages call a file of requests.
pub(crate) fn name(file: &Path) -> String {
    if is_stdin(file) { "<stdin>".to_owned() } else { file.display().to_string() }
}

impl Requests {
    /// The one of `--invoke`.
    pub(crate) fn one(target: Arc<Target>, arguments: Vec<Value>) -> Self {
        let origin = Origin { line: None, target };
        Self { count: Some(1), first: Some(Request { origin, arguments }), rest: None }
    }

    /// Those of `file`, or of standard input for `-`. Blank lines are passed over. `None`: there is none.
    pub(crate) async fn open(file: &Path, mut operations: Operations) -> Result<Option<Self>> {
        let name = name(file);
        let unreadable = || format!("the requests in `{name}` cannot be read");
        let mut count = None;
        let lines = if is_stdin(file) {
            stream(name.clone(), std::io::stdin())
        } else {
            let opened = File::open(file).with_context(unreadable)?;
            let sort = opened.metadata().with_context(unreadable)?;
            if sort.is_file() || sort.is_dir() {
                let opened = File::open(file).with_context(unreadable)?;
                count = Some(check(&name, &mut operations, opened)?);
            }
            stream(name.clone(), opened)
        };
        let lines = lines.map_err(|error| threads::failed(&error))?;
        let mut requests = Self { count, first: None, rest: Some(Rest { name, operations, lines }) };
        // Before anything else is done, so that a mistake in the first line costs nothing.
        requests.first = requests.next().await.transpose()?;
        Ok(requests.first.is_some().then_some(requests))
    }

    /// The next one. Nothing is lost if it is not waited for to the end.
    pub(crate) async fn next(&mut self) -> Option<Result<Request>> {
        if let Some(first) = self.first.take() {
            return Some(Ok(first));
        }
        let Rest { name, operations, lines } = self.rest.as_mut()?;
        let line = lines.recv().await?;
        Some(line.and_then(|line| request(line, name, operations)))
    }
}

/// Reads all requests, and counts them.
fn check(name: &str, operations: &mut Operations, file: File) -> Result<usize> {
    let mut lines = Lines::new(name, file);
    let mut count = 0;
    while let Some(line) = lines.next()? {
        request(line, name, operations)?;
        count += 1;
    }
    Ok(count)
}

/// Whether a file stands for standard input.
pub(crate) fn is_stdin(file: &Path) -> bool {
    file == Path::new("-")
}

/// The request on one line of the file called `name`.
fn request((number, text): Line, name: &str, operations: &mut Operations) -> Result<Request> {
    let at = format!("{name}:{number}");
    let (target, list) = match json::parse(&text).map_err(|error| malformed(&error, &at))? {
        Json::Object(fields) => named(fields, operations, &at)?,
        list => (operations.unnamed().with_context(|| at.clone())?, list),
    };
    let arguments = arguments(list, target.operation.signature(), &at)?;
    Ok(Request { origin: Origin { line: Some(number), target }, arguments })
}

/// The operation that an object names, and the list of its arguments.
fn named(
    mut fields: Map<String, Json>,
    operations: &mut Operations,
    at: &str,
) -> Result<(Arc<Target>, Json)> {
    const FORM: &str =
        "write `{\"operation\": \"name\", \"arguments\": [..]}`, or the list of arguments alone";
    let target = match fields.remove("operation") {
        Some(Json::String(name)) => operations.named(&name).with_context(|| at.to_owned())?,
        Some(_) => bail!("{at}: `operation` is not text; {FORM}"),
        None => bail!("{at}: the line is an object without `operation`; {FORM}"),
    };
    let list = fields.remove("arguments").unwrap_or_else(|| Json::Array(Vec::new()));
    if let Some(other) = fields.keys().next() {
        let other: String = other.chars().take(40).collect();
        bail!("{at}: the line has `{}` besides `operation` and `arguments`; {FORM}", other.escape_debug());
    }
    Ok((target, list))
}

/// Arguments in the form of the operation's parameters. `at` is where they are.
fn arguments(list: Json, operation: &Signature, at: &str) -> Result<Vec<Value>> {
    let parameters = &operation.parameters;
    let values = match json::from_json(list).with_context(|| at.to_owned())? {
        Value::List(values) => values,
        other => bail!(
            "{at}: the arguments are {}; write them as a JSON list, {}",
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
        (Category::Eof, _) => anyhow!("{at}: the line is not JSON: it ends too early"),
        (_, "expected ident") => {
            anyhow!("{at}: the line is not JSON: a word that is none of `true`, `false` and `null`")
        }
        (_, "expected value") => anyhow!("{at}: the line is not JSON: no value begins like this"),
        (_, reason) => anyhow!("{at}: the line is not JSON: {reason}"),
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

    fn read(line: &str) -> Result<Vec<Value>> {
        let at = "requests.ndjson:17";
        arguments(json::parse(line).map_err(|error| malformed(&error, at))?, &quote(), at)
    }

    fn message(line: &str) -> String {
        read(line).unwrap_err().to_string()
    }

    #[test]
    fn a_line_is_the_list_of_its_arguments() {
        assert_eq!(read(r#" ["apple", 3] "#).unwrap(), ["apple".into(), Value::Int(3)]);
    }

    #[test]
    fn what_is_wrong_with_a_line_is_told_with_its_place() {
        assert_eq!(
            message(r#"["apple", 3"#),
            "requests.ndjson:17:11: the line is not JSON: it ends too early"
        );
        assert_eq!(
            message(r#""apple""#),
            "requests.ndjson:17: the arguments are text; write them as a JSON list, `[sku, count]`"
        );
        assert_eq!(
            message(r#"["apple"]"#),
            "requests.ndjson:17: the line has 1 argument, and `quote` takes 2: `[sku, count]`"
        );
        assert_eq!(message(r#"[{"a": 1, "a": 2}]"#), "requests.ndjson:17:13: the key `a` is there twice");
        let word = "the line is not JSON: a word that is none of `true`, `false` and `null`";
        assert_eq!(message("[nope]"), format!("requests.ndjson:17:3: {word}"));
        let misfit = message(r#"["apple", -1]"#);
        assert!(
            misfit.starts_with("requests.ndjson:17: the arguments are not those of `quote`: at `/count`: "),
            "{misfit}"
        );
    }

    #[test]
    fn zero_is_zero_with_any_sign() {
        assert_eq!(read(r#"["apple", -0]"#).unwrap()[1], Value::Int(0));
    }
}
