//! Feishu's group robots (飞书群机器人): a token in the path, time and signature in the body.

#[cfg(target_family = "wasm")]
mod shell;
mod sign;

pub use sign::sign;

use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, fault, pairs, redact};
use huidan_notice::common::{self, Meaning};
use huidan_notice::{CredentialField, Limit, Manifest, Message, Notice, Reach, Repeat, Sent};
use serde_json::json;

/// The robot.
#[derive(Debug, Clone, Copy)]
pub struct Feishu;

const MANIFEST: Manifest = Manifest {
    id: "feishu",
    zh: "飞书群机器人",
    en: "Feishu group robot",
    gateway: "https://open.feishu.cn",
    sandbox: "",
    origins: &[],
    reach: Reach::Room,
    team: "",
    approved_only: false,
    // The whole body may have 20 KB, and JSON writes some characters longer.
    most_bytes: 9_000,
    limits: &[Limit { calls: 100, per_s: 60 }, Limit { calls: 5, per_s: 1 }],
    repeat: Repeat::Never,
    credentials: &[
        CredentialField {
            name: "token",
            needed: true,
            zh: "机器人地址最后一段",
            en: "the last part of the robot's address",
        },
        CredentialField {
            name: "secret",
            needed: false,
            zh: "安全设置选“签名校验”时给的密钥",
            en: "the secret of the security setting \"signature\"",
        },
        CredentialField {
            name: "keyword",
            needed: false,
            zh: "安全设置选“自定义关键词”时的关键词",
            en: "the word of the security setting \"keyword\"",
        },
    ],
};

/// What the documented codes mean.
const CODES: &[(&str, Meaning)] = &[
    ("11232", Meaning::Limited(60)),
    ("19001", Meaning::Mend("token")),
    ("19021", Meaning::Mend("secret")),
    ("19024", Meaning::Mend("keyword")),
];

impl Notice for Feishu {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn send(&self, call: &Call<'_>, message: &Message) -> Result<Next<Sent>, CallError> {
        common::ask_once(call, || request(call, message), |reply| answer(call, reply))
    }
}

fn request(call: &Call<'_>, message: &Message) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let token = pairs::encoded(credentials.need("token")?);
    let text = common::whole(message, MANIFEST.most_bytes, credentials.optional("keyword"));
    let mut body = json!({ "msg_type": "text", "content": { "text": text } });
    if let (Some(secret), Some(body)) = (credentials.optional("secret"), body.as_object_mut()) {
        let at = (call.now.0 / 1000).to_string();
        body.insert("sign".to_owned(), json!(sign(secret, &at)));
        body.insert("timestamp".to_owned(), json!(at));
    }
    common::post_json(&format!("{}/open-apis/bot/v2/hook/{token}", call.account.gateway), &[], &body)
}

fn answer(call: &Call<'_>, reply: &Reply) -> Result<Sent, CallError> {
    if let Some(error) = fault(reply, Effect::Counts, "token") {
        return Err(error);
    }
    let said = common::object(reply)?;
    let code = common::code(&said, "code")?;
    if code == "0" {
        return Ok(Sent::default());
    }
    let secret = |name| call.account.credentials.optional(name).unwrap_or_default();
    let words = redact(&said.text("msg").unwrap_or_default(), &[secret("token"), secret("secret")]);
    Err(common::meant(CODES, "飞书 Feishu", &code, &words))
}
