//! The command line, read by hand: a parser crate would cost more time to compile than all of this command.

mod words;

use std::path::PathBuf;

use crate::error::{Error, Result};
use words::{Words, no_value, superfluous, unknown};

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
  fuzz     [CHANNEL…] 用损坏的单据和推送折腾渠道 · spoilt documents and webhooks for every channel, or those named
             --seconds N                  每个渠道的秒数 · seconds for each channel (60)
  day      模拟的一天，有无自愈各一次 · the simulated day, with and without what heals it
             --seeds N                    随机种子数 · seeds (10)
             --orders N                   每个种子的订单数 · orders of each seed (10000)
  replay   让运行中的 hub 重读已存单据 · have a running hub read its stored documents again
             --shop S                     只重读该店铺 · of that shop alone
             --since RFC3339              渠道在此之后改动的 · changed at their channel since
             --quarantine                 隔离的单据也重试 · quarantined documents too
             --hub URL                    hub 的地址 · where the hub is (http://127.0.0.1:3000)
             --state DIR                  取令牌的目录，HUIDAN_TOKEN 优先 · folder of its token, unless HUIDAN_TOKEN is set
  new      channel NAME 由模板新建渠道 · a new channel from the template
  setup    准备编译与测试环境 · get the wasm32-wasip2 target, and the programs that tests ask
  keys     打印一组新密钥 · print a new set of keys for another deployment
  --help   本帮助 · this help";

const COMMANDS: [&str; 11] =
    ["up", "build", "test", "bench", "fuzz", "day", "replay", "new", "setup", "keys", "--help"];
const UP_OPTIONS: [&str; 7] =
    ["--listen", "--state", "--demo", "--runtime-config-file", "--env-file", "--spin", "--help"];
const REPLAY_OPTIONS: [&str; 6] = ["--shop", "--since", "--quarantine", "--hub", "--state", "--help"];

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
    /// `fuzz`
    Fuzz {
        /// For each channel.
        seconds: u64,
        /// By name; all of them where none is named.
        channels: Vec<String>,
    },
    /// `day`
    Day {
        /// How many seeds.
        seeds: u64,
        /// Orders of each.
        orders: u64,
    },
    /// `replay`
    Replay(ReplayOptions),
    /// `new channel`, with its name.
    NewChannel(String),
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

/// The options of `replay`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ReplayOptions {
    /// Of that shop alone.
    pub(crate) shop: Option<String>,
    /// Changed at their channel since.
    pub(crate) since: Option<String>,
    /// Whether quarantined documents are tried again too.
    pub(crate) quarantine: bool,
    /// Where the hub is.
    pub(crate) hub: String,
    /// Folder of the state, for the token.
    pub(crate) state: Option<PathBuf>,
}

impl Default for ReplayOptions {
    fn default() -> Self {
        let hub = format!("http://{DEFAULT_LISTEN}");
        Self { shop: None, since: None, quarantine: false, hub, state: None }
    }
}

/// Reads the arguments after the program's name.
///
/// # Errors
///
/// A usage error that names the nearest known word.
pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Command> {
    let mut words = Words::new(arguments.into_iter());
    let Some(command) = words.rest.next() else {
        return Err(Error::usage(format!("缺少命令\n\n{HELP}"), "a command is missing, see above"));
    };
    match command.as_str() {
        "up" => parse_up(words),
        "test" => parse_test(words.rest),
        "bench" => Ok(Command::Bench(words.rest.collect())),
        "fuzz" => parse_fuzz(words),
        "day" => parse_day(words),
        "replay" => parse_replay(words),
        "new" => parse_new(words.rest),
        "build" => alone(Command::Build, "build", words.rest),
        "setup" => alone(Command::Setup, "setup", words.rest),
        "keys" => alone(Command::Keys, "keys", words.rest),
        "--help" | "-h" | "help" => Ok(Command::Help),
        other => Err(unknown("命令", "command", other, &COMMANDS)),
    }
}

fn parse_up(mut words: Words<impl Iterator<Item = String>>) -> Result<Command> {
    let mut options = UpOptions::default();
    while let Some(word) = words.next() {
        match word.name.as_str() {
            "--listen" => options.listen = words.value(word)?,
            "--state" => options.state = Some(words.value(word)?.into()),
            "--runtime-config-file" => options.runtime_config_file = Some(words.value(word)?.into()),
            "--env-file" => options.env_file = Some(words.value(word)?.into()),
            "--demo" => options.demo = word.flag()?,
            "--spin" => options.spin = word.flag()?,
            "--help" | "-h" => return Ok(Command::Help),
            name => return Err(unknown("选项", "option", name, &UP_OPTIONS)),
        }
    }
    Ok(Command::Up(options))
}

fn parse_replay(mut words: Words<impl Iterator<Item = String>>) -> Result<Command> {
    let mut options = ReplayOptions::default();
    while let Some(word) = words.next() {
        match word.name.as_str() {
            "--shop" => options.shop = Some(words.value(word)?),
            "--since" => options.since = Some(words.value(word)?),
            "--hub" => options.hub = words.value(word)?,
            "--state" => options.state = Some(words.value(word)?.into()),
            "--quarantine" => options.quarantine = word.flag()?,
            "--help" | "-h" => return Ok(Command::Help),
            name => return Err(unknown("选项", "option", name, &REPLAY_OPTIONS)),
        }
    }
    Ok(Command::Replay(options))
}

