//! Calls written in WAVE, as in `wasmtime run --invoke`: `place-order({sku: "apple", count: 2})`.

mod lists;

use super::convert;
use super::handles::NoResources;
use super::service::{Operation, OperationError, Service, exported};
use playback_recording::value::float::stands_for;
use playback_recording::value::{Value, json};
use std::str::FromStr;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::wasm_wave::ast::{Node, NodeType};
use wasmtime::component::wasm_wave::parser::ParserError;
use wasmtime::component::wasm_wave::untyped::UntypedFuncCall;
use wasmtime::component::{Type, Val};

/// A call that cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvokeError {
    /// It is not written as a call.
    #[error("`{text}` is not a call: {reason}; write it as `operation(argument, ...)`")]
    Syntax {
        /// The call as given.
        text: String,
        /// What is wrong, and where.
        reason: String,
    },
    /// The service has no such operation.
    #[error(transparent)]
    Operation(#[from] OperationError),
    /// The arguments are not those of the operation.
    #[error("`{text}` does not fit `{operation}`: {reason}; its type is {signature}")]
    Arguments {
        /// The call as given.
        text: String,
        /// The operation's full WIT name.
        operation: String,
        /// Its type.
        signature: String,
        /// What is wrong, and where.
        reason: String,
    },
}

impl Service {
    /// Reads a call in WAVE: which operation, and its arguments.
    pub fn invocation(&self, text: &str) -> Result<(&Operation, Vec<Value>), InvokeError> {
        let (name, arguments) = text.split_once('(').ok_or_else(|| InvokeError::Syntax {
            text: text.to_owned(),
            reason: "the opening parenthesis is missing".to_owned(),
        })?;
        let operation = self.operation(Some(name.trim()))?;
        // The name may be a full WIT name, which is not a name to WAVE: any will do for reading the arguments, if it
        // is as long, so that what is wrong is where the message says.
        let call = format!("{}({arguments}", "f".repeat(name.len()));
        let syntax = |reason: String| InvokeError::Syntax { text: text.to_owned(), reason };
        let call = UntypedFuncCall::parse(&call).map_err(|error| syntax(located(text, &error)))?;
        let misfit = |reason: String| InvokeError::Arguments {
            text: text.to_owned(),
            operation: operation.full_name(),
            signature: operation.signature.wit(),
            reason,
        };
        let types = self.parameter_types(operation);
        if let Some(mistake) = mistake(call.params_node(), &types, call.source()) {
            let Mistake { at, reason, advice } = mistake;
            return Err(misfit(format!("{reason}{}{advice}", place(text, at))));
        }
        if let Some(values) = lists::values(&call, &operation.signature.parameters, text) {
            return Ok((operation, values.map_err(misfit)?));
        }
        let values: Vec<Val> = call.to_wasm_params(&types).map_err(|error| misfit(located(text, &error)))?;
        let parameters = &operation.signature.parameters;
        let values = convert::lift_parameters(&values, parameters, &mut NoResources);
        Ok((operation, values.map_err(|error| misfit(error.to_string()))?))
    }

