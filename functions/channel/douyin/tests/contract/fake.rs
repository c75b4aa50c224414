//! A small gateway in the test's memory: checks the signature of every call and keeps what it is told.

use huidan_exchange::{Reply, Request, pairs, sign};
use huidan_testkit::reply;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The application's secret.
pub(crate) const SECRET: &str = "an-application-secret";
/// How many orders the list holds.
pub(crate) const LISTED: usize = 250;

/// The gateway with its orders.
pub(crate) struct Doudian {
    /// By `order_id`.
    pub(crate) orders: BTreeMap<String, Value>,
    /// After-sale documents by order.
    pub(crate) after_sales: BTreeMap<String, Vec<Value>>,
    /// The list, oldest change first.
    pub(crate) listed: Vec<Value>,
    /// Stock by product and variant.
    pub(crate) stock: BTreeMap<String, u64>,
    /// A variant that is refused.
    pub(crate) deleted: u64,
    /// The methods called, in order.
    pub(crate) called: Vec<String>,
    /// The parameters of each, parsed.
    pub(crate) asked: Vec<Value>,
    /// The answers given to a `request_id`.
    given: BTreeMap<String, Value>,
}

impl Doudian {
    /// With the sample orders, and after-sales beside them.
    pub(crate) fn new(samples: &[&str]) -> Self {
        let (mut orders, mut after_sales) = (BTreeMap::new(), BTreeMap::new());
        for text in samples {
            let document: Value = serde_json::from_str(text).unwrap();
            let order = document.get("shop_order_detail").unwrap_or(&document).clone();
            let id = order["order_id"].as_str().unwrap().to_owned();
            if let Some(all) = document.get("after_sales") {
                after_sales.insert(id.clone(), all.as_array().unwrap().clone());
            }
            orders.insert(id, order);
        }
        Self {
            orders,
            after_sales,
            listed: entries(),
            stock: BTreeMap::new(),
            deleted: 0,
            called: Vec::new(),
            asked: Vec::new(),
            given: BTreeMap::new(),
        }
    }

    /// Answers a call.
    pub(crate) fn answer(&mut self, request: &Request) -> Reply {
        let get = |name: &str| parameter(request, name);
        let method = get("method");
        assert_eq!(request.uri().path(), format!("/{}", method.replace('.', "/")));
        assert_eq!(get("sign"), signed(request), "the signature of {method}");
        let asked: Value = serde_json::from_slice(request.body()).unwrap();
        self.called.push(method.clone());
        self.asked.push(asked.clone());
        let answer = match method.as_str() {
            "order.searchList" => self.list(&asked),
            "order.orderDetail" => self.detail(&asked),
            "afterSale.List" => {
                let all = self.after_sales.get(asked["order_id"].as_str().unwrap()).cloned().unwrap_or_default();
                success(&json!({"items": all, "has_more": false, "total": all.len()}))
            }
            "order.logisticsAddSinglePack" => {
                let pack = json!({"logistics_code": asked["logistics_code"], "company_code": asked["company_code"],
                    "shipped_order_info": asked["shipped_order_info"]});
                self.ship(asked["order_id_list"][0].as_str().unwrap(), &asked["request_id"], &pack)
            }
            "order.logisticsAddMultiPack" => {
                self.ship(asked["order_id"].as_str().unwrap(), &asked["request_id"], &asked["pack_list"][0])
            }
            "order.logisticsEdit" | "order.logisticsEditByPack" => self.edit(&asked),
            "sku.syncStockBatch" => self.set(&asked, asked["sku_sync_list"].as_array().unwrap()),
            "sku.syncStock" => self.set(&asked, std::slice::from_ref(&asked)),
            other => panic!("nobody knows {other}"),
        };
        reply(200, answer.to_string())
    }

    fn list(&self, asked: &Value) -> Value {
        assert_eq!((&asked["order_by"], &asked["order_asc"]), (&json!("update_time"), &json!(true)));
        let inside = |entry: &&Value| {
            let at = entry["update_time"].as_i64().unwrap();
            asked["update_time_start"].as_i64().unwrap() <= at && at <= asked["update_time_end"].as_i64().unwrap()
        };
        let all: Vec<&Value> = self.listed.iter().filter(inside).collect();
        let (page, size) = (asked["page"].as_u64().unwrap(), asked["size"].as_u64().unwrap());
        assert!(size <= 100 && page * size <= 50_000, "beyond the limits of the list");
        let from = usize::try_from(page * size).unwrap();
        let orders: Vec<&Value> = all.iter().skip(from).take(100).copied().collect();
        success(&json!({"total": all.len(), "page": page, "size": size, "shop_order_list": orders}))
    }

    fn detail(&self, asked: &Value) -> Value {
        match self.orders.get(asked["shop_order_id"].as_str().unwrap()) {
            Some(order) => success(&json!({"shop_order_detail": order})),
            None => error(40004, "isv.parameter-invalid:20014", "查询订单不存在"),
        }
    }

