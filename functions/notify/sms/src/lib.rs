//! Short messages through Aliyun (阿里云短信): `SendSms` with approved signs and texts.

#[cfg(target_family = "wasm")]
mod shell;
pub mod sign;

use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, fault, redact};
use huidan_notice::common::{self, Meaning};
use huidan_notice::{CredentialField, Limit, Manifest, Message, Notice, Reach, Repeat, Sent};
use std::collections::BTreeMap;

/// The provider.
#[derive(Debug, Clone, Copy)]
pub struct Sms;

const MANIFEST: Manifest = Manifest {
    id: "sms",
    zh: "阿里云短信",
    en: "Aliyun SMS",
    gateway: "https://dysmsapi.aliyuncs.com",
    sandbox: "",
    origins: &[],
    reach: Reach::Phone,
    team: "phones",
    approved_only: true,
    most_bytes: 0,
    limits: &[Limit { calls: 20, per_s: 1 }],
    repeat: Repeat::Never,
    credentials: &[
        CredentialField { name: "access_key_id", needed: true, zh: "AccessKey ID", en: "the AccessKey's id" },
        CredentialField {
            name: "access_key_secret",
            needed: true,
            zh: "AccessKey Secret",
            en: "the AccessKey's secret",
        },
        CredentialField { name: "sign_name", needed: true, zh: "已审核的短信签名", en: "the approved sign" },
        CredentialField {
            name: "phones",
            needed: false,
            zh: "发给团队时的手机号，逗号分隔",
            en: "the team's phones, separated by commas; not needed for buyers",
        },
        CredentialField {
            name: "signature",
            needed: false,
            zh: "签名版本：v3（默认）或 v1（专有云）",
            en: "how calls are signed: v3, or v1 where only that is known",
        },
    ],
};

/// A minute, an hour, a day: spans in which one phone gets so many.
const SPANS: &[(&str, u32)] = &[("分钟", 60), ("小时", 3_600), ("天", 43_200)];

/// What the documented codes mean.
const CODES: &[(&str, Meaning)] = &[
    ("SignatureDoesNotMatch", Meaning::Mend("access_key_secret")),
    ("IncompleteSignature", Meaning::Mend("access_key_secret")),
    ("InvalidAccessKeyId", Meaning::Mend("access_key_id")),
    ("Forbidden", Meaning::Mend("access_key_id")),
    ("InvalidTimeStamp", Meaning::Later),
    ("SignatureNonceUsed", Meaning::Open),
    ("Throttling", Meaning::Limited(30)),
    ("ServiceUnavailable", Meaning::Later),
    ("isv.SMS_SIGNATURE_ILLEGAL", Meaning::Mend("sign_name")),
    ("isv.SMS_SIGN_ILLEGAL", Meaning::Mend("sign_name")),
    ("isv.AMOUNT_NOT_ENOUGH", Meaning::Mend("balance")),
    ("isv.OUT_OF_SERVICE", Meaning::Mend("balance")),
    ("isp.SYSTEM_ERROR", Meaning::Open),
    ("isp.RAM_PERMISSION_DENY", Meaning::Mend("access_key_id")),
];

impl Notice for Sms {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn send(&self, call: &Call<'_>, message: &Message) -> Result<Next<Sent>, CallError> {
        let credentials = &call.account.credentials;
        let own = common::listed(credentials.optional("phones").unwrap_or_default());
        let phones = if message.to.is_empty() { &own } else { &message.to };
        common::ask_once(call, || request(call, message, phones), |reply| answer(call, reply, phones))
    }
}

fn request(call: &Call<'_>, message: &Message, phones: &[String]) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let (id, secret) = (credentials.need("access_key_id")?, credentials.need("access_key_secret")?);
    let sign_name = credentials.need("sign_name")?;
    if phones.is_empty() {
        credentials.need("phones")?;
    }
    if message.code.is_empty() {
        return Err(CallError::Rejected {
            code: "no_template".to_owned(),
            remedy:
                "这个主题没有填写已审核的短信模板编号 / this topic has no approved text's code: set it at the texts"
                    .to_owned(),
        });
    }
    let values = serde_json::to_string(&message.values).unwrap_or_default();
    let business = [
        ("PhoneNumbers", phones.join(",")),
        ("SignName", sign_name.to_owned()),
        ("TemplateCode", message.code.clone()),
        ("TemplateParam", values),
        ("OutId", message.id.clone()),
    ];
    let business: BTreeMap<&str, String> = business.into();
    let asked = sign::Asked { gateway: &call.account.gateway, action: "SendSms", version: "2017-05-25", business };
    match credentials.optional("signature") {
        Some("v1") => sign::v1(call, &asked, id, secret),
        _ => sign::v3(call, &asked, id, secret),
    }
}

fn answer(call: &Call<'_>, reply: &Reply, phones: &[String]) -> Result<Sent, CallError> {
    // Refusals come with statuses of their own, and say more than the status does.
    let said = match (common::object(reply), fault(reply, Effect::Counts, "access_key_secret")) {
        (Ok(said), None) => said,
        (Ok(said), Some(_)) if said.id("Code").is_ok_and(|code| !code.is_empty() && code != "OK") => said,
        (_, Some(error)) | (Err(error), None) => return Err(error),
    };
    let code = common::code(&said, "Code")?;
    if code == "OK" && reply.status().is_success() {
        return Ok(Sent { receipt: said.text("BizId").unwrap_or_default() });
    }
    let secret = call.account.credentials.optional("access_key_secret").unwrap_or_default();
    let mut private: Vec<&str> = phones.iter().map(String::as_str).collect();
    private.push(secret);
    let words = redact(&said.text("Message").unwrap_or_default(), &private);
    if code == "isv.BUSINESS_LIMIT_CONTROL" {
        let span = SPANS.iter().find(|(name, _)| words.contains(name)).map_or(3_600, |(_, seconds)| *seconds);
        return Err(CallError::Limited { after_s: Some(span) });
    }
    Err(common::meant(CODES, "阿里云 Aliyun", &code, &words))
}
