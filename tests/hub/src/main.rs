//! `cargo hub`: sets up what a machine lacks, builds what changed, starts Huidan and runs its tests.
//!
//! It has next to no dependencies, so that it compiles in seconds and can speak while the heavy parts build.

mod apt;
mod args;
mod build;
mod day;
mod demo;
mod env_file;
mod error;
mod fuzz;
mod http;
mod keys;
mod nearest;
mod new;
mod replay;
mod say;
mod spin;
mod spin_toml;
mod state;
mod supervise;
mod test_programs;
mod test_run;
mod test_summary;
mod test_tools;
mod up;
mod wasm;
mod workspace;

use std::process::ExitCode;

use args::Command;
use error::Result;
use workspace::Workspace;

fn main() -> ExitCode {
    let outcome = args::parse(std::env::args().skip(1)).and_then(run);
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(error.exit_code())
        }
    }
}

/// Carries out one command; the answer is the exit code.
fn run(command: Command) -> Result<u8> {
    match command {
        Command::Help => {
            println!("{}", args::HELP);
            Ok(0)
        }
        Command::Keys => keys::print_new().map(|()| 0),
        Command::Setup => set_up(&Workspace::find()?).map(|()| 0),
        Command::Build => build::everything(&Workspace::find()?).map(|()| 0),
        Command::Bench(arguments) => build::bench(&Workspace::find()?, &arguments),
        Command::Test(filter) => test_run::run(&Workspace::find()?, filter.as_deref()),
        Command::NewChannel(name) => new::channel(&Workspace::find()?, &name).map(|()| 0),
        Command::Replay(options) => replay::run(&Workspace::find()?, &options),
        Command::Fuzz { seconds, channels } => fuzz::run(&Workspace::find()?, seconds, &channels),
        Command::Day { seeds, orders } => day::run(&Workspace::find()?, seeds, orders),
        Command::Up(options) => up::run(&Workspace::find()?, &options),
    }
}

/// What building needs, and what more of the tests can run with.
fn set_up(workspace: &Workspace) -> Result<()> {
    wasm::set_up(workspace)?;
    test_tools::get(workspace);
    Ok(())
}
