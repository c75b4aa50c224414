use huidan_channel::{
    Already, Carriers, Changes, ConfirmRules, CredentialField, Holds, Limit, ListRules, Manifest, Numbers, Others,
    Refunds, Shows,
};

const DAY_S: i64 = 86_400;

/// WooCommerce as data.
pub(crate) const MANIFEST: Manifest = Manifest {
    id: "woocommerce",
    zh: "WooCommerce",
    en: "WooCommerce",
    gateway: "",
    sandbox: "",
    origins: &[],
    host_optional: false,
    body_limit: 1024 * 1024,
    list: Some(ListRules {
        window_s: 7 * DAY_S,
        lag_s: 5,
        overlap_s: 120,
        // A webhook that fails is never sent again: the list is what finds its order.
        every_s: 120,
        history_s: 365 * DAY_S,
    }),
    confirm: Some(ConfirmRules {
        numbers: Numbers::Several,
        holds: Holds::Order,
        shows: Shows::Every,
        change: Some(Changes::FREE),
        per_call: 1,
        weight: false,
        after_print_s: 0,
        picked_up_s: None,
        refunds: Refunds::Platform,
        already: Already::Looks,
        carriers: Carriers { codes: &[], others: Others::Named },
    }),
    stock_batch: 10,
    // The seller's own host, often a small one.
    limits: &[Limit { api: "*", calls: 3, per_s: 1 }],
    tokens: None,
    seller_field: None,
    credentials: &[
        CredentialField {
            name: "consumer_key",
            needed: true,
            zh: "WooCommerce → 设置 → 高级 → REST API 中创建，权限选“读/写”（以 ck_ 开头）",
            en: "Made under WooCommerce → Settings → Advanced → REST API with read/write rights (begins with ck_)",
        },
        CredentialField {
            name: "consumer_secret",
            needed: true,
            zh: "与 consumer_key 一同显示（以 cs_ 开头），仅显示一次",
            en: "Shown once together with the consumer_key (begins with cs_)",
        },
        CredentialField {
            name: "webhook_secret",
            needed: true,
            zh: "WooCommerce → 设置 → 高级 → Webhooks 中“密钥”一栏自行填写的长随机文本",
            en: "A long random text of your own, entered as Secret under WooCommerce → Settings → Advanced → Webhooks",
        },
        CredentialField {
            name: "notify_customer",
            needed: false,
            zh: "填 no 则发货备注只留给店铺，不发邮件给买家",
            en: "Enter no to keep the note of a shipment from being mailed to the buyer",
        },
    ],
};
