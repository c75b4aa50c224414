use huidan_channel::{
    Already, Carriers, Changes, ConfirmRules, CredentialField, Holds, Limit, ListRules, Manifest, Numbers, Others,
    Refunds, Shows,
};

const DAY_S: i64 = 86_400;

/// Shopify as data. The costs behind the limits: `README.md`.
pub(crate) const MANIFEST: Manifest = Manifest {
    id: "shopify",
    zh: "Shopify",
    en: "Shopify",
    gateway: "",
    sandbox: "",
    origins: &[],
    host_optional: false,
    body_limit: 1024 * 1024,
    list: Some(ListRules {
        window_s: 7 * DAY_S,
        // The list is a search index; it follows within seconds.
        lag_s: 60,
        overlap_s: 120,
        every_s: 300,
        // Without the scope `read_all_orders` an app sees the last 60 days.
        history_s: 60 * DAY_S,
    }),
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
        carriers: Carriers { codes: crate::confirm::COMPANIES, others: Others::Named },
    }),
    stock_batch: 50,
    limits: &[
        Limit { api: "list", calls: 1, per_s: 2 },
        Limit { api: "fetch", calls: 4, per_s: 1 },
        Limit { api: "confirm", calls: 2, per_s: 1 },
        Limit { api: "stock", calls: 1, per_s: 1 },
    ],
    tokens: None,
    seller_field: None,
    credentials: &[
        CredentialField {
            name: "access_token",
            needed: true,
            zh: "自定义应用的 Admin API 访问令牌（以 shpat_ 开头）",
            en: "Admin API access token of your custom app (begins with shpat_)",
        },
        CredentialField {
            name: "webhook_secret",
            needed: true,
            zh: "应用的客户端密钥（Client secret）；若 Webhook 在后台“设置 → 通知”中创建，则为该页显示的密钥",
            en: "The app's client secret; for webhooks made under Settings → Notifications the secret shown there",
        },
        CredentialField {
            name: "location_id",
            needed: false,
            zh: "库存回写的地点编号；留空则用第一个启用的地点",
            en: "Location whose stock is set; empty: the first active one",
        },
        CredentialField {
            name: "notify_customer",
            needed: false,
            zh: "填 no 则发货时不让 Shopify 给买家发邮件",
            en: "Enter no to keep Shopify from mailing the buyer when a parcel leaves",
        },
    ],
};
