//! `huidan-bench`: each figure beside its yardstick in the same run. Started by `cargo hub bench`, which builds what it
//! needs. Nothing is asserted about time: the table says what came out, on what machine, from how many samples.

mod bridge;
mod cost;
mod error;
mod facts;
mod faults;
mod flow;
mod host;
mod house;
mod idle;
mod label;
mod labels;
mod lists;
mod load;
mod many;
mod memory;
mod orders;
mod paper;
mod pulled;
mod say;
mod sink;
mod site;
mod start;
mod table;
mod timing;
mod webhook;
mod yardstick;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use error::Result;
use table::Table;

/// As in the host, so that the yardstick does not lose by its allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Each figure beside its yardstick in the same run 每项指标与同场标尺并列
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Small counts: whether it runs, not how fast 小样本，只看能否跑通
    #[arg(long)]
    quick: bool,
    /// Only this figure (repeatable) 只测这一项
    #[arg(long, value_name = "NAME")]
    only: Vec<Figure>,
    /// Folder for databases: its disk's commits are what everything durable waits for 数据目录，决定落盘快慢
    #[arg(long, value_name = "DIR")]
    disk: Option<PathBuf>,
    /// Folder of components, if not `target/components`: two states can be measured in turns 组件目录，便于同场比较两个版本
    #[arg(long, value_name = "DIR")]
    components: Option<PathBuf>,
    /// Seed of orders and labels 订单与面单的随机种子
    #[arg(long, default_value_t = 7)]
    seed: u64,
    #[command(subcommand)]
    hidden: Option<Hidden>,
}

#[derive(Subcommand)]
enum Hidden {
    /// Serves the yardstick; the benchmark starts this itself 标尺服务，由本程序自行启动
    #[command(hide = true)]
    Yardstick {
        /// Folder of its database 数据目录
        #[arg(long)]
        state: PathBuf,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Figure {
    /// Webhooks acknowledged
    Webhook,
    /// From a webhook to a job that a bridge can claim
    Flow,
    /// Labels rendered
    Label,
    /// A warm start
    Start,
    /// Resident memory
    Memory,
    /// Orders that are pulled
    Pulled,
    /// Lists of orders over a million of them
    Lists,
    /// Other orders beside a fault
    Faults,
    /// From "print" to the sink's last byte, through a real bridge
    Labels,
    /// What host and bridge compute while nothing happens
    Idle,
}

/// How much of everything, and from which seed.
#[derive(Clone, Copy, Debug)]
struct Scale {
    quick: bool,
    seed: u64,
}

impl Scale {
    /// The full count, or the small one.
    fn of(self, full: usize, small: usize) -> usize {
        if self.quick { small } else { full }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(problem) => return failed(&problem),
    };
    let ran = match &arguments.hidden {
        Some(Hidden::Yardstick { state }) => runtime.block_on(yardstick::serve(state)),
        None => runtime.block_on(run(&arguments)),
    };
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => failed(&problem),
    }
}

async fn run(arguments: &Arguments) -> Result<()> {
    let scale = Scale { quick: arguments.quick, seed: arguments.seed };
    if let Some(disk) = &arguments.disk {
        host::keep_in(std::path::absolute(disk)?);
    }
    if let Some(components) = &arguments.components {
        host::take_components_from(std::path::absolute(components)?);
    }
    facts::print(scale)?;
    let mut table = Table::default();
    let measured = figures(arguments, scale, &mut table).await;
    // What was measured before something failed is worth having.
    print!("\n{table}");
    measured
}

async fn figures(arguments: &Arguments, scale: Scale, table: &mut Table) -> Result<()> {
    let wanted = |figure| arguments.only.is_empty() || arguments.only.contains(&figure);
    if wanted(Figure::Label) {
        label::measure(scale, table).await?;
    }
    if wanted(Figure::Webhook) {
        webhook::measure(scale, table).await?;
    }
    if wanted(Figure::Flow) {
        flow::measure(scale, table).await?;
    }
    if wanted(Figure::Memory) {
        memory::measure(scale, table).await?;
    }
    if wanted(Figure::Pulled) {
        pulled::measure(scale, table).await?;
    }
    if wanted(Figure::Lists) {
        lists::measure(scale, table).await?;
    }
    if wanted(Figure::Faults) {
        faults::measure(scale, table).await?;
    }
    if wanted(Figure::Labels) {
        labels::measure(scale, table).await?;
    }
    if wanted(Figure::Idle) {
        idle::measure(scale, table).await?;
    }
    if wanted(Figure::Start) {
        start::measure(scale, table).await?;
    }
    Ok(())
}

fn failed(problem: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("huidan-bench: {problem}");
    ExitCode::FAILURE
}
