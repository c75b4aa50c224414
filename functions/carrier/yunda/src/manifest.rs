use huidan_carrier::{CredentialField, Manifest, UnknownOutcome};

const fn field(name: &'static str, needed: bool, zh: &'static str, en: &'static str) -> CredentialField {
    CredentialField { name, needed, zh, en }
}

pub(crate) const MANIFEST: Manifest = Manifest {
    id: "yunda",
    zh: "韵达速递",
    en: "Yunda Express",
    gateway: "https://openapi.yundaex.com",
    sandbox: "https://u-openapi.yundasys.com",
    // The platform has no question by our own number: a lost answer is found again by repeating.
    unknown_outcome: UnknownOutcome::SafeRepeat,
    pushes: true,
    track_batch: 10,
    subscribes: true,
    updates: true,
    most_pieces: 10,
    credentials: &[
        field("app_key", true, "开放平台的 app-key（也是 appid）", "app-key of the open platform (the appid too)"),
        field(
            "app_secret",
            true,
            "开放平台的 app-secret，推送也用它签名",
            "Its app-secret; pushes are signed with it too",
        ),
        field("partner_id", true, "白马账号，合作网点提供", "Account of the waybill system (白马), from your branch"),
        field("partner_secret", true, "白马账号的联调密码", "Password of that account"),
        field("node_id", false, "网点的 node_id；不填为 350", "node_id of the branch; 350 where not set"),
    ],
    ..Manifest::PLAIN
};
