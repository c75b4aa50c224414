use huidan_carrier::{CredentialField, Manifest, UnknownOutcome};

pub(crate) const MANIFEST: Manifest = Manifest {
    id: "kdniao",
    zh: "快递鸟",
    en: "KDNiao",
    gateway: "https://api.kdniao.com",
    sandbox: "",
    unknown_outcome: UnknownOutcome::SafeRepeat,
    pushes: true,
    track_batch: 1,
    watches_others: true,
    subscribes: true,
    most_pieces: 20,
    credentials: &[
        field("ebusiness_id", true, "用户 ID（EBusinessID）", "User id (EBusinessID)"),
        field("app_key", true, "API key（AppKey）", "API key (AppKey)"),
        field(
            "plan",
            false,
            "轨迹套餐：monitor（默认，8001/8008）或 basic（1002/1008）",
            "Tracking package: monitor (default, 8001/8008) or basic (1002/1008)",
        ),
        field(
            "shipper_code",
            false,
            "取号的快递公司：本系统编号（如 yto）或快递鸟编码（如 YTO）",
            "Carrier to book at: our id (such as yto) or KDNiao's code (such as YTO)",
        ),
        field("customer_name", false, "电子面单客户号", "Waybill account at that carrier (CustomerName)"),
        field("customer_pwd", false, "电子面单密码", "Password of that account (CustomerPwd)"),
        field("month_code", false, "月结编码", "Monthly account (MonthCode)"),
        field("send_site", false, "收件网点标识", "The carrier's branch (SendSite)"),
        field("pay_type", false, "邮费支付方式；不填为 3（月结）", "Who pays; 3 (monthly) where it is not set"),
        field("exp_type", false, "快递类型；不填为 1", "Product (ExpType); 1 where it is not set"),
    ],
    ..Manifest::PLAIN
};

const fn field(name: &'static str, needed: bool, zh: &'static str, en: &'static str) -> CredentialField {
    CredentialField { name, needed, zh, en }
}
