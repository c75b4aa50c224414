//! `cargo hub day`: the simulated day, with and without what heals it.

use crate::build;
use crate::error::{Context, Result};
use crate::supervise::exit_code;
use crate::workspace::Workspace;

const DAY: &str = "huidan-day";

/// Builds and lives it; the answer is its exit code.
pub(crate) fn run(workspace: &Workspace, seeds: u64, orders: u64) -> Result<u8> {
    build::native(workspace, &[DAY])?;
    let program = workspace.native(DAY);
    let mut day = workspace.program(&program);
    let status = day.args(["--seeds", &seeds.to_string(), "--orders", &orders.to_string()]).status();
    Ok(exit_code(status.on(program.display())?))
}
