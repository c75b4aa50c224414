//! `cargo hub replay`: has a running hub read its stored documents again, after a reader, a step or a mapping was
//! mended. Doing it twice changes nothing.

use std::collections::BTreeSet;
use std::env;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::args::ReplayOptions;
use crate::env_file;
use crate::error::{Error, Result};
use crate::http::Ask;
use crate::keys::ADMIN_TOKEN;
use crate::say;
use crate::up::STATE;
use crate::workspace::Workspace;

/// The hub itself gives up after 30 s.
const PATIENCE: Duration = Duration::from_secs(45);
/// How often a long run says how far it is.
const SAY_EVERY: Duration = Duration::from_secs(1);

/// Reads again; the answer is the exit code: 1 when something could not be read or not be tried.
pub(crate) fn run(workspace: &Workspace, options: &ReplayOptions) -> Result<u8> {
    let hub = Hub { authority: authority(&options.hub)?, token: token(workspace, options)? };
    let orders = orders(&hub, options)?;
    let unread = orders.asked.saturating_sub(orders.read);
    say::line(
        format!("重读了 {} 个订单，其中 {} 个可读，{unread} 个保持原样", orders.asked, orders.read),
        format!("{} orders read again: {} could be read, {unread} stay as they were", orders.asked, orders.read),
    );
    let refused = if options.quarantine { quarantine(&hub, options.shop.as_deref())? } else { 0 };
    Ok(u8::from(unread > 0 || refused > 0))
}

/// How many orders were to be read again, and how many could be.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    asked: u64,
    read: u64,
}

/// A hundred at a time, until the hub names no next one.
fn orders(hub: &Hub, options: &ReplayOptions) -> Result<Count> {
    let (mut count, mut cursor, mut said) = (Count::default(), Value::Null, Instant::now());
    loop {
        let ask = json!({ "shop": options.shop, "since": options.since, "cursor": cursor });
        let answer = hub.post("/api/v1/orders/replay", &ask).map_err(|error| after(&error, count.asked))?;
        let number = |name: &str| answer.get(name).and_then(Value::as_u64).ok_or_else(|| odd("orders/replay"));
        count.asked += number("orders")?;
        count.read += number("read")?;
        match answer.get("next").and_then(Value::as_str) {
            None => return Ok(count),
            Some(next) if cursor.as_str() == Some(next) => return Err(odd("orders/replay")),
            Some(next) => cursor = next.into(),
        }
        if said.elapsed() >= SAY_EVERY {
            said = Instant::now();
            say::line(format!("已重读 {} 个订单……", count.asked), format!("{} orders so far …", count.asked));
        }
    }
}

/// An error in the middle says what was done, and that beginning again does no harm.
fn after(error: &Error, done: u64) -> Error {
    if done == 0 {
        return error.clone();
    }
    Error::new(
        format!("{}（此前已重读 {done} 个订单；再运行一次即可，重复无害）", error.zh()),
        format!("{} (after {done} orders; run it again, doing it twice changes nothing)", error.en()),
    )
}

/// Tries every document that waits in quarantine once, and answers how many the hub would not try. One that fails again
/// comes back under another id; it is told by what it is about, so that this ends.
fn quarantine(hub: &Hub, shop: Option<&str>) -> Result<usize> {
    let (mut tried, mut refused) = (BTreeSet::new(), Vec::new());
    let mut rounds: Vec<BTreeSet<(String, String)>> = Vec::new();
    loop {
        let mut round = BTreeSet::new();
        for kept in waiting(hub)? {
            let about = (kept.account.clone(), kept.ext_id.clone());
            let seen = tried.contains(&kept.id) || rounds.iter().any(|round| round.contains(&about));
            if seen || shop.is_some_and(|shop| shop != kept.account) {
                continue;
            }
            match hub.post(&format!("/api/v1/quarantine/{}/replay", kept.id), &json!({})) {
                Ok(_) => {}
                Err(error) => refused.push(format!("{}: {}", kept.id, error.en())),
            }
            tried.insert(kept.id);
            round.insert(about);
        }
        if round.is_empty() {
            break;
        }
        rounds.push(round);
    }
    for line in &refused {
        println!("     {line}");
    }
    let (done, refused) = (tried.len() - refused.len(), refused.len());
    say::line(
        format!("重试了 {done} 份隔离单据，{refused} 份被拒绝；仍读不懂的会带着原因回到“异常”列表"),
        format!(
            "{done} quarantined documents tried again, {refused} refused; what still cannot be handled returns to the \
             exceptions with its reason"
        ),
    );
    Ok(refused)
}

/// A document in quarantine.
struct Kept {
    id: String,
    account: String,
    ext_id: String,
}

