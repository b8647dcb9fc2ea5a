//! Linking a service's imports: every function is intercepted, whatever it is, by one and the same path for
//! recording and replaying.

use super::convert;
use super::failure::{Diverged, Trapped};
use super::handles::{self, ServiceSide};
use super::provider;
use super::service::{Service, is_wasi};
use super::state::State;
use super::wasi;
use crate::recording::Outcome;
use crate::tape::{Boundary, Interceptor, Step};
use crate::value::{Field, Type, Value};
use std::collections::HashMap;
use std::sync::Arc;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{InstancePre, Linker, LinkerInstance, Val};
use wasmtime::{Result, StoreContextMut, format_err};

/// Links `service` with the tape behind each of its imports.
pub(crate) fn link(service: &Service, boundary: &Boundary) -> Result<InstancePre<State>> {
    let engine = service.engine().wasmtime();
    let component = service.component();
    let mut linker = Linker::new(engine);
    wasi::link(&mut linker, component)?;
    let interceptors: HashMap<&str, &Arc<Interceptor>> =
        boundary.interceptors().iter().map(|interceptor| (&*interceptor.function.name, interceptor)).collect();
    for (name, item) in component.component_type().imports(engine) {
        match item.ty {
            _ if is_wasi(name) => {}
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
            let interceptor = interceptor.clone();
            linker.func_new_async(member, move |cx, _, parameters, results| {
                let interceptor = interceptor.clone();
                Box::new(async move { intercept(cx, &interceptor, parameters, results).await })
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
    parameters: &[Val],
    results: &mut [Val],
) -> Result<()> {
    let declared: &[Field] = &interceptor.signature.parameters;
    let arguments = convert::lift_parameters(parameters, declared, &mut ServiceSide(&mut cx))?;
    cx.data_mut().settle();
    match cx.data_mut().tape.intercept(interceptor, arguments).map_err(Diverged)? {
        Step::Recorded(answer) => give(&mut cx, interceptor, answer.outcome(), results),
        Step::Live(slot) => {
            let outcome = provider::call(&mut cx, interceptor, slot.arguments()).await?;
            let given = give(&mut cx, interceptor, &outcome, results);
            cx.data_mut().tape.keep(slot, outcome);
            given
        }
    }
}

/// Hands an outcome to the service.
fn give(
    cx: &mut StoreContextMut<'_, State>,
    interceptor: &Interceptor,
    outcome: &Outcome,
    results: &mut [Val],
) -> Result<()> {
    match (outcome, &interceptor.signature.result, results) {
        (Outcome::Trapped(reason), _, _) => Err(Trapped(reason.clone()).into()),
        (Outcome::Returned(value), Some(ty), [result]) => lower(cx, value, ty).map(|lowered| *result = lowered),
        (Outcome::Returned(_), _, _) => Ok(()),
    }
}

fn lower(cx: &mut StoreContextMut<'_, State>, value: &Value, ty: &Type) -> Result<Val> {
    convert::lower(value, ty, &mut ServiceSide(cx))
}
