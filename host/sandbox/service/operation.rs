//! The operations of a service, and finding one by its name.

use playback_recording::format::default_alias;
use playback_recording::value::Value;
use playback_recording::value::fit::{self, FittedParameters, Misfit, Source};
use playback_tape::{Signature, distance, is_compatible};
use wasmtime::component::ComponentExportIndex;

/// An exported function that can be called.
#[derive(Debug, Clone)]
pub struct Operation {
    pub(crate) signature: Signature,
    pub(crate) index: ComponentExportIndex,
}

impl Operation {
    /// Its declared type.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Whether it is not for callers: what componentize-py exports to set a component up while it is built.
    pub fn is_internal(&self) -> bool {
        let Signature { interface, name, parameters, .. } = &self.signature;
        let is_inline = interface.as_deref().is_none_or(|interface| !interface.contains(':'));
        let names = parameters.iter().map(|parameter| &*parameter.name);
        is_inline && name == "init" && names.eq(["app-name", "symbols", "stub-wasi"])
    }

    /// Brings arguments of people and plugins, one a parameter, into the form that it declares.
    pub(crate) fn fit(&self, arguments: Vec<Value>) -> Result<FittedParameters, Vec<Misfit>> {
        let parameters = &self.signature.parameters;
        if arguments.len() != parameters.len() {
            let (expected, found) =
                (format!("{} arguments", parameters.len()), format!("{}", arguments.len()));
            return Err(vec![Misfit { path: String::new(), expected, found }]);
        }
        let names: Vec<_> = parameters.iter().map(|parameter| parameter.name.clone()).collect();
        let fitted = fit::fit_parameters(arguments, &names, parameters, Source::Json);
        if fitted.misfits.is_empty() { Ok(fitted) } else { Err(fitted.misfits) }
    }

    /// Its full WIT name: `shop:orders/api@1.0.0#place-order`.
    pub fn full_name(&self) -> String {
        self.signature.full_name()
    }
}

/// An operation that a service does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OperationError {
    /// Nothing of that name.
    #[error("`{service}` has no operation `{name}`; it has {known}")]
    Unknown {
        /// The component.
        service: String,
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// Several that the name may stand for, or no name and several operations.
    #[error("`{service}` has {asked}; say which one: {known}")]
    Ambiguous {
        /// The component.
        service: String,
        /// What was asked for, and how the service has several of it.
        asked: String,
        /// What there is.
        known: String,
    },
    /// It takes or returns a resource.
    #[error("operation `{0}` takes or returns a resource, so it cannot be called from outside")]
    Resource(String),
}

/// The operation of `service` that `name` stands for: the one of this full name, else the one of the nearest compatible version
/// (the lowest that is not older, else the highest that is), else the only one that is called so.
pub(super) fn find<'o>(
    service: &str,
    operations: &'o [Operation],
    name: Option<&str>,
) -> Result<&'o Operation, OperationError> {
    let callable = |operation: &&Operation| !operation.signature.holds_resource() && !operation.is_internal();
    let exact = operations.iter().find(|operation| name == Some(&operation.full_name()));
    let found: Vec<&Operation> = match (exact, name) {
        (Some(exact), _) => vec![exact],
        (None, None) => operations.iter().filter(callable).collect(),
        (None, Some(name)) => match nearest(operations, name) {
            compatible if compatible.is_empty() => {
                operations.iter().filter(|operation| is_called(operation, name)).collect()
            }
            compatible => compatible,
        },
    };
    let service = service.to_owned();
    match (found.as_slice(), name) {
        ([operation], _) if !operation.signature.holds_resource() => Ok(operation),
        ([operation], _) => Err(OperationError::Resource(operation.full_name())),
        ([], _) => Err(OperationError::Unknown {
            service,
            name: name.unwrap_or_default().to_owned(),
            known: list(&operations.iter().filter(callable).collect::<Vec<_>>()),
        }),
        (several, name) => {
            Err(OperationError::Ambiguous { service, asked: asked(name), known: list(several) })
        }
    }
}

/// Describes the operations that `name` may stand for.
fn asked(name: Option<&str>) -> String {
    match name {
        None => "several operations".to_owned(),
        Some(name) if default_alias(name) == name => format!("several operations called `{name}`"),
        Some(name) => format!("no operation `{name}`, and several of other versions"),
    }
}

/// The operations of the compatible version that is nearest to that of `name`, a full name.
fn nearest<'o>(operations: &'o [Operation], name: &str) -> Vec<&'o Operation> {
    let distance = |operation: &Operation| distance(name, &operation.full_name());
    let compatible = operations.iter().filter(|operation| is_same_version(operation, name));
    let compatible: Vec<&Operation> = compatible.collect();
    let nearest = compatible.iter().map(|operation| distance(operation)).min();
    compatible.into_iter().filter(|operation| Some(distance(operation)) == nearest).collect()
}