fn parse_fuzz(mut words: Words<impl Iterator<Item = String>>) -> Result<Command> {
    let (mut seconds, mut channels) = (60, Vec::new());
    while let Some(word) = words.next() {
        match word.name.as_str() {
            "--seconds" => seconds = words.number(word)?,
            "--help" | "-h" => return Ok(Command::Help),
            name if name.starts_with('-') => return Err(unknown("选项", "option", name, &["--seconds", "--help"])),
            name => channels.push(name.to_owned()),
        }
    }
    Ok(Command::Fuzz { seconds, channels })
}

fn parse_day(mut words: Words<impl Iterator<Item = String>>) -> Result<Command> {
    let (mut seeds, mut orders) = (10, 10_000);
    while let Some(word) = words.next() {
        match word.name.as_str() {
            "--seeds" => seeds = words.number(word)?,
            "--orders" => orders = words.number(word)?,
            "--help" | "-h" => return Ok(Command::Help),
            name => return Err(unknown("选项", "option", name, &["--seeds", "--orders", "--help"])),
        }
    }
    Ok(Command::Day { seeds, orders })
}

fn parse_new(mut arguments: impl Iterator<Item = String>) -> Result<Command> {
    match arguments.next().as_deref() {
        Some("channel") => {}
        Some("--help" | "-h") => return Ok(Command::Help),
        Some(other) => return Err(unknown("可新建的东西", "thing to make", other, &["channel"])),
        None => return Err(no_value("new channel")),
    }
    let Some(name) = arguments.next() else { return Err(no_value("new channel")) };
    match arguments.next() {
        _ if name == "--help" || name == "-h" => Ok(Command::Help),
        None => Ok(Command::NewChannel(name)),
        Some(extra) => Err(superfluous("new channel", &extra)),
    }
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
    fn every_option_of_replay_is_read() {
        let options = ReplayOptions {
            shop: Some("s1".into()),
            since: Some("2026-11-21T00:00:00Z".into()),
            quarantine: true,
            hub: "http://hub:1".into(),
            state: Some("/s".into()),
        };
        let line = "replay --shop s1 --since=2026-11-21T00:00:00Z --quarantine --hub http://hub:1 --state /s";
        assert_eq!(read(line).unwrap(), Command::Replay(options));
    }

    #[test]
    fn the_help_names_every_command_and_every_option() {
        let options = UP_OPTIONS.iter().chain(&REPLAY_OPTIONS).chain(&["--seconds", "--seeds", "--orders"]);
        for word in COMMANDS.iter().chain(options) {
            assert!(HELP.lines().any(|line| line.trim_start().starts_with(word)), "{word}");
        }
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
            ("fuzz", Command::Fuzz { seconds: 60, channels: Vec::new() }),
            ("fuzz jd --seconds=5 sf", Command::Fuzz { seconds: 5, channels: vec!["jd".into(), "sf".into()] }),
            ("day", Command::Day { seeds: 10, orders: 10_000 }),
            ("day --orders 50 --seeds 2", Command::Day { seeds: 2, orders: 50 }),
            ("new channel corner-shop", Command::NewChannel("corner-shop".into())),
            ("new --help", Command::Help),
            ("new channel -h", Command::Help),
            ("replay", Command::Replay(ReplayOptions::default())),
            ("replay -h", Command::Help),
            ("--help", Command::Help),
            ("up --help", Command::Help),
            ("build -h", Command::Help),
        ] {
            assert_eq!(read(line).unwrap(), command, "{line}");
        }
    }

    #[test]
    fn a_wrong_word_is_answered_with_the_nearest_in_both_languages() {
        for (line, near) in [
            ("biuld", "build"),
            ("up --lisen :1", "--listen"),
            ("up --demos", "--demo"),
            ("tests", "test"),
            ("repaly", "replay"),
            ("replay --quaratine", "--quarantine"),
            ("new chanel x", "channel"),
            ("fuzz --second 5", "--seconds"),
            ("day --seed 5", "--seeds"),
        ] {
            let error = read(line).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line}");
            let text = error.to_string();
            assert!(text.contains(&format!("最接近的是“{near}”")), "{text}");
            assert!(text.contains(&format!("the nearest is \"{near}\"")), "{text}");
        }
    }

    #[test]
    fn values_too_few_or_too_many_are_refused() {
        for line in [
            "",
            "up --listen",
            "up --demo=yes",
            "build now",
            "test a b",
            "test --nocapture",
            "new",
            "new channel",
            "new channel a b",
            "fuzz --seconds",
            "fuzz --seconds 0",
            "day --seeds many",
            "replay s1",
            "replay --quarantine=yes",
        ] {
            assert_eq!(read(line).unwrap_err().exit_code(), 2, "{line}");
        }
    }
}
