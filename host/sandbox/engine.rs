//! The wasmtime engine: one a process is enough. Settings that decide what a component computes are the same
//! for every engine, so that a recording replays alike on all of them.

mod pool;

pub(crate) use pool::TABLE_ELEMENTS;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::component::Component;
use wasmtime::{Cache, CacheConfig, Config};

/// How often running components are asked whether they are still within their time.
const TICK: Duration = Duration::from_millis(10);

/// Compiles and runs components. Cheap to clone; clones are the same engine.
#[derive(Clone)]
pub struct Engine {
    /// For components that fit the pool. `None`: this machine has no address space for one.
    pooled: Option<wasmtime::Engine>,
    /// For all others: asks the machine for each memory and table. Slower, and otherwise the same.
    on_demand: wasmtime::Engine,
    /// One permit for each share of the pool, and for each instance outside of it.
    shares: Arc<Semaphore>,
    instances: u32,
    /// The same for instances that outlive operations. Apart, or operations would wait for them for ever.
    lasting: Arc<Semaphore>,
}

/// How many instances that outlive operations an engine has room for.
pub(crate) const LASTING: u32 = 8;

/// The shares of the pool that one of them may take. A larger one counts as several.
const LASTING_SHARES: u32 = 4;

/// Room for instances, held while they are alive.
pub(crate) struct Slots {
    _permit: Option<OwnedSemaphorePermit>,
    /// Whether it is all the room that operations have.
    pub(crate) is_all: bool,
}

/// How an engine is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where compiled code is kept between runs; `None`: every run compiles.
    pub cache: Option<PathBuf>,
    /// How many instances may be alive at once, services and providers together. Operations beyond that wait. A
    /// component with several memories, or more than eight tables, counts as several.
    pub instances: u32,
    /// Whether code counts what it runs.
    pub metering: Metering,
}

/// Whether compiled code counts the instructions that it runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Metering {
    /// It does not.
    #[default]
    Off,
    /// It does, so that [`Limits::fuel`](super::Limits::fuel) can end it at the same point each time. Tight loops take
    /// up to a quarter longer.
    Fuel,
}

impl Default for Options {
    /// No cache, 1,000 instances, no metering.
    fn default() -> Self {
        Self { cache: None, instances: 1_000, metering: Metering::Off }
    }
}

/// An engine that could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The folder for compiled code cannot be used.
    #[error("compiled code cannot be kept in `{}`: {reason}; choose another folder or go without", path.display())]
    Cache {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// This machine cannot run the engine.
    #[error("the engine cannot start: {0}; free some memory, or raise the limits of this process")]
    Start(String),
}

impl Engine {
    /// An engine set up by `options`.
    pub fn new(options: &Options) -> Result<Self, EngineError> {
        let mut config = deterministic();
        config.consume_fuel(options.metering == Metering::Fuel);
        if let Some(path) = &options.cache {
            config.cache(Some(cache(path)?));
        }
        // The pool reserves address space, which some machines ration: without it instances are slower, not other.
        let pool = pool::of(options.instances.saturating_add(LASTING * LASTING_SHARES));
        let pooled = wasmtime::Engine::new(config.clone().allocation_strategy(pool)).ok();
        let on_demand =
            wasmtime::Engine::new(&config).map_err(|error| EngineError::Start(format!("{error:#}")))?;
        tick(pooled.iter().chain([&on_demand]))
            .map_err(|error| EngineError::Start(format!("a thread cannot be started: {error}")))?;
        let shares = Arc::new(Semaphore::new(options.instances as usize));
        let lasting = Arc::new(Semaphore::new(LASTING as usize));
        Ok(Self { pooled, on_demand, shares, instances: options.instances, lasting })
    }

    /// Compiles a component, for the pool where it fits. Returns it with the shares that an instance takes.
    pub(crate) fn compile(&self, bytes: &[u8]) -> wasmtime::Result<(Component, u32)> {
        if let Some(pooled) = &self.pooled
            && let Ok(component) = Component::from_binary(pooled, bytes)
            && let Some(shares) = pool::shares(&component)
            && shares <= self.instances
        {
            return Ok((component, shares));
        }
        Ok((Component::from_binary(&self.on_demand, bytes)?, 1))
    }

    /// Waits until `shares` are free. All that an operation needs are asked for at once: one by one, two operations
    /// could wait for each other for ever.
    pub(crate) async fn slots(&self, shares: u32) -> Slots {
        let wanted = shares.min(self.instances);
        // Only a closed semaphore fails, and nobody closes it.
        let _permit = self.shares.clone().acquire_many_owned(wanted).await.ok();
        Slots { _permit, is_all: wanted == self.instances }
    }

    /// Waits until no operation runs, and lets none begin meanwhile.
    pub(crate) async fn all_slots(&self) -> Slots {
        self.slots(self.instances).await
    }

    /// Room for one more instance that outlives operations and takes so many shares, if there is any.
    pub(crate) fn lasting_slot(&self, shares: u32) -> Option<Slots> {
        let permits = shares.div_ceil(LASTING_SHARES);
        let permit = self.lasting.clone().try_acquire_many_owned(permits).ok()?;
        Some(Slots { _permit: Some(permit), is_all: false })
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

/// What a component computes must not depend on the machine it runs on.
fn deterministic() -> Config {
    let mut config = Config::new();
    config
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_component_model_async(false)
        .wasm_component_model_map(true)
        .wasm_component_model_fixed_length_lists(true)
        .concurrency_support(false)
        .epoch_interruption(true)
        .wasm_backtrace_max_frames(std::num::NonZeroUsize::new(50));
    config
}

/// Settings that also take components with `async` functions, streams and futures: only for naming what is
/// refused, never for running it.
pub(crate) fn permissive() -> wasmtime::Result<wasmtime::Engine> {
    let mut config = deterministic();
    wasmtime::Engine::new(config.wasm_component_model_async(true).concurrency_support(true))
}

fn cache(path: &std::path::Path) -> Result<Cache, EngineError> {
    let failed = |reason: String| EngineError::Cache { path: path.to_owned(), reason };
    std::fs::create_dir_all(path).map_err(|error| failed(error.to_string()))?;
    let path = path.canonicalize().map_err(|error| failed(error.to_string()))?;
    let mut config = CacheConfig::new();
    config.with_directory(path);
    Cache::new(config).map_err(|error| failed(format!("{error:#}")))
}

/// Advances the epoch of `engines` for as long as one of them lives.
fn tick<'e>(engines: impl Iterator<Item = &'e wasmtime::Engine>) -> std::io::Result<()> {
    let engines: Vec<_> = engines.map(wasmtime::Engine::weak).collect();
    let ticking = std::thread::Builder::new().spawn(move || {
        let increment =
            |engine: &wasmtime::EngineWeak| engine.upgrade().map(|engine| engine.increment_epoch()).is_some();
        while engines.iter().filter(|engine| increment(engine)).count() > 0 {
            std::thread::sleep(TICK);
        }
    });
    ticking.map(drop)
}
