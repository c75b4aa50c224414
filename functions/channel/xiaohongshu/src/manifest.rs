use huidan_channel::{
    Already, Carriers, Changes, ConfirmRules, CredentialField, Holds, Limit, ListRules, Manifest, Numbers, Others,
    Refunds, Shows, Tokens,
};

const DAY_S: i64 = 86_400;

/// The only gateway there is: the platform's shared test shop is reached through it too.
pub(crate) const GATEWAY: &str = "https://ark.xiaohongshu.com";

/// Xiaohongshu as data.
pub(crate) const MANIFEST: Manifest = Manifest {
    id: "xiaohongshu",
    zh: "小红书",
    en: "Xiaohongshu (RED)",
    gateway: GATEWAY,
    sandbox: GATEWAY,
    origins: &[],
    host_optional: false,
    body_limit: 1024 * 1024,
    list: Some(ListRules {
        // The list by time of change takes half an hour; a minute less leaves room for rounding to whole seconds.
        window_s: 1740,
        lag_s: 30,
        overlap_s: 300,
        every_s: 60,
        // How far back the list goes is not documented; a month is what a shop may need at first.
        history_s: 30 * DAY_S,
    }),
    confirm: Some(ConfirmRules {
        numbers: Numbers::PerLine,
        holds: Holds::Lines,
        shows: Shows::OnePerLine,
        change: Some(Changes::FREE),
        per_call: 1,
        weight: false,
        after_print_s: 0,
        picked_up_s: Some(DAY_S),
        refunds: Refunds::Platform,
        already: Already::Looks,
        carriers: Carriers { codes: crate::companies::COMPANIES, others: Others::Refused },
    }),
    stock_batch: 20,
    // The platform names no numbers; it answers -9013 when it was too much.
    limits: &[
        Limit { api: "list", calls: 2, per_s: 1 },
        Limit { api: "fetch", calls: 10, per_s: 1 },
        Limit { api: "confirm", calls: 3, per_s: 1 },
        Limit { api: "stock", calls: 3, per_s: 1 },
    ],
    // The platform may give a new refresh token with every renewal: one renewal at a time is the careful reading.
    tokens: Some(Tokens { lives_s: 7 * DAY_S, single_use: true, page: true }),
    seller_field: Some("seller_id"),
    credentials: &[
        CredentialField {
            name: "app_id",
            needed: true,
            zh: "开放平台应用的 appId（应用管理 → 应用详情）",
            en: "appId of your application on the open platform",
        },
        CredentialField {
            name: "app_secret",
            needed: true,
            zh: "开放平台应用的 appSecret；同一应用下的店铺填同一个，推送也用它签名",
            en: "appSecret of that application; pushes are signed with it too",
        },
        CredentialField {
            name: "access_token",
            needed: false,
            zh: "店铺令牌：用授权页获取，自动更新；也可手工填写",
            en: "The shop's token: comes from the authorisation page and renews itself; may be entered by hand",
        },
        CredentialField {
            name: "refresh_token",
            needed: false,
            zh: "更新令牌用的 refreshToken，授权时得到",
            en: "refreshToken by which the token is renewed; comes with the authorisation",
        },
        CredentialField {
            name: "seller_id",
            needed: false,
            zh: "平台的店铺编号 sellerId，授权时得到；推送按它分给店铺",
            en: "The platform's id of the shop (sellerId), comes with the authorisation; pushes are told apart by it",
        },
    ],
};
