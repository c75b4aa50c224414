use huidan_carrier::{CredentialField, Manifest, UnknownOutcome};

const fn needed(name: &'static str, zh: &'static str, en: &'static str) -> CredentialField {
    CredentialField { name, needed: true, zh, en }
}

const fn optional(name: &'static str, zh: &'static str, en: &'static str) -> CredentialField {
    CredentialField { name, needed: false, zh, en }
}

pub(crate) const MANIFEST: Manifest = Manifest {
    id: "jd-logistics",
    zh: "京东物流",
    en: "JD Logistics",
    gateway: "https://api.jdl.com",
    sandbox: "https://uat-api.jdl.com",
    // Repeating is the platform's own way to find a number again.
    unknown_outcome: UnknownOutcome::SafeRepeat,
    pushes: true,
    secret_path: true,
    track_batch: 10,
    subscribes: true,
    intercepts: true,
    credentials: &[
        needed("app_key", "京东物流开放平台应用的 AppKey", "AppKey of your application on the open platform"),
        needed("app_secret", "该应用的 AppSecret", "Its AppSecret"),
        needed(
            "access_token",
            "用签约商家账号授权得到的 access_token，到期前要换",
            "access_token from the authorisation by the contract's account; replace it before it ends",
        ),
        needed("customer_code", "商家编码（如 010K123456）", "Customer code, such as 010K123456"),
        optional(
            "product",
            "主产品编码，以合同为准；不填为 ed-m-0001（特惠送）",
            "Code of the main product, as your contract says; ed-m-0001 where not set",
        ),
        optional(
            "order_origin",
            "下单来源：1 商家（默认）、0 个人、2 退货、4 或 5 快运",
            "Origin of orders: 1 seller (the default), 0 person, 2 return, 4 or 5 freight",
        ),
        optional("settle_type", "结算：3 月结（默认）、1 寄付", "Who pays: 3 monthly (the default), 1 sender"),
        optional("business_unit_code", "事业部编码，快运才需要", "Code of the business unit, for freight alone"),
        optional(
            "volume",
            "一个包裹的体积（立方厘米）；不填为 1000",
            "Volume of a parcel in cubic centimetres; 1000 where not set",
        ),
        optional(
            "algorithm",
            "签名算法：md5-salt（默认）、HMacMD5、HMacSHA1、HMacSHA256",
            "How to sign: md5-salt (default), HMacMD5, HMacSHA1, HMacSHA256",
        ),
        optional(
            "push_secret",
            "轨迹推送网址的最后一段，随机且不公开；不填则不接收推送",
            "Last segment of the address for trace pushes, random and not public; no pushes are taken without it",
        ),
    ],
    ..Manifest::PLAIN
};
