//! Linking a service's imports: every function is intercepted, whatever it is, by one and the same path for
//! recording and replaying.

use super::direct;
use super::failure::{Diverged, returned};
use super::handles;
use super::provider;
use super::sdk;
use super::service::{Service, is_wasi};
use super::state::State;
use super::wasi::{self, Sockets};
use crate::recording::Outcome;
use crate::tape::{Boundary, Crossing, Interceptor, Step, Tape};
use crate::value::Value;
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
    let interceptors: HashMap<&str, &Arc<Interceptor>> = boundary
        .interceptors()
        .iter()
        .map(|interceptor| (&*interceptor.function.name, interceptor))
        .collect();
    for (name, item) in component.component_type().imports(engine) {
        match item.ty {
            _ if is_wasi(name) || sdk::is_of_sdk(name) => {}
            ComponentItem::ComponentInstance(instance) => {
                let mut linker = linker.instance(name)?;
                for (member, item) in instance.exports(engine) {
                    define(&mut linker, member, &format!("{name}#{member}"), &item.ty, &interceptors)?;
                }
            }
            item => define(&mut linker.root(), name, name, &item, &interceptors)?,
        }
    }
    linker.instantiate_pre(component)
}

fn define(
    linker: &mut LinkerInstance<'_, State>,
    member: &str,
    full_name: &str,
    item: &ComponentItem,
    interceptors: &HashMap<&str, &Arc<Interceptor>>,
) -> Result<()> {
    match item {
        ComponentItem::Resource(_) => {
            linker.resource_async(member, handles::resource_type(), |cx, number| {
                Box::new(provider::drop_resource(cx, number))
            })
        }
        ComponentItem::ComponentFunc(_) => {
            let interceptor = *interceptors
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
    if let Tape::Replaying(_) = &state.tape {
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
