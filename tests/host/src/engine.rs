//! The WebAssembly engine.

use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::clock::Clock;
use crate::error::Error;

/// Instances that may be alive at once, all components together. A request that finds none free waits (see
/// `component.rs`), so that load never shows as a failed instantiation.
const INSTANCES: u32 = 320;
/// The most memory one instance may have.
const LARGEST_MEMORY: usize = 512 << 20;
/// What of a finished instance's memory stays mapped for the next one. Small: a hub runs two dozen components.
const KEEP_RESIDENT: usize = 128 << 10;

/// An engine with instances pooled and epochs on, and its clock.
///
/// # Errors
/// If this machine cannot reserve the address space.
pub(crate) fn start() -> Result<(Engine, Clock), Error> {
    let engine = Engine::new(&config()).map_err(|e| Error::Engine(format!("{e:#}")))?;
    let clock = Clock::start(&engine).map_err(|e| Error::Engine(e.to_string()))?;
    Ok((engine, clock))
}

fn config() -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(INSTANCES)
        .total_core_instances(INSTANCES * 4)
        .total_memories(INSTANCES)
        .total_tables(INSTANCES * 2)
        .total_stacks(INSTANCES * 4)
        .max_component_instance_size(4 << 20)
        .max_core_instance_size(4 << 20)
        .table_elements(100_000)
        .max_memory_size(LARGEST_MEMORY)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(16 << 10)
        .max_unused_warm_slots(32);
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .wasm_component_model_async(true)
        .epoch_interruption(true)
        // The system's unwinder never walks guest frames here; without its tables the cached files are smaller.
        .native_unwind_info(false)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}
