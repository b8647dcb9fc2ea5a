//! Calls without wasmtime's dynamic values: what leaves wasm is read from its memory straight into [`Value`]s, and what
//! enters it is written straight from them. Both ways: [`define`] for what a service imports, [`call`] for what a service
//! or a provider exports.
//!
//! Why: a dynamic value takes 40 bytes for each byte of a `list<u8>` and owns a copy of every field's name, which
//! makes large payloads slow (about 20 MiB a second) and calls with records twice as dear. `convert` is the
//! plain way to do the same; it serves calls of exports with more than 16 core values as parameters.
//!
//! This file is the only one with `unsafe`: three traits of wasmtime that are meant for its own macros. What they
//! demand is that values are read and written as the canonical ABI says, which [`lift`] and [`lower`] do in safe
//! code, with every index checked. The traits are hidden from wasmtime's documentation and may change, so the
//! version of wasmtime is pinned.

#![allow(unsafe_code, reason = "see above")]

mod call;
mod cases;
mod lift;
mod lower;

pub(crate) use call::call;

use super::convert;
use super::failure::returned;
use parking_lot::Mutex;
use playback_recording::Outcome;
use playback_recording::value::names::Names;
use playback_recording::value::{Type, Value};
use playback_tape::Signature;
use std::cell::RefCell;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use wasmtime::component::__internal::{
    CanonicalAbiInfo, ComponentTypes, InstanceType, InterfaceType, LiftContext, LowerContext,
};
use wasmtime::component::{ComponentNamedList, ComponentType, Lift, LinkerInstance, Lower, ResourceAny};
use wasmtime::{Result, StoreContextMut, ValRaw, bail};

thread_local! {
    /// The names of what was read last: wasmtime knows them as texts, and every value of a type has the same.
    static NAMES: RefCell<Names> = RefCell::new(Names::default());
}

/// The most values that travel outside of memory as parameters; the canonical ABI's `MAX_FLAT_PARAMS`.
const MOST_FLAT: usize = 16;
/// Stands for a list that travels through memory.
const IN_MEMORY: usize = MOST_FLAT + 1;

/// What runs when a function is called, with one value a parameter.
pub(crate) type Handler<T> = for<'a> fn(
    StoreContextMut<'a, T>,
    &'a Target,
    Vec<Value>,
) -> Pin<Box<dyn Future<Output = Result<Arc<Outcome>>> + Send + 'a>>;

/// What a handler is called for.
pub(crate) type Target = Arc<playback_tape::Interceptor>;

/// Defines the function `name` with this signature.
pub(crate) fn define<T: Send + 'static>(
    linker: &mut LinkerInstance<'_, T>,
    name: &str,
    target: Target,
    handler: Handler<T>,
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
    let parameters = sum(&mut signature.parameters.iter().map(|parameter| flat_count(&parameter.ty)));
    (parameters, signature.result.as_ref().map_or(0, flat_count))
}

/// A list of a fixed length can be more core values than can be counted.
fn sum(counts: &mut dyn Iterator<Item = usize>) -> usize {
    counts.fold(0, usize::saturating_add)
}

/// How many core values a value of this type is, by the canonical ABI.
fn flat_count(ty: &Type) -> usize {
    let most = |cases: &mut dyn Iterator<Item = usize>| cases.max().unwrap_or(0).saturating_add(1);
    match ty {
        Type::String | Type::Bytes | Type::List(_) | Type::Map(..) => 2,
        Type::FixedLengthList(element, length) => flat_count(element).saturating_mul(*length as usize),
        Type::Record(fields) => sum(&mut fields.iter().map(|field| flat_count(&field.ty))),
        Type::Tuple(items) => sum(&mut items.iter().map(flat_count)),
        Type::Variant(cases) => {
            most(&mut cases.iter().filter_map(|(_, payload)| payload.as_ref()).map(flat_count))
        }
        Type::Option(payload) => flat_count(payload).saturating_add(1),
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

/// Where in memory a list of parameters or results is. As the shapes claim no size, `bytes` is empty and begins there.
fn offset(cx: &LiftContext<'_>, bytes: &[u8]) -> usize {
    (bytes.as_ptr() as usize).wrapping_sub(cx.memory().as_ptr() as usize)
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
        NAMES
            .with_borrow_mut(|names| {
                let resources = lift::Resources::Numbered;
                lift::flat_list(cx, &mut lift::Reader { names, resources }, ty, src)
            })
            .map(Self)
    }

    fn linear_lift_from_memory(cx: &mut LiftContext<'_>, ty: InterfaceType, bytes: &[u8]) -> Result<Self> {
        let offset = offset(cx, bytes);
        NAMES
            .with_borrow_mut(|names| {
                let resources = lift::Resources::Numbered;
                lift::memory_list(cx, &mut lift::Reader { names, resources }, ty, offset)
            })
            .map(Self)
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
        if let Some(ty) = lower::only(cx.types, ty)? {
            lower::flat(self.value()?, cx, lower::Resources::Numbered, ty, &mut values.as_mut_slice())?;
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
            Some(ty) => lower::memory(self.value()?, cx, lower::Resources::Numbered, ty, offset),
            None => Ok(()),
        }
    }
}

/// The arguments of a call of an export: at most [`MOST_FLAT`] core values. Those that the export does not take are 0.
struct Parameters<'a> {
    values: &'a [Value],
    resources: Mutex<&'a mut (dyn convert::Resources + Send)>,
}

