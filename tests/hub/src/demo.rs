//! `cargo hub up --demo`: the same hub between simulated shops and carriers and a printer that draws pictures.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use crate::build::{BRIDGE, PLATFORMS};
use crate::env_file;
use crate::error::{Context, Error, Result};
use crate::http;
use crate::keys;
use crate::say;
use crate::spin::Spin;
use crate::state::{self, State};
use crate::supervise::{Children, Waited};
use crate::up::{self, Serving};

/// The file by which the simulators say where they are; it appears whole, when they serve.
const ADDRESSES: &str = "platforms.env";
/// Beside it: the same and more, as JSON.
const ADDRESSES_JSON: &str = "platforms.json";
/// In the demo's folder: it is the demo's, and may be emptied.
const MARK: &str = "this-is-the-demo";

/// An empty state folder for the demo, inside the usual one and apart from a real shop's data. Each demo begins anew:
/// the simulated shops remember nothing of the last one.
pub(crate) fn fresh_state(folder: &Path) -> Result<State> {
    let demo = folder.join("demo");
    let mark = demo.join(MARK);
    if demo.exists() && !mark.is_file() {
        return Err(Error::new(
            format!("{} 不是演示目录，请用 --state 另选", demo.display()),
            format!("{} is not the demo's folder; choose another --state", demo.display()),
        ));
    }
    // The lock is taken before anything is emptied: another demo may be running here.
    let state = State::open(&demo)?;
    for entry in demo.read_dir().on(demo.display())? {
        let entry = entry.on(demo.display())?;
        let path = entry.path();
        if path.is_dir() {
            fs::remove_dir_all(&path).on(path.display())?;
        } else if entry.file_name() != "lock" {
            fs::remove_file(&path).on(path.display())?;
        }
    }
    fs::write(&mark, "").on(mark.display())?;
    Ok(state)
}

/// Starts the simulators, the hub and the bridge in turn, and stays until they are stopped.
pub(crate) fn run(serving: &mut Serving<'_>, mut children: Children, spin: Option<&Spin>) -> Result<u8> {
    let listen = chosen_port(serving.listen)?;
    let listen = listen.as_str();
    let authority = reachable(listen);
    let hub = format!("http://{authority}");
    let folder = serving.state.path.clone();
    let token = token(serving)?;

    let mut platforms = serving.workspace.program(serving.workspace.native(PLATFORMS));
    platforms.args(["demo", "--hub", &hub, "--state"]).arg(&folder).envs(&serving.variables);
    children.start(PLATFORMS, &mut platforms)?;
    let (addresses, json) = (folder.join(ADDRESSES), folder.join(ADDRESSES_JSON));
    if let Some(code) = children.wait_until(|| addresses.is_file() && json.is_file())? {
        return Ok(code);
    }
    // Over everything else, the environment too: the demo must never reach a real platform.
    serving.variables.extend(env_file::read(&addresses)?);
    let hub_state = Serving {
        listen,
        variables: serving.variables.clone(),
        runtime_config_file: serving.runtime_config_file.clone(),
        ..*serving
    };
    if let Waited::Stopped(code) = up::serve(&hub_state, &mut children, spin)? {
        return Ok(code);
    }

    let sign_in = up::make_owner(&authority, &token);
    let labels = folder.join("labels");
    state::make_private_folder(&labels)?;
    let code = pairing_code(&authority, &token)?;
    let bridge_state = folder.join("bridge");
    let bridge = serving.workspace.native(BRIDGE);
    let mut pair = serving.workspace.program(&bridge);
    crate::workspace::run(pair.args(["pair", "--hub", &hub, &code, "--state"]).arg(&bridge_state))?;
    let mut print = serving.workspace.program(&bridge);
    print.args(["run", "--hub", &hub, "--printer", &format!("demo=dir://{}", labels.display())]);
    let json = fs::read_to_string(&json).on(json.display())?;
    if let Some(component) = print_component(&json) {
        print.args(["--printer", &format!("demo-platform=cnprint://{component}")]);
    }
    children.start(BRIDGE, print.arg("--state").arg(&bridge_state))?;

    tell_where_to_look(&hub, &token, &sign_in, &labels);
    children.supervise()
}

