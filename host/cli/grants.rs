//! What of the machine is granted, as it is written: folders and environment variables; and what is to stay secret.

use anyhow::{Context, Result};
use playback_host::sandbox::{Directory, DirectoryAccess};
use serde::{Serialize, Serializer};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// A directory: `host::guest` or `host::guest::rw`, or `host::guest::ro`; or `host`, which has the same name inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folder(pub(crate) Directory);

/// An environment variable: `NAME=VALUE`, or `NAME` for the value it has here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Variable {
    Given(String, String),
    Inherited(String),
}

impl FromStr for Folder {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split("::").collect();
        let (host, guest, access) = match parts[..] {
            [host] => (host, host, DirectoryAccess::ReadWrite),
            [host, guest] | [host, guest, "rw"] => (host, guest, DirectoryAccess::ReadWrite),
            [host, guest, "ro"] => (host, guest, DirectoryAccess::ReadOnly),
            _ => ("", "", DirectoryAccess::ReadOnly),
        };
        if host.is_empty() || guest.is_empty() {
            let shown = text.escape_debug();
            return Err(format!(
                "`{shown}` grants no folder; write `here`, `here::/there`, or `here::/there::ro` to keep it as it is"
            ));
        }
        if guest.contains(':') {
            let (shown, guest) = (text.escape_debug(), guest.escape_debug());
            return Err(format!(
                "`{shown}` calls the folder `{guest}`, and no name may have a `:`; write `::ro` with two to keep it as it is"
            ));
        }
        Ok(Self(Directory { host: host.into(), guest: guest.to_owned(), access }))
    }
}

/// As they are read.
macro_rules! serialized {
    ($($ty:ty),*) => {$(
        impl Serialize for $ty {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )*};
}

serialized!(Folder, Header, Variable);

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Directory { host, guest, access } = &self.0;
        let access = if *access == DirectoryAccess::ReadOnly { "::ro" } else { "" };
        write!(f, "{}::{guest}{access}", host.display())
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(name, value) => write!(f, "{name}={value}"),
            Self::Inherited(name) => f.write_str(name),
        }
    }
}

impl Folder {
    /// The same with a relative path taken from `base`.
    pub(crate) fn below(mut self, base: &Path) -> Self {
        self.0.host = base.join(self.0.host);
        self
    }
}

/// An HTTP header, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header(pub(crate) String);

impl FromStr for Header {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let name = text.parse::<http::HeaderName>().map_err(|_| {
            let shown = text.escape_debug();
            format!("`{shown}` is not a name of an HTTP header; write one such as `x-session`")
        })?;
        Ok(Self(name.to_string()))
    }
}

impl FromStr for Variable {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        if name.is_empty() || text.contains('\0') {
            let shown = text.escape_debug();
            return Err(format!(
                "`{shown}` is not an environment variable; write `NAME=VALUE`, or `NAME` for its value here"
            ));
        }
        Ok(match value {
            Some(value) => Self::Given(name.to_owned(), value.to_owned()),
            None => Self::Inherited(name.to_owned()),
        })
    }
}

impl Variable {
    fn resolve(&self) -> Result<(String, String)> {
        match self {
            Self::Given(name, value) => Ok((name.clone(), value.clone())),
            Self::Inherited(name) => {
                let value = std::env::var_os(name)
                    .with_context(|| format!("environment variable `{name}` is to be passed on and is not set; set it, or write `{name}=VALUE`"))?;
                let value = value.into_string().ok();
                let value = value.with_context(|| {
                    format!("environment variable `{name}` is to be passed on and is not UTF-8")
                })?;
                Ok((name.clone(), value))
            }
        }
    }
}

/// The variables with their values. Of several with one name the last counts.
pub(crate) fn environment(variables: &[Variable]) -> Result<Vec<(String, String)>> {
    let mut environment: Vec<(String, String)> = Vec::new();
    for variable in variables {
        let (name, value) = variable.resolve()?;
        environment.retain(|(other, _)| *other != name);
        environment.push((name, value));
    }
    Ok(environment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_two_names_and_maybe_an_access() {
        let folder = |text: &str| text.parse::<Folder>().map(|Folder(it)| (it.host, it.guest, it.access));
        assert_eq!(folder("data::/data"), Ok(("data".into(), "/data".into(), DirectoryAccess::ReadWrite)));
        assert_eq!(folder("../a::/b::ro"), Ok(("../a".into(), "/b".into(), DirectoryAccess::ReadOnly)));
        assert_eq!(folder("a::/b::rw"), folder("a::/b"));
        assert!(folder("data::/data:ro").is_err_and(|problem| problem.contains("write `::ro` with two")));
        assert_eq!(folder("."), Ok((".".into(), ".".into(), DirectoryAccess::ReadWrite)));
        assert_eq!(folder("data"), Ok(("data".into(), "data".into(), DirectoryAccess::ReadWrite)));
        for text in ["", "data::", "::/data", "a::b::no", "a::b::ro::c"] {
            assert!(folder(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_last_of_several_variables_with_one_name_counts() -> Result<()> {
        let variables = ["A=1", "B=x=y", "A="].map(|text| text.parse().map_err(anyhow::Error::msg));
        let variables = variables.into_iter().collect::<Result<Vec<Variable>>>()?;
        let pairs = [("B", "x=y"), ("A", "")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(environment(&variables)?, pairs);
        assert!("=1".parse::<Variable>().is_err());
        Ok(())
    }
}
