//! The pool that instances take their memories, tables and stacks from, and how much of it a component needs.
//!
//! The pool is divided into shares, and an operation begins once all the shares that it needs are free. So a component
//! that does not find its place in the pool is a defect, not a matter of load.

use wasmtime::component::Component;
use wasmtime::{Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

/// How much of a used memory slot stays mapped, in bytes, its changed pages written back rather than given back: a
/// page fault costs more than restoring a page, and most services change few.
const KEEP_RESIDENT: usize = 2 << 20;

/// Memories of one share. A component of Rust has one; what wasmtime collects as garbage takes another.
const MEMORIES: u32 = 2;

/// Tables of one share. A component of Rust has two.
const TABLES: u32 = 8;

/// Memories that one module may have. wasmtime goes through so many places whenever it drops a module.
const MEMORIES_OF_A_MODULE: u32 = 64;

/// How large a table of the pool can grow: the default of [`Limits::table_elements`](crate::Limits), so that
/// an operation reaches its own limit first.
pub(crate) const TABLE_ELEMENTS: usize = 1_000_000;

/// More bytes than an instance has. wasmtime rounds it up, so it is not the largest number.
const ANY_SIZE: usize = usize::MAX / 2;

/// A pool of so many shares.
pub(super) fn of(shares: u32) -> InstanceAllocationStrategy {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_memories(shares.saturating_mul(MEMORIES))
        .total_tables(shares.saturating_mul(TABLES))
        .total_stacks(shares)
        .total_gc_heaps(shares)
        .table_elements(TABLE_ELEMENTS)
        .max_memories_per_module(MEMORIES_OF_A_MODULE)
        .max_tables_per_module(u32::MAX)
        // These are counted or checked, and take no room of the pool.
        .total_component_instances(u32::MAX)
        .total_core_instances(u32::MAX)
        .max_component_instance_size(ANY_SIZE)
        .max_core_instance_size(ANY_SIZE)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(64 << 10)
        // Where the kernel can tell which pages changed only those are restored; elsewhere less is kept.
        .pagemap_scan(Enabled::Auto)
        .max_unused_warm_slots(64);
    InstanceAllocationStrategy::Pooling(pool)
}

/// How many shares an instance of `component` takes. `None`: that is not known before it is instantiated.
pub(super) fn shares(component: &Component) -> Option<u32> {
    let needs = component.resources_required()?;
    // One memory more for garbage collection, in case there is any.
    let memories = needs.num_memories.saturating_add(1).div_ceil(MEMORIES);
    Some(memories.max(needs.num_tables.div_ceil(TABLES)))
}
