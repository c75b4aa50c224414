//! A small WeChat, from its own pages: orders, after-sales, shipments, stock.

use huidan_exchange::{Reply, Request};
use huidan_testkit::reply;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) const TOKEN: &str = "90_3OFLm80t_hE9xCctMwKz-QEGSKfyrEbEk9IUGmbjhD";
/// How many orders the list holds, and how many after-sales.
const ORDERS: u64 = 250;
const AFTER_SALES: u64 = 25;
const FIRST: u64 = 3_705_115_058_471_300_001;

pub(crate) struct Wechat {
    /// By `order_id`.
    pub(crate) orders: BTreeMap<String, Value>,
    after_sales: BTreeMap<String, Value>,
    /// Stock by variant.
    pub(crate) stock: BTreeMap<String, u64>,
    /// The paths called, in order.
    pub(crate) called: Vec<String>,
    /// The last body of each path.
    pub(crate) asked: BTreeMap<String, Value>,
}

impl Wechat {
    /// With these documents.
    pub(crate) fn new(documents: &[&str]) -> Self {
        let (mut orders, mut after_sales) = (BTreeMap::new(), BTreeMap::new());
        for text in documents {
            let document: Value = serde_json::from_str(text).unwrap();
            let order = &document["order"];
            orders.insert(order["order_id"].as_str().unwrap().to_owned(), order.clone());
            for one in document["after_sales"].as_array().unwrap() {
                let mut one = one.clone();
                one["order_id"] = order["order_id"].clone();
                // A countdown and a phone, as WeChat sends them along.
                one["deadline_left"] = 3599.into();
                one["details"] = json!({"tel_number": "13900001111"});
                after_sales.insert(one["after_sale_order_id"].as_str().unwrap().to_owned(), one);
            }
        }
        for index in 0..AFTER_SALES {
            let id = (2_000_000_000_000_000 + index).to_string();
            let one = json!({"after_sale_order_id": id, "order_id": (FIRST + 2 * index).to_string(),
                "status": "MERCHANT_PROCESSING", "type": "REFUND"});
            after_sales.insert(id, one);
        }
        Self { orders, after_sales, stock: BTreeMap::new(), called: Vec::new(), asked: BTreeMap::new() }
    }

    /// Answers a call.
    pub(crate) fn answer(&mut self, request: &Request) -> Reply {
        assert_eq!(request.uri().query(), Some(format!("access_token={TOKEN}").as_str()));
        assert_eq!(request.method(), http::Method::POST);
        assert_eq!(request.headers()["content-type"], "application/json");
        let asked: Value = serde_json::from_slice(request.body()).unwrap();
        let path = request.uri().path().to_owned();
        self.called.push(path.clone());
        self.asked.insert(path.clone(), asked.clone());
        let text = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
        let body = match path.as_str() {
            "/channels/ec/order/list/get" => list(&asked),
            "/channels/ec/aftersale/getaftersalelist" => self.listed_after_sales(),
            "/channels/ec/aftersale/getaftersaleorder" => {
                json!({"errcode": 0, "after_sale_order": self.after_sales[&text("after_sale_order_id")]})
            }
            "/channels/ec/order/get" => match self.orders.get(&text("order_id")) {
                Some(order) => json!({"errcode": 0, "errmsg": "ok", "order": order}),
                None => error(100_002, "订单不存在"),
            },
            "/channels/ec/order/delivery/send" => self.send(&asked),
            "/channels/ec/order/deliveryinfo/update" => self.change(&asked),
            "/channels/ec/product/stock/update" => {
                assert_eq!(asked["diff_type"], 3, "absolute numbers");
                self.stock.insert(text("sku_id"), asked["num"].as_u64().unwrap());
                json!({"errcode": 0, "errmsg": "ok"})
            }
            other => panic!("nobody knows {other}"),
        };
        reply(200, body.to_string())
    }

    fn listed_after_sales(&self) -> Value {
        let ids: Vec<&String> = self.after_sales.keys().filter(|id| id.as_str() < "2000000200000000").collect();
        json!({"errcode": 0, "errmsg": "ok", "after_sale_order_id_list": ids, "has_more": false, "next_key": ""})
    }

    fn send(&mut self, asked: &Value) -> Value {
        let Some(order) = self.orders.get_mut(asked["order_id"].as_str().unwrap()) else {
            return error(100_002, "订单不存在");
        };
        let detail = &mut order["order_detail"];
        for package in asked["delivery_list"].as_array().unwrap() {
            for goods in package["product_infos"].as_array().unwrap() {
                let bought = count(&detail["product_infos"], &goods["sku_id"], "sku_cnt");
                let shipped: u64 = packages(detail)
                    .iter()
                    .map(|one| count(&one["product_infos"], &goods["sku_id"], "product_cnt"))
                    .sum();
                if bought == 0 {
                    return error(606_031, "发货请求里product_id或sku_id填写不正确");
                }
                if shipped + goods["product_cnt"].as_u64().unwrap() > bought {
                    return error(101_100, "订单状态错误,不允许执行此操作");
                }
            }
            detail["delivery_info"]["delivery_product_info"].as_array_mut().unwrap().push(package.clone());
        }
        json!({"errcode": 0, "errmsg": "ok"})
    }

    fn change(&mut self, asked: &Value) -> Value {
        let order = self.orders.get_mut(asked["order_id"].as_str().unwrap()).unwrap();
        let packages = order["order_detail"]["delivery_info"]["delivery_product_info"].as_array_mut().unwrap();
        for change in asked["change_infos"].as_array().unwrap() {
            let old = packages.iter_mut().find(|one| one["waybill_id"] == change["old"]["waybill_id"]).unwrap();
            assert_eq!(
                (&old["delivery_id"], &old["product_infos"]),
                (&change["old"]["delivery_id"], &change["old"]["product_infos"])
            );
            *old = change["new"].clone();
        }
        json!({"errcode": 0, "errmsg": "ok"})
    }
}

fn packages(detail: &Value) -> Vec<Value> {
    detail["delivery_info"]["delivery_product_info"].as_array().unwrap().clone()
}

fn count(goods: &Value, sku: &Value, name: &str) -> u64 {
    goods.as_array().unwrap().iter().filter(|one| one["sku_id"] == *sku).map(|one| one[name].as_u64().unwrap()).sum()
}

/// An error in WeChat's form.
pub(crate) fn error(code: i64, words: &str) -> Value {
    json!({"errcode": code, "errmsg": format!(", {words} rid: 64d98c4d-1fe4b778-17268d99")})
}

/// The ids that the list holds.
pub(crate) fn listed() -> Vec<String> {
    (0..ORDERS).map(|index| (FIRST + 2 * index).to_string()).collect()
}

fn list(asked: &Value) -> Value {
    let size = usize::try_from(asked["page_size"].as_u64().unwrap()).unwrap();
    assert!(size <= 100);
    let page: usize = asked["next_key"].as_str().map_or(0, |key| key.strip_prefix("key-").unwrap().parse().unwrap());
    let all = listed();
    let ids: Vec<&String> = all.iter().skip(page * size).take(size).collect();
    let more = (page + 1) * size < all.len();
    let next = if more { format!("key-{}", page + 1) } else { String::new() };
    json!({"errcode": 0, "errmsg": "ok", "order_id_list": ids, "next_key": next, "has_more": more})
}
