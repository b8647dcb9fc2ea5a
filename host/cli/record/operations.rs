//! Which operation a request is for, and the category of its recording.

use anyhow::{Context, Result};
use playback_host::recording::Category;
use playback_host::sandbox::{Operation, Service};
use std::collections::HashMap;
use std::sync::Arc;

/// An operation that requests are for.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) operation: Operation,
    /// The first part of its recordings' ids.
    pub(crate) category: Category,
}

/// The operations of a service, by the names that requests give them.
#[derive(Debug)]
pub(crate) struct Operations {
    service: Service,
    /// The category of all recordings. `None`: that of each is its operation's name.
    category: Option<Category>,
    /// The operation of requests that name none.
    unnamed: Option<Arc<Target>>,
    named: HashMap<String, Arc<Target>>,
}

impl Operations {
    /// The operations of `service`. Requests that name none are for `operation`, else for the only one there is.
    pub(crate) fn new(
        service: &Service,
        operation: Option<&str>,
        category: Option<Category>,
    ) -> Result<Self> {
        let mut operations =
            Self { service: service.clone(), category, unnamed: None, named: HashMap::new() };
        operations.unnamed = match operation {
            Some(name) => Some(operations.named(name)?),
            // Requests may all name their own.
            None => service.operation(None).ok().map(|only| operations.target(only)).transpose()?,
        };
        Ok(operations)
    }

    /// The operation called `name`.
    pub(crate) fn named(&mut self, name: &str) -> Result<Arc<Target>> {
        if let Some(target) = self.named.get(name) {
            return Ok(target.clone());
        }
        let target = self.target(self.service.operation(Some(name))?)?;
        self.named.insert(name.to_owned(), target.clone());
        Ok(target)
    }

    /// The operation of a request that names none.
    pub(crate) fn unnamed(&self) -> Result<Arc<Target>> {
        match &self.unnamed {
            Some(target) => Ok(target.clone()),
            None => self.target(
                self.service.operation(None).context("`--operation` is needed, as this line names none")?,
            ),
        }
    }

    pub(crate) fn target(&self, operation: &Operation) -> Result<Arc<Target>> {
        let category = self.category.clone().map_or_else(|| category_of(operation), Ok)?;
        Ok(Arc::new(Target { operation: operation.clone(), category }))
    }
}

/// The operation's own name, in the characters that a category has.
fn category_of(operation: &Operation) -> Result<Category> {
    let name = &operation.signature().name;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let category: String =
        name.chars().take(Category::MAX_LENGTH).map(|c| if allowed(c) { c } else { '-' }).collect();
    category
        .parse()
        .with_context(|| format!("the operation `{name}` gives no category; name one with `--category`"))
}
