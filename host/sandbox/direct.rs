//! Intercepted calls without wasmtime's dynamic values: arguments are read from wasm memory straight into
//! [`Value`]s and results written straight from them.
//!
//! Why: a dynamic value takes 40 bytes for each byte of a `list<u8>` and owns a copy of every field's name, which
//! makes large payloads slow (about 20 MiB a second) and calls with records twice as dear. `convert` is the
//! plain way to do the same; it serves everything off the hot path, and the tests hold the two against each other.
//!
//! This file is the only one with `unsafe`: three traits of wasmtime that are meant for its own macros. What they
//! demand is that values are read and written as the canonical ABI says, which [`lift`] and [`lower`] do in safe
//! code, with every index checked. The traits are hidden from wasmtime's documentation and may change, so the
//! version of wasmtime is pinned.

#![allow(unsafe_code, reason = "see above")]

mod cases;
mod lift;
mod lower;

use super::failure::returned;
use super::state::State;
use crate::recording::Outcome;
use crate::tape::Signature;
use crate::value::names::Names;
use crate::value::{Type, Value};
use std::cell::RefCell;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use wasmtime::component::__internal::{
    CanonicalAbiInfo, ComponentTypes, InstanceType, InterfaceType, LiftContext, LowerContext,
};
use wasmtime::component::{ComponentNamedList, ComponentType, Lift, LinkerInstance, Lower};
use wasmtime::{Result, StoreContextMut, ValRaw, bail};

thread_local! {
    /// The names of what was read last: wasmtime knows them as texts, and every value of a type has the same.
    static NAMES: RefCell<Names> = RefCell::new(Names::new());
}

/// The most values that travel outside of memory as parameters; the canonical ABI's `MAX_FLAT_PARAMS`.
const MOST_FLAT: usize = 16;
/// Stands for a list that travels through memory.
const IN_MEMORY: usize = MOST_FLAT + 1;

/// What runs when a function is called, with one value a parameter.
pub(crate) type Handler = for<'a> fn(
    StoreContextMut<'a, State>,
    &'a Target,
    Vec<Value>,
) -> Pin<Box<dyn Future<Output = Result<Arc<Outcome>>> + Send + 'a>>;

/// What a handler is called for.
pub(crate) type Target = Arc<crate::tape::Interceptor>;

/// Defines the function `name` with this signature.
pub(crate) fn define(
    linker: &mut LinkerInstance<'_, State>,
    name: &str,
    target: Target,
    handler: Handler,
) -> Result<()> {
    let (parameters, results) = flat_counts(&target.signature);
    macro_rules! wrap {
        ($parameters:expr, $results:expr) => {
            linker.func_wrap_async(name, move |store, arguments: Arguments<{ $parameters }>| {
                let target = target.clone();
                Box::new(
                    async move { Ok(Reply::<{ $results }>(handler(store, &target, arguments.0).await?)) },
                )
            })
        };
    }
    // Each shape of parameters and results is a type of its own to wasmtime.
    macro_rules! choose {
        ($($count:literal)*) => {
            match (parameters, results) {
                $(($count, 0) => wrap!($count, 0),
                ($count, 1) => wrap!($count, 1),
                ($count, _) => wrap!($count, IN_MEMORY),)*
                (_, 0) => wrap!(IN_MEMORY, 0),
                (_, 1) => wrap!(IN_MEMORY, 1),
                _ => wrap!(IN_MEMORY, IN_MEMORY),
            }
        };
    }
    choose!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
}

/// How many core values the parameters and the result of a function are.
fn flat_counts(signature: &Signature) -> (usize, usize) {
    let parameters = signature.parameters.iter().map(|parameter| flat_count(&parameter.ty)).sum();
    (parameters, signature.result.as_ref().map_or(0, flat_count))
}

