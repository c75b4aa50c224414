use huidan_carrier::{CredentialField, Manifest, UnknownOutcome};

/// The waybill service as data.
pub(crate) const MANIFEST: Manifest = Manifest {
    id: "pinduoduo-waybill",
    zh: "拼多多电子面单",
    en: "Pinduoduo waybills",
    gateway: "https://gw-api.pinduoduo.com",
    sandbox: "",
    // The platform finds a number only by the number itself, and nowhere says that a repeat gives the first one.
    unknown_outcome: UnknownOutcome::Person,
    // A number comes back about fifteen days after it was cancelled.
    reclaim_days: Some(15),
    needs_serial: false,
    takes_tokens_of: &["pinduoduo"],
    pushes: false,
    secret_path: false,
    track_batch: 0,
    credentials: &[
        CredentialField {
            name: "shop",
            needed: true,
            zh: "借用其授权的拼多多店铺（本系统中的店铺编号）",
            en: "The Pinduoduo shop whose authorisation is used (its id here)",
        },
        CredentialField {
            name: "wp_code",
            needed: true,
            zh: "物流公司代码，如 YTO、ZTO、STO、YUNDA、JTSD、SF",
            en: "Code of the carrier, such as YTO, ZTO, STO, YUNDA, JTSD, SF",
        },
        CredentialField {
            name: "template_url",
            needed: true,
            zh: "标准面单模板地址（pdd.cloudprint.stdtemplates.get 返回）",
            en: "Address of the standard print template (from pdd.cloudprint.stdtemplates.get)",
        },
        CredentialField {
            name: "user_id",
            needed: false,
            zh: "面单使用者的店铺 ID（数字）；不填则用店铺授权时的 owner_id",
            en: "Numeric id of the shop that uses the waybills; the owner_id of the shop's authorisation where empty",
        },
    ],
    ..Manifest::PLAIN
};
