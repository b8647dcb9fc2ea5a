//! What the boundary of one component looks like to the tape: each imported function with the rule that
//! applies to it.

use super::alias::AliasPattern;
use super::rules::{OnExhausted, OnMissing, Why};
use crate::recording::{Function, Kind, format};
use crate::value::{Field, Name, Type};
use std::collections::HashMap;
use std::sync::Arc;

/// A function as a component's type declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The interface with its version, `shop:orders/inputs@1.0.0`. `None`: imported by the world itself.
    pub interface: Option<String>,
    /// The function's own name: `price-of`, `[method]bucket.get`.
    pub name: String,
    /// In declared order.
    pub parameters: Vec<Field>,
    /// `None`: the function has no result.
    pub result: Option<Type>,
}

impl Signature {
    /// The full WIT name: `shop:orders/inputs@1.0.0#price-of`.
    pub fn full_name(&self) -> String {
        match &self.interface {
            Some(interface) => format!("{interface}#{}", self.name),
            None => self.name.clone(),
        }
    }

    /// The type in WIT: `func(sku: string) -> f64`.
    pub fn wit(&self) -> String {
        let parameters: Vec<String> =
            self.parameters.iter().map(|field| format!("{}: {}", field.name, field.ty)).collect();
        let result = self.result.as_ref().map(|ty| format!(" -> {ty}")).unwrap_or_default();
        format!("func({}){result}", parameters.join(", "))
    }

    /// The function as a recording names it.
    pub fn to_function(&self) -> Function {
        Function {
            name: self.full_name().into(),
            parameters: self.parameters.iter().map(|field| field.name.clone()).collect(),
            signature: self.wit().into(),
        }
    }
}

/// An imported function and how its calls are to be intercepted: the rules, resolved and checked.
#[derive(Debug, Clone)]
pub struct Interceptor {
    /// Where it stands among the functions of its [`Boundary`].
    pub position: usize,
    /// The declared types.
    pub signature: Signature,
    /// What recordings call it.
    pub function: Function,
    /// Input or output.
    pub kind: Kind,
    /// What decided the kind.
    pub why: Why,
    /// Gives a call its alias.
    pub alias: AliasPattern,
    /// Older aliases to look under, in order.
    pub fallback_aliases: Vec<AliasPattern>,
    /// Positions of the parameters that identify a call of an input. `None`: all of them.
    pub key: Option<Vec<usize>>,
    /// What a call gets that was never recorded.
    pub on_missing: OnMissing,
    /// What an input's call gets when its key is used up.
    pub on_exhausted: OnExhausted,
}

/// Every imported function of one component, resolved against the rules.
#[derive(Debug, Clone, Default)]
pub struct Boundary {
    interceptors: Vec<Arc<Interceptor>>,
    by_alias_of_name: HashMap<String, usize>,
}

impl Boundary {
    /// A boundary of these functions.
    pub fn new(interceptors: Vec<Interceptor>) -> Self {
        let by_alias_of_name = interceptors
            .iter()
            .enumerate()
            .map(|(index, interceptor)| (format::default_alias(&interceptor.function.name), index))
            .collect();
        let interceptors = interceptors
            .into_iter()
            .enumerate()
            .map(|(position, interceptor)| Arc::new(Interceptor { position, ..interceptor }))
            .collect();
        Self { interceptors, by_alias_of_name }
    }

    /// The functions, in the order in which the component imports them.
    pub fn interceptors(&self) -> &[Arc<Interceptor>] {
        &self.interceptors
    }

    /// Today's function of the name that a recording gives; the package's version does not matter.
    pub(super) fn today(&self, recorded_name: &Name) -> Option<&Arc<Interceptor>> {
        let index = self.by_alias_of_name.get(&format::default_alias(recorded_name))?;
        self.interceptors.get(*index)
    }
}
