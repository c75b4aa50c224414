//! DingTalk's group robots (钉钉群机器人): a token in the address, a signature over the time, twenty messages a minute.

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
pub struct Dingtalk;

const MANIFEST: Manifest = Manifest {
    id: "dingtalk",
    zh: "钉钉群机器人",
    en: "DingTalk group robot",
    gateway: "https://oapi.dingtalk.com",
    sandbox: "",
    origins: &[],
    reach: Reach::Room,
    team: "",
    approved_only: false,
    most_bytes: 15_000,
    limits: &[Limit { calls: 20, per_s: 60 }],
    repeat: Repeat::Never,
    credentials: &[
        CredentialField {
            name: "access_token",
            needed: true,
            zh: "机器人地址里 access_token= 后面的一串",
            en: "what stands behind access_token= in the robot's address",
        },
        CredentialField {
            name: "secret",
            needed: false,
            zh: "安全设置选“加签”时给的密钥，SEC 开头",
            en: "the secret of the security setting \"sign\", beginning with SEC",
        },
        CredentialField {
            name: "keyword",
            needed: false,
            zh: "安全设置选“自定义关键词”时的关键词",
            en: "the word of the security setting \"keyword\"",
        },
        CredentialField {
            name: "mention",
            needed: false,
            zh: "要 @ 的成员 userid，逗号分隔；all 为所有人",
            en: "user ids to mention, separated by commas; all for everybody",
        },
    ],
};

/// How long a robot that sent too much is muted, in seconds.
const MUTED_S: u32 = 600;

/// What the documented codes mean.
const CODES: &[(&str, Meaning)] = &[
    ("130101", Meaning::Limited(MUTED_S)),
    ("310000", Meaning::Mend("secret")),
    ("300001", Meaning::Mend("access_token")),
    ("300005", Meaning::Mend("access_token")),
    ("-1", Meaning::Open),
];

impl Notice for Dingtalk {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn send(&self, call: &Call<'_>, message: &Message) -> Result<Next<Sent>, CallError> {
        common::ask_once(call, || request(call, message), |reply| answer(call, reply))
    }
}

fn request(call: &Call<'_>, message: &Message) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let token = pairs::encoded(credentials.need("access_token")?);
    let mut url = format!("{}/robot/send?access_token={token}", call.account.gateway);
    if let Some(secret) = credentials.optional("secret") {
        let at = call.now.0.to_string();
        url = format!("{url}&timestamp={at}&sign={}", pairs::encoded(&sign(secret, &at)));
    }
    let content = common::whole(message, MANIFEST.most_bytes, credentials.optional("keyword"));
    let mention = common::listed(credentials.optional("mention").unwrap_or_default());
    let all = mention.iter().any(|who| who == "all");
    let users: Vec<&String> = mention.iter().filter(|who| *who != "all").collect();
    let body =
        json!({ "msgtype": "text", "text": { "content": content }, "at": { "atUserIds": users, "isAtAll": all } });
    common::post_json(&url, &[], &body)
}

fn answer(call: &Call<'_>, reply: &Reply) -> Result<Sent, CallError> {
    if let Some(error) = fault(reply, Effect::Counts, "access_token") {
        return Err(error);
    }
    let said = common::object(reply)?;
    let code = common::code(&said, "errcode")?;
    if code == "0" {
        return Ok(Sent::default());
    }
    let secret = |name| call.account.credentials.optional(name).unwrap_or_default();
    let words = redact(&said.text("errmsg").unwrap_or_default(), &[secret("access_token"), secret("secret")]);
    Err(common::meant(CODES, "钉钉 DingTalk", &code, &words))
}