/// The result of a call of an export: a core value, or a value in memory. It holds the places that resources have in
/// the list.
struct Returned<const N: usize>(Vec<Value>, Vec<ResourceAny>);

// SAFETY: `Lower` has room for all the core values that the type check lets pass.
unsafe impl ComponentType for Parameters<'_> {
    type Lower = [ValRaw; MOST_FLAT];
    const ABI: CanonicalAbiInfo = abi(MOST_FLAT);

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        match types.types.canonical_abi(ty).flat_count(MOST_FLAT) {
            Some(_) => Ok(()),
            None => bail!("an export of more than {MOST_FLAT} core values was called as one of fewer"),
        }
    }
}

// SAFETY: as for `Arguments`.
unsafe impl ComponentNamedList for Parameters<'_> {}

// SAFETY: every core value is written, by the component's own type, lists into memory that its allocator gave.
unsafe impl Lower for Parameters<'_> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<[ValRaw; MOST_FLAT]>,
    ) -> Result<()> {
        let mut values = [ValRaw::u64(0); MOST_FLAT];
        lower::flat_list(self.values, cx, lower::Resources::Found(&self.resources), ty, &mut values)?;
        dst.write(values);
        Ok(())
    }

    fn linear_lower_to_memory<T>(
        &self,
        _cx: &mut LowerContext<'_, T>,
        _ty: InterfaceType,
        _offset: usize,
    ) -> Result<()> {
        bail!("the type check lets no parameters pass that travel through memory")
    }
}

// SAFETY: as for `Arguments`; a single core value that the function does not return is not read.
unsafe impl<const N: usize> ComponentType for Returned<N> {
    type Lower = [ValRaw; N];
    const ABI: CanonicalAbiInfo = abi(N);

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        let is_flat = types.types.canonical_abi(ty).flat_count(1).is_some();
        if is_flat == (N == 1) {
            Ok(())
        } else {
            bail!("an export was called with a result of another shape")
        }
    }
}

// SAFETY: as for `Arguments`.
unsafe impl<const N: usize> ComponentNamedList for Returned<N> {}

// SAFETY: as for `Arguments`.
unsafe impl<const N: usize> Lift for Returned<N> {
    fn linear_lift_from_flat(cx: &mut LiftContext<'_>, ty: InterfaceType, src: &[ValRaw; N]) -> Result<Self> {
        Self::read(|reader| lift::flat_list(cx, reader, ty, src))
    }

    fn linear_lift_from_memory(cx: &mut LiftContext<'_>, ty: InterfaceType, bytes: &[u8]) -> Result<Self> {
        let offset = offset(cx, bytes);
        Self::read(|reader| lift::memory_list(cx, reader, ty, offset))
    }
}

impl<const N: usize> Returned<N> {
    fn read(read: impl FnOnce(&mut lift::Reader<'_>) -> Result<Vec<Value>>) -> Result<Self> {
        let mut resources = Vec::new();
        let values = NAMES.with_borrow_mut(|names| {
            read(&mut lift::Reader { names, resources: lift::Resources::Collected(&mut resources) })
        })?;
        Ok(Self(values, resources))
    }
}

/// A text in memory of its own, as the two core values that it is.
fn text<T>(text: &str, cx: &mut LowerContext<'_, T>, ty: InterfaceType) -> Result<[ValRaw; 2]> {
    let mut parts = MaybeUninit::new([ValRaw::u64(0); 2]);
    text.linear_lower_to_flat(cx, ty, &mut parts)?;
    // SAFETY: it was written before it was handed over.
    Ok(unsafe { parts.assume_init() })
}

/// A live resource as the core value that it is.
fn resource<T>(resource: &ResourceAny, cx: &mut LowerContext<'_, T>, ty: InterfaceType) -> Result<ValRaw> {
    let mut part = MaybeUninit::new(ValRaw::u64(0));
    resource.linear_lower_to_flat(cx, ty, &mut part)?;
    // SAFETY: it was written before it was handed over.
    Ok(unsafe { part.assume_init() })
}