fn is_called(operation: &Operation, name: &str) -> bool {
    let full = operation.full_name();
    default_alias(&full) == default_alias(name) || operation.signature.name == name
}

/// Whether `name` is a full name, of a version that this operation can stand for.
fn is_same_version(operation: &Operation, name: &str) -> bool {
    let full = operation.full_name();
    default_alias(&full) == default_alias(name) && is_compatible(&full, name)
}

fn list(operations: &[&Operation]) -> String {
    let names: Vec<String> =
        operations.iter().map(|operation| format!("`{}`", operation.full_name())).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use crate::{Engine, Options, Service};

    #[test]
    fn an_operation_with_a_resource_is_described_by_its_name_and_cannot_be_called() {
        let text = r#"(component
            (type $door (resource (rep i32)))
            (core func $new (canon resource.new $door))
            (core module $m
                (import "" "new" (func $new (param i32) (result i32)))
                (func (export "open") (result i32) (call $new (i32.const 7)))
                (func (export "knock") (param i32)))
            (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
            (export $d "door" (type $door))
            (func $open (result (own $d)) (canon lift (core func $i "open")))
            (func $knock (param "at" (borrow $d)) (canon lift (core func $i "knock")))
            (export "open" (func $open))
            (export "knock" (func $knock)))"#;
        let engine = Engine::new(&Options::default()).unwrap();
        let service = Service::from_bytes(&engine, "doors", &wat::parse_str(text).unwrap()).unwrap();
        let described =
            service.operations().iter().map(|it| format!("{}: {}", it.full_name(), it.signature().wit()));
        assert_eq!(described.collect::<Vec<_>>(), ["open: func() -> door", "knock: func(at: borrow<door>)"]);
        let error = service.operation(Some("open")).unwrap_err().to_string();
        assert!(error.starts_with("operation `open` takes or returns a resource"), "{error}");
    }

    #[test]
    fn a_full_name_is_found_among_several_versions_and_a_short_one_is_ambiguous() {
        let api = |id: &str| {
            format!(
                r#"(core module $m{id} (func (export "place")))
                   (core instance $i{id} (instantiate $m{id}))
                   (func $place{id} (canon lift (core func $i{id} "place")))
                   (instance $api{id} (export "place" (func $place{id})))"#
            )
        };
        let exports = r#"(export "shop:orders/api@1.0.0" (instance $api1))
                         (export "shop:orders/api@2.0.0" (instance $api2))
                         (export "shop:billing/api" (instance $api3))"#;
        let component = format!("(component {}{}{}{exports})", api("1"), api("2"), api("3"));
        let engine = Engine::new(&Options::default()).unwrap();
        let service = Service::from_bytes(&engine, "versions", &wat::parse_str(component).unwrap()).unwrap();
        for name in ["shop:orders/api@1.0.0#place", "shop:orders/api@2.0.0#place", "shop:billing/api#place"] {
            assert_eq!(service.operation(Some(name)).unwrap().full_name(), name);
        }
        for (name, told) in [
            ("place", "several operations called `place`"),
            ("shop:orders/api#place", "several operations called `shop:orders/api#place`"),
            (
                "shop:orders/api@3.0.0#place",
                "no operation `shop:orders/api@3.0.0#place`, and several of other versions",
            ),
        ] {
            let error = service.operation(Some(name)).unwrap_err().to_string();
            assert!(error.starts_with(&format!("`versions` has {told}; say which one: `shop:")), "{error}");
        }
        assert!(service.operation(Some("shop:billing/api@9.0.0#place")).is_ok());
    }

    #[test]
    fn a_full_name_of_no_version_there_is_finds_the_nearest_compatible_one() {
        let engine = Engine::new(&Options::default()).unwrap();
        for (versions, asked, found) in [
            (["0.1.0", "0.1.1", "0.2.0"], "0.1.0", "0.1.0"),
            (["0.1.1", "0.1.2", "0.2.0"], "0.1.0", "0.1.1"),
            (["0.1.1", "0.1.2", "0.1.5"], "0.1.3", "0.1.5"),
            (["0.1.1", "0.1.2", "0.2.0"], "0.1.3", "0.1.2"),
        ] {
            let export = |version| format!(r#"(export "shop:orders/api@{version}" (instance $api))"#);
            let component = format!(
                r#"(component
                    (core module $m (func (export "place")))
                    (core instance $i (instantiate $m))
                    (func $place (canon lift (core func $i "place")))
                    (instance $api (export "place" (func $place)))
                    {})"#,
                versions.map(export).concat()
            );
            let bytes = wat::parse_str(component).unwrap();
            let service = Service::from_bytes(&engine, "versions", &bytes).unwrap();
            let name = |version| format!("shop:orders/api@{version}#place");
            assert_eq!(service.operation(Some(&name(asked))).unwrap().full_name(), name(found));
        }
    }
}