    /// The same `request_id` is answered as the first time and does nothing.
    fn ship(&mut self, order_id: &str, request_id: &Value, pack: &Value) -> Value {
        let request_id = request_id.as_str().unwrap().to_owned();
        if let Some(given) = self.given.get(&request_id) {
            return given.clone();
        }
        let Some(order) = self.orders.get_mut(order_id) else {
            return error(50002, "isv.business-failed:60033", "订单不存在，请仔细检查后重试。");
        };
        for goods in pack["shipped_order_info"].as_array().unwrap() {
            let id = goods["shipped_order_id"].as_str().unwrap();
            let line = order["sku_order_list"].as_array().unwrap().iter().find(|line| line["order_id"] == id).unwrap();
            if line["after_sale_info"]["after_sale_status"] == 6 {
                return error(50002, "isv.business-failed:60040", "发货订单中有退款申请需要处理，请先处理。");
            }
            if gone(order, id) + goods["shipped_num"].as_u64().unwrap() > line["item_num"].as_u64().unwrap() {
                return error(50002, "isv.business-failed:60110", "订单已发货，不允许再次执行发货。");
            }
        }
        let holds: Vec<Value> = pack["shipped_order_info"]
            .as_array()
            .unwrap()
            .iter()
            .map(|goods| json!({"sku_order_id": goods["shipped_order_id"], "product_count": goods["shipped_num"]}))
            .collect();
        let packs = order["logistics_info"].as_array_mut().unwrap();
        packs.push(json!({"tracking_no": pack["logistics_code"], "company": pack["company_code"],
            "delivery_id": (7_203_410_000_000_000_u64 + packs.len() as u64).to_string(), "product_info": holds}));
        let all = order["sku_order_list"].as_array().unwrap().iter();
        let left = all.map(|line| line["item_num"].as_u64().unwrap()).sum::<u64>() - all_gone(order);
        order["order_status"] = json!(if left == 0 { 3 } else { 101 });
        let given = success(&json!({"pack_id": "1"}));
        self.given.insert(request_id, given.clone());
        given
    }

    fn edit(&mut self, asked: &Value) -> Value {
        let order = self.orders.get_mut(asked["order_id"].as_str().unwrap()).unwrap();
        let wanted = asked.get("pack_id").cloned();
        for pack in order["logistics_info"].as_array_mut().unwrap() {
            if wanted.as_ref().is_none_or(|id| *id == pack["delivery_id"]) {
                pack["tracking_no"] = asked["logistics_code"].clone();
                pack["company"] = asked["company_code"].clone();
            }
        }
        json!({"code": 10000, "msg": "success", "log_id": "l", "sub_code": "", "sub_msg": "", "data": null})
    }

    /// All or nothing.
    fn set(&mut self, asked: &Value, levels: &[Value]) -> Value {
        assert_eq!(asked["incremental"], json!(false), "absolute numbers");
        if levels.iter().any(|level| self.deleted > 0 && level["sku_id"] == self.deleted) {
            return error(40004, "isv.parameter-invalid:4", "当前sku已被删除,禁止修改库存");
        }
        for level in levels {
            let variant = level.get("sku_id").unwrap_or_else(|| &level["code"]);
            self.stock.insert(format!("{}/{variant}", asked["product_id"]), level["stock_num"].as_u64().unwrap());
        }
        json!({"code": 10000, "msg": "success", "log_id": "l", "sub_code": "", "sub_msg": "", "data": null})
    }
}

fn gone(order: &Value, line: &str) -> u64 {
    let packs = order["logistics_info"].as_array().unwrap().iter();
    let goods = packs.flat_map(|pack| pack["product_info"].as_array().unwrap());
    goods.filter(|goods| goods["sku_order_id"] == line).map(|goods| goods["product_count"].as_u64().unwrap()).sum()
}

fn all_gone(order: &Value) -> u64 {
    let lines = order["sku_order_list"].as_array().unwrap().iter();
    lines.map(|line| gone(order, line["order_id"].as_str().unwrap())).sum()
}

/// A success in the platform's form.
pub(crate) fn success(data: &Value) -> Value {
    json!({"code": 10000, "msg": "success", "sub_code": "", "sub_msg": "", "log_id": "2026112116300001", "data": data})
}

/// An error in the platform's form.
pub(crate) fn error(code: u32, sub_code: &str, sub_msg: &str) -> Value {
    json!({"code": code, "msg": "业务处理失败", "sub_code": sub_code, "sub_msg": sub_msg, "log_id": "l"})
}

/// The ids that the list holds, oldest change first.
pub(crate) fn listed() -> Vec<String> {
    (0..LISTED).map(|index| (6_938_210_000_000_010_001 + 2 * index).to_string()).collect()
}

/// Entries of which the suite cuts every byte, so they hold no more than the list is read by; [`whole`] ones are tried
/// apart.
fn entries() -> Vec<Value> {
    let entry = |(index, id): (usize, String)| json!({"order_id": id, "update_time": 1_795_248_000 + index});
    listed().into_iter().enumerate().map(entry).collect()
}

/// An entry as the list really has it: the whole order.
pub(crate) fn whole(id: &str, update_time: u64) -> Value {
    let mut order: Value = serde_json::from_str(crate::PAID).unwrap();
    order["order_id"] = json!(id);
    order["update_time"] = json!(update_time);
    order
}

/// A parameter of the address.
pub(crate) fn parameter(request: &Request, name: &str) -> String {
    pairs::from_form(request.uri().query().unwrap().as_bytes(), name).unwrap_or_default()
}

/// The signature as the platform's page tells it, over the very bytes that were sent, put together here a second time.
fn signed(request: &Request) -> String {
    let get = |name| parameter(request, name);
    assert_eq!((get("v").as_str(), get("sign_method").as_str()), ("2", "hmac-sha256"));
    let mut text = SECRET.to_owned();
    for name in ["app_key", "method"] {
        text += &format!("{name}{}", get(name));
    }
    text += &format!("param_json{}", std::str::from_utf8(request.body()).unwrap());
    text += &format!("timestamp{}v2{SECRET}", get("timestamp"));
    sign::hex(&sign::hmac_sha256(SECRET.as_bytes(), &[text.as_bytes()]))
}
