//! `cargo hub fuzz`: the contract of every channel with documents and webhooks that nobody writes, for longer than a
//! test would.

use std::process::Stdio;

use crate::error::{Context, Error, Result};
use crate::nearest::nearest;
use crate::say::{self, Step};
use crate::test_summary::Summary;
use crate::workspace::{self, Workspace};

/// The test that every channel has, in its target `contract`.
const TEST: &str = "it_keeps_the_contract_of_a_channel";
/// How long, for the contract suite of `shared/testkit`.
const SECONDS: &str = "HUIDAN_FUZZ_SECONDS";

/// Fuzzes the named channels, or all of them, so long each; the answer is the exit code.
pub(crate) fn run(workspace: &Workspace, seconds: u64, named: &[String]) -> Result<u8> {
    let channels = chosen(&workspace.functions()?, named)?;
    let step = Step::begin("构建渠道的测试", "building the tests of the channels");
    let mut cargo = workspace.cargo(&["test", "--profile", "native", "--test", "contract", "--no-run"]);
    for channel in &channels {
        cargo.arg("-p").arg(channel);
    }
    workspace::run(&mut cargo)?;
    step.done();
    let mut fell = Vec::new();
    for (index, channel) in channels.iter().enumerate() {
        let (at, of) = (index + 1, channels.len());
        let step = Step::begin(
            format!("模糊测试 {channel}（{at}/{of}，{seconds} 秒）"),
            format!("fuzzing {channel} ({at} of {of}, {seconds} s)"),
        );
        match one(workspace, channel, seconds)? {
            None => step.done(),
            Some(said) => {
                println!("{said}");
                step.failed();
                fell.push(channel.as_str());
            }
        }
    }
    for channel in &fell {
        println!("FAILED: {channel}");
    }
    let (held, failed) = (channels.len() - fell.len(), fell.len());
    say::line(
        format!("每个渠道 {seconds} 秒：{held} 个通过，{failed} 个失败"),
        format!("{seconds} s for each channel: {held} held, {failed} failed"),
    );
    Ok(u8::from(failed > 0))
}

/// Fuzzes one channel; what it said, when it did not hold.
fn one(workspace: &Workspace, channel: &str, seconds: u64) -> Result<Option<String>> {
    let mut cargo = workspace.cargo(&["test", "--quiet", "--profile", "native", "--test", "contract", "-p", channel]);
    cargo.args(["--", TEST, "--exact"]).env(SECONDS, seconds.to_string()).stderr(Stdio::inherit());
    let output = cargo.output().on(workspace::shown(&cargo))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    // A test that was not there did not hold anything.
    let held = output.status.success() && passed(&said) == 1;
    Ok((!held).then_some(said))
}

fn passed(said: &str) -> u64 {
    let mut summary = Summary::default();
    said.lines().for_each(|line| summary.read(line));
    summary.passed
}

/// The packages of the channels that were named, by `taobao` or `channel-taobao`; of all where none was.
fn chosen(functions: &[String], named: &[String]) -> Result<Vec<String>> {
    let known: Vec<&str> = functions.iter().filter_map(|id| id.strip_prefix("channel-")).collect();
    let one = |word: &String| {
        let name = word.strip_prefix("channel-").unwrap_or(word);
        if known.contains(&name) {
            return Ok(format!("channel-{name}"));
        }
        let near = nearest(name, &known).unwrap_or("--help");
        Err(Error::usage(
            format!("没有渠道“{word}”，最接近的是“{near}”"),
            format!("no channel \"{word}\"; the nearest is \"{near}\""),
        ))
    };
    if named.is_empty() {
        return Ok(known.iter().map(|name| format!("channel-{name}")).collect());
    }
    named.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn all_channels_are_chosen_unless_some_are_named() {
        let functions = words(&["carrier-sf", "channel-jd", "channel-taobao"]);
        assert_eq!(chosen(&functions, &[]).unwrap(), ["channel-jd", "channel-taobao"]);
        assert_eq!(chosen(&functions, &words(&["taobao", "channel-jd"])).unwrap(), ["channel-taobao", "channel-jd"]);
        let error = chosen(&functions, &words(&["taoboa"])).unwrap_err().to_string();
        assert!(error.contains("the nearest is \"taobao\""), "{error}");
    }

    #[test]
    fn a_test_that_is_not_there_holds_nothing() {
        assert_eq!(passed("test result: ok. 1 passed; 0 failed; 0 ignored"), 1);
        assert_eq!(passed("test result: ok. 0 passed; 0 failed; 0 ignored; 9 filtered out"), 0);
    }

    #[test]
    fn every_channel_of_this_workspace_has_the_test_that_is_run() {
        let workspace = Workspace::find().unwrap();
        let root = workspace.root.join("functions/channel");
        for id in chosen(&workspace.functions().unwrap(), &[]).unwrap() {
            let tests = root.join(id.trim_start_matches("channel-")).join("tests");
            let texts = ["contract.rs", "contract/main.rs"].map(|file| std::fs::read_to_string(tests.join(file)));
            let there = texts.into_iter().flatten().any(|text| text.contains(&format!("fn {TEST}()")));
            assert!(there, "{id}: tests/contract has no test {TEST}");
        }
    }
}
