use huidan_carrier::{CredentialField, Manifest, UnknownOutcome};
use huidan_exchange::Origin;

/// The origin of the waybill services; tracking lives on the gateway.
pub(crate) const API: &str = "api";

pub(crate) const MANIFEST: Manifest = Manifest {
    id: "kuaidi100",
    zh: "快递100",
    en: "Kuaidi100",
    gateway: "https://poll.kuaidi100.com",
    sandbox: "",
    origins: &[Origin { name: API, live: "https://api.kuaidi100.com", sandbox: "" }],
    unknown_outcome: UnknownOutcome::SafeRepeat,
    pushes: true,
    track_batch: 1,
    watches_others: true,
    subscribes: true,
    prices: true,
    intercepts: true,
    most_pieces: 20,
    credentials: &[
        field("key", true, "企业管理后台的授权 key", "Authorisation key of the console"),
        field("secret", false, "授权 secret；取号、取消、查价要用", "Secret; needed for numbers and prices"),
        field("customer", false, "查询公司编号 customer；主动查询要用", "Customer number; needed for asking"),
        field(
            "salt",
            false,
            "推送签名的随机字符串，自己定，不公开；不填则不订阅也不接收推送",
            "Random text that signs the pushes, of your own choice; no subscription and no push without it",
        ),
        field(
            "kuaidicom",
            false,
            "取号的快递公司：本系统编号（如 yto）或快递100 编码（如 yuantong）",
            "Carrier to book at: our id (such as yto) or Kuaidi100's code (such as yuantong)",
        ),
        field("partner_id", false, "电子面单客户账号或月结账号", "Waybill account or monthly account at that carrier"),
        field("partner_key", false, "电子面单密码", "Password of that account"),
        field("partner_secret", false, "电子面单密钥", "Secret of that account"),
        field("partner_name", false, "电子面单客户账户名称", "Name of that account"),
        field("net", false, "收件网点名称", "Name of the carrier's branch"),
        field("code", false, "电子面单承载编号", "Number that carries the waybills (code)"),
        field("check_man", false, "承载快递员名", "Name of the courier (checkMan)"),
        field("pay_type", false, "付款方式；不填为 MONTHLY（月结）", "Who pays; MONTHLY where it is not set"),
        field("exp_type", false, "产品类型；不填为 标准快递", "Product; 标准快递 where it is not set"),
    ],
    ..Manifest::PLAIN
};

const fn field(name: &'static str, needed: bool, zh: &'static str, en: &'static str) -> CredentialField {
    CredentialField { name, needed, zh, en }
}
