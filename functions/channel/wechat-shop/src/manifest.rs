use huidan_channel::{
    Already, Carriers, Changes, ConfirmRules, CredentialField, Holds, Limit, ListRules, Manifest, Numbers, Others,
    Refunds, Shows, Tokens,
};

const DAY_S: i64 = 86_400;

/// A WeChat shop as data.
pub(crate) const MANIFEST: Manifest = Manifest {
    id: "wechat-shop",
    zh: "微信小店（视频号小店）",
    en: "WeChat shop",
    gateway: "https://api.weixin.qq.com",
    // WeChat has no sandbox for shops.
    sandbox: "",
    origins: &[],
    host_optional: false,
    body_limit: 256 * 1024,
    list: Some(ListRules {
        // Orders are listed over 7 days at most, after-sales over 24 hours at most: both are listed here.
        window_s: DAY_S / 2,
        lag_s: 30,
        overlap_s: 300,
        every_s: 60,
        history_s: 90 * DAY_S,
    }),
    confirm: Some(ConfirmRules {
        numbers: Numbers::Several,
        holds: Holds::Pieces,
        shows: Shows::Every,
        change: Some(Changes { most: Some(3), within_s: None }),
        per_call: 1,
        weight: false,
        after_print_s: 0,
        picked_up_s: Some(DAY_S),
        refunds: Refunds::Platform,
        already: Already::Looks,
        carriers: Carriers { codes: crate::carriers::CARRIERS, others: Others::Refused },
    }),
    stock_batch: 20,
    limits: &[
        Limit { api: "list", calls: 5, per_s: 1 },
        Limit { api: "fetch", calls: 10, per_s: 1 },
        Limit { api: "confirm", calls: 5, per_s: 1 },
        Limit { api: "stock", calls: 5, per_s: 1 },
    ],
    tokens: Some(Tokens { lives_s: 7200, single_use: false, page: false }),
    // Every shop sets an address of its own at WeChat.
    seller_field: None,
    credentials: &[
        CredentialField {
            name: "appid",
            needed: true,
            zh: "小店的 AppID（小店后台 → 服务市场 → 经营工具 → 自研）",
            en: "AppID of the shop (shop console → service market → tools → own development)",
        },
        CredentialField {
            name: "secret",
            needed: true,
            zh: "小店的 AppSecret（同一页）；把本机的公网 IP 加入该页的 IP 白名单",
            en: "AppSecret of the shop (same page); put this machine's public IP on the allow list there",
        },
        CredentialField {
            name: "token",
            needed: false,
            zh: "消息推送的 Token（令牌），自定义；不填则不接收推送",
            en: "Token of the message push, of your own choice; without it no pushes are taken",
        },
        CredentialField {
            name: "encoding_aes_key",
            needed: false,
            zh: "消息推送的 EncodingAESKey（43 位）；安全模式必填，填了就不再接受明文推送",
            en: "EncodingAESKey of the message push (43 characters); needed for sealed messages, and with it open ones are refused",
        },
        CredentialField {
            name: "access_token",
            needed: false,
            zh: "接口调用凭据，由 AppID 与 AppSecret 自动换取，不用填写",
            en: "The token of calls, got by AppID and AppSecret: nothing to enter",
        },
    ],
};
