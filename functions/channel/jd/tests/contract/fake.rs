//! A small JOS gateway in the test's memory: checks the signature of every call and keeps what it is told.

use huidan_exchange::{Reply, Request, pairs, sign};
use huidan_testkit::reply;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The application's secret.
pub(crate) const SECRET: &str = "helloworld-secret";
/// How many orders the list holds.
pub(crate) const LISTED: u64 = 120;

/// The gateway with its orders.
pub(crate) struct Jos {
    /// By `orderId`.
    pub(crate) orders: BTreeMap<String, Value>,
    /// Requests to cancel, by `orderId`.
    pub(crate) refunds: BTreeMap<String, Value>,
    /// Stock by `skuId`.
    pub(crate) stock: BTreeMap<String, String>,
    /// The methods called, in order.
    pub(crate) called: Vec<String>,
}

impl Jos {
    /// With the sample orders.
    pub(crate) fn new(samples: &[&str]) -> Self {
        let (mut orders, mut refunds) = (BTreeMap::new(), BTreeMap::new());
        for sample in samples {
            let sample: Value = serde_json::from_str(sample).unwrap();
            let id = sample["order"]["orderId"].as_str().unwrap().to_owned();
            orders.insert(id.clone(), sample["order"].clone());
            refunds.insert(id, sample["after_sales"].clone());
        }
        Self { orders, refunds, stock: BTreeMap::new(), called: Vec::new() }
    }

    /// Answers a call.
    pub(crate) fn answer(&mut self, request: &Request) -> Reply {
        assert_eq!(request.uri().path(), "/routerjson");
        assert_eq!(form(request, "sign"), signed(request), "the signature of {}", form(request, "method"));
        assert_eq!((form(request, "v"), form(request, "format")), ("2.0".into(), "json".into()));
        let method = form(request, "method");
        let asked = business(request);
        self.called.push(method.clone());
        let inside = match method.as_str() {
            "jingdong.pop.order.enSearch" => list(&asked),
            "jingdong.pop.order.enGet" => self.fetch(&asked),
            "jingdong.pop.afs.soa.refundapply.queryPageList" => {
                let found = self.refunds.get(&text(&asked["orderId"])).cloned().unwrap_or(json!([]));
                json!({ "queryResult": { "success": true, "totalCount": 1, "result": found } })
            }
            "jingdong.pop.order.shipment" => self.ship(&asked),
            "jingdong.order.sop.waybill.update" => self.change(&asked),
            "jingdong.stock.write.updateSkuStock" | "jingdong.ware.stock.sku.set" => {
                self.stock.insert(text(&asked["skuId"]), text(&asked["stockNum"]));
                json!({ "success": true })
            }
            other => panic!("nobody knows {other}"),
        };
        reply(200, wrapped(&method, inside).to_string())
    }

    fn fetch(&self, asked: &Value) -> Value {
        assert!(text(&asked["optional_fields"]).contains("consigneeInfo"), "fields are named or left out");
        match self.orders.get(&text(&asked["order_id"])) {
            Some(order) => json!({ "orderDetailInfo": { "apiResult": { "success": true }, "orderInfo": order } }),
            None => json!({ "orderDetailInfo": { "apiResult":
                { "success": false, "chineseErrCode": "订单不存在", "englishErrCode": "no order", "numberCode": 0 } } }),
        }
    }

    fn ship(&mut self, asked: &Value) -> Value {
        let result = match self.orders.get_mut(&text(&asked["orderId"])) {
            Some(order) if order["orderState"] == "WAIT_SELLER_STOCK_OUT" => {
                order["orderState"] = "WAIT_GOODS_RECEIVE_CONFIRM".into();
                order["logisticsId"] = asked["logiCoprId"].clone();
                order["waybill"] = asked["logiNo"].clone();
                json!({ "success": "true" })
            }
            Some(_) => json!({ "success": "false", "errorCode": "10400001", "chineseErrCode": "订单状态不允许出库" }),
            None => json!({ "success": "false", "errorCode": "10400002", "chineseErrCode": "订单不属于该商家" }),
        };
        json!({ "sopjosshipment_result": result })
    }

    fn change(&mut self, asked: &Value) -> Value {
        let order = self.orders.get_mut(&text(&asked["order_id"])).unwrap();
        assert_ne!(order["orderState"], "WAIT_SELLER_STOCK_OUT", "only what is shipped has a number to change");
        order["logisticsId"] = asked["logistics_id"].clone();
        order["waybill"] = asked["waybill"].clone();
        json!({ "vender_id": "10000123", "modified": "2026-11-21 16:31:00" })
    }
}

/// The inside in its envelope, spelled as the platform spells it.
pub(crate) fn wrapped(method: &str, inside: Value) -> Value {
    let mut inside = inside;
    inside["code"] = "0".into();
    json!({ format!("{}_responce", method.replace('.', "_")): inside })
}

/// An error in the platform's form.
pub(crate) fn error(code: &str, words: &str) -> String {
    json!({ "error_response": { "code": code, "zh_desc": words, "en_desc": "said in English" } }).to_string()
}

/// A field of a call's form.
pub(crate) fn form(request: &Request, name: &str) -> String {
    pairs::from_form(request.body(), name).unwrap_or_default()
}

/// The business parameters of a call.
pub(crate) fn business(request: &Request) -> Value {
    serde_json::from_str(&form(request, "360buy_param_json")).unwrap()
}

/// A value that the platform takes as text.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The ids that the list holds, newest change first.
pub(crate) fn listed() -> Vec<String> {
    (0..LISTED).map(|index| (292_230_000_000_100_001 + 2 * index).to_string()).collect()
}

/// A page of some orders.
pub(crate) fn page_of(asked: &Value, ids: &[String]) -> Value {
    let (page, size): (usize, usize) =
        (text(&asked["page"]).parse().unwrap(), text(&asked["page_size"]).parse().unwrap());
    assert!(size <= 50 && text(&asked["optional_fields"]).contains("modified"));
    let entry = |id: &String| json!({ "orderId": id, "modified": "2026-11-21 16:20:00" });
    let orders: Vec<Value> = ids.iter().skip((page - 1) * size).take(size).map(entry).collect();
    json!({ "searchorderinfo_result": { "orderTotal": ids.len(), "orderInfoList": orders } })
}

fn list(asked: &Value) -> Value {
    page_of(asked, &listed())
}

/// The signature as the platform's page tells it, put together here a second time.
fn signed(request: &Request) -> String {
    let mut parameters: Vec<(String, String)> = request
        .body()
        .split(|&byte| byte == b'&')
        .map(|pair| {
            let name = String::from_utf8(pair.split(|&byte| byte == b'=').next().unwrap().to_vec()).unwrap();
            let value = pairs::from_form(pair, &name).unwrap();
            (name, value)
        })
        .filter(|(name, _)| name != "sign")
        .collect();
    parameters.sort();
    let text: String = parameters.iter().map(|(name, value)| format!("{name}{value}")).collect();
    sign::upper_hex(&sign::md5(&[SECRET.as_bytes(), text.as_bytes(), SECRET.as_bytes()]))
}
