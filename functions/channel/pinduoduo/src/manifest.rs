use huidan_channel::{
    Already, Carriers, Changes, ConfirmRules, CredentialField, Holds, Limit, ListRules, Manifest, Numbers, Origin,
    Others, Refunds, Shows, Tokens,
};

const DAY_S: i64 = 86_400;

/// Pinduoduo as data.
pub(crate) const MANIFEST: Manifest = Manifest {
    id: "pinduoduo",
    zh: "拼多多",
    en: "Pinduoduo",
    gateway: "https://gw-api.pinduoduo.com",
    sandbox: "",
    origins: &[
        Origin { name: "auth", live: "https://open-api.pinduoduo.com", sandbox: "https://open-api.pinduoduo.com" },
        Origin { name: "page", live: "https://fuwu.pinduoduo.com", sandbox: "https://fuwu.pinduoduo.com" },
    ],
    host_optional: false,
    body_limit: 1024 * 1024,
    list: Some(ListRules {
        // The longest span that the list takes.
        window_s: 1800,
        // The platform's own advice against missed orders: do not ask for the last three minutes.
        lag_s: 180,
        overlap_s: 300,
        every_s: 60,
        // Only orders of the last three months are listed; a day less keeps the first window inside while time passes.
        history_s: 89 * DAY_S,
    }),
    confirm: Some(ConfirmRules {
        numbers: Numbers::Several,
        holds: Holds::Order,
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
    // One call per variant.
    stock_batch: 20,
    limits: &[
        Limit { api: "list", calls: 2, per_s: 1 },
        Limit { api: "fetch", calls: 10, per_s: 1 },
        Limit { api: "confirm", calls: 5, per_s: 1 },
        Limit { api: "stock", calls: 5, per_s: 1 },
    ],
    // A second authorisation ends the first one's tokens, so a refresh token is used by one at a time.
    tokens: Some(Tokens { lives_s: DAY_S, single_use: true, page: true }),
    seller_field: None,
    credentials: &[
        CredentialField {
            name: "client_id",
            needed: true,
            zh: "开放平台应用的 client_id",
            en: "client_id of your application on the open platform",
        },
        CredentialField {
            name: "client_secret",
            needed: true,
            zh: "开放平台应用的 client_secret",
            en: "client_secret of your application on the open platform",
        },
        CredentialField {
            name: "access_token",
            needed: false,
            zh: "店铺授权令牌；在本系统点击授权后自动填写",
            en: "Token of the shop's authorisation; filled in by authorising here",
        },
        CredentialField {
            name: "refresh_token",
            needed: false,
            zh: "刷新令牌；授权后自动填写",
            en: "Refresh token; filled in by authorising here",
        },
        CredentialField {
            name: "owner_id",
            needed: false,
            zh: "店铺 ID（mall_id），取电子面单时要用；授权后自动填写",
            en: "Id of the shop (mall_id), which waybills want; filled in by authorising here",
        },
    ],
};
