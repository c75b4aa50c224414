use crate::manifest::GATEWAY;
use huidan_carrier::{CredentialField, Manifest, UnknownOutcome};

pub(super) const MANIFEST: Manifest = Manifest {
    id: "xiaohongshu-waybill",
    zh: "小红书电子面单",
    en: "Xiaohongshu waybills",
    gateway: GATEWAY,
    sandbox: GATEWAY,
    // Nothing says that the same request gets the same number again, and nothing finds a number by its request: a wrong
    // guess would buy a second one.
    unknown_outcome: UnknownOutcome::Person,
    needs_serial: false,
    takes_tokens_of: &["xiaohongshu"],
    pushes: false,
    secret_path: false,
    track_batch: 0,
    credentials: &[
        CredentialField {
            name: "shop",
            needed: true,
            zh: "汇单里小红书店铺的编号，用它的应用和令牌取号",
            en: "Id of the Xiaohongshu shop in Huidan whose application and token are used",
        },
        CredentialField {
            name: "cp_code",
            needed: true,
            zh: "快递公司编码，如 zto、yuantong、yunda、shentong、jtexpress、shunfeng、jd、ems、debangwuliu",
            en: "Code of the carrier, such as zto, yuantong, yunda, shentong, jtexpress, shunfeng, jd, ems, debangwuliu",
        },
        CredentialField {
            name: "template_id",
            needed: true,
            zh: "新版电子面单的模板编号（数字，express.queryEbillTemplates 的 id）",
            en: "Number of the print template, version 2 (id of express.queryEbillTemplates)",
        },
        CredentialField {
            name: "branch_code",
            needed: false,
            zh: "网点编码，加盟型快递必填",
            en: "Code of the sending branch, for carriers with branches",
        },
        CredentialField {
            name: "customer_code",
            needed: false,
            zh: "月结卡号，直营型快递（顺丰、京东、邮政、德邦）必填",
            en: "Monthly account, for carriers without branches (SF, JD, Post, Deppon)",
        },
        CredentialField {
            name: "brand_code",
            needed: false,
            zh: "品牌编码，顺丰必填（如 SF）",
            en: "Brand code, wanted by SF (such as SF)",
        },
        CredentialField {
            name: "product_code",
            needed: false,
            zh: "产品编码，京东必填；包裹没有指定产品时用它",
            en: "Product code, wanted by JD; used where the parcel names no product",
        },
        CredentialField {
            name: "pay_method",
            needed: false,
            zh: "付款方式：顺丰 1 寄付 2 到付 3 第三方付；邮政 1 寄付 2 到付",
            en: "Who pays: SF 1 sender, 2 receiver, 3 third party; Post 1 sender, 2 receiver",
        },
        CredentialField {
            name: "seller_name",
            needed: false,
            zh: "面单上的店铺名称；不填写“汇单”",
            en: "Name of the shop on the waybill; 汇单 where it is not set",
        },
    ],
    ..Manifest::PLAIN
};
