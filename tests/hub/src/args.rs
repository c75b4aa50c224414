//! The command line, read by hand: a parser crate would cost more time to compile than all of this command.

use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::nearest::nearest;

/// What `cargo hub --help` prints.
pub(crate) const HELP: &str = "\
汇单 Huidan

用法 usage: cargo hub COMMAND [OPTIONS]

  up       构建并启动 · build what changed and start everything
             --listen ADDR                监听地址 · address to listen on (127.0.0.1:3000)
             --state DIR                  数据目录 · folder of the state (.huidan)
             --demo                       模拟店铺、快递和打印机 · with simulated shops, carriers and a printer
             --runtime-config-file FILE   运行时配置 · Spin's runtime configuration
             --env-file FILE              含 SPIN_VARIABLE_… 的文件 · file of SPIN_VARIABLE_… settings
             --spin                       使用 PATH 中的 spin · hand over to the spin on PATH
  build    只构建 · build components, host and print bridge, start nothing
  test     [NAME] 全部测试，或只跑名称含 NAME 的 · every test, or those whose name contains NAME
  bench    [ARGS…] 性能测试 · the benchmarks
  setup    准备编译环境 · get the wasm32-wasip2 target
  keys     打印一组新密钥 · print a new set of keys for another deployment
  --help   本帮助 · this help";

const COMMANDS: [&str; 7] = ["up", "build", "test", "bench", "setup", "keys", "--help"];
const UP_OPTIONS: [&str; 7] =
    ["--listen", "--state", "--demo", "--runtime-config-file", "--env-file", "--spin", "--help"];

/// Where the hub listens unless told otherwise.
pub(crate) const DEFAULT_LISTEN: &str = "127.0.0.1:3000";

/// A command with everything it was told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// `up`
    Up(UpOptions),
    /// `build`
    Build,
    /// `test`, with the part of a name that chooses among the tests.
    Test(Option<String>),
    /// `bench`, with the arguments for the benchmarks.
    Bench(Vec<String>),
    /// `setup`
    Setup,
    /// `keys`
    Keys,
    /// `--help`
    Help,
}

/// The options of `up`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UpOptions {
    /// `host:port` to listen on; port 0 lets the system choose.
    pub(crate) listen: String,
    /// Folder of the state; `.huidan` in the workspace if not given.
    pub(crate) state: Option<PathBuf>,
    /// Whether simulated shops, carriers and a printer come along.
    pub(crate) demo: bool,
    /// Spin's runtime configuration.
    pub(crate) runtime_config_file: Option<PathBuf>,
    /// File of `SPIN_VARIABLE_…` lines.
    pub(crate) env_file: Option<PathBuf>,
    /// Whether the `spin` on PATH serves instead of the embedded host.
    pub(crate) spin: bool,
}

impl Default for UpOptions {
    fn default() -> Self {
        Self {
            listen: DEFAULT_LISTEN.to_owned(),
            state: None,
            demo: false,
            runtime_config_file: None,
            env_file: None,
            spin: false,
        }
    }
}

/// Reads the arguments after the program's name.
///
/// # Errors
///
/// A usage error that names the nearest known word.
pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Command> {
    let mut arguments = arguments.into_iter();
    let Some(command) = arguments.next() else {
        return Err(Error::usage(format!("缺少命令\n\n{HELP}"), "a command is missing, see above"));
    };
    match command.as_str() {
        "up" => parse_up(arguments),
        "test" => parse_test(arguments),
        "bench" => Ok(Command::Bench(arguments.collect())),
        "build" => alone(Command::Build, "build", arguments),
        "setup" => alone(Command::Setup, "setup", arguments),
        "keys" => alone(Command::Keys, "keys", arguments),
        "--help" | "-h" | "help" => Ok(Command::Help),
        other => Err(unknown("命令", "command", other, &COMMANDS)),
    }
}

fn parse_up(mut arguments: impl Iterator<Item = String>) -> Result<Command> {
    let mut options = UpOptions::default();
    while let Some(argument) = arguments.next() {
        let (name, attached) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (argument.as_str(), None),
        };
        let mut value = || attached.clone().or_else(|| arguments.next()).ok_or_else(|| no_value(name));
        match name {
            "--listen" => options.listen = value()?,
            "--state" => options.state = Some(value()?.into()),
            "--runtime-config-file" => options.runtime_config_file = Some(value()?.into()),
            "--env-file" => options.env_file = Some(value()?.into()),
            "--demo" => options.demo = flag(name, attached.as_deref())?,
            "--spin" => options.spin = flag(name, attached.as_deref())?,
            "--help" | "-h" => return Ok(Command::Help),
            _ => return Err(unknown("选项", "option", name, &UP_OPTIONS)),
        }
    }
    Ok(Command::Up(options))
}

