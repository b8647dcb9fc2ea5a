//! The functions of a service that it intercepts itself.

use super::bindings::playback::guest::interception::{self, Missing, Point};
use playback_recording::Kind;
use playback_recording::value::{Field, Type};
use playback_tape::{AliasPattern, Interceptor, KeyPart, OnExhausted, OnMissing, Signature, Why};
use std::sync::Arc;
use wasmtime::{Result, bail, format_err};

/// How many a service may have: each takes memory here.
const MOST: usize = 10_000;

/// How many bytes their names may have together.
const LONGEST: usize = 16 << 20;

/// Those that were called so far, by their number.
pub(super) struct Points {
    /// How many functions stand before them on the tape.
    imports: usize,
    known: Vec<Arc<Interceptor>>,
    /// How many bytes their names have.
    length: usize,
}

impl Points {
    pub(super) fn new(imports: usize) -> Self {
        Self { imports, known: Vec::new(), length: 0 }
    }

    pub(super) fn get(&self, number: u32) -> Result<&Arc<Interceptor>> {
        self.known
            .get(number as usize)
            .ok_or_else(|| format_err!("the guest SDK calls function {number}, which it has not declared"))
    }

    pub(super) fn declare(&mut self, point: Point) -> Result<u32> {
        if self.known.len() == MOST {
            bail!("the service intercepts more than {MOST} functions of its own");
        }
        let texts = [&point.function, &point.alias];
        let texts = texts.into_iter().chain(&point.fallback_aliases).chain(&point.arguments);
        self.length = self.length.saturating_add(texts.map(|text| size_of::<String>() + text.len()).sum());
        if self.length > LONGEST {
            bail!("the names of the functions that the service intercepts have more than {LONGEST} bytes");
        }
        let number = self.known.len();
        self.known.push(Arc::new(interceptor(point, self.imports + number)?));
        Ok(number as u32)
    }
}

fn interceptor(point: Point, position: usize) -> Result<Interceptor> {
    let Point { kind, function, alias, fallback_aliases, arguments, key, missing } = point;
    let count = arguments.len();
    let signature = Signature {
        interface: None,
        name: function,
        parameters: arguments.into_iter().map(|name| Field { name: name.into(), ty: Type::Any }).collect(),
        result: Some(Type::Any),
        key: None,
        on_exhausted: OnExhausted::default(),
        sends: None,
    };
    let part = |position: u32| match position as usize {
        position if position < count => Ok(KeyPart::Argument(position)),
        position => Err(format_err!("the guest SDK takes argument {position} of {count} for its key")),
    };
    Ok(Interceptor {
        position,
        function: signature.to_function(),
        kind: match kind {
            interception::Kind::Input => Kind::Input,
            interception::Kind::Output => Kind::Output,
        },
        why: Why::Attribute,
        alias: AliasPattern::fixed(alias),
        fallback_aliases: fallback_aliases.into_iter().map(AliasPattern::fixed).collect(),
        key: key.map(|key| key.into_iter().map(part).collect()).transpose()?,
        renamed: Vec::new(),
        normalise: Vec::new(),
        on_missing: match missing {
            Missing::Fail => OnMissing::Fail,
            Missing::Default => OnMissing::Made,
            Missing::Live => OnMissing::Body,
        },
        on_exhausted: OnExhausted::default(),
        signature,
    })
}
