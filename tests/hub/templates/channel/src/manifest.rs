use crate::confirm::CARRIERS;
use huidan_channel::{
    Already, Carriers, Changes, ConfirmRules, CredentialField, Holds, Limit, ListRules, Manifest, Numbers, Others,
    Refunds, Shows,
};

const DAY_S: i64 = 86_400;

/// The platform as data.
pub(crate) const MANIFEST: Manifest = Manifest {
    id: "__name__",
    zh: "__Name__",
    en: "__Name__",
    gateway: "https://api.__name__.example",
    sandbox: "https://sandbox.__name__.example",
    origins: &[],
    host_optional: false,
    body_limit: 1024 * 1024,
    list: Some(ListRules { window_s: DAY_S, lag_s: 30, overlap_s: 300, every_s: 120, history_s: 90 * DAY_S }),
    // What the platform takes when it is told of a parcel; the suite holds the adapter to it.
    confirm: Some(ConfirmRules {
        numbers: Numbers::Several,
        holds: Holds::Pieces,
        shows: Shows::Every,
        change: Some(Changes::FREE),
        per_call: 1,
        weight: false,
        after_print_s: 0,
        picked_up_s: None,
        refunds: Refunds::Platform,
        already: Already::Looks,
        carriers: Carriers { codes: CARRIERS, others: Others::Named },
    }),
    stock_batch: 50,
    limits: &[Limit { api: "*", calls: 5, per_s: 1 }],
    tokens: None,
    seller_field: None,
    credentials: &[
        CredentialField {
            name: "api_token",
            needed: true,
            zh: "卖家后台 → 开发者 → API 令牌，需有订单读写权限",
            en: "Seller's page → Developers → API token, with the right to read and write orders",
        },
        CredentialField {
            name: "webhook_secret",
            needed: true,
            zh: "卖家后台 → 开发者 → 推送，保存地址后显示的密钥",
            en: "Seller's page → Developers → Webhooks, the secret shown when the address is saved",
        },
    ],
};
