//! `cargo hub up`: everything a shop needs, in one terminal.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::args::UpOptions;
use crate::build;
use crate::demo;
use crate::env_file::{self, Variables};
use crate::error::{Context, Result};
use crate::keys::{self, Keys};
use crate::spin::{self, Spin};
use crate::state::State;
use crate::supervise::{Children, Waited};
use crate::workspace::Workspace;

/// What a serving host says when the next request will be answered.
pub(crate) const LISTENING: &str = "listening on ";
/// Set by tests that start this command among programs built for them: building the usual ones would replace these (the
/// bridge's has fail points).
const BUILT: &str = "HUIDAN_BUILT";
/// The default state folder, in the workspace.
pub(crate) const STATE: &str = ".huidan";

/// What a host is started with.
#[derive(Debug)]
pub(crate) struct Serving<'a> {
    /// The workspace.
    pub(crate) workspace: &'a Workspace,
    /// Where to listen.
    pub(crate) listen: &'a str,
    /// The state folder.
    pub(crate) state: &'a State,
    /// Spin's runtime configuration, as an absolute path.
    pub(crate) runtime_config_file: Option<PathBuf>,
    /// The settings.
    pub(crate) variables: Variables,
}

/// Builds what changed, starts everything, and stays until it is stopped; the answer is the exit code.
pub(crate) fn run(workspace: &Workspace, options: &UpOptions) -> Result<u8> {
    let spin = if options.spin { Some(spin::find()?) } else { None };
    let folder = match &options.state {
        Some(folder) => std::path::absolute(folder).on(folder.display())?,
        None => workspace.root.join(STATE),
    };
    let state = if options.demo { demo::fresh_state(&folder)? } else { State::open(&folder)? };
    if env::var_os(BUILT).is_none() {
        build::components(workspace, &workspace.functions()?)?;
        for programs in needed(options) {
            build::native(workspace, &programs)?;
        }
    }

    let keys = keys::load_or_make(&state.path)?;
    let runtime_config_file = match &options.runtime_config_file {
        Some(file) => Some(std::fs::canonicalize(file).on(file.display())?),
        None => None,
    };
    let variables = settings(&keys, options.env_file.as_deref())?;
    let mut serving = Serving { workspace, listen: &options.listen, state: &state, runtime_config_file, variables };
    let mut children = Children::new()?;
    if options.demo {
        return demo::run(&mut serving, children, spin.as_ref());
    }
    match serve(&serving, &mut children, spin.as_ref())? {
        Waited::Stopped(code) => Ok(code),
        Waited::Line(line) => {
            if keys.new {
                greet(line.trim_start_matches(LISTENING), &keys);
            }
            children.supervise()
        }
    }
}

/// The native programs that these options call for, those together that are built together.
fn needed(options: &UpOptions) -> Vec<Vec<&'static str>> {
    let host = (!options.spin).then(|| vec![build::HOST]);
    let others = if options.demo { vec![build::BRIDGE, build::PLATFORMS] } else { vec![build::BRIDGE] };
    host.into_iter().chain([others]).collect()
}

/// The made keys, over them the env file. What the environment says wins over both: it reaches the host by itself.
fn settings(keys: &Keys, env_file: Option<&Path>) -> Result<Variables> {
    let mut variables = keys.variables.clone();
    if let Some(file) = env_file {
        variables.extend(env_file::read(file)?);
    }
    variables.retain(|name, _| env::var_os(name).is_none());
    Ok(variables)
}

/// Starts the host, or Spin, and waits until it listens.
pub(crate) fn serve(serving: &Serving<'_>, children: &mut Children, spin: Option<&Spin>) -> Result<Waited> {
    match spin {
        Some(spin) => spin::serve(spin, serving, children),
        None => {
            children.start(build::HOST, &mut host_command(serving)?)?;
            children.wait_for(build::HOST, LISTENING)
        }
    }
}

fn host_command(serving: &Serving<'_>) -> Result<Command> {
    let mut command = serving.workspace.program(serving.workspace.native(build::HOST));
    command.arg("--manifest").arg(serving.workspace.root.join("spin.toml"));
    command.args(["--listen", serving.listen]).arg("--state").arg(&serving.state.path);
    if let Some(file) = &serving.runtime_config_file {
        command.arg("--runtime-config-file").arg(file);
    }
    command.envs(&serving.variables).stdin(serving.state.lock_handle()?);
    Ok(command)
}

