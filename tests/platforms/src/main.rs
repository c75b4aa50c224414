//! `huidan-platforms`: the simulated platforms as a process.

use clap::{Parser, Subcommand};
use huidan_platforms::{Options, Platforms, demo};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Simulated shops, carriers, a print component and a label printer.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start everything on free loopback ports and wait for orders on the control port.
    Serve {
        /// Where the control port listens.
        #[arg(long, default_value = "127.0.0.1:0")]
        control: SocketAddr,
        /// Draws people, goods and faults.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// How much faster than in life retries come.
        #[arg(long, default_value_t = 3_600)]
        speed: u32,
    },
    /// Start everything, set a hub up for it, and send orders until stopped.
    Demo {
        /// The hub's address.
        #[arg(long, default_value = "http://127.0.0.1:3000")]
        hub: String,
        /// Where `platforms.env` is written.
        #[arg(long)]
        state: PathBuf,
        /// Opens the hub's /api/v1.
        #[arg(long, env = "SPIN_VARIABLE_ADMIN_TOKEN", hide_env_values = true)]
        admin_token: String,
        /// Draws people, goods and faults.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Between two orders.
        #[arg(long, default_value_t = 1_000)]
        every_ms: u64,
        /// Stop after so many orders; 0 goes on.
        #[arg(long, default_value_t = 0)]
        orders: u64,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("huidan-platforms: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    match arguments.command {
        Command::Serve { control, seed, speed } => {
            let options = Options { seed, speed, control, ..Options::default() };
            let running = Platforms::start(options).await.map_err(|e| e.to_string())?;
            let addresses = serde_json::to_string(running.addresses()).map_err(|e| e.to_string())?;
            println!("{addresses}");
            println!("listening on {}", running.addresses().control);
            tokio::signal::ctrl_c().await.map_err(|e| e.to_string())
        }
        Command::Demo { hub, state, admin_token, seed, every_ms, orders } => {
            let plan = demo::Plan { hub, state, admin_token, seed, every: Duration::from_millis(every_ms), orders };
            demo::run(plan).await
        }
    }
}
