use huidan_channel::{
    Already, Carriers, Changes, ConfirmRules, CredentialField, Holds, Limit, ListRules, Manifest, Numbers, Origin,
    Others, Refunds, Shows, Tokens,
};

const DAY_S: i64 = 86_400;
const AUTH: &str = "https://fuwu.jinritemai.com";

/// Douyin's shops as data.
pub(crate) const MANIFEST: Manifest = Manifest {
    id: "douyin",
    zh: "抖店",
    en: "Douyin shop",
    gateway: "https://openapi-fxg.jinritemai.com",
    sandbox: "https://openapi-sandbox.jinritemai.com",
    // The page on which a seller lets an application in; there is none of the sandbox's own.
    origins: &[Origin { name: "auth", live: AUTH, sandbox: AUTH }],
    host_optional: false,
    body_limit: 1024 * 1024,
    list: Some(ListRules {
        // No longest window is documented; an hour stays far from the depth of 50 000 orders.
        window_s: 3600,
        lag_s: 30,
        overlap_s: 300,
        every_s: 120,
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
        refunds: Refunds::FailTheCall,
        already: Already::Looks,
        carriers: Carriers { codes: crate::company::COMPANIES, others: Others::Refused },
    }),
    stock_batch: 20,
    limits: &[
        Limit { api: "list", calls: 5, per_s: 1 },
        Limit { api: "fetch", calls: 10, per_s: 1 },
        Limit { api: "confirm", calls: 10, per_s: 1 },
        Limit { api: "stock", calls: 5, per_s: 1 },
    ],
    tokens: Some(Tokens { lives_s: 7 * DAY_S, single_use: true, page: true }),
    seller_field: Some("shop_id"),
    credentials: &[
        CredentialField {
            name: "app_key",
            needed: true,
            zh: "抖店开放平台应用的 App Key",
            en: "App Key of your application on Doudian's open platform",
        },
        CredentialField {
            name: "app_secret",
            needed: true,
            zh: "该应用的 App Secret",
            en: "App Secret of that application",
        },
        CredentialField {
            name: "shop_id",
            needed: false,
            zh: "店铺 ID；自用型应用必填，工具型应用授权后自动填写",
            en: "Id of the shop; a self-use application needs it, a tool application's authorisation sets it",
        },
        CredentialField {
            name: "service_id",
            needed: false,
            zh: "工具型应用在服务市场的服务 ID（授权页面用）；自用型应用不填",
            en: "Id of a tool application on the service market, for its page of authorisation; not for self-use",
        },
        CredentialField {
            name: "access_token", needed: false, zh: "授权后自动填写", en: "Set by the authorisation"
        },
        CredentialField {
            name: "refresh_token", needed: false, zh: "授权后自动填写", en: "Set by the authorisation"
        },
    ],
};
