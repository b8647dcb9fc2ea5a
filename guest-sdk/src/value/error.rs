//! Why a value cannot be kept, or what was kept is none of its type.

use std::fmt::{self, Display};

/// What is wrong, and where in the value. Small, as each byte of a value is read and written with a result that may be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<Problem>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Problem {
    /// As a JSON pointer; empty for the whole.
    path: String,
    what: String,
}

impl Error {
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Self(Box::new(Problem { path: String::new(), what: problem.into() }))
    }

    /// The same of what has it under this name, or at this place.
    pub(crate) fn within(mut self, name: &dyn Display) -> Self {
        // As JSON pointers have it.
        let name = name.to_string().replace('~', "~0").replace('/', "~1");
        self.0.path.insert_str(0, &format!("/{name}"));
        self
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { path, what } = &*self.0;
        if !path.is_empty() {
            write!(f, "at `{path}`: ")?;
        }
        f.write_str(what)
    }
}

impl std::error::Error for Error {}

impl serde::ser::Error for Error {
    fn custom<T: Display>(problem: T) -> Self {
        Self::new(problem.to_string())
    }
}

impl serde::de::Error for Error {
    fn custom<T: Display>(problem: T) -> Self {
        Self::new(problem.to_string())
    }
}
