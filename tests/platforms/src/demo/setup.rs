//! What the demo sets up in the hub, as the requests to its `/api/v1`. Everything about the hub's own JSON is here.

use super::shops;
use crate::Running;
use crate::order::Platform;
use crate::push::{Http, Outcome, send};
use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

pub(super) const SHOPIFY: &str = "s-shopify";
pub(super) const WOO: &str = "s-woo";
pub(super) const TAOBAO: &str = "s-taobao";
pub(super) const OWN: &str = "s-own";
pub(super) const JD: &str = "s-jd";
pub(super) const PINDUODUO: &str = "s-pdd";
pub(super) const AMAZON: &str = "s-amazon";
pub(super) const DOUYIN: &str = "s-douyin";
pub(super) const KUAISHOU: &str = "s-kuaishou";
pub(super) const XIAOHONGSHU: &str = "s-xhs";
pub(super) const WECHAT: &str = "s-wechat";
pub(super) const SF: &str = "sf-main";
/// SF signs nothing: this stands at the end of its path.
pub(super) const SF_SECRET: &str = "demo-route-push-secret";
pub(super) const CAINIAO: &str = "cainiao-main";
/// YTO draws its labels itself, as PDF.
pub(super) const YTO: &str = "yto-main";
pub(super) const ZTO: &str = "zto-main";
pub(super) const JD_LOGISTICS: &str = "jdl-main";
/// JD Logistics signs no pushes: this stands at the end of its path.
pub(super) const JDL_SECRET: &str = "demo-jdl-push-secret";
/// Watches YTO's parcels.
const KUAIDI100: &str = "kuaidi100-main";
const OWN_NUMBERS: &str = "own-main";
const WAREHOUSE: &str = "w-hangzhou";

/// Where every good is listed.
const SOLD_AT: [(&str, Platform); 11] = [
    (SHOPIFY, Platform::Shopify),
    (WOO, Platform::Woocommerce),
    (TAOBAO, Platform::Taobao),
    (OWN, Platform::OwnShop),
    (JD, Platform::Jd),
    (PINDUODUO, Platform::Pinduoduo),
    (AMAZON, Platform::Amazon),
    (DOUYIN, Platform::Douyin),
    (KUAISHOU, Platform::Kuaishou),
    (XIAOHONGSHU, Platform::Xiaohongshu),
    (WECHAT, Platform::WechatShop),
];

/// One request.
pub(super) struct Step {
    pub(super) method: Method,
    /// Below `/api/v1/`.
    pub(super) path: String,
    pub(super) body: Value,
}

impl Step {
    pub(super) fn post(path: &str, body: Value) -> Step {
        Step { method: Method::POST, path: path.to_owned(), body }
    }

    /// The same for one that is there already; `None` where nothing of it can have changed.
    pub(super) fn patch(&self) -> Option<Step> {
        if !matches!(self.path.as_str(), "shops" | "carriers") {
            return None;
        }
        let mut body = self.body.clone();
        let id = body.as_object_mut()?.remove("id")?;
        for fixed in ["channel", "carrier"] {
            body.as_object_mut()?.remove(fixed);
        }
        Some(Step { method: Method::PATCH, path: format!("{}/{}", self.path, id.as_str()?), body })
    }
}

/// Sends a step with the owner's token.
pub(super) async fn ask(http: &Http, hub: &str, admin_token: &str, step: &Step) -> Outcome {
    let url = format!("{hub}/api/v1/{}", step.path);
    let key = crate::sign::sha256_hex(format!("{} {url} {}", step.method, step.body).as_bytes());
    let headers = [
        ("authorization", format!("Bearer {admin_token}")),
        ("content-type", "application/json".to_owned()),
        ("idempotency-key", key),
    ];
    let body = Bytes::from(step.body.to_string());
    send(http, step.method.clone(), &url, &headers, body).await.unwrap_or_default()
}

