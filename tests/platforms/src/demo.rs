//! The demo.
use std::path::PathBuf;
use std::time::Duration;
/// Plan.
#[derive(Debug)]
pub struct Plan {
    /// Hub.
    pub hub: String,
    /// State.
    pub state: PathBuf,
    /// Token.
    pub admin_token: String,
    /// Seed.
    pub seed: u64,
    /// Every.
    pub every: Duration,
    /// Orders.
    pub orders: u64,
}
/// Runs.
///
/// # Errors
/// None.
pub async fn run(_plan: Plan) -> Result<(), String> {
    Ok(())
}
