//! Calls of what a component exports.

use super::{IN_MEMORY, MOST_FLAT, Parameters, Returned, flat_counts};
use crate::convert::{self, Resources};
use crate::limits::LimitReached;
use parking_lot::Mutex;
use playback_recording::value::Value;
use playback_tape::Signature;
use wasmtime::component::{Func, ResourceAny, Val};
use wasmtime::{Result, Store, format_err};

/// Calls `function`, which has this signature, with one argument a parameter. The result is [`Value::Null`] if it has
/// none. `limit` is the most memory that the arguments may take on the way, in bytes; wasmtime limits what leaves wasm.
///
/// # Errors
///
/// [`LimitReached::Crossing`], and whatever ends the call.
pub(crate) async fn call<T: Send>(
    store: &mut Store<T>,
    function: Func,
    signature: &Signature,
    arguments: &[Value],
    resources: &mut (impl Resources + Send),
    limit: usize,
) -> Result<Value> {
    match flat_counts(signature) {
        (..=MOST_FLAT, result) => {
            if arguments.iter().map(Value::weight).fold(0, usize::saturating_add) > limit {
                return Err(LimitReached::Crossing(limit).into());
            }
            match result {
                ..=1 => call_as::<1, T>(store, function, arguments, resources).await,
                _ => call_as::<IN_MEMORY, T>(store, function, arguments, resources).await,
            }
        }
        // Each size of parameters in memory would be a type of its own to wasmtime.
        _ => call_plainly(store, function, signature, arguments, resources, limit).await,
    }
}

async fn call_as<const N: usize, T: Send>(
    store: &mut Store<T>,
    function: Func,
    values: &[Value],
    resources: &mut (impl Resources + Send),
) -> Result<Value> {
    let function = function.typed::<Parameters<'_>, Returned<N>>(&mut *store)?;
    let parameters = Parameters { values, resources: Mutex::new(&mut *resources) };
    let Returned(results, left) = function.call_async(&mut *store, parameters).await?;
    let mut result = results.into_iter().next().unwrap_or(Value::Null);
    if !left.is_empty() {
        number(&mut result, &left, resources)?;
    }
    Ok(result)
}

/// Puts the numbers of resources in place of their places in `left`.
fn number(value: &mut Value, left: &[ResourceAny], resources: &mut impl Resources) -> Result<()> {
    match value {
        Value::Handle(place) => {
            let resource = left.get(*place as usize).copied();
            *place = resources.number(resource.ok_or_else(|| format_err!("a resource was lost"))?)?;
            Ok(())
        }
        Value::List(items) => items.iter_mut().try_for_each(|item| number(item, left, resources)),
        Value::Map(entries) => entries.iter_mut().try_for_each(|(_, value)| number(value, left, resources)),
        _ => Ok(()),
    }
}

/// As [`call`], with dynamic values.
async fn call_plainly<T: Send>(
    store: &mut Store<T>,
    function: Func,
    signature: &Signature,
    arguments: &[Value],
    resources: &mut impl Resources,
    limit: usize,
) -> Result<Value> {
    let arguments = convert::lower_parameters(arguments, &signature.parameters, resources, limit)?;
    let mut results = vec![Val::Bool(false); usize::from(signature.result.is_some())];
    function.call_async(&mut *store, &arguments, &mut results).await?;
    match (results.first(), &signature.result) {
        (Some(value), Some(ty)) => convert::lift(value, ty, resources),
        _ => Ok(Value::Null),
    }
}
