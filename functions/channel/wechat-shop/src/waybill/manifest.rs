use huidan_carrier::{CredentialField, Manifest, UnknownOutcome};

/// WeChat's waybills as data.
pub(crate) const MANIFEST: Manifest = Manifest {
    id: "wechat-shop-waybill",
    zh: "微信小店电子面单",
    en: "WeChat shop waybills",
    gateway: "https://api.weixin.qq.com",
    sandbox: "",
    unknown_outcome: UnknownOutcome::Query,
    needs_serial: false,
    takes_tokens_of: &["wechat-shop"],
    // WeChat pushes traces to the one address of the shop, where orders come in.
    pushes: false,
    secret_path: false,
    track_batch: 0,
    credentials: &[
        CredentialField {
            name: "shop",
            needed: true,
            zh: "借用哪个店铺的权限：填汇单里该微信小店的店铺 ID",
            en: "Whose rights it uses: the id, here, of the WeChat shop",
        },
        CredentialField {
            name: "delivery_id",
            needed: true,
            zh: "快递公司编码，如 ZTO、YTO、YUNDA、STO、JTSD、SF、JD、EMS",
            en: "Code of the carrier, such as ZTO, YTO, YUNDA, STO, JTSD, SF, JD, EMS",
        },
        CredentialField {
            name: "ewaybill_acct_id",
            needed: true,
            zh: "电子面单账号 ID（开通网点后由“查询开通账号信息”给出的 acct_id）",
            en: "Id of the waybill account (acct_id, as WeChat lists it once the branch is opened)",
        },
        CredentialField {
            name: "shop_id",
            needed: true,
            zh: "面单主体 ID（同一接口给出的 shop_id，不是 AppID）",
            en: "Id of the waybill party (shop_id of the same list, not the AppID)",
        },
        CredentialField {
            name: "site_code",
            needed: false,
            zh: "网点编码，加盟型快递必填",
            en: "Code of the branch; carriers with branches want it",
        },
        CredentialField {
            name: "template_id",
            needed: false,
            zh: "面单模板 ID；不填用标准一联单（single）",
            en: "Id of the print template; the standard one (single) without it",
        },
    ],
    ..Manifest::PLAIN
};
