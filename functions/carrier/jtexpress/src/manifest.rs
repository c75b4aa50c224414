use huidan_carrier::{CredentialField, Manifest, UnknownOutcome};

pub(crate) const MANIFEST: Manifest = Manifest {
    id: "jtexpress",
    zh: "极兔速递",
    en: "J&T Express",
    gateway: "https://openapi.jtexpress.com.cn",
    sandbox: "https://uat-openapi.jtexpress.com.cn",
    unknown_outcome: UnknownOutcome::Query,
    pushes: true,
    track_batch: 20,
    balances: true,
    // The balance counts what was given back; it has the last word.
    reclaim_days: Some(0),
    credentials: &[
        field("api_account", true, "开放平台应用的 apiAccount", "apiAccount of your application"),
        field("private_key", true, "开放平台应用的私钥；也核对推送签名", "Its private key; proves the pushes too"),
        field("customer_code", true, "客户编码，由出货网点提供", "Customer code, from the branch"),
        field("password", true, "客户订单密码，由出货网点提供", "Order password, from the branch"),
        field("network", false, "合作网点编码，没有则不填", "Code of the branch, where you have one"),
        field("express_type", false, "快件类型；不填为 EZ", "Product; EZ where it is not set"),
        field(
            "service_type",
            false,
            "02 门店寄件（默认）或 01 上门取件",
            "02 handed in at the branch (default) or 01 collected",
        ),
        field("pay_type", false, "支付方式；不填为 PP_PM（月结）", "Who pays; PP_PM (monthly) where it is not set"),
        field(
            "goods_type",
            false,
            "物品类型；不填为 bm000006（其他）",
            "Kind of goods; bm000006 (other) where it is not set",
        ),
        field("uuid", false, "联调时地址里的 uuid，只在测试环境用", "uuid of the joint test, in the sandbox only"),
    ],
    ..Manifest::PLAIN
};

const fn field(name: &'static str, needed: bool, zh: &'static str, en: &'static str) -> CredentialField {
    CredentialField { name, needed, zh, en }
}
