//! Versions of WIT packages: which version of an interface a recorded function is looked for in.

use super::interceptor::Interceptor;
use playback_recording::Function;
use playback_recording::value::Name;
use std::borrow::Cow;
use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Today's function for a recorded one.
#[derive(Debug, Clone)]
pub(crate) struct Counterpart {
    pub(crate) interceptor: Arc<Interceptor>,
    /// Whether the two are of incompatible versions, so that an answer is labelled.
    pub(crate) is_other_version: bool,
}

/// Today's functions whose calls a recorded function answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counterparts {
    /// The function that reports name for its calls: the one of the same name, else the nearest of a compatible version of
    /// its interface, else, labelled, the only one of another version that no recorded function answers otherwise. `None`:
    /// it is imported no more.
    pub(crate) own: Option<Counterpart>,
    /// Others of a compatible version. They are answered where their own version has no call of the key.
    pub(crate) others: Vec<Arc<Interceptor>>,
}

/// Today's functions by what all their versions have in common. Made once for all replays.
#[derive(Debug, Clone, Default)]
pub(crate) struct Versions(HashMap<String, Vec<Arc<Interceptor>>>);

impl Versions {
    pub(crate) fn of(interceptors: &[Arc<Interceptor>]) -> Self {
        let mut versions = HashMap::<String, Vec<Arc<Interceptor>>>::with_capacity(interceptors.len());
        for current in interceptors {
            let name = without_version(&current.function.name).into_owned();
            versions.entry(name).or_default().push(Arc::clone(current));
        }
        Self(versions)
    }

    /// Today's functions that are any version of this one.
    fn of_function(&self, function: &Function) -> impl Iterator<Item = &Arc<Interceptor>> {
        self.0.get(&*without_version(&function.name)).into_iter().flatten()
    }
}

/// Today's functions for each of the recorded ones.
pub(crate) fn counterparts(versions: &Versions, recorded: &[Function]) -> Vec<Counterparts> {
    // Few recordings need either set.
    let names = || recorded.iter().map(|function| &function.name).collect();
    let is_recorded = LazyCell::<HashSet<&Name>, _>::new(names);
    let compatible = |function: &Function| {
        let mut found: Vec<&Arc<Interceptor>> = versions
            .of_function(function)
            .filter(|current| is_compatible(&current.function.name, &function.name))
            .collect();
        found.sort_by_key(|current| {
            let name = &current.function.name;
            // A function that has recorded calls of its own needs those of others least.
            (*name != function.name, is_recorded.contains(name), distance(&function.name, name))
        });
        found
    };
    let answered: Vec<Vec<&Arc<Interceptor>>> = recorded.iter().map(compatible).collect();
    let positions = || answered.iter().flatten().map(|current| current.position).collect();
    let is_answered = LazyCell::<HashSet<usize>, _>::new(positions);
    let other = |function: &Function| {
        let all = versions.of_function(function);
        let mut left = all.filter(|current| !is_answered.contains(&current.position));
        left.next().filter(|_| left.next().is_none())
    };
    let counterparts = |(function, answered): (&Function, &Vec<&Arc<Interceptor>>)| match answered.as_slice()
    {
        [own, others @ ..] => Counterparts {
            own: Some(Counterpart { interceptor: Arc::clone(own), is_other_version: false }),
            others: others.iter().copied().cloned().collect(),
        },
        [] => Counterparts {
            own: other(function).map(|it| Counterpart { interceptor: it.clone(), is_other_version: true }),
            others: Vec::new(),
        },
    };
    recorded.iter().zip(&answered).map(counterparts).collect()
}

/// How far the version of the function `today` is from the recorded one, to be compared with that of other compatible versions: the
/// lowest that is not older comes first, and the highest of the older ones after all of these.
pub fn distance(recorded: &str, current: &str) -> impl Ord + use<> {
    let [recorded, current] = [recorded, current].map(|function| numbers(function).unwrap_or_default());
    let is_older = current < recorded;
    (is_older, if is_older { current.map(|number| u64::MAX - number) } else { current })
}

/// Whether two functions are of versions of which one can stand for the other, as semantic versioning has it: 1.0.0
/// and 1.2.0, 0.1.0 and 0.1.1, but not 0.1.0 and 0.2.0. A pre-release is compatible with nothing but itself.
pub fn is_compatible(one: &str, other: &str) -> bool {
    let track = |function| match numbers(function)? {
        [0, 0, patch] => Some([0, 0, patch]),
        [0, minor, _] => Some([0, minor, 0]),
        [major, ..] => Some([major, 0, 0]),
    };
    one == other || version(one) == version(other) || track(one).is_some_and(|one| track(other) == Some(one))
}

/// The interface of a function, with its version.
pub(crate) fn interface(function: &str) -> &str {
    function.split_once('#').map_or(function, |(interface, _)| interface)
}

/// The interface without its version, and the function: what all versions of one function have in common.
fn without_version(function: &str) -> Cow<'_, str> {
    match function.split_once('#') {
        Some((interface, name)) => match interface.split_once('@') {
            Some((interface, _)) => Cow::Owned(format!("{interface}#{name}")),
            None => Cow::Borrowed(function),
        },
        None => Cow::Borrowed(function),
    }
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
    use super::{distance, is_compatible};

    #[test]
    fn the_nearest_version_is_the_lowest_that_is_no_older_else_the_highest_that_is() {
        let mut versions = ["1.0.0", "1.3.0", "1.1.9", "1.2.0", "1.2.1"];
        versions.sort_by_key(|version| distance("a:b/c@1.2.0#f", &format!("a:b/c@{version}#f")));
        assert_eq!(versions, ["1.2.0", "1.2.1", "1.3.0", "1.1.9", "1.0.0"]);
    }

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
