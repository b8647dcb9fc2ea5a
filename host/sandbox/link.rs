//! Linking a service's imports: every function is intercepted, whatever it is, by one and the same path for
//! recording and replaying.

use super::direct;
use super::failure::{Diverged, returned};
use super::handles;
use super::limits::LimitReached;
use super::provider::call as provider;
use super::sdk;
use super::service::Service;
use super::state::State;
use super::types::Types;
use super::wasi::{self, Sockets, is_wasi};
use playback_recording::Outcome;
use playback_recording::value::Value;
use playback_tape::{Boundary, Crossing, Interceptor, Step};
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
            _ if is_wasi(name) || sdk::package::is_of_sdk(name) => {}
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
    let calls = state.tape.calls_mut();
    let weight = || size_of::<Crossing>() + arguments.iter().map(Value::weight).sum::<usize>();
    calls.keep_for_report(&weight).map_err(LimitReached::Kept)?;
    let outcome = match calls.intercept(interceptor, arguments).map_err(Diverged)? {
        Step::Recorded(outcome) => outcome,
        Step::Live(slot) => {
            let outcome = Arc::new(provider::call(&mut cx, interceptor, slot.arguments()).await?);
            cx.data_mut().tape.calls_mut().keep(slot, outcome.clone());
            outcome
        }
    };
    returned(&outcome)?;
    Ok(outcome)
}
