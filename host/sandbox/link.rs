//! Linking a service's imports: every function is intercepted, whatever it is, by one and the same path for
//! recording and replaying.

use super::direct;
use super::failure::{Diverged, returned};
use super::handles;
use super::provider;
use super::sdk;
use super::service::Service;
use super::state::State;
use super::types::Types;
use super::wasi::{self, Sockets, is_wasi};
use playback_recording::Outcome;
use playback_recording::value::{Type, Value};
use playback_tape::{Boundary, Crossing, Interceptor, ReplayTape, Step, Tape};
use std::collections::HashMap;
use std::sync::Arc;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{InstancePre, Linker, LinkerInstance};
use wasmtime::{Result, StoreContextMut, format_err};

/// Links `service` with the tape behind each of its imports.
pub(crate) fn link(service: &Service, boundary: &Boundary, sockets: Sockets) -> Result<InstancePre<State>> {
    let component = service.component();
    let engine = component.engine();
    let mut linker = Linker::new(engine);
    wasi::link(&mut linker, component, boundary, sockets)?;
    sdk::link(&mut linker, component)?;
    let interceptors = boundary.interceptors().iter();
    let interceptors = interceptors.map(|interceptor| (&*interceptor.function.name, interceptor)).collect();
    let imports = Imports { types: Types::of(engine, component), sockets, interceptors };
    for (name, item) in component.component_type().imports(engine) {
        match item.ty {
            _ if is_wasi(name) || sdk::is_of_sdk(name) => {}
            ComponentItem::ComponentInstance(instance) => {
                let mut linker = linker.instance(name)?;
                for (member, item) in instance.exports(engine) {
                    imports.define(&mut linker, member, &format!("{name}#{member}"), &item.ty)?;
                }
            }
            item => imports.define(&mut linker.root(), name, name, &item)?,
        }
    }
    linker.instantiate_pre(component)
}

/// What the imports of a component that are not the host's own are defined by.
struct Imports<'b> {
    types: Types,
    sockets: Sockets,
    /// By the function's full name.
    interceptors: HashMap<&'b str, &'b Arc<Interceptor>>,
}

impl Imports<'_> {
    fn define(
        &self,
        linker: &mut LinkerInstance<'_, State>,
        member: &str,
        full_name: &str,
        item: &ComponentItem,
    ) -> Result<()> {
        match item {
            ComponentItem::Resource(resource) => match self.types.wasi_name(resource) {
                // Another name for a resource of WASI, which no imported function uses.
                Some(name) => linker.resource(member, wasi::resource(name, self.sockets), |_, _| Ok(())),
                None => linker.resource_async(member, handles::resource_type(), |cx, number| {
                    Box::new(provider::drop_resource(cx, number))
                }),
            },
            ComponentItem::ComponentFunc(_) => {
                let interceptor = *self
                    .interceptors
                    .get(full_name)
                    .ok_or_else(|| format_err!("`{full_name}` is missing from the boundary"))?;
                direct::define(linker, member, interceptor.clone(), |cx, interceptor, arguments| {
                    Box::pin(intercept(cx, interceptor, arguments))
                })
            }
            // Types need no definition.
            _ => Ok(()),
        }
    }
}

/// What a call got when it was recorded by a build that refused each interface called `wasi:` that it did not know.
fn refused_by_older_builds(tape: &ReplayTape, interceptor: &Interceptor) -> Option<Outcome> {
    let call = &interceptor.function.name;
    if !call.starts_with("wasi:") || tape.refused(call, "").is_empty() {
        return None;
    }
    let denied = Value::Text(wasi::DENIED.into());
    Some(match &interceptor.signature.result {
        Some(Type::Result(_, Some(error))) if matches!(&**error, Type::Enum(names) if names.iter().any(|name| **name == *wasi::DENIED)) => {
            Outcome::Returned(Value::case("err", denied))
        }
        _ => Outcome::Trapped(format!("`{call}` was called, which is not granted")),
    })
}

/// One call across the boundary.
async fn intercept(
    mut cx: StoreContextMut<'_, State>,
    interceptor: &Arc<Interceptor>,
    arguments: Vec<Value>,
) -> Result<Arc<Outcome>> {
    let state = cx.data_mut();
    state.settle();
    if state.tape.is_untaped() {
        let outcome = Arc::new(provider::call(&mut cx, interceptor, &arguments).await?);
        returned(&outcome)?;
        return Ok(outcome);
    }
    if let Tape::Replaying(tape) = &state.tape {
        if let Some(refused) = refused_by_older_builds(tape, interceptor) {
            state.tape.refused(&interceptor.function.name, wasi::DENIED);
            returned(&refused)?;
            return Ok(refused.into());
        }
        // While recording the tape itself knows when it is too much; the operation goes on without it.
        state.meter.keep(size_of::<Crossing>() + arguments.iter().map(Value::weight).sum::<usize>())?;
    }
    let outcome = match cx.data_mut().tape.intercept(interceptor, arguments).map_err(Diverged)? {
        Step::Recorded(outcome) => outcome,
        Step::Live(slot) => {
            let outcome = Arc::new(provider::call(&mut cx, interceptor, slot.arguments()).await?);
            cx.data_mut().tape.keep(slot, outcome.clone());
            outcome
        }
    };
    returned(&outcome)?;
    Ok(outcome)
}
