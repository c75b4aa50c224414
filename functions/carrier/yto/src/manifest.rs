use huidan_carrier::{CredentialField, Manifest, UnknownOutcome};

const fn needed(name: &'static str, zh: &'static str, en: &'static str) -> CredentialField {
    CredentialField { name, needed: true, zh, en }
}

const fn optional(name: &'static str, zh: &'static str, en: &'static str) -> CredentialField {
    CredentialField { name, needed: false, zh, en }
}

pub(crate) const MANIFEST: Manifest = Manifest {
    id: "yto",
    zh: "圆通速递",
    en: "YTO Express",
    gateway: "https://openapi.yto.net.cn:11443",
    sandbox: "https://openuat.yto56test.com:6443",
    // The platform has no question by our own number: a lost answer is found again by repeating.
    unknown_outcome: UnknownOutcome::SafeRepeat,
    pushes: true,
    track_batch: 10,
    subscribes: true,
    intercepts: true,
    credentials: &[
        needed(
            "customer_code",
            "客户编码（K 码），控制台里订单创建接口的那一个",
            "Customer code (K code), as the console shows it for the interface that makes orders",
        ),
        needed("secret", "订单创建接口的密钥", "Secret of that interface"),
        needed(
            "suffix",
            "接口网址里 v1 与客户编码之间的那一段",
            "The part of that interface's address between v1 and the customer code",
        ),
        optional(
            "cancel_key",
            "取消接口另发了编码时填：网址段/客户编码/密钥",
            "Where the console issued others for cancelling: suffix/customer code/secret",
        ),
        optional(
            "print_key",
            "要圆通自己出面单（PDF）时填打印接口的：网址段/客户编码/密钥；不填则由汇单打印",
            "To have YTO draw the label (PDF): suffix/customer code/secret of that interface; without it Huidan draws it",
        ),
        optional("track_key", "轨迹查询接口的：网址段/客户编码/密钥", "For asking traces: suffix/customer code/secret"),
        optional(
            "subscribe_key",
            "轨迹订阅接口的：网址段/客户编码/密钥",
            "For subscribing to traces: suffix/customer code/secret",
        ),
        optional("intercept_key", "拦截接口的：网址段/客户编码/密钥", "For intercepting: suffix/customer code/secret"),
        optional(
            "product",
            "产品：PK 普通（默认）或 YZD 圆准达",
            "Product: PK (the default) or YZD, with a promised time",
        ),
        optional(
            "push_secret",
            "轨迹推送的密钥；不填则不接收推送",
            "Secret of the trace push; no pushes are taken without it",
        ),
    ],
    ..Manifest::PLAIN
};
