use huidan_channel::{
    Already, Carriers, Changes, ConfirmRules, CredentialField, Holds, Limit, ListRules, Manifest, Numbers, Origin,
    Others, Refunds, Shows, Tokens,
};

const DAY_S: i64 = 86_400;

/// JD as data.
pub(crate) const MANIFEST: Manifest = Manifest {
    id: "jd",
    zh: "京东",
    en: "JD",
    gateway: "https://api.jd.com",
    sandbox: "",
    origins: &[Origin { name: "auth", live: "https://open-oauth.jd.com", sandbox: "https://open-oauth.jd.com" }],
    host_optional: false,
    body_limit: 1024 * 1024,
    list: Some(ListRules {
        // The gateway takes a month and shows a hundred pages of it; so short a window never comes near that.
        window_s: 1800,
        lag_s: 60,
        overlap_s: 300,
        every_s: 60,
        // How far back the list goes is not published; the gateway answers an older window with nothing.
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
    stock_batch: 20,
    limits: &[
        Limit { api: "list", calls: 2, per_s: 1 },
        Limit { api: "fetch", calls: 10, per_s: 1 },
        Limit { api: "confirm", calls: 5, per_s: 1 },
        Limit { api: "stock", calls: 5, per_s: 1 },
    ],
    // The reply says how long a token lives; a day is the shortest that applications get.
    tokens: Some(Tokens { lives_s: DAY_S, single_use: true, page: true }),
    seller_field: None,
    credentials: &[
        CredentialField {
            name: "app_key",
            needed: true,
            zh: "宙斯开放平台（open.jd.com）应用的 AppKey",
            en: "AppKey of your application on open.jd.com",
        },
        CredentialField {
            name: "app_secret",
            needed: true,
            zh: "该应用的 AppSecret",
            en: "AppSecret of that application",
        },
        CredentialField {
            name: "access_token",
            needed: false,
            zh: "店铺授权后得到的 access_token；用授权页面时自动填写",
            en: "access_token that the shop's authorisation gave; the authorisation page fills it in",
        },
        CredentialField {
            name: "refresh_token",
            needed: false,
            zh: "店铺授权后得到的 refresh_token；用授权页面时自动填写",
            en: "refresh_token that the shop's authorisation gave; the authorisation page fills it in",
        },
        CredentialField {
            name: "stock_method",
            needed: false,
            zh: "写库存的接口：jingdong.stock.write.updateSkuStock（默认）或 jingdong.ware.stock.sku.set",
            en: "Call that sets stock: jingdong.stock.write.updateSkuStock (default) or jingdong.ware.stock.sku.set",
        },
    ],
};
