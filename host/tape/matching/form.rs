//! The form in which the arguments of a call identify it: without what is new in each call, and with the bodies of messages read
//! where a rule reaches into them.

use super::interceptor::{Interceptor, named};
use super::normalised;
use crate::content::{BODY, Kind, Message, Read, View};
use playback_recording::value::{Name, Value};
use std::borrow::Cow;

impl Interceptor {
    /// Returns the arguments of a call without what is new in each: the form in which they identify a call and are compared. An
    /// argument that was read to get to a part of it is what it was read as: JSON, or the body of a message by its content type.
    pub fn normalised<'a>(&self, arguments: &'a [Value]) -> Cow<'a, [Value]> {
        let read = self.is_body_read().then(|| with_body_read(self, arguments)).flatten();
        match read {
            Some(read) => Cow::Owned(normalised::normalised(&self.normalise, &read).into_owned()),
            None => normalised::normalised(&self.normalise, arguments),
        }
    }
}

/// The message that arguments are, if its body can be read.
pub(super) fn view(interceptor: &Interceptor, arguments: &[Value]) -> Option<View> {
    let fields: Vec<(Name, Value)> = named(interceptor, arguments.to_vec());
    let view = Message::of(&fields)?.view(Read::Content);
    (!matches!(view.kind, Kind::Bytes | Kind::Packed)).then_some(view)
}

/// The arguments of a call with the body of the message that they are read, if it can be.
fn with_body_read(interceptor: &Interceptor, arguments: &[Value]) -> Option<Vec<Value>> {
    let parameters = &interceptor.signature.parameters;
    let body = parameters.iter().position(|parameter| *parameter.name == *BODY)?;
    let read = view(interceptor, arguments)?.body;
    let mut arguments = arguments.to_vec();
    *arguments.get_mut(body)? = read;
    Some(arguments)
}
