//! Calls written in WAVE, as in `wasmtime run --invoke`: `place-order({sku: "apple", count: 2})`.

use super::convert;
use super::handles::NoResources;
use super::service::{Operation, OperationError, Service, exported};
use crate::value::Value;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::wasm_wave::ast::{Node, NodeType};
use wasmtime::component::wasm_wave::parser::ParserError;
use wasmtime::component::wasm_wave::untyped::UntypedFuncCall;
use wasmtime::component::{Type, Val};

/// A call that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// It is not written as a call.
    #[error("`{text}` is no call: {reason}; write it as `operation(argument, ...)`")]
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
    #[error("`{text}` does not fit `{operation}`, which is {signature}: {reason}")]
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
        // The name may be a full WIT name, which is no name to WAVE: any will do for reading the arguments, if it
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
        let values: Vec<Val> = call.to_wasm_params(&types).map_err(|error| misfit(located(text, &error)))?;
        if let Some(field) = unknown(call.params_node(), &types, call.source()) {
            return Err(misfit(format!("it has no field `{field}`; check its spelling, or leave it out")));
        }
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
    match text.get(span.start..).filter(|rest| !rest.is_empty()) {
        None => format!("{reason}, at its end"),
        Some(rest) => {
            let character = text.len() - rest.len();
            let character = text.get(..character).map_or(0, |before| before.chars().count()) + 1;
            let rest: String = rest.chars().take(20).collect();
            format!("{reason}, at character {character}: `{rest}`")
        }
    }
}

/// The first field that is written and that its record does not have. The parser passes over those.
fn unknown<'s>(arguments: Option<&Node>, types: &[Type], source: &'s str) -> Option<&'s str> {
    let arguments = arguments?.as_tuple().ok()?;
    arguments.zip(types).find_map(|(argument, ty)| unknown_field(argument, ty, source))
}

fn unknown_field<'s>(node: &Node, ty: &Type, source: &'s str) -> Option<&'s str> {
    let within = |node: Option<&Node>, ty: Option<Type>| unknown_field(node?, &ty?, source);
    match ty {
        Type::Record(record) => node.as_record(source).ok()?.find_map(|(name, value)| {
            match record.fields().find(|field| field.name == name) {
                Some(field) => unknown_field(value, &field.ty, source),
                None => Some(name),
            }
        }),
        Type::List(list) => node.as_list().ok()?.find_map(|item| unknown_field(item, &list.ty(), source)),
        Type::Tuple(tuple) => {
            node.as_tuple().ok()?.zip(tuple.types()).find_map(|(item, ty)| unknown_field(item, &ty, source))
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
        _ => None,
    }
}
