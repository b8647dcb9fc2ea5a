//! The wasmtime engine: one a process is enough. Settings that decide what a component computes are the same
//! for every engine, so that a recording replays alike on all of them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::{Cache, CacheConfig, Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

/// How often running components are asked whether they are still within their time.
const TICK: Duration = Duration::from_millis(10);

/// How much of a used memory slot stays mapped, in bytes, its changed pages written back rather than given back: a
/// page fault costs more than restoring a page, and most services change few.
const KEEP_RESIDENT: usize = 2 << 20;

/// Compiles and runs components. Cheap to clone; clones are the same engine.
#[derive(Clone)]
pub struct Engine {
    engine: wasmtime::Engine,
    /// One permit an instance that may be alive.
    slots: Arc<Semaphore>,
    instances: u32,
    /// The same for instances that outlive operations. Apart, or operations would wait for them for ever.
    lasting: Arc<Semaphore>,
}

/// How many instances that outlive operations an engine has room for.
pub(crate) const LASTING: u32 = 8;

/// Room for instances, held while they are alive.
pub(crate) struct Slots(#[allow(dead_code, reason = "held, not read")] Option<OwnedSemaphorePermit>);

/// How an engine is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where compiled code is kept between runs; `None`: every run compiles.
    pub cache: Option<PathBuf>,
    /// How many instances may be alive at once, services and providers together. Operations beyond that wait.
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
    #[error("the engine cannot start on this machine: {0}")]
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
        let pooled =
            config.clone().allocation_strategy(pool(options.instances.saturating_add(LASTING))).clone();
        let engine = wasmtime::Engine::new(&pooled)
            .or_else(|_| wasmtime::Engine::new(&config))
            .map_err(|error| EngineError::Start(format!("{error:#}")))?;
        tick(&engine);
        let slots = Arc::new(Semaphore::new(options.instances as usize));
        let lasting = Arc::new(Semaphore::new(LASTING as usize));
        Ok(Self { engine, slots, instances: options.instances, lasting })
    }

    /// Waits until `instances` more can be alive. All of an operation's are asked for at once: one by one, two
    /// operations could wait for each other for ever.
    pub(crate) async fn slots(&self, instances: usize) -> Slots {
        let wanted = u32::try_from(instances).unwrap_or(u32::MAX).min(self.instances);
        // Only a closed semaphore fails, and nobody closes it.
        Slots(self.slots.clone().acquire_many_owned(wanted).await.ok())
    }

    /// Room for one more instance that outlives operations, if there is any.
    pub(crate) fn lasting_slot(&self) -> Option<Slots> {
        self.lasting.clone().try_acquire_owned().ok().map(|permit| Slots(Some(permit)))
    }

    pub(crate) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.engine
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
        .concurrency_support(false)
        .epoch_interruption(true)
        .wasm_backtrace_max_frames(std::num::NonZeroUsize::new(50));
    config
}

/// Settings that also take components with `async` functions, streams and futures: only for naming what is
/// refused, never for running it.
pub(crate) fn permissive() -> wasmtime::Result<wasmtime::Engine> {
    wasmtime::Engine::new(Config::new().wasm_component_model_async(true).concurrency_support(true))
}

fn pool(instances: u32) -> InstanceAllocationStrategy {
    let mut pool = PoolingAllocationConfig::new();
    // A component of Rust is three core instances with one memory and two tables; of Python, some twenty.
    pool.total_component_instances(instances)
        .total_core_instances(instances.saturating_mul(24))
        .total_memories(instances.saturating_mul(2))
        .total_tables(instances.saturating_mul(8))
        .total_stacks(instances)
        .total_gc_heaps(instances)
        .max_component_instance_size(8 << 20)
        .max_core_instance_size(8 << 20)
        .table_elements(200_000)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(64 << 10)
        // Where the kernel can tell which pages changed only those are restored; elsewhere less is kept.
        .pagemap_scan(Enabled::Auto)
        .max_unused_warm_slots(64);
    InstanceAllocationStrategy::Pooling(pool)
}

fn cache(path: &std::path::Path) -> Result<Cache, EngineError> {
    let failed = |reason: String| EngineError::Cache { path: path.to_owned(), reason };
    std::fs::create_dir_all(path).map_err(|error| failed(error.to_string()))?;
    let path = path.canonicalize().map_err(|error| failed(error.to_string()))?;
    let mut config = CacheConfig::new();
    config.with_directory(path);
    Cache::new(config).map_err(|error| failed(format!("{error:#}")))
}

/// Advances the engine's epoch for as long as the engine lives.
fn tick(engine: &wasmtime::Engine) {
    let engine = engine.weak();
    std::thread::spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    });
}
