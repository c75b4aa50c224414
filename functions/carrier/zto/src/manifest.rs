use huidan_carrier::{CredentialField, Manifest, UnknownOutcome};

const fn field(name: &'static str, needed: bool, zh: &'static str, en: &'static str) -> CredentialField {
    CredentialField { name, needed, zh, en }
}

pub(crate) const MANIFEST: Manifest = Manifest {
    id: "zto",
    zh: "中通快递",
    en: "ZTO Express",
    gateway: "https://japi.zto.com",
    sandbox: "https://japi-test.zto.com",
    // The platform's question (`zto.open.getOrderInfo`) wants the number that is being looked for.
    unknown_outcome: UnknownOutcome::Person,
    pushes: true,
    track_batch: 10,
    subscribes: true,
    balances: true,
    // The balance counts what was given back; it has the last word.
    reclaim_days: Some(0),
    intercepts: true,
    credentials: &[
        field("app_key", true, "开放平台应用的 appKey", "appKey of your application on the open platform"),
        field("app_secret", true, "该应用的 appSecret，推送也用它签名", "Its appSecret; pushes are signed with it too"),
        field("account_id", true, "电子面单账号，网点提供", "Waybill account, from your branch"),
        field(
            "account_password",
            true,
            "电子面单密码；测试环境为 ZTO123",
            "Its password; ZTO123 in the test environment",
        ),
        field(
            "customer_id",
            false,
            "集团客户编码；填写后按集团客户（partnerType 1）下单",
            "Code of a group customer; orders are then made as one (partnerType 1)",
        ),
        field(
            "order_type",
            false,
            "订单类型：1 全网件（默认）、2 预约件、4 星联",
            "Kind of order: 1 plain (the default), 2 with a pick-up, 4 star-link",
        ),
        field("site_code", false, "网点编码", "Code of the branch"),
        field("site_name", false, "网点名称", "Name of the branch"),
    ],
    ..Manifest::PLAIN
};
