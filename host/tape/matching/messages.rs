//! Calls that send a message: two say the same where their bodies do, read by their content types. JSON may be written otherwise,
//! the boundary of a multipart body is random, and what is packed may be packed otherwise.

use super::form::view;
use super::interceptor::Interceptor;
use super::key::KeyPart;
use crate::content::{BODY, View};
use playback_recording::value::{Value, diff};

/// A call whose key has the body of a message.
pub(super) struct Sent<'c> {
    interceptor: &'c Interceptor,
    key: Vec<KeyPart>,
    arguments: Vec<Value>,
    view: View,
}

impl<'c> Sent<'c> {
    /// The call with these arguments, if it sends a message whose body can be read.
    pub(super) fn of(interceptor: &'c Interceptor, arguments: &[Value]) -> Option<Self> {
        let parameters = &interceptor.signature.parameters;
        let body = parameters.iter().position(|parameter| *parameter.name == *BODY)?;
        let all = || (0..parameters.len()).map(KeyPart::Argument).collect();
        let key = interceptor.key.clone().unwrap_or_else(all);
        if !key.contains(&KeyPart::Argument(body)) {
            return None;
        }
        let arguments = interceptor.normalised(arguments).into_owned();
        let view = view(interceptor, &arguments)?;
        Some(Self { interceptor, key, arguments, view })
    }

    /// Returns true if a call with these arguments says the same.
    pub(super) fn is_said_by(&self, arguments: &[Value]) -> bool {
        let Self { interceptor, key, view: wanted, .. } = self;
        let arguments = interceptor.normalised(arguments);
        let is_as_it_is = |part: &&KeyPart| !wanted.is_read(self.name(part));
        // Reading the body takes longest.
        let is_same = |part: &KeyPart| part.value(&arguments) == part.value(&self.arguments);
        key.iter().filter(is_as_it_is).all(is_same)
            && view(interceptor, &arguments).is_some_and(|found| {
                let mut read = key.iter().filter(|part| wanted.is_read(self.name(part)));
                found.kind == wanted.kind && read.all(|part| self.is_same_read(part, &found))
            })
    }

    fn is_same_read(&self, part: &KeyPart, found: &View) -> bool {
        let [found, wanted] = [found, &self.view].map(|view| {
            let whole = view.field(self.name(part))?;
            match part {
                KeyPart::Argument(_) => Some(whole),
                KeyPart::Entry(_, name) => whole.get(name),
                KeyPart::Inside(_, pointer) => whole.at(pointer),
            }
        });
        match (found, wanted) {
            (Some(found), Some(wanted)) => diff::diff(found, wanted).is_empty(),
            (found, wanted) => found == wanted,
        }
    }

    /// The name of the parameter that a part of the key is of.
    fn name(&self, part: &KeyPart) -> &str {
        self.interceptor.signature.parameters.get(part.position()).map_or("", |parameter| &parameter.name)
    }
}