    fn parameter_types(&self, operation: &Operation) -> Vec<Type> {
        match exported(self.component(), &operation.signature) {
            Some((ComponentItem::ComponentFunc(function), _)) => {
                function.params().map(|(_, ty)| ty).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// What the parser says, and what stands at the place that it gives in bytes.
fn located(text: &str, error: &ParserError) -> String {
    let (told, span) = (error.to_string(), error.span());
    let reason = told.strip_suffix(&format!(" at {span:?}")).unwrap_or(&told);
    let reason = if reason == "invalid value type" { "a value of another type is asked for" } else { reason };
    format!("{reason}{}", place(text, span.start))
}

/// Where in a call something is, and what stands there.
fn place(text: &str, at: usize) -> String {
    let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) else { return ", at its end".to_owned() };
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let character = before[line_start..].chars().count() + 1;
    let line = before.matches('\n').count() + 1;
    let line = if text.contains('\n') { format!("line {line}, ") } else { String::new() };
    let rest: String = rest.chars().take_while(|c| *c != '\n').take(20).collect();
    format!(", at {line}character {character}: `{rest}`")
}

/// Something that the parser passes over, or has no clear word for.
struct Mistake {
    /// Where, in bytes.
    at: usize,
    reason: String,
    /// What to do, where the reason does not say it.
    advice: &'static str,
}

/// The first mistake in the arguments.
fn mistake(arguments: Option<&Node>, types: &[Type], source: &str) -> Option<Mistake> {
    let arguments = arguments?.as_tuple().ok()?;
    arguments.zip(types).find_map(|(argument, ty)| mistake_in(argument, ty, source))
}

fn mistake_in(node: &Node, ty: &Type, source: &str) -> Option<Mistake> {
    let within = |node: Option<&Node>, ty: Option<Type>| mistake_in(node?, &ty?, source);
    let here = |reason: &str| Some(Mistake { at: node.span().start, reason: reason.to_owned(), advice: "" });
    match ty {
        Type::Record(record) => node.as_record(source).ok()?.find_map(|(name, value)| {
            match record.fields().find(|field| field.name == name) {
                Some(field) => mistake_in(value, &field.ty, source),
                None => {
                    let reason = format!("it has no field `{name}`");
                    let advice = "; check its spelling, or leave it out";
                    // The name is a part of the source, so that their addresses tell where.
                    Some(Mistake { at: name.as_ptr().addr() - source.as_ptr().addr(), reason, advice })
                }
            }
        }),
        Type::List(list) => node.as_list().ok()?.find_map(|item| mistake_in(item, &list.ty(), source)),
        Type::FixedLengthList(list) => {
            node.as_list().ok()?.find_map(|item| mistake_in(item, &list.ty(), source))
        }
        Type::Map(_) if matches!(node.ty(), NodeType::Record | NodeType::Flags) => {
            let reason = "a map is written as the list of its entries".to_owned();
            Some(Mistake { at: node.span().start, reason, advice: r#"; write `[("a", 1)]` for `{"a": 1}`"# })
        }
        Type::Map(map) => node.as_list().ok()?.find_map(|entry| {
            let parts = entry.as_tuple().ok()?.zip([map.key(), map.value()]);
            parts.into_iter().find_map(|(part, ty)| mistake_in(part, &ty, source))
        }),
        Type::Tuple(tuple) => {
            node.as_tuple().ok()?.zip(tuple.types()).find_map(|(item, ty)| mistake_in(item, &ty, source))
        }
        Type::Variant(variant) => {
            let (name, payload) = node.as_variant(source).ok()?;
            within(payload, variant.cases().find(|case| case.name == name)?.ty)
        }
        // `some` and `ok` may be left out.
        Type::Option(option) => match node.ty() {
            NodeType::OptionSome | NodeType::OptionNone => within(node.as_option().ok()?, Some(option.ty())),
            _ => within(Some(node), Some(option.ty())),
        },
        Type::Result(result) => match node.as_result() {
            Ok(Ok(payload)) => within(payload, result.ok()),
            Ok(Err(payload)) => within(payload, result.err()),
            Err(_) => within(Some(node), result.ok()),
        },
        Type::Char if node.ty() == NodeType::String => here("a char stands in single quotes, as 'x'"),
        Type::Float32 if is_overflow(node, source, f32::is_infinite) => here("it is too large for an f32"),
        Type::Float64 if is_overflow(node, source, f64::is_infinite) => here("it is too large for an f64"),
        Type::Float32 => {
            let (float, written): (f32, f64) = (node.as_number(source).ok()?, node.as_number(source).ok()?);
            let is_held = !written.is_finite() || stands_for(float, written);
            let reason = || format!("an f32 does not hold it; the nearest is {}", json::short(&float.into()));
            if is_held { None } else { here(&reason()) }
        }
        Type::Float64 => {
            let written = source.get(node.span())?.parse::<i128>().ok()?;
            let float = written as f64;
            let reason = || format!("an f64 does not hold it; the nearest is {}", json::short(&float.into()));
            if float as i128 == written { None } else { here(&reason()) }
        }
        _ => None,
    }
}

/// Whether digits were written and infinity came of it.
fn is_overflow<F: FromStr>(node: &Node, source: &str, is_infinite: impl Fn(F) -> bool) -> bool {
    let written = source.get(node.span()).unwrap_or_default();
    !written.contains("inf") && node.as_number(source).is_ok_and(is_infinite)
}
