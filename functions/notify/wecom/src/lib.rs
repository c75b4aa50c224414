//! WeCom's group robots (企业微信群机器人): a key in the address, no signature, twenty messages a minute.

#[cfg(target_family = "wasm")]
mod shell;

use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, fault, redact};
use huidan_notice::common::{self, Meaning};
use huidan_notice::{CredentialField, Limit, Manifest, Message, Notice, Reach, Repeat, Sent};
use serde_json::json;

/// The robot.
#[derive(Debug, Clone, Copy)]
pub struct Wecom;

const MANIFEST: Manifest = Manifest {
    id: "wecom",
    zh: "企业微信群机器人",
    en: "WeCom group robot",
    gateway: "https://qyapi.weixin.qq.com",
    sandbox: "",
    origins: &[],
    reach: Reach::Room,
    team: "",
    approved_only: false,
    most_bytes: 2048,
    limits: &[Limit { calls: 20, per_s: 60 }],
    repeat: Repeat::Never,
    credentials: &[
        CredentialField {
            name: "key",
            needed: true,
            zh: "机器人地址里 key= 后面的一串",
            en: "what stands behind key= in the robot's address",
        },
        CredentialField {
            name: "mention",
            needed: false,
            zh: "要 @ 的成员 userid，逗号分隔；@all 为所有人",
            en: "user ids to mention, separated by commas; @all for everybody",
        },
    ],
};

/// What the documented codes mean.
const CODES: &[(&str, Meaning)] = &[
    ("45009", Meaning::Limited(60)),
    ("93000", Meaning::Mend("key")),
    ("40001", Meaning::Mend("key")),
    ("-1", Meaning::Open),
];

impl Notice for Wecom {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn send(&self, call: &Call<'_>, message: &Message) -> Result<Next<Sent>, CallError> {
        common::ask_once(call, || request(call, message), |reply| answer(call, reply))
    }
}

fn request(call: &Call<'_>, message: &Message) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let key = huidan_exchange::pairs::encoded(credentials.need("key")?);
    let mut text = json!({ "content": common::whole(message, MANIFEST.most_bytes, None) });
    if let (Some(mention), Some(text)) = (credentials.optional("mention"), text.as_object_mut()) {
        text.insert("mentioned_list".to_owned(), json!(common::listed(mention)));
    }
    let url = format!("{}/cgi-bin/webhook/send?key={key}", call.account.gateway);
    common::post_json(&url, &[], &json!({ "msgtype": "text", "text": text }))
}

fn answer(call: &Call<'_>, reply: &Reply) -> Result<Sent, CallError> {
    if let Some(error) = fault(reply, Effect::Counts, "key") {
        return Err(error);
    }
    let said = common::object(reply)?;
    let code = common::code(&said, "errcode")?;
    if code == "0" {
        return Ok(Sent::default());
    }
    let secret = call.account.credentials.optional("key").unwrap_or_default();
    let words = redact(&said.text("errmsg").unwrap_or_default(), &[secret]);
    Err(common::meant(CODES, "企业微信 WeCom", &code, &words))
}