/// Those that wait, the first hundred.
fn waiting(hub: &Hub) -> Result<Vec<Kept>> {
    let answer = hub.ask("GET", "/api/v1/exceptions", "")?;
    let listed = answer.get("quarantine").and_then(Value::as_array).ok_or_else(|| odd("exceptions"))?;
    let one = |kept: &Value| {
        let text =
            |name: &str| kept.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| odd("exceptions"));
        Ok(Kept { id: text("id")?, account: text("account")?, ext_id: text("ext_id")? })
    };
    listed.iter().map(one).collect()
}

fn odd(what: &str) -> Error {
    Error::new(
        format!("{what} 的回答不是预期的样子；hub 与本命令是否为同一版本？"),
        format!("the answer of {what} is not what it should be; are the hub and this command of one version?"),
    )
}

/// A running hub.
struct Hub {
    authority: String,
    token: String,
}

impl Hub {
    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.ask("POST", path, &body.to_string())
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Result<Value> {
        let bearer = Some(self.token.as_str());
        let ask = Ask { authority: &self.authority, method, path, bearer, body, patience: PATIENCE };
        let (status, body) = ask.send().map_err(|error| unreachable(&error))?;
        let answer: Value = serde_json::from_str(&body).unwrap_or_default();
        match status {
            200..300 => Ok(answer),
            401 | 403 => Err(Error::new(
                format!(
                    "hub 不接受该令牌（{status}）：设置 HUIDAN_TOKEN，或用 --state 指明它的数据目录（演示：.huidan/demo）"
                ),
                format!(
                    "the hub does not take this token ({status}): set HUIDAN_TOKEN, or name its folder by --state (the \
                     demo's: .huidan/demo)"
                ),
            )),
            _ => {
                let detail = answer.get("detail").and_then(Value::as_str).unwrap_or(&body);
                Err(Error::new(format!("hub 回答 {status}：{detail}"), format!("the hub answered {status}: {detail}")))
            }
        }
    }
}

fn unreachable(error: &Error) -> Error {
    Error::new(
        format!("{}；先用 cargo hub up 启动，或用 --hub 指明地址", error.zh()),
        format!("{}; start it by cargo hub up, or name its address by --hub", error.en()),
    )
}

/// `host:port` of an address. The token is sent as it is, so only plain HTTP to a place that is named on purpose.
fn authority(hub: &str) -> Result<String> {
    let rest = hub.strip_prefix("http://").unwrap_or(hub).trim_end_matches('/');
    if rest.is_empty() || rest.contains('/') || rest.contains('@') {
        return Err(Error::usage(
            format!("“{hub}”不能用：请写 http://主机:端口；远处的 hub 请在那台机器上运行，或经 ssh -L 转发"),
            format!(
                "\"{hub}\" is of no use: write http://host:port; for a hub far away run this on its machine, or through \
                 ssh -L"
            ),
        ));
    }
    let has_port = rest.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    Ok(if has_port { rest.to_owned() } else { format!("{rest}:80") })
}

/// What the environment says, else the admin token that `up` keeps.
fn token(workspace: &Workspace, options: &ReplayOptions) -> Result<String> {
    let said = ["HUIDAN_TOKEN", ADMIN_TOKEN].into_iter().find_map(|name| env::var(name).ok());
    if let Some(token) = said.filter(|token| !token.is_empty()) {
        return Ok(token);
    }
    let file = options.state.clone().unwrap_or_else(|| workspace.root.join(STATE)).join("keys.env");
    let kept = if file.is_file() { env_file::read(&file)?.remove(ADMIN_TOKEN) } else { None };
    kept.ok_or_else(|| {
        Error::new(
            format!("没有令牌：设置 HUIDAN_TOKEN，或用 --state 指明含 keys.env 的目录（找过 {}）", file.display()),
            format!(
                "no token: set HUIDAN_TOKEN, or name the folder with keys.env by --state (looked for {})",
                file.display()
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_in_its_usual_spellings() {
        for (hub, is) in [
            ("http://127.0.0.1:3000", "127.0.0.1:3000"),
            ("http://[::1]:3000/", "[::1]:3000"),
            ("localhost:8080", "localhost:8080"),
            ("http://hub", "hub:80"),
        ] {
            assert_eq!(authority(hub).unwrap(), is);
        }
        for hub in ["", "https://hub.example.com", "http://hub/api", "http://me@hub"] {
            assert_eq!(authority(hub).unwrap_err().exit_code(), 2, "{hub}");
        }
    }

    #[test]
    fn an_error_in_the_middle_says_how_far_it_came() {
        let error = after(&Error::new("断", "broken"), 300).to_string();
        assert!(error.contains("300") && error.contains("doing it twice changes nothing"), "{error}");
        assert_eq!(after(&Error::new("断", "broken"), 0).en(), "broken");
    }
}
