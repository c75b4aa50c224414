use huidan_channel::{
    Already, Carriers, Changes, ConfirmRules, CredentialField, Holds, Limit, ListRules, Manifest, Numbers, Origin,
    Others, Refunds, Shows, Tokens,
};

const DAY_S: i64 = 86_400;

/// How long after a change it may still be missing from the list: the platform takes no window that ends less than two
/// minutes ago.
pub(crate) const LAG_S: i64 = 120;

/// Amazon as data. Rates are the published usage plans, in calls per second: 0.0167 for the list, 0.5 for an order and
/// for its items, 1 for the token that opens them, 2 for confirmations, 5 for listings.
pub(crate) const MANIFEST: Manifest = Manifest {
    id: "amazon",
    zh: "亚马逊",
    en: "Amazon",
    gateway: "https://sellingpartnerapi-na.amazon.com",
    sandbox: "https://sandbox.sellingpartnerapi-na.amazon.com",
    origins: &[
        Origin {
            name: "eu",
            live: "https://sellingpartnerapi-eu.amazon.com",
            sandbox: "https://sandbox.sellingpartnerapi-eu.amazon.com",
        },
        Origin {
            name: "fe",
            live: "https://sellingpartnerapi-fe.amazon.com",
            sandbox: "https://sandbox.sellingpartnerapi-fe.amazon.com",
        },
        Origin { name: "auth", live: "https://api.amazon.com", sandbox: "https://api.amazon.com" },
        // Where a person lets us in; which one depends on the marketplace.
        Origin { name: "page", live: "https://sellercentral.amazon.com", sandbox: "https://sellercentral.amazon.com" },
    ],
    host_optional: false,
    body_limit: 1024 * 1024,
    list: Some(ListRules {
        // So few lists are allowed that a long window is worth more than a short one.
        window_s: DAY_S,
        lag_s: LAG_S + 60,
        overlap_s: 600,
        every_s: 120,
        history_s: 90 * DAY_S,
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
        carriers: Carriers { codes: crate::confirm::CODES, others: Others::Named },
    }),
    stock_batch: 20,
    limits: &[
        Limit { api: "list", calls: 20, per_s: 1200 },
        // Three calls an order, each with a bucket of its own at the platform.
        Limit { api: "fetch", calls: 60, per_s: 60 },
        // Half of them look before they tell, at 0.5 a second.
        Limit { api: "confirm", calls: 20, per_s: 20 },
        Limit { api: "stock", calls: 5, per_s: 1 },
    ],
    tokens: Some(Tokens { lives_s: 3600, single_use: false, page: true }),
    seller_field: None,
    credentials: &[
        CredentialField {
            name: "client_id",
            needed: true,
            zh: "应用的 LWA client identifier（卖家平台 → 开发应用程序）",
            en: "LWA client identifier of your application (Seller Central, Develop Apps)",
        },
        CredentialField {
            name: "client_secret",
            needed: true,
            zh: "应用的 LWA client secret",
            en: "LWA client secret of your application",
        },
        CredentialField {
            name: "marketplace_ids",
            needed: true,
            zh: "站点编号，多个用逗号分隔，如 ATVPDKIKX0DER（美国）",
            en: "Marketplace ids, separated by commas, such as ATVPDKIKX0DER (United States)",
        },
        CredentialField {
            name: "region",
            needed: false,
            zh: "网关区域：na（默认）、eu 或 fe",
            en: "Region of the gateway: na (default), eu or fe",
        },
        CredentialField {
            name: "refresh_token",
            needed: false,
            zh: "私有应用自授权得到的 refresh token；用授权页面时自动填写",
            en: "Refresh token of a private application's self-authorisation; the authorisation page fills it in",
        },
        CredentialField {
            name: "access_token",
            needed: false,
            zh: "每小时由 refresh token 换得，自动填写",
            en: "Got from the refresh token every hour and filled in",
        },
        CredentialField {
            name: "application_id",
            needed: false,
            zh: "公有应用的 ID（amzn1.sp.solution…），只有用授权页面时需要",
            en: "Id of a public application (amzn1.sp.solution…); only the authorisation page needs it",
        },
        CredentialField {
            name: "application_version",
            needed: false,
            zh: "草稿状态的应用填 beta",
            en: "beta for an application that is a draft",
        },
        CredentialField {
            name: "seller_id",
            needed: false,
            zh: "卖家编号（Merchant Token），写库存时需要；用授权页面时自动填写",
            en: "Seller id (merchant token); setting stock needs it, the authorisation page fills it in",
        },
        CredentialField {
            name: "product_type",
            needed: false,
            zh: "写库存时报的商品类型，默认 PRODUCT",
            en: "Product type named when stock is set; PRODUCT by default",
        },
        CredentialField {
            name: "restricted_data",
            needed: false,
            zh: "应用没有收件人权限（PII）时填 no：只看订单，不读地址",
            en: "no where the application may not read receivers (PII): orders are seen without addresses",
        },
    ],
};
