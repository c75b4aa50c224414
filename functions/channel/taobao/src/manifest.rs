use huidan_channel::{
    Already, Carriers, Changes, ConfirmRules, CredentialField, Holds, Limit, ListRules, Manifest, Numbers, Others,
    Refunds, Shows,
};

const DAY_S: i64 = 86_400;

/// Taobao and Tmall as data.
pub(crate) const MANIFEST: Manifest = Manifest {
    id: "taobao",
    zh: "淘宝 / 天猫",
    en: "Taobao / Tmall",
    gateway: "https://eco.taobao.com",
    sandbox: "https://gw.api.tbsandbox.com",
    origins: &[],
    host_optional: false,
    body_limit: 1024 * 1024,
    list: Some(ListRules {
        // The gateway takes a day and advises half an hour.
        window_s: 1800,
        lag_s: 30,
        overlap_s: 300,
        every_s: 60,
        // The list goes back three months; a day less keeps the first window inside while time passes.
        history_s: 89 * DAY_S,
    }),
    confirm: Some(ConfirmRules {
        numbers: Numbers::Several,
        holds: Holds::Pieces,
        shows: Shows::OnePerLine,
        change: Some(Changes::FREE),
        per_call: 1,
        weight: false,
        after_print_s: 0,
        picked_up_s: Some(DAY_S),
        refunds: Refunds::Platform,
        already: Already::ReadsBack,
        carriers: Carriers { codes: crate::confirm::COMPANIES, others: Others::Refused },
    }),
    stock_batch: 20,
    limits: &[
        Limit { api: "list", calls: 2, per_s: 1 },
        Limit { api: "fetch", calls: 10, per_s: 1 },
        Limit { api: "confirm", calls: 5, per_s: 1 },
        Limit { api: "stock", calls: 5, per_s: 1 },
    ],
    tokens: None,
    seller_field: None,
    credentials: &[
        CredentialField {
            name: "app_key",
            needed: true,
            zh: "开放平台应用的 App Key",
            en: "App Key of your application on the open platform",
        },
        CredentialField {
            name: "app_secret",
            needed: true,
            zh: "开放平台应用的 App Secret",
            en: "App Secret of your application on the open platform",
        },
        CredentialField {
            name: "access_token",
            needed: true,
            zh: "店铺授权后得到的 access_token（session）",
            en: "access_token (session) that the shop's authorisation gave",
        },
        CredentialField {
            name: "sign_method",
            needed: false,
            zh: "签名方式：md5（默认）、hmac 或 hmac-sha256",
            en: "How to sign: md5 (default), hmac or hmac-sha256",
        },
    ],
};