/// Everything, in the order in which one thing needs another.
pub(super) fn steps(running: &Running) -> Vec<Step> {
    let mut steps = shops::all(running);
    steps.push(Step::post("warehouses", warehouse()));
    steps.extend(carriers(running));
    steps.extend(express(running));
    for good in running.goods() {
        steps.push(Step::post(
            "skus",
            json!({"sku": good.sku, "title": format!("{} {}", good.title, good.spec).trim(), "weight_g": good.weight_g}),
        ));
        for (shop, platform) in SOLD_AT {
            let (item, variant) = good.listing(platform);
            let body = json!({"shop": shop, "ext_item": item, "ext_sku": variant, "outer_code": good.sku,
                "skus": [{"sku": good.sku, "qty": 1}]});
            steps.push(Step::post("listings", body));
        }
        steps.push(Step::post("stock", json!({"warehouse": WAREHOUSE, "sku": good.sku, "on_hand": 500})));
    }
    steps
}

fn warehouse() -> Value {
    json!({"id": WAREHOUSE, "name": "杭州仓",
        "sender": {"name": "汇单示例仓", "phone": "13800100001", "province": "浙江省", "city": "杭州市", "district": "余杭区",
            "street": "良渚街道 1 号仓"}})
}

fn carriers(running: &Running) -> Vec<Step> {
    let options = running.options();
    let session = options.taobao.sessions.first().map(|s| s.0.clone()).unwrap_or_default();
    let account = |body: Value| Step::post("carriers", body);
    vec![
        account(json!({"id": OWN_NUMBERS, "carrier": "own-numbers", "name": "自有号段", "environment": "live",
            "price_first_fen": 900, "price_more_fen": 400,
            "credentials": {"prefix": "HD", "from": "100000001", "to": "100999999"}})),
        account(json!({"id": SF, "carrier": "sf", "name": "顺丰月结", "environment": "live",
            "price_first_fen": 700, "price_more_fen": 300,
            "credentials": {"partner_id": options.sf.partner_id, "checkword": options.sf.checkword,
                "push_secret": SF_SECRET, "monthly_card": options.sf.monthly_card, "express_type": "1"}})),
        account(json!({"id": CAINIAO, "carrier": "cainiao", "name": "菜鸟 · 圆通", "environment": "live",
            "price_first_fen": 800, "price_more_fen": 200,
            "credentials": {"app_key": options.taobao.app_key, "app_secret": options.taobao.app_secret, "session": session,
                "link_secret": options.cainiao.link_secret, "cp_code": "YTO",
                "template_url": "http://cloudprint.cainiao.com/template/standard/101"}})),
    ]
}

/// Carriers that are called directly. They cost more than the first three, so that a rule or a person chooses them.
fn express(running: &Running) -> Vec<Step> {
    let options = running.options();
    let (yto, zto, jdl, watcher) = (&options.yto, &options.zto, &options.jd_logistics, &options.kuaidi100);
    let account = |id: &str, carrier: &str, name: &str, first: u32, credentials: Value| {
        let body = json!({"id": id, "carrier": carrier, "name": name, "environment": "live",
            "price_first_fen": first, "price_more_fen": 500, "credentials": credentials});
        Step::post("carriers", body)
    };
    vec![
        account(
            YTO,
            "yto",
            "圆通直连",
            1000,
            json!({"customer_code": yto.customer, "secret": yto.app_secret, "suffix": "demo",
                "print_key": format!("demo/{}/{}", yto.customer, yto.app_secret), "push_secret": yto.push_secret}),
        ),
        account(
            ZTO,
            "zto",
            "中通直连",
            1100,
            json!({"app_key": zto.app_key, "app_secret": zto.app_secret, "account_id": zto.customer,
                "account_password": zto.password}),
        ),
        account(
            JD_LOGISTICS,
            "jd-logistics",
            "京东物流",
            1200,
            json!({"app_key": jdl.app_key, "app_secret": jdl.app_secret, "access_token": jdl.token,
                "customer_code": jdl.customer, "push_secret": JDL_SECRET}),
        ),
        account(
            KUAIDI100,
            "kuaidi100",
            "快递100（看轨迹）",
            9900,
            json!({"key": watcher.app_key, "secret": watcher.token, "customer": watcher.customer,
                "salt": "demo-salt-of-kuaidi100"}),
        ),
        Step::post(&format!("carriers/{YTO}/watched-by"), json!({ "account": KUAIDI100 })),
    ]
}
