use huidan_channel::{
    Already, Carriers, Changes, ConfirmRules, CredentialField, Holds, Limit, ListRules, Manifest, Numbers, Origin,
    Others, Refunds, Shows, Tokens,
};

const DAY_S: i64 = 86_400;

/// Kuaishou as data.
pub(crate) const MANIFEST: Manifest = Manifest {
    id: "kuaishou",
    zh: "快手小店",
    en: "Kuaishou",
    gateway: "https://openapi.kwaixiaodian.com",
    // There is no sandbox: an application that is not online yet works on real test shops.
    sandbox: "",
    origins: &[Origin {
        name: "page",
        live: "https://open.kwaixiaodian.com",
        sandbox: "https://open.kwaixiaodian.com",
    }],
    host_optional: false,
    body_limit: 256 * 1024,
    list: Some(ListRules {
        // The platform takes seven days.
        window_s: DAY_S,
        lag_s: 30,
        overlap_s: 300,
        every_s: 60,
        // The list goes back ninety days; a day less keeps the first window inside while time passes.
        history_s: 89 * DAY_S,
    }),
    confirm: Some(ConfirmRules {
        numbers: Numbers::Several,
        holds: Holds::Pieces,
        shows: Shows::Every,
        change: Some(Changes::FREE),
        per_call: 1,
        weight: false,
        after_print_s: 0,
        picked_up_s: Some(DAY_S),
        refunds: Refunds::Platform,
        already: Already::ReadsBack,
        carriers: Carriers { codes: crate::confirm::COMPANIES, others: Others::Refused },
    }),
    // Up to two calls a level, and an operation is bounded.
    stock_batch: 15,
    limits: &[
        Limit { api: "list", calls: 5, per_s: 1 },
        Limit { api: "fetch", calls: 10, per_s: 1 },
        Limit { api: "confirm", calls: 5, per_s: 1 },
        Limit { api: "stock", calls: 5, per_s: 1 },
    ],
    tokens: Some(Tokens { lives_s: 2 * DAY_S, single_use: true, page: true }),
    seller_field: Some("open_id"),
    credentials: CREDENTIALS,
};

const CREDENTIALS: &[CredentialField] = &[
    field("app_key", true, "开放平台应用的 appKey（以 ks 开头）", "appKey of your application (begins with ks)"),
    field("app_secret", true, "应用的 appSecret，只用于授权", "appSecret of the application, for authorisation only"),
    field("sign_secret", true, "应用的 signSecret，用于接口签名", "signSecret of the application, which signs calls"),
    field(
        "msg_secret",
        false,
        "消息管理页的消息解密密钥（Base64）；接收推送时必填",
        "Key of pushed messages from the console's message page (Base64); needed for pushes",
    ),
    field("sign_method", false, "签名方式：HMAC_SHA256（默认）或 MD5", "How to sign: HMAC_SHA256 (default) or MD5"),
    field(
        "scope",
        false,
        "授权的权限包，逗号分隔；默认订单、售后、商品、物流",
        "Scopes to ask for, separated by commas; orders, refunds, items and logistics by default",
    ),
    field("open_id", false, "店铺的 openId，授权后自动填写", "openId of the shop; the authorisation fills it in"),
    field("access_token", false, "授权后自动填写", "The authorisation fills it in"),
    field("refresh_token", false, "授权后自动填写", "The authorisation fills it in"),
];

const fn field(name: &'static str, needed: bool, zh: &'static str, en: &'static str) -> CredentialField {
    CredentialField { name, needed, zh, en }
}