/// How many core values a value of this type is, by the canonical ABI.
fn flat_count(ty: &Type) -> usize {
    let most = |cases: &mut dyn Iterator<Item = usize>| 1 + cases.max().unwrap_or(0);
    match ty {
        Type::String | Type::Bytes | Type::List(_) => 2,
        Type::Record(fields) => fields.iter().map(|field| flat_count(&field.ty)).sum(),
        Type::Tuple(items) => items.iter().map(flat_count).sum(),
        Type::Variant(cases) => {
            most(&mut cases.iter().filter_map(|(_, payload)| payload.as_ref()).map(flat_count))
        }
        Type::Option(payload) => 1 + flat_count(payload),
        Type::Result(ok, err) => {
            most(&mut [ok, err].into_iter().flatten().map(|payload| flat_count(payload)))
        }
        Type::Flags(names) => names.len().div_ceil(32),
        _ => 1,
    }
}

/// The arguments of a call: `N` core values, or a list in memory.
struct Arguments<const N: usize>(Vec<Value>);

/// The result of a call: `N` core values, at most one, or a value in memory.
struct Reply<const N: usize>(Arc<Outcome>);

impl<const N: usize> Reply<N> {
    fn value(&self) -> Result<&Value> {
        returned(&self.0)
    }
}

/// What both traits say of a shape: wasmtime asks the component's own types for sizes, and these for the count.
const fn abi(count: usize) -> CanonicalAbiInfo {
    let flat_count = if count <= MOST_FLAT { Some(count as u8) } else { None };
    CanonicalAbiInfo { size32: 0, align32: 1, size64: 0, align64: 1, flat_count }
}

/// Whether a declared tuple has the count that a shape stands for.
fn has_count(ty: &InterfaceType, types: &ComponentTypes, count: usize, most: usize) -> Result<()> {
    let declared = types.canonical_abi(ty).flat_count(usize::MAX);
    let shape = declared.filter(|declared| *declared <= most).unwrap_or(IN_MEMORY);
    if shape != count {
        bail!("a function of {declared:?} core values was linked as one of {count}");
    }
    Ok(())
}

// SAFETY: `Lower` is an array of as many raw values as the type check makes sure of.
unsafe impl<const N: usize> ComponentType for Arguments<N> {
    type Lower = [ValRaw; N];
    const ABI: CanonicalAbiInfo = abi(N);

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        has_count(ty, types.types, N, MOST_FLAT)
    }
}

// SAFETY: wasmtime only ever asks for the whole list, as a tuple.
unsafe impl<const N: usize> ComponentNamedList for Arguments<N> {}

// SAFETY: every value is read by the component's own type, within the bounds of its memory.
unsafe impl<const N: usize> Lift for Arguments<N> {
    fn linear_lift_from_flat(cx: &mut LiftContext<'_>, ty: InterfaceType, src: &[ValRaw; N]) -> Result<Self> {
        NAMES.with_borrow_mut(|names| lift::flat_list(cx, names, ty, src)).map(Self)
    }

    fn linear_lift_from_memory(cx: &mut LiftContext<'_>, ty: InterfaceType, bytes: &[u8]) -> Result<Self> {
        // As the shape claims no size, `bytes` is empty; where it begins is where the list is.
        let offset = (bytes.as_ptr() as usize).wrapping_sub(cx.memory().as_ptr() as usize);
        NAMES.with_borrow_mut(|names| lift::memory_list(cx, names, ty, offset)).map(Self)
    }
}

// SAFETY: as for `Arguments`.
unsafe impl<const N: usize> ComponentType for Reply<N> {
    type Lower = [ValRaw; N];
    const ABI: CanonicalAbiInfo = abi(N);

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        has_count(ty, types.types, N, 1)
    }
}

// SAFETY: as for `Arguments`.
unsafe impl<const N: usize> ComponentNamedList for Reply<N> {}

// SAFETY: every value is written by the component's own type, into memory that wasmtime checked or its allocator gave.
unsafe impl<const N: usize> Lower for Reply<N> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<[ValRaw; N]>,
    ) -> Result<()> {
        let mut values = [ValRaw::u64(0); N];
        if let (Some(ty), [value]) = (lower::only(cx.types, ty)?, values.as_mut_slice()) {
            *value = lower::flat(self.value()?, cx, ty)?;
        }
        dst.write(values);
        Ok(())
    }

    fn linear_lower_to_memory<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        offset: usize,
    ) -> Result<()> {
        match lower::only(cx.types, ty)? {
            Some(ty) => lower::memory(self.value()?, cx, ty, offset),
            None => Ok(()),
        }
    }
}
