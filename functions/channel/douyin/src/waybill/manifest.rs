use huidan_carrier::{CredentialField, Manifest, UnknownOutcome};

pub(super) const MANIFEST: Manifest = Manifest {
    id: "douyin-waybill",
    zh: "抖店电子面单",
    en: "Douyin waybills",
    gateway: crate::manifest::MANIFEST.gateway,
    sandbox: crate::manifest::MANIFEST.sandbox,
    // "The same order and pack again give the old number": the platform's description of logistics.newCreateOrder.
    unknown_outcome: UnknownOutcome::SafeRepeat,
    needs_serial: false,
    takes_tokens_of: &["douyin"],
    pushes: false,
    secret_path: false,
    track_batch: 0,
    credentials: &[
        CredentialField {
            name: "shop",
            needed: true,
            zh: "汇单中该抖店店铺的编号，面单使用它的授权",
            en: "Our id of the Douyin shop whose rights the waybills use",
        },
        CredentialField {
            name: "logistics_code",
            needed: true,
            zh: "物流公司编码，如 zhongtong、yuantong、yunda、shentong、jtexpress、shunfeng",
            en: "Code of the carrier, such as zhongtong, yuantong, yunda, shentong, jtexpress, shunfeng",
        },
        CredentialField {
            name: "template_url",
            needed: true,
            zh: "面单模板地址（logistics.templateList 的 template_url）",
            en: "Address of the print template (template_url of logistics.templateList)",
        },
        CredentialField {
            name: "net_code",
            needed: false,
            zh: "网点编码，加盟型快递且为总对总时填写",
            en: "Code of the branch, for carriers with branches under a head contract",
        },
        CredentialField {
            name: "monthly_account",
            needed: false,
            zh: "月结账号，直营型快递按需填写",
            en: "Monthly account, for carriers without branches that want it",
        },
        CredentialField {
            name: "user_id",
            needed: false,
            zh: "共享面单账号时，实际使用面单的店铺 ID（数字）",
            en: "Numeric id of the shop that uses the waybills, where an account is shared",
        },
    ],
    ..Manifest::PLAIN
};
