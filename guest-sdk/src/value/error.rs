//! Why a value cannot be kept, or what was kept is none of its type.

use std::fmt::{self, Display};

/// What is wrong, and where in the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// As a JSON pointer; empty for the whole.
    path: String,
    problem: String,
}

impl Error {
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Self { path: String::new(), problem: problem.into() }
    }

    /// The same of what has it under this name, or at this place.
    pub(crate) fn within(mut self, name: &dyn Display) -> Self {
        // As JSON pointers have it.
        let name = name.to_string().replace('~', "~0").replace('/', "~1");
        self.path.insert_str(0, &format!("/{name}"));
        self
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "at `{}`: ", self.path)?;
        }
        f.write_str(&self.problem)
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
