use huidan_carrier::{CredentialField, Manifest, UnknownOutcome};

pub(crate) const MANIFEST: Manifest = Manifest {
    id: "cainiao",
    zh: "菜鸟电子面单",
    en: "Cainiao waybills",
    gateway: "https://eco.taobao.com",
    sandbox: "https://gw.api.tbsandbox.com",
    unknown_outcome: UnknownOutcome::SafeRepeat,
    // A number comes back about fifteen days after it was cancelled.
    reclaim_days: Some(15),
    needs_serial: false,
    takes_tokens_of: &["taobao"],
    pushes: true,
    secret_path: false,
    track_batch: 0,
    credentials: &[
        CredentialField {
            name: "app_key",
            needed: true,
            zh: "淘宝开放平台应用的 App Key",
            en: "App Key of your application on Taobao's open platform",
        },
        CredentialField {
            name: "app_secret",
            needed: true,
            zh: "淘宝开放平台应用的 App Secret",
            en: "App Secret of that application",
        },
        CredentialField {
            name: "session",
            needed: true,
            zh: "开通电子面单的淘宝账号授权后得到的 access_token",
            en: "access_token of the Taobao account that subscribed to the waybills",
        },
        CredentialField {
            name: "cp_code",
            needed: true,
            zh: "物流公司代码，如 YTO、ZTO、STO、YUNDA、SF",
            en: "Code of the carrier, such as YTO, ZTO, STO, YUNDA, SF",
        },
        CredentialField {
            name: "template_url",
            needed: true,
            zh: "云打印标准模板地址，如 http://cloudprint.cainiao.com/template/standard/101",
            en: "Address of the standard print template, such as http://cloudprint.cainiao.com/template/standard/101",
        },
        CredentialField {
            name: "branch_code",
            needed: false,
            zh: "寄件网点编码（shipping_branch_code），加盟型快递多需要",
            en: "Code of the sending branch (shipping_branch_code); most carriers with branches want it",
        },
        CredentialField {
            name: "customer_code",
            needed: false,
            zh: "月结卡号（customer_code），直营型快递需要",
            en: "Monthly account (customer_code), for carriers without branches",
        },
        CredentialField {
            name: "brand_code",
            needed: false,
            zh: "品牌编码（brand_code），没有则不填",
            en: "Brand code (brand_code), if you were given one",
        },
        CredentialField {
            name: "user_id",
            needed: false,
            zh: "使用面单的商家 ID（数字）；多店共用一个面单账号时填店铺的",
            en: "Numeric id of the seller who uses the waybills, where several shops share one account",
        },
        CredentialField {
            name: "sign_method",
            needed: false,
            zh: "签名方式：md5（默认）、hmac 或 hmac-sha256",
            en: "How to sign: md5 (default), hmac or hmac-sha256",
        },
        CredentialField {
            name: "link_secret",
            needed: false,
            zh: "LINK 物流轨迹推送的密钥；不填则不接收推送",
            en: "Secret of the LINK trace push; no pushes are taken without it",
        },
    ],
    ..Manifest::PLAIN
};
