//! Resources on the tape: numbers on one side, live resources of a provider on the other.

use super::convert::Resources;
use wasmtime::component::{ResourceAny, ResourceType};
use wasmtime::{Result, bail, format_err};

/// All resources that a service imports are one type to wasmtime: what keeps them apart is the service's own
/// validated types, and a number on the tape names one resource whatever its type.
const RESOURCE: u32 = 1;

/// The type under which a service's imported resources are linked.
pub(crate) fn resource_type() -> ResourceType {
    ResourceType::host_dynamic(RESOURCE)
}

/// No resource at all: an operation's own arguments and result.
pub(crate) struct NoResources;

impl Resources for NoResources {
    fn number(&mut self, _resource: ResourceAny) -> Result<u32> {
        bail!("a resource cannot leave the service")
    }

    fn resource(&mut self, _number: u32, _owned: bool) -> Result<ResourceAny> {
        bail!("a resource cannot be handed to the service")
    }
}

/// Where the live resources of one operation are. A resource's number is its place, from 1, in order of
/// appearance, so that every recording of one behaviour numbers alike.
#[derive(Debug, Default)]
pub(crate) struct Handles(Vec<Option<Origin>>);

/// A live resource.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Origin {
    /// In the store of the provider at this position.
    Component(usize, ResourceAny),
    /// A number that an embedder's closure gave.
    Closure(u32),
}

impl Handles {
    pub(crate) fn add(&mut self, origin: Origin) -> Result<u32> {
        self.0.push(Some(origin));
        Ok(u32::try_from(self.0.len())?)
    }

    /// The live resource of a number.
    pub(crate) fn get(&self, number: u32) -> Result<Origin> {
        let place = (number as usize).checked_sub(1);
        let found = place.and_then(|place| self.0.get(place).copied().flatten());
        found.ok_or_else(|| format_err!("resource {number} is not alive"))
    }

    /// The live resource of a number that is used no more.
    pub(crate) fn take(&mut self, number: u32) -> Result<Origin> {
        let origin = self.get(number)?;
        self.0[number as usize - 1] = None;
        Ok(origin)
    }
}

/// A provider component's side: a number stands for the resource in its store.
pub(crate) struct ProviderSide<'h> {
    pub(crate) handles: &'h mut Handles,
    pub(crate) provider: usize,
}

impl Resources for ProviderSide<'_> {
    fn number(&mut self, resource: ResourceAny) -> Result<u32> {
        self.handles.add(Origin::Component(self.provider, resource))
    }

    fn resource(&mut self, number: u32, owned: bool) -> Result<ResourceAny> {
        let origin = if owned { self.handles.take(number)? } else { self.handles.get(number)? };
        match origin {
            Origin::Component(provider, resource) if provider == self.provider => Ok(resource),
            _ => bail!("resource {number} belongs to another provider"),
        }
    }
}
