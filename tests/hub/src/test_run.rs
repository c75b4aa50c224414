//! `cargo hub test`: every check there is, as named steps, with one sum at the end.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::build;
use crate::error::{Context, Error, Result};
use crate::queues;
use crate::say::{self, Step};
use crate::spin;
use crate::test_summary::Summary;
use crate::wasm::{self, Toolchain};
use crate::workspace::{self, Workspace};

/// Runs all checks, or only the tests whose names contain `filter`; the answer is the exit code.
pub(crate) fn run(workspace: &Workspace, filter: Option<&str>) -> Result<u8> {
    let mut summary = Summary::default();
    let toolchain = wasm::ensure(workspace)?;
    if filter.is_none() {
        queues::get(workspace);
        step(&mut summary, "检查格式", "rustfmt", || {
            workspace::run(&mut workspace.cargo(&["fmt", "--all", "--check"]))
        });
        step(&mut summary, "检查代码", "clippy", || clippy(workspace));
        clippy_wasm(workspace, &toolchain, &mut summary)?;
    }
    let built = step(&mut summary, "构建", "build", || build::for_tests(workspace));
    if built {
        cargo_test(workspace, filter, &mut summary)?;
    }
    if !spin::is_there() {
        summary.not_run("real Spin");
    }
    report(&summary);
    Ok(u8::from(summary.failed > 0))
}

/// Runs one step and counts it if it fails; the answer is whether it went well.
fn step(summary: &mut Summary, zh: &str, en: &str, check: impl FnOnce() -> Result<()>) -> bool {
    let step = Step::begin(zh, en);
    match check() {
        Ok(()) => {
            step.done();
            true
        }
        Err(error) => {
            println!("{error}");
            step.failed();
            summary.step_failed(en);
            false
        }
    }
}

/// Everything native falls in two parts, built by themselves for the reason that [`build::HOST`] gives.
const PARTS: [&[&str]; 2] = [&["--workspace", "--exclude", build::HOST], &["-p", build::HOST]];

/// Clippy on everything that runs natively. The profile is the one that everything native is built with, so that build
/// scripts and macros, and the C libraries among them, are compiled once.
fn clippy(workspace: &Workspace) -> Result<()> {
    for part in PARTS {
        let mut cargo = workspace.cargo(&["clippy", "--profile", "native", "--all-targets"]);
        workspace::run(cargo.args(part).args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}

/// The native run never sees the components' shells.
fn clippy_wasm(workspace: &Workspace, toolchain: &Toolchain, summary: &mut Summary) -> Result<()> {
    if *toolchain != Toolchain::Usual {
        // Clippy reads only libraries of its own compiler.
        summary.not_run("clippy on wasm32-wasip2");
        return Ok(());
    }
    let mut cargo = workspace.cargo(&["clippy", "--release", "--target", wasm::TARGET]);
    for package in [workspace.functions()?, workspace.test_components()?].concat() {
        cargo.arg("-p").arg(package);
    }
    if workspace.root.join("shared/spin/Cargo.toml").is_file() {
        cargo.args(["-p", "huidan-spin"]);
    }
    cargo.args(["--", "-D", "warnings"]);
    step(summary, "检查组件代码", "clippy on wasm32-wasip2", || workspace::run(&mut cargo));
    Ok(())
}

/// Runs the tests themselves.
fn cargo_test(workspace: &Workspace, filter: Option<&str>, summary: &mut Summary) -> Result<()> {
    let step = Step::begin("运行测试", "tests");
    let failed_before = summary.failed;
    for part in PARTS {
        let mut cargo = workspace.cargo(&["test", "--profile", "native", "--no-fail-fast"]);
        let failed_before = summary.failed;
        let went_well = read_along(cargo.args(part).args(filter), summary)?;
        if !went_well && summary.failed == failed_before {
            // Something did not compile, or died before it could count.
            summary.step_failed(&workspace::shown(&cargo));
        }
    }
    if summary.failed == failed_before {
        step.done()
    } else {
        step.failed()
    }
    Ok(())
}

/// Runs a command, passing on and reading what it says; the answer is whether it ended well.
fn read_along(cargo: &mut Command, summary: &mut Summary) -> Result<bool> {
    let mut child = cargo.stdout(Stdio::piped()).spawn().on("cargo test")?;
    let output = child.stdout.take().ok_or_else(|| Error::new("没有输出", "cargo test has no output"))?;
    for line in BufReader::new(output).lines().map_while(std::io::Result::ok) {
        println!("{line}");
        summary.read(&line);
    }
    Ok(child.wait().on("cargo test")?.success())
}

/// The failures by name, what could not run here, and the sum alone on the last line.
fn report(summary: &Summary) {
    println!();
    for name in &summary.failures {
        println!("FAILED: {name}");
    }
    for what in &summary.not_run {
        println!("NOT RUN: {what}");
    }
    if summary.failed > 0 {
        say::line("有失败", "there are failures");
    }
    println!("{}", summary.closing_line());
}