/// The token with the owner's rights that the host will know.
fn token(serving: &Serving<'_>) -> Result<String> {
    let set = std::env::var(keys::ADMIN_TOKEN).ok();
    set.or_else(|| serving.variables.get(keys::ADMIN_TOKEN).cloned())
        .ok_or_else(|| Error::new("没有管理令牌", format!("{} is not set", keys::ADMIN_TOKEN)))
}

/// A code by which the bridge may introduce itself.
fn pairing_code(authority: &str, token: &str) -> Result<String> {
    let answer = http::post(authority, "/api/v1/printers/pairing-codes", Some(token))?;
    let code = http::text_field(&answer, "code");
    code.ok_or_else(|| Error::new("回答中没有配对码", "the answer holds no pairing code"))
}

/// Where the platforms' own print component listens, which alone can print encrypted receivers.
fn print_component(json: &str) -> Option<String> {
    let component = http::text_field(json, "component")?;
    component.strip_prefix("ws://").map(|address| address.trim_end_matches('/').to_owned())
}

/// The address with a port that is known beforehand: the simulators are told it before the hub listens.
fn chosen_port(listen: &str) -> Result<String> {
    let Some(host) = listen.strip_suffix(":0") else { return Ok(listen.to_owned()) };
    let port = TcpListener::bind(listen).and_then(|listener| listener.local_addr()).on(listen)?.port();
    Ok(format!("{host}:{port}"))
}

/// An address to call, for one to listen on: "any" is no place to call.
fn reachable(listen: &str) -> String {
    match listen.rsplit_once(':') {
        Some(("0.0.0.0", port)) => format!("127.0.0.1:{port}"),
        Some(("[::]", port)) => format!("[::1]:{port}"),
        _ => listen.to_owned(),
    }
}

fn tell_where_to_look(hub: &str, token: &str, sign_in: &str, labels: &Path) {
    let labels = labels.display();
    say::line("演示已开始，Ctrl-C 结束", "the demo runs, Ctrl-C ends it");
    println!(
        r#"
  页面 · the page       {hub}/
  登录 · sign in        {sign_in}
  管理令牌 · the token  {token}
  面单图片 · labels     {labels}
  订单 · orders         curl -H 'Authorization: Bearer {token}' {hub}/api/v1/orders
"#
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demo_begins_with_an_empty_folder_and_leaves_the_real_state_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("keys.env"), "real").unwrap();
        let first = fresh_state(folder.path()).unwrap();
        fs::create_dir(first.path.join("labels")).unwrap();
        fs::write(first.path.join("main.db"), "old").unwrap();
        drop(first);
        let second = fresh_state(folder.path()).unwrap();
        assert!(!second.path.join("main.db").exists());
        assert!(!second.path.join("labels").exists());
        assert_eq!(fs::read_to_string(folder.path().join("keys.env")).unwrap(), "real");
    }

    #[test]
    fn a_folder_that_is_not_the_demos_is_never_emptied() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("demo")).unwrap();
        fs::write(folder.path().join("demo/precious"), "").unwrap();
        assert!(fresh_state(folder.path()).is_err());
        assert!(folder.path().join("demo/precious").exists());
    }

    #[test]
    fn a_running_demo_is_not_emptied() {
        let folder = tempfile::tempdir().unwrap();
        let running = fresh_state(folder.path()).unwrap();
        fs::write(running.path.join("main.db"), "in use").unwrap();
        assert!(fresh_state(folder.path()).is_err());
        assert!(running.path.join("main.db").exists());
    }

    #[test]
    fn the_hub_is_called_where_it_can_be_reached() {
        for (listen, called) in
            [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("127.0.0.1:3000", "127.0.0.1:3000")]
        {
            assert_eq!(reachable(listen), called);
        }
    }

    #[test]
    fn the_print_component_is_read_from_the_addresses() {
        let json = "{\n  \"sf\": \"http://127.0.0.1:1\",\n  \"component\": \"ws://127.0.0.1:13528/\"\n}";
        assert_eq!(print_component(json).as_deref(), Some("127.0.0.1:13528"));
        assert_eq!(print_component("{}"), None);
    }

    #[test]
    fn a_port_is_chosen_where_none_is_named() {
        assert_eq!(chosen_port("127.0.0.1:3000").unwrap(), "127.0.0.1:3000");
        assert!(!chosen_port("127.0.0.1:0").unwrap().ends_with(":0"));
    }
}