/// Who signs in first.
const OWNER: &str = "owner";

/// Makes the first person who may sign in on the page, and answers name and password, which are shown once; or, since the
/// hub serves all the same, what went wrong.
pub(crate) fn make_owner(authority: &str, token: &str) -> String {
    let made = keys::secret().and_then(|mut password| {
        password.truncate(16);
        let body = format!(r#"{{"name":"{OWNER}","password":"{password}","role":"owner"}}"#);
        crate::http::post_json(authority, "/api/v1/users", Some(token), &body)?;
        Ok(format!("{OWNER} / {password}   （只显示这一次 · shown this once）"))
    });
    made.unwrap_or_else(|error| {
        format!("请用 POST /api/v1/users 添加用户 · add a user by POST /api/v1/users ({error})")
    })
}

/// What a person reads after the very first start.
fn greet(url: &str, keys: &Keys) {
    let token = env::var(keys::ADMIN_TOKEN).ok().or_else(|| keys.variables.get(keys::ADMIN_TOKEN).cloned());
    let token = token.unwrap_or_default();
    let sign_in = make_owner(url.trim_start_matches("http://"), &token);
    let file = keys.file.display();
    println!(
        r#"
  首次启动 · first start
  页面 · the page       {url}/
  登录 · sign in        {sign_in}
  令牌 · admin token    {token}
                        （供脚本使用；令牌和密钥保存在 · for scripts; kept with the keys in {file}）
  第一家店铺，在页面上添加，或：
  the first shop, on the page, or:
    curl {url}/api/v1/shops -H "Authorization: Bearer $ADMIN_TOKEN" -H 'Content-Type: application/json' \
      -d '{{"id":"s1","channel":"own-shop","name":"My shop","mode":"live","environment":"live","credentials":{{"webhook_secret":"…"}}}}'
  接口说明 · the API: {url}/api/v1/openapi.json
"#
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        let variables = [("A_KEY", "made"), ("B_KEY", "made"), ("PATH", "made")];
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Keys { file: "keys.env".into(), variables, new: false }
    }

    #[test]
    fn an_env_file_wins_over_made_keys_and_the_environment_over_both() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("env");
        std::fs::write(&file, "B_KEY=mine\nPATH=mine\nC=mine\n").unwrap();
        let variables = settings(&keys(), Some(&file)).unwrap();
        let read = |name: &str| variables.get(name).map(String::as_str);
        assert_eq!(
            (read("A_KEY"), read("B_KEY"), read("C"), read("PATH")),
            (Some("made"), Some("mine"), Some("mine"), None)
        );
    }

    #[test]
    fn the_host_is_built_unless_spin_serves_and_the_simulators_only_for_the_demo() {
        let plain = UpOptions::default();
        assert_eq!(needed(&plain), [vec!["huidan-host"], vec!["print-bridge"]]);
        let spin_demo = UpOptions { spin: true, demo: true, ..UpOptions::default() };
        assert_eq!(needed(&spin_demo), [["print-bridge", "huidan-platforms"]]);
    }

    #[test]
    fn the_host_gets_its_settings_by_environment_and_not_by_arguments() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path()).unwrap();
        let workspace = Workspace { root: "/w".into(), target: "/t".into() };
        let serving = Serving {
            workspace: &workspace,
            listen: "127.0.0.1:0",
            state: &state,
            runtime_config_file: Some("/r.toml".into()),
            variables: keys().variables,
        };
        let command = host_command(&serving).unwrap();
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy().into_owned()).collect();
        let line = arguments.join(" ");
        assert!(line.starts_with("--manifest /w/spin.toml --listen 127.0.0.1:0 --state "), "{line}");
        assert!(line.ends_with("--runtime-config-file /r.toml"), "{line}");
        assert!(!line.contains("made"), "{line}");
        assert!(command.get_envs().any(|(name, value)| name == "A_KEY" && value.is_some_and(|value| value == "made")));
    }
}
