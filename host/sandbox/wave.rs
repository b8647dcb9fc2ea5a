//! Calls written in WAVE, as in `wasmtime run --invoke`: `place-order({sku: "apple", count: 2})`.

use super::convert;
use super::handles::NoResources;
use super::service::{Operation, OperationError, Service};
use crate::value::Value;
use wasmtime::component::types::ComponentItem;
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
        let call = UntypedFuncCall::parse(&call).map_err(|error| syntax(error.to_string()))?;
        let misfit = |reason: String| InvokeError::Arguments {
            text: text.to_owned(),
            operation: operation.full_name(),
            signature: operation.signature.wit(),
            reason,
        };
        let types = self.parameter_types(operation);
        let values: Vec<Val> = call.to_wasm_params(&types).map_err(|error| misfit(error.to_string()))?;
        let parameters = &operation.signature.parameters;
        let values = convert::lift_parameters(&values, parameters, &mut NoResources);
        Ok((operation, values.map_err(|error| misfit(error.to_string()))?))
    }

    fn parameter_types(&self, operation: &Operation) -> Vec<Type> {
        let component = self.component();
        let name = &operation.signature.name;
        let item = match &operation.signature.interface {
            None => component.get_export(None, name.as_str()),
            Some(interface) => component
                .get_export(None, interface.as_str())
                .and_then(|(_, parent)| component.get_export(Some(&parent), name.as_str())),
        };
        match item {
            Some((ComponentItem::ComponentFunc(function), _)) => function.params().map(|(_, ty)| ty).collect(),
            _ => Vec::new(),
        }
    }
}
