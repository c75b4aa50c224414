//! The `print-bridge` command.

use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    print_bridge::cli::main(print_bridge::cli::Cli::parse()).await
}
