//! A small gateway in the test's memory: checks the signature of every call and keeps what it is told.

use huidan_exchange::{Reply, Request, pairs, sign};
use huidan_testkit::reply;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The application's secret.
pub(crate) const SECRET: &str = "helloworld-secret";
/// How many orders the list holds.
pub(crate) const LISTED: u64 = 202;

/// The gateway with its orders.
pub(crate) struct Gateway {
    /// By `order_sn`.
    pub(crate) orders: BTreeMap<String, Value>,
    /// Stock by `goods_id` and variant.
    pub(crate) stock: BTreeMap<String, String>,
    /// The calls made, in order.
    pub(crate) called: Vec<String>,
}

impl Gateway {
    /// With the sample orders.
    pub(crate) fn new(samples: &[&str]) -> Self {
        let read = |text: &&str| {
            let document: Value = serde_json::from_str(text).unwrap();
            let order = document.pointer("/order_info_get_response/order_info").unwrap_or(&document).clone();
            (order["order_sn"].as_str().unwrap().to_owned(), order)
        };
        Self { orders: samples.iter().map(read).collect(), stock: BTreeMap::new(), called: Vec::new() }
    }

    /// Answers a call.
    pub(crate) fn answer(&mut self, request: &Request) -> Reply {
        assert_eq!(request.uri().path(), "/api/router");
        let get = |name: &str| pairs::from_form(request.body(), name).unwrap_or_default();
        assert_eq!(get("sign"), signed(request), "the signature of {}", get("type"));
        assert_eq!((get("data_type").as_str(), get("version").as_str()), ("JSON", "V1"));
        let api = get("type");
        self.called.push(api.clone());
        let body = match api.as_str() {
            "pdd.order.number.list.increment.get" => list(&get),
            "pdd.order.information.get" => self.fetch(&get("order_sn")),
            "pdd.logistics.online.send" => self.send(&get),
            "pdd.order.upload.extra.logistics" => self.add(&get),
            "pdd.goods.quantity.update" => {
                assert_eq!(get("update_type"), "1", "absolute numbers");
                self.stock.insert(format!("{}:{}{}", get("goods_id"), get("sku_id"), get("outer_id")), get("quantity"));
                json!({"goods_quantity_update_response": {"is_success": true}})
            }
            other => panic!("nobody knows {other}"),
        };
        reply(200, body.to_string())
    }

    fn fetch(&self, sn: &str) -> Value {
        match self.orders.get(sn) {
            Some(order) => json!({"order_info_get_response": {"order_info": order, "request_id": "r"}}),
            None => error(50001, "45001", "订单不属于当前店铺或订单不存在"),
        }
    }

    fn send(&mut self, get: &dyn Fn(&str) -> String) -> Value {
        let Some(order) = self.orders.get_mut(&get("order_sn")) else {
            return error(50001, "45001", "订单不存在");
        };
        let shipped = !order["tracking_number"].as_str().unwrap_or_default().is_empty();
        match (get("redelivery_type").as_str(), shipped) {
            ("1", true) => error(50001, "20006", "订单已发货，请勿重复发货"),
            ("2", false) => error(50001, "20007", "订单未发货，不能修改"),
            _ if order["refund_status"] != 1 => error(50001, "20008", "订单售后中，不能发货"),
            _ => {
                order["tracking_number"] = get("tracking_number").into();
                order["logistics_id"] = get("logistics_id").parse::<u64>().unwrap().into();
                order["order_status"] = 2.into();
                // What the platform hides once an order is shipped.
                for name in ["receiver_name", "receiver_phone", "receiver_address"] {
                    order[name] = "".into();
                }
                json!({"logistics_online_send_response": {"is_success": true}})
            }
        }
    }

    fn add(&mut self, get: &dyn Fn(&str) -> String) -> Value {
        let order = self.orders.get_mut(&get("order_sn")).unwrap();
        let parcels: Vec<Value> = serde_json::from_str(&get("extra_track_list")).unwrap();
        assert_eq!(get("extra_track_type"), "1");
        for parcel in parcels {
            let known = json!({"logistics_id": parcel["shipping_id"], "tracking_number": parcel["tracking_number"]});
            order["extra_delivery_list"].as_array_mut().unwrap().push(known);
        }
        json!({"upload_extra_logistics_response": {"success": true}})
    }
}

/// An error in the platform's form.
pub(crate) fn error(code: u32, sub_code: &str, sub_msg: &str) -> Value {
    let sub_code = if sub_code.is_empty() { Value::Null } else { sub_code.into() };
    json!({"error_response":
        {"error_code": code, "error_msg": "业务服务错误", "sub_code": sub_code, "sub_msg": sub_msg, "request_id": "r"}})
}

/// The ids that the list holds, newest change first.
pub(crate) fn listed() -> Vec<String> {
    (0..LISTED).map(|index| format!("261121-{}", 123_456_789_100_001 + 2 * index)).collect()
}

/// The platform documents a row as the whole order. Most are cut short here, so that the list stays small enough to be
/// cut at every byte.
fn row(sn: &str, index: usize) -> Value {
    if index % 101 != 7 {
        return json!({"order_sn": sn, "updated_at": "2026-11-21 16:20:00"});
    }
    let document: Value = serde_json::from_str(crate::PAID).unwrap();
    let mut order = document.pointer("/order_info_get_response/order_info").unwrap().clone();
    order["order_sn"] = sn.into();
    order
}

fn list(get: &dyn Fn(&str) -> String) -> Value {
    assert_eq!((get("order_status"), get("refund_status"), get("is_lucky_flag")), ("5".into(), "5".into(), "0".into()));
    let (page, size): (usize, usize) = (get("page").parse().unwrap(), get("page_size").parse().unwrap());
    let ids = listed();
    let rows: Vec<Value> =
        ids.iter().enumerate().skip((page - 1) * size).take(size).map(|(index, sn)| row(sn, index)).collect();
    match get("use_has_next").as_str() {
        "false" => json!({"order_sn_increment_get_response": {"total_count": LISTED, "order_sn_list": rows}}),
        "true" => json!({"order_sn_increment_get_response":
            {"has_next": page * size < ids.len(), "order_sn_list": rows}}),
        other => panic!("{other}"),
    }
}

/// The signature as the platform's page tells it, put together here a second time.
pub(crate) fn signed(request: &Request) -> String {
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
