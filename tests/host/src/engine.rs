//! The WebAssembly engine and its clock.

use std::time::Duration;

use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::error::Error;

/// The engine's clock goes on by one each time this has passed.
pub(crate) const TICK: Duration = Duration::from_millis(5);

/// Instances that may be alive at once, all components together. A request that finds none free waits (see
/// `component.rs`), so that load never shows as a failed instantiation.
const INSTANCES: u32 = 320;
/// The most memory one instance may have.
const LARGEST_MEMORY: usize = 512 << 20;
/// What of a finished instance's memory stays mapped for the next one. Small: a hub runs two dozen components.
const KEEP_RESIDENT: usize = 128 << 10;

/// An engine with instances pooled and epochs on, and its ticking thread, which ends with it.
///
/// # Errors
/// If this machine cannot reserve the address space.
pub(crate) fn start() -> Result<Engine, Error> {
    let failed = |e: wasmtime::Error| Error::Engine(format!("{e:#}"));
    let engine = Engine::new(&config()).map_err(failed)?;
    let weak = engine.weak();
    std::thread::Builder::new()
        .name("epochs".into())
        .spawn(move || {
            while let Some(engine) = weak.upgrade() {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(TICK);
            }
        })
        .map_err(|e| Error::Engine(e.to_string()))?;
    Ok(engine)
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
