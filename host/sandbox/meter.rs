//! Holds a store to its limits.

use super::engine::TABLE_ELEMENTS;
use super::failure::{EngineFailure, Phase};
use super::limits::{LimitReached, Limits, Unmetered};
use std::time::Instant;
use wasmtime::{Store, UpdateDeadline, format_err};

/// Counts what one store uses.
#[derive(Debug)]
pub(crate) struct Meter {
    limits: Limits,
    memory: usize,
    table_elements: usize,
    /// Whether the memory that grows may become as large as it is to be, by its own type.
    fits: bool,
}

impl Meter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, memory: 0, table_elements: 0, fits: false }
    }

    /// Returns the most linear memory that all instances of the store had together, in bytes: no memory ever shrinks. It is what was
    /// asked for, whatever the engine took from the machine.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.memory as u64
    }
}

impl wasmtime::ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let memory = self.memory.saturating_add(desired.saturating_sub(current));
        // An error, not a refusal: a guest that merely fails to allocate ends with a riddle.
        if memory > self.limits.memory {
            return Err(LimitReached::Memory(self.limits.memory).into());
        }
        self.fits = fits(desired, maximum);
        if self.fits {
            self.memory = memory;
        }
        Ok(true)
    }

    /// What every machine refuses the component sees; what this one lacks it does not.
    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        match std::mem::take(&mut self.fits) {
            true => Err(EngineFailure::lack(Phase::Running, &error).into()),
            false => Ok(()),
        }
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let elements = self.table_elements.saturating_add(desired.saturating_sub(current));
        if elements > self.limits.table_elements {
            return Err(LimitReached::Table(self.limits.table_elements).into());
        }
        match fits(desired, maximum) {
            true => self.table_elements = elements,
            // The pool ends there, and maybe not the table.
            false if maximum == Some(TABLE_ELEMENTS) => {
                let reason = format_err!("this engine has room for {TABLE_ELEMENTS} elements in a table");
                return Err(EngineFailure::lack(Phase::Running, &reason).into());
            }
            false => {}
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.limits.instances
    }
}

/// Whether a memory or table may become so large by its own type. If not it does not grow, on any machine, and the code
/// that grows it sees that.
fn fits(desired: usize, maximum: Option<usize>) -> bool {
    maximum.is_none_or(|maximum| desired <= maximum)
}

/// Gives a store the fuel that its operation may use.
pub(crate) fn fuel<T>(store: &mut Store<T>, limits: &Limits) -> Result<(), Unmetered> {
    match limits.fuel {
        Some(fuel) => store.set_fuel(fuel).map_err(|_| Unmetered),
        None => {
            fill_up(store);
            Ok(())
        }
    }
}

/// Returns how much fuel the store has used of what [`fuel`] gave it. `None`: its engine counts none.
pub(crate) fn used<T>(store: &Store<T>, limits: &Limits) -> Option<u64> {
    let left = store.get_fuel().ok()?;
    Some(limits.fuel.unwrap_or(u64::MAX).saturating_sub(left))
}

/// Gives a store more fuel than it can use in its life.
pub(crate) fn fill_up<T>(store: &mut Store<T>) {
    // Without metering there is no fuel to give, and none is needed.
    let _ = store.set_fuel(u64::MAX);
}

/// Ends a store's run at its time limit. Between ticks it lets other operations on the thread go on.
pub(crate) fn watch<T: Send>(store: &mut Store<T>, limits: &Limits) {
    let (time, started) = (limits.time, Instant::now());
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |_| match time.filter(|time| started.elapsed() > *time) {
        Some(time) => Err(LimitReached::Time(time).into()),
        None => Ok(UpdateDeadline::Yield(1)),
    });
}
