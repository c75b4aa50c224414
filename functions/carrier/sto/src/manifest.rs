use huidan_carrier::{CredentialField, Manifest, UnknownOutcome};

const fn field(name: &'static str, needed: bool, zh: &'static str, en: &'static str) -> CredentialField {
    CredentialField { name, needed, zh, en }
}

pub(crate) const MANIFEST: Manifest = Manifest {
    id: "sto",
    zh: "申通快递",
    en: "STO Express",
    gateway: "https://cloudinter-linkgateway.sto.cn",
    // Its test gateway is not encrypted.
    sandbox: "",
    // Nobody has shown a question by our own number.
    unknown_outcome: UnknownOutcome::Person,
    pushes: true,
    track_batch: 10,
    subscribes: true,
    credentials: &[
        field("app_key", true, "开放平台应用的 AppKey（from_appkey）", "AppKey of your application (from_appkey)"),
        field("secret_key", true, "该应用的 SecretKey，推送也用它签名", "Its SecretKey; pushes are signed with it too"),
        field(
            "order_source",
            true,
            "订单来源编码，订阅服务时填写的",
            "Code of the source of orders, set when subscribing",
        ),
        field("site_code", true, "网点编码，网点提供", "Code of your branch"),
        field("customer_name", true, "客户编码，网点提供", "Customer code, from your branch"),
        field("site_pwd", true, "电子面单密码，网点提供", "Password of the waybill account, from your branch"),
        field(
            "from_code",
            false,
            "应用的资源编码；不填与 AppKey 相同",
            "Resource code of the application; the AppKey where not set",
        ),
        field("month_customer_code", false, "月结客户编码", "Code of a monthly customer"),
    ],
    ..Manifest::PLAIN
};
