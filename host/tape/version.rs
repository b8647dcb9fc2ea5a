//! Versions of WIT packages: which version of an interface a recorded function is looked for in.

use super::boundary::Interceptor;
use crate::recording::{Function, format};
use crate::value::Name;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Today's function for a recorded one.
#[derive(Debug, Clone)]
pub(super) struct Counterpart {
    pub(super) interceptor: Arc<Interceptor>,
    /// Whether the two are of incompatible versions, so that an answer is labelled.
    pub(super) is_other_version: bool,
}

impl Counterpart {
    fn of(interceptor: &Arc<Interceptor>, is_other_version: bool) -> Self {
        Self { interceptor: interceptor.clone(), is_other_version }
    }
}

/// Today's function for each of the recorded ones: the one of the same name, else one of a compatible version of its
/// interface, else, labelled, the only one of another version that belongs to no recorded function.
pub(super) fn counterparts<'t>(
    interceptors: &'t [Arc<Interceptor>],
    recorded: &[Function],
) -> Vec<Option<Counterpart>> {
    let by_name: HashMap<&Name, &Arc<Interceptor>> =
        interceptors.iter().map(|today| (&today.function.name, today)).collect();
    let exact: Vec<Option<&Arc<Interceptor>>> =
        recorded.iter().map(|function| by_name.get(&function.name).copied()).collect();
    if exact.iter().all(Option::is_some) {
        return exact.into_iter().map(|today| Some(Counterpart::of(today?, false))).collect();
    }
    let mut versions = HashMap::<String, Vec<&Arc<Interceptor>>>::new();
    for today in interceptors {
        versions.entry(format::default_alias(&today.function.name)).or_default().push(today);
    }
    let of_any_version = |function: &Function| {
        versions.get(&format::default_alias(&function.name)).into_iter().flatten().copied()
    };
    let is_exact: HashSet<usize> = exact.iter().flatten().map(|today| today.position).collect();
    let compatible = |function: &Function| {
        let compatible =
            of_any_version(function).filter(|today| is_compatible(&today.function.name, &function.name));
        compatible.min_by_key(|today| (is_exact.contains(&today.position), numbers(&today.function.name)))
    };
    let settle =
        |(function, exact): (&Function, Option<&'t Arc<Interceptor>>)| exact.or_else(|| compatible(function));
    let settled: Vec<Option<&Arc<Interceptor>>> = recorded.iter().zip(exact).map(settle).collect();
    let is_settled: HashSet<usize> = settled.iter().flatten().map(|today| today.position).collect();
    let other = |function: &Function| {
        let mut left = of_any_version(function).filter(|today| !is_settled.contains(&today.position));
        left.next().filter(|_| left.next().is_none())
    };
    let counterpart = |(function, settled): (&Function, Option<&Arc<Interceptor>>)| match settled {
        Some(today) => Some(Counterpart::of(today, false)),
        None => Some(Counterpart::of(other(function)?, true)),
    };
    recorded.iter().zip(settled).map(counterpart).collect()
}

/// Whether two functions are of versions of which one can stand for the other, as semantic versioning has it: 1.0.0
/// and 1.2.0, 0.1.0 and 0.1.1, but not 0.1.0 and 0.2.0. A pre-release is compatible with nothing but itself.
pub(crate) fn is_compatible(one: &str, other: &str) -> bool {
    let track = |function| match numbers(function)? {
        [0, 0, patch] => Some([0, 0, patch]),
        [0, minor, _] => Some([0, minor, 0]),
        [major, ..] => Some([major, 0, 0]),
    };
    version(one) == version(other) || track(one).is_some_and(|one| track(other) == Some(one))
}

/// The interface of a function, with its version.
pub(super) fn interface(function: &str) -> &str {
    function.split_once('#').map_or(function, |(interface, _)| interface)
}

fn version(function: &str) -> Option<&str> {
    interface(function).split_once('@').map(|(_, version)| version)
}

/// Major, minor and patch. `None`: there is no version, or it is a pre-release.
fn numbers(function: &str) -> Option<[u64; 3]> {
    let version = version(function)?;
    let release = version.split_once('+').map_or(version, |(release, _build)| release);
    let numbers: Vec<u64> = release.split('.').map(|number| number.parse().ok()).collect::<Option<_>>()?;
    numbers.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::is_compatible;

    #[test]
    fn versions_are_compatible_as_semantic_versioning_says() {
        let compatible = |one: &str, other: &str| {
            let function = |version: &str| format!("shop:orders/inputs{version}#price-of");
            is_compatible(&function(one), &function(other))
        };
        for (one, other) in [
            ("@0.1.0", "@0.1.1"),
            ("@1.0.0", "@1.2.0"),
            ("@1.2.0", "@1.0.0"),
            ("@1.0.0+a", "@1.0.1"),
            ("@0.0.3", "@0.0.3"),
            ("@1.0.0-rc.1", "@1.0.0-rc.1"),
            ("", ""),
        ] {
            assert!(compatible(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("@0.1.0", "@0.2.0"),
            ("@0.1.0", "@1.0.0"),
            ("@1.0.0", "@2.0.0"),
            ("@0.0.3", "@0.0.4"),
            ("@1.0.0-rc.1", "@1.0.0"),
            ("@1.0.0-rc.1", "@1.0.0-rc.2"),
            ("", "@1.0.0"),
            ("@1.0", "@1.1"),
        ] {
            assert!(!compatible(one, other), "{one} {other}");
        }
    }
}
