use huidan_carrier::{CredentialField, Manifest, UnknownOutcome};

pub(crate) const MANIFEST: Manifest = Manifest {
    id: "kuaishou-waybill",
    zh: "快手电子面单",
    en: "Kuaishou waybills",
    gateway: "https://openapi.kwaixiaodian.com",
    sandbox: "",
    unknown_outcome: UnknownOutcome::SafeRepeat,
    needs_serial: false,
    takes_tokens_of: &["kuaishou"],
    pushes: false,
    secret_path: false,
    track_batch: 0,
    credentials: CREDENTIALS,
    ..Manifest::PLAIN
};

const CREDENTIALS: &[CredentialField] = &[
    field(
        "shop",
        true,
        "开通电子面单的快手店铺在本系统中的编号",
        "Our id of the Kuaishou shop that subscribed to the waybills",
    ),
    field(
        "express_company_code",
        true,
        "快手电子面单的物流公司编码，如 SF、YTO、ZTO、STO、YUNDA",
        "The waybill service's code of the carrier, such as SF, YTO, ZTO, STO, YUNDA",
    ),
    field("template_url", true, "标准模板的地址", "Address of the standard print template"),
    field("net_site_code", false, "网点编码；加盟型快递必填", "Code of the branch; needed for franchised carriers"),
    field("net_site_name", false, "网点名称；加盟型快递必填", "Name of the branch; needed for franchised carriers"),
    field("settle_account", false, "月结账号；顺丰等直营快递必填", "Monthly account; needed for SF and its like"),
    field("express_product_code", false, "物流产品编码", "Code of the carrier's product"),
    field("isv_client_code", false, "顺丰分配的客户编码；顺丰必填", "Client code that SF gave; needed for SF"),
    field(
        "carrier",
        false,
        "实际承运商在本系统中的编号，如 yto；编码不常见时填写",
        "Our id of the actual carrier, such as yto, where its code is an uncommon one",
    ),
];

const fn field(name: &'static str, needed: bool, zh: &'static str, en: &'static str) -> CredentialField {
    CredentialField { name, needed, zh, en }
}
