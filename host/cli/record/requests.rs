//! Reading what to record: one JSON list of arguments a line. All of it is read and checked before any of it runs.

use crate::cli::units::count;
use anyhow::{Context, Result, anyhow, bail};
use playback_host::sandbox::Operation;
use playback_host::tape::Signature;
use playback_host::value::fit::{self, Source};
use playback_host::value::{Value, json};
use std::io::Read;
use std::path::Path;

/// One operation to run.
#[derive(Debug)]
pub(crate) struct Request {
    /// The line it is on, from 1; `None`: it was given with `--invoke`.
    pub(crate) line: Option<usize>,
    /// One value a parameter.
    pub(crate) arguments: Vec<Value>,
}

/// What messages call a file of requests.
pub(crate) fn name(file: &Path) -> String {
    if is_stdin(file) { "<stdin>".to_owned() } else { file.display().to_string() }
}

/// Reads all requests of `file`, or of standard input for `-`. Blank lines are passed over.
pub(crate) fn read(file: &Path, operation: &Operation) -> Result<Vec<Request>> {
    let name = name(file);
    let mut bytes = Vec::new();
    let read = match is_stdin(file) {
        true => std::io::stdin().lock().read_to_end(&mut bytes),
        false => std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut bytes)),
    };
    read.with_context(|| format!("the requests in `{name}` cannot be read"))?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut requests = Vec::new();
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let number = index + 1;
        let text = str::from_utf8(line).map_err(|_| anyhow!("{name}:{number}: the line is no UTF-8"))?;
        if !text.trim().is_empty() {
            let arguments = arguments(text, operation.signature(), &format!("{name}:{number}"))?;
            requests.push(Request { line: Some(number), arguments });
        }
    }
    Ok(requests)
}

fn is_stdin(file: &Path) -> bool {
    file == Path::new("-")
}

/// The arguments on one line, in the form of the operation's parameters. `at` is where the line is.
fn arguments(text: &str, operation: &Signature, at: &str) -> Result<Vec<Value>> {
    let json: serde_json::Value = serde_json::from_str(text).map_err(|error| malformed(&error, at))?;
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

/// What serde_json says, with the column where it belongs and without the line, which it cannot know.
fn malformed(error: &serde_json::Error, at: &str) -> anyhow::Error {
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or(&text);
    anyhow!("{at}:{}: the line is no JSON: {reason}", error.column())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use playback_host::value::{Field, Type};

    fn quote() -> Signature {
        let count = Type::Int { signed: false, bits: 32 };
        let field = |name: &str, ty| Field { name: name.into(), ty };
        let parameters = vec![field("sku", Type::String), field("count", count)];
        Signature { interface: None, name: "quote".into(), parameters, result: None }
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
            "requests.ndjson:17:11: the line is no JSON: EOF while parsing a list"
        );
        assert_eq!(
            message(r#"{"sku": "apple"}"#),
            "requests.ndjson:17: the line is a record or case; write the arguments of a call as a JSON list, `[sku, count]`"
        );
        assert_eq!(
            message(r#"["apple"]"#),
            "requests.ndjson:17: the line has 1 argument, and `quote` takes 2: `[sku, count]`"
        );
        let misfit = message(r#"["apple", -1]"#);
        assert!(
            misfit.starts_with("requests.ndjson:17: the arguments are not those of `quote`: at `/count`: "),
            "{misfit}"
        );
    }
}
