//! An imported function, and how its calls are intercepted.

use super::alias::AliasPattern;
use super::key::KeyPart;
use super::normalised::Normalisation;
use super::rules::{OnExhausted, OnMissing, Why};
use crate::content::BODY;
use playback_recording::value::{Field, Name, Type, Value};
use playback_recording::{Function, Kind};

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
    /// Positions of the parameters that identify a call where no rule says. `None`: all of them.
    pub key: Option<Vec<usize>>,
    /// What a call gets whose key is used up, where no rule says.
    pub on_exhausted: OnExhausted,
    /// Of an input that sends something too: which of its calls do.
    pub sends: Option<Sends>,
}

/// Which calls of an input send something. One that was recorded and is not made on a replay is a difference, as that of an
/// output is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sends {
    /// The position of the parameter that says so.
    pub parameter: usize,
    /// The values of it with which a call only asks.
    pub except: &'static [&'static str],
}

impl Sends {
    /// Whether a call with these arguments does.
    pub fn is_sent(&self, arguments: &[Value]) -> bool {
        match arguments.get(self.parameter) {
            Some(Value::Text(text)) => !self.except.contains(&text.as_str()),
            _ => false,
        }
    }
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

    /// Whether a resource can cross with a call of it.
    pub fn holds_resource(&self) -> bool {
        let parameters = self.parameters.iter().map(|parameter| &parameter.ty);
        parameters.chain(&self.result).any(Type::holds_resource)
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
    /// Where it stands among the functions of its [`Boundary`](super::boundary::Boundary).
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
    /// What identifies a call of an input. `None`: all its arguments.
    pub key: Option<Vec<KeyPart>>,
    /// Arguments that have another name today: the recorded name, then today's.
    pub renamed: Vec<(Name, Name)>,
    /// What of its arguments is new in each call.
    pub normalise: Vec<Normalisation>,
    /// What a call gets that was never recorded.
    pub on_missing: OnMissing,
    /// What an input's call gets when its key is used up.
    pub on_exhausted: OnExhausted,
}

impl Interceptor {
    /// Returns true if a rule reaches into the body of a message.
    pub(super) fn is_body_read(&self) -> bool {
        let parts = self.key.iter().flatten().chain(self.normalise.iter().filter_map(Normalisation::place));
        let is_body = |position: usize| {
            self.signature.parameters.get(position).is_some_and(|parameter| *parameter.name == *BODY)
        };
        parts.into_iter().any(|part| matches!(part, KeyPart::Inside(position, _) if is_body(*position)))
    }

    /// Returns true if what identifies a call has to be made of its arguments.
    pub(crate) fn is_key_made(&self) -> bool {
        let is_inside = |part: &KeyPart| matches!(part, KeyPart::Inside(..));
        self.kind == Kind::Input
            && (!self.normalise.is_empty() || self.key.as_ref().is_some_and(|key| key.iter().any(is_inside)))
    }
}

/// Returns the arguments of a call with the names of the parameters.
pub(crate) fn named(interceptor: &Interceptor, arguments: Vec<Value>) -> Vec<(Name, Value)> {
    let names = interceptor.signature.parameters.iter().map(|parameter| parameter.name.clone());
    names.zip(arguments).collect()
}
