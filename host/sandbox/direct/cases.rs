//! Types of several cases, variant, enum, option and result, as the canonical ABI lays them out.

use wasmtime::component::__internal::wasmtime_environ::component::VariantInfo;
use wasmtime::component::__internal::{ComponentTypes, InterfaceType as Ty};
use wasmtime::{Result, bail, format_err};

/// What a case carries.
pub(super) fn payload(types: &ComponentTypes, ty: Ty, case: u32) -> Result<Option<Ty>> {
    let none = || format_err!("there is no case {case}");
    match (ty, case) {
        (Ty::Variant(variant), _) => {
            types[variant].cases.get_index(case as usize).map(|(_, payload)| *payload).ok_or_else(none)
        }
        (Ty::Enum(cases), _) if (case as usize) < types[cases].names.len() => Ok(None),
        (Ty::Option(_), 0) => Ok(None),
        (Ty::Option(option), 1) => Ok(Some(types[option].ty)),
        (Ty::Result(result), 0) => Ok(types[result].ok),
        (Ty::Result(result), 1) => Ok(types[result].err),
        _ => Err(none()),
    }
}

/// How a type of several cases lies in memory.
pub(super) fn variant_info(types: &ComponentTypes, ty: Ty) -> Result<&VariantInfo> {
    Ok(match ty {
        Ty::Variant(index) => &types[index].info,
        Ty::Enum(index) => &types[index].info,
        Ty::Option(index) => &types[index].info,
        Ty::Result(index) => &types[index].info,
        _ => bail!("a type without cases has none"),
    })
}

/// How many bytes tell the case.
pub(super) fn discriminant_bytes(info: &VariantInfo) -> usize {
    u32::from(info.size) as usize
}
