use huidan_channel::{
    Already, Carriers, Changes, ConfirmRules, CredentialField, Holds, Limit, ListRules, Manifest, Numbers, Others,
    Refunds, Shows,
};

const DAY_S: i64 = 86_400;

/// An own shop as data.
pub(crate) const MANIFEST: Manifest = Manifest {
    id: "own-shop",
    zh: "自建商城",
    en: "Own shop",
    gateway: "",
    sandbox: "",
    origins: &[],
    host_optional: true,
    body_limit: 1024 * 1024,
    list: Some(ListRules { window_s: 7 * DAY_S, lag_s: 5, overlap_s: 60, every_s: 300, history_s: 365 * DAY_S }),
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
        already: Already::Says(&["already_shipped"]),
        carriers: Carriers { codes: &[], others: Others::Named },
    }),
    stock_batch: 20,
    limits: &[Limit { api: "*", calls: 5, per_s: 1 }],
    tokens: None,
    seller_field: None,
    credentials: &[CredentialField {
        name: "webhook_secret",
        // Without one no message is taken and none is sent: enough for who only imports spreadsheets.
        needed: false,
        zh: "您与网站开发者约定的长随机文本，双方用它签名（见 PROTOCOL.md）；只导入表格可不填，不填则不接收任何推送",
        en: "A long random text that you agree on with your web developer; both sides sign with it (see PROTOCOL.md). Not needed for spreadsheets alone; without it no message is taken",
    }],
};
