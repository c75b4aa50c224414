use huidan_carrier::{CredentialField, Manifest, UnknownOutcome};

pub(crate) const MANIFEST: Manifest = Manifest {
    id: "sf",
    zh: "顺丰速运",
    en: "SF Express",
    gateway: "https://bspgw.sf-express.com",
    sandbox: "https://sfapi-sbox.sf-express.com",
    unknown_outcome: UnknownOutcome::SafeRepeat,
    needs_serial: false,
    takes_tokens_of: &[],
    pushes: true,
    secret_path: true,
    track_batch: 10,
    updates: true,
    prices: true,
    intercepts: true,
    most_pieces: 50,
    credentials: &[
        CredentialField {
            name: "partner_id",
            needed: true,
            zh: "丰桥的顾客编码（partnerID）",
            en: "Customer code of the open platform (partnerID)",
        },
        CredentialField {
            name: "checkword",
            needed: true,
            zh: "丰桥的校验码；沙箱与生产各有一个",
            en: "Check word of the open platform; sandbox and production have one each",
        },
        CredentialField {
            name: "monthly_card",
            needed: true,
            zh: "月结卡号；沙箱用 7551234567",
            en: "Monthly account number; 7551234567 in the sandbox",
        },
        CredentialField {
            name: "express_type",
            needed: false,
            zh: "快件产品编号（expressTypeId），以合同为准；不填为 1",
            en: "Product number (expressTypeId), as your contract says; 1 where it is not set",
        },
        CredentialField {
            name: "digest",
            needed: false,
            zh: "签名方式：不填为先 URL 编码；若平台报签名无效，可试 raw",
            en: "How to sign: URL-encoded where it is not set; try raw where the platform calls the signature invalid",
        },
        CredentialField {
            name: "return_to",
            needed: false,
            zh: "拦截退回的地址：联系人/电话/省/市/区县/详细地址；不填则不能拦截退回",
            en: "Where stopped parcels go back to: name/phone/province/city/district/street; none are called back without it",
        },
        CredentialField {
            name: "push_secret",
            needed: false,
            zh: "路由推送网址的最后一段，随机且不公开；不填则不接收推送",
            en: "Last segment of the address for route pushes, random and not public; no pushes are taken without it",
        },
    ],
    ..Manifest::PLAIN
};