fn parse_test(mut arguments: impl Iterator<Item = String>) -> Result<Command> {
    match (arguments.next(), arguments.next()) {
        (None, _) => Ok(Command::Test(None)),
        (Some(option), _) if option == "--help" || option == "-h" => Ok(Command::Help),
        (Some(option), _) if option.starts_with('-') => Err(unknown("选项", "option", &option, &["--help"])),
        (Some(name), None) => Ok(Command::Test(Some(name))),
        (Some(_), Some(extra)) => Err(superfluous("test", &extra)),
    }
}

/// A command that takes no arguments.
fn alone(command: Command, name: &str, mut arguments: impl Iterator<Item = String>) -> Result<Command> {
    match arguments.next() {
        None => Ok(command),
        Some(help) if help == "--help" || help == "-h" => Ok(Command::Help),
        Some(extra) => Err(superfluous(name, &extra)),
    }
}

fn flag(name: &str, value: Option<&str>) -> Result<bool> {
    match value {
        None => Ok(true),
        Some(value) => Err(Error::usage(
            format!("{name} 不带值，却给了“{value}”"),
            format!("{name} takes no value, but was given \"{value}\""),
        )),
    }
}

fn no_value(name: &str) -> Error {
    Error::usage(format!("{name} 后面缺少值"), format!("{name} needs a value"))
}

fn superfluous(command: &str, extra: &str) -> Error {
    Error::usage(
        format!("“{command}”不接受参数“{extra}”；见 cargo hub --help"),
        format!("\"{command}\" does not take \"{extra}\"; see cargo hub --help"),
    )
}

fn unknown(kind_zh: &str, kind_en: &str, word: &str, known: &[&str]) -> Error {
    let near = nearest(word, known).unwrap_or("--help");
    Error::usage(
        format!("没有{kind_zh}“{word}”，最接近的是“{near}”；见 cargo hub --help"),
        format!("no {kind_en} \"{word}\"; the nearest is \"{near}\"; see cargo hub --help"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn up_alone_listens_on_loopback() {
        let options = UpOptions { listen: "127.0.0.1:3000".into(), ..UpOptions::default() };
        assert_eq!(read("up").unwrap(), Command::Up(options));
    }

    #[test]
    fn every_option_of_up_is_read_in_both_spellings() {
        let options = UpOptions {
            listen: "[::1]:0".into(),
            state: Some("/s".into()),
            demo: true,
            runtime_config_file: Some("r.toml".into()),
            env_file: Some("e".into()),
            spin: true,
        };
        let expected = Command::Up(options);
        let apart = "up --listen [::1]:0 --state /s --demo --runtime-config-file r.toml --env-file e --spin";
        let attached = "up --listen=[::1]:0 --state=/s --demo --runtime-config-file=r.toml --env-file=e --spin";
        assert_eq!(read(apart).unwrap(), expected);
        assert_eq!(read(attached).unwrap(), expected);
    }

    #[test]
    fn every_command_is_read() {
        for (line, command) in [
            ("build", Command::Build),
            ("setup", Command::Setup),
            ("keys", Command::Keys),
            ("test", Command::Test(None)),
            ("test webhook", Command::Test(Some("webhook".into()))),
            ("bench --only label", Command::Bench(vec!["--only".into(), "label".into()])),
            ("--help", Command::Help),
            ("up --help", Command::Help),
            ("build -h", Command::Help),
        ] {
            assert_eq!(read(line).unwrap(), command, "{line}");
        }
    }

    #[test]
    fn a_wrong_word_is_answered_with_the_nearest_in_both_languages() {
        for (line, near) in
            [("biuld", "build"), ("up --lisen :1", "--listen"), ("up --demos", "--demo"), ("tests", "test")]
        {
            let error = read(line).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line}");
            let text = error.to_string();
            assert!(text.contains(&format!("最接近的是“{near}”")), "{text}");
            assert!(text.contains(&format!("the nearest is \"{near}\"")), "{text}");
        }
    }

    #[test]
    fn values_too_few_or_too_many_are_refused() {
        for line in ["", "up --listen", "up --demo=yes", "build now", "test a b", "test --nocapture"] {
            assert_eq!(read(line).unwrap_err().exit_code(), 2, "{line}");
        }
    }
}
