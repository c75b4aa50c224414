//! `cargo hub test`: every check there is, as named steps, with one sum at the end.

use std::thread;

use crate::build::{self, TestPrograms};
use crate::error::Result;
use crate::say::{self, Step};
use crate::spin;
use crate::test_programs::{self, Ended};
use crate::test_summary::Summary;
use crate::test_tools;
use crate::wasm::{self, Toolchain};
use crate::workspace::{self, Workspace};

/// Runs all checks, or only the tests whose names contain `filter`; the answer is the exit code.
pub(crate) fn run(workspace: &Workspace, filter: Option<&str>) -> Result<u8> {
    let mut summary = Summary::default();
    let toolchain = wasm::ensure(workspace)?;
    if filter.is_none() {
        test_tools::get(workspace);
        step(&mut summary, "检查格式", "rustfmt", || {
            workspace::run(&mut workspace.cargo(&["fmt", "--all", "--check"]))
        });
    }
    match made(workspace, &toolchain, filter.is_none(), &mut summary) {
        Some(programs) => tests(workspace, &programs, filter, &mut summary),
        None => summary.step_failed("no tests were run"),
    }
    if !spin::is_there() {
        summary.not_run("real Spin");
    }
    report(&summary);
    Ok(u8::from(summary.failed > 0))
}

/// Runs one step and counts it if it fails; the answer is what came of it if it went well.
fn step<T>(summary: &mut Summary, zh: &str, en: &str, check: impl FnOnce() -> Result<T>) -> Option<T> {
    let step = Step::begin(zh, en);
    match check() {
        Ok(came) => {
            step.done();
            Some(came)
        }
        Err(error) => {
            println!("{error}");
            step.failed();
            summary.step_failed(en);
            None
        }
    }
}

/// Looks through and builds everything: the components beside what runs natively, which cargo keeps in folders of their
/// own. Each alone leaves cores idle while its last and largest crates are compiled.
fn made(workspace: &Workspace, toolchain: &Toolchain, looks: bool, summary: &mut Summary) -> Option<TestPrograms> {
    let mut of_components = Summary::default();
    let (components, programs) = thread::scope(|scope| {
        let components = scope.spawn(|| {
            if looks {
                clippy_wasm(workspace, toolchain, &mut of_components);
            }
            step(&mut of_components, "构建组件", "components", || build::all_components(workspace))
        });
        if looks {
            step(summary, "检查代码", "clippy", || clippy(workspace));
        }
        let programs = step(summary, "构建程序", "programs", || build::programs_for_tests(workspace));
        (components.join().unwrap_or_default(), programs)
    });
    summary.add(of_components);
    components.and(programs)
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
fn clippy_wasm(workspace: &Workspace, toolchain: &Toolchain, summary: &mut Summary) {
    if *toolchain != Toolchain::Usual {
        // Clippy reads only libraries of its own compiler.
        summary.not_run("clippy on wasm32-wasip2");
        return;
    }
    step(summary, "检查组件代码", "clippy on wasm32-wasip2", || {
        let mut cargo = workspace.cargo(&["clippy", "--release", "--target", wasm::TARGET]);
        for package in [workspace.functions()?, workspace.test_components()?].concat() {
            cargo.arg("-p").arg(package);
        }
        if workspace.root.join("shared/spin/Cargo.toml").is_file() {
            cargo.args(["-p", "huidan-spin"]);
        }
        cargo.args(["--", "-D", "warnings"]);
        workspace::run(&mut cargo)
    });
}

/// Runs the tests themselves.
fn tests(workspace: &Workspace, (beside, alone): &TestPrograms, filter: Option<&str>, summary: &mut Summary) {
    let step = Step::begin("运行测试", "tests");
    let failed_before = summary.failed;
    for (programs, lanes) in [(beside, test_programs::lanes()), (alone, 1)] {
        test_programs::run(workspace, programs, lanes, filter, |ended| show(&ended, summary));
    }
    if summary.failed == failed_before { step.done() } else { step.failed() }
}

/// Passes on what a program of tests said, and counts it.
fn show(ended: &Ended<'_>, summary: &mut Summary) {
    println!("\n     Running {} ({})", ended.program.name, say::seconds(ended.took));
    print!("{}", ended.output);
    if let Some(uncounted) = summary.read_program(&ended.output, ended.problem.as_deref()) {
        println!("!! {}: {uncounted}", ended.program.name);
        summary.step_failed(&format!("{}: {uncounted}", ended.program.name));
    }
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
