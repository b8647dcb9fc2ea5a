//! Sockets that are not granted: they can be imported, and their calls are refused. Where a function can say that access
//! is denied it does, so that the service sees an error; any other call traps. Either way it is on the tape.

use super::resources::{NOTHING, resource};
use super::table::Sockets;
use crate::failure::Trapped;
use playback_tape::Tape;
use wasmtime::component::types::{ComponentFunc, ComponentInstance, ComponentItem};
use wasmtime::component::{LinkerInstance, ResourceDynamic, Type, Val};
use wasmtime::{Engine, Result, StoreContextMut};

/// What a refused call returns, where its type has it.
const DENIED: &str = "access-denied";

/// Links `instance`, which is imported as `interface`.
pub(super) fn link<T: Send>(
    linker: &mut LinkerInstance<'_, T>,
    view: fn(&mut T) -> &mut Tape,
    engine: &Engine,
    interface: &str,
    instance: &ComponentInstance,
) -> Result<()> {
    for (name, item) in instance.exports(engine) {
        match item.ty {
            ComponentItem::Resource(_) => {
                linker.resource(name, resource(name, Sockets::Refused), |_, _| Ok(()))?
            }
            ComponentItem::ComponentFunc(_) => {
                let call = format!("{interface}#{name}");
                linker.func_new_async(name, move |cx, ty, arguments, results| {
                    let call = call.clone();
                    Box::new(async move { refuse(cx, view, &call, &ty, arguments, results).await })
                })?;
            }
            _ => {}
        }
    }
    Ok(())
}

async fn refuse<T: Send>(
    mut cx: StoreContextMut<'_, T>,
    view: fn(&mut T) -> &mut Tape,
    call: &str,
    ty: &ComponentFunc,
    arguments: &[Val],
    results: &mut [Val],
) -> Result<()> {
    for argument in arguments {
        if let Val::Resource(resource) = argument {
            resource.resource_drop_async(&mut cx).await?;
        }
    }
    let (denied, result) = match (ty.results().next(), results) {
        // A network is a token that other calls are given: holding it is not access yet.
        (Some(Type::Own(_)), [result]) => {
            let token = ResourceDynamic::new_own(NOTHING, NOTHING).try_into_resource_any(&mut cx)?;
            *result = Val::Resource(token);
            return Ok(());
        }
        (Some(ty), [result]) => (denied(&ty), Some(result)),
        _ => (None, None),
    };
    view(cx.data_mut()).calls_mut().refuse(call, DENIED);
    match (denied, result) {
        (Some(denied), Some(result)) => {
            *result = denied;
            Ok(())
        }
        _ => Err(Trapped(format!("`{call}` was called, which is not granted")).into()),
    }
}

/// The value of this type that says that access is denied.
fn denied(ty: &Type) -> Option<Val> {
    let Type::Result(result) = ty else { return None };
    let Some(Type::Enum(error)) = result.err() else { return None };
    error
        .names()
        .any(|name| name == DENIED)
        .then(|| Val::Result(Err(Some(Box::new(Val::Enum(DENIED.to_owned()))))))
}
