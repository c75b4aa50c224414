//! A small platform in the test's memory: checks the signature of every call and keeps what it is told.

use huidan_exchange::{Reply, Request, pairs, sign};
use huidan_testkit::reply;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The application's secret for calls.
pub(crate) const SECRET: &str = "sign-secret-of-ks";
/// How many orders the list holds.
pub(crate) const LISTED: usize = 60;

/// The platform with its orders.
pub(crate) struct Ks {
    /// By `oid`.
    pub(crate) orders: BTreeMap<String, Value>,
    /// Time of change and `oid`, as the list is sorted.
    pub(crate) changes: Vec<(i64, i64)>,
    /// Stock by item and variant.
    pub(crate) stock: BTreeMap<i64, BTreeMap<i64, i64>>,
    /// The methods called, in order, with what they were asked.
    pub(crate) called: Vec<(String, Value)>,
}

impl Ks {
    /// With the sample orders.
    pub(crate) fn new(samples: &[&str]) -> Self {
        let read = |text: &&str| {
            let order: Value = serde_json::from_str(text).unwrap();
            (order["orderBaseInfo"]["oid"].to_string(), order)
        };
        let first = 1_795_250_000_000;
        let change = |n: usize| (first + i64::try_from(n).unwrap() * 1000, listed_id(n));
        let items = [(1, vec![(11, 9), (12, 4)]), (2, vec![(21, 7)]), (3, vec![(31, 2)])];
        Self {
            orders: samples.iter().map(read).collect(),
            changes: (0..LISTED).map(change).collect(),
            stock: items.into_iter().map(|(item, skus)| (item, skus.into_iter().collect())).collect(),
            called: Vec::new(),
        }
    }

    /// Answers a call.
    pub(crate) fn answer(&mut self, request: &Request) -> Reply {
        let get = |name: &str| pairs::from_form(request.body(), name).unwrap_or_default();
        let method = get("method");
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri().path(), format!("/{}", method.replace('.', "/")));
        assert_eq!(get("sign"), signed(request), "the signature of {method}");
        let param: Value = serde_json::from_str(&get("param")).unwrap();
        self.called.push((method.clone(), param.clone()));
        let body = match method.as_str() {
            "open.order.cursor.list" => self.list(&param),
            "open.order.detail" => match self.orders.get(&param["oid"].to_string()) {
                Some(order) => json!({"result": 1, "msg": "success", "data": order, "requestId": "r"}),
                None => json!({"result": 21, "error_msg": "order operation reject", "requestId": "r"}),
            },
            "open.seller.order.goods.deliver" => self.deliver(&param),
            "open.order.goods.split.deliver" => self.split(&param),
            "open.seller.order.goods.logistics.append" => self.append(&param),
            "open.seller.order.logistics.update" => self.update(&param),
            "open.item.get" => self.item(&param),
            "open.item.sku.stock.update" => self.change(&param),
            other => panic!("nobody knows {other}"),
        };
        reply(200, body.to_string())
    }

    /// The methods called, in order.
    pub(crate) fn methods(&self) -> Vec<&str> {
        self.called.iter().map(|(method, _)| method.as_str()).collect()
    }

    /// Oldest change first; the cursor is the place of the last one.
    fn list(&mut self, param: &Value) -> Value {
        assert_eq!(
            (&param["orderViewStatus"], &param["queryType"], &param["sort"], &param["cpsType"]),
            (&json!(1), &json!(2), &json!(2), &json!(0)),
            "every order by its time of change, the oldest first"
        );
        self.changes.sort_unstable();
        let after = param["cursor"].as_str().unwrap().split_once('_');
        let after = after.map(|(at, id)| (at.parse::<i64>().unwrap(), id.parse::<i64>().unwrap()));
        let size = usize::try_from(param["pageSize"].as_u64().unwrap()).unwrap();
        let left: Vec<&(i64, i64)> =
            self.changes.iter().filter(|change| after.is_none_or(|at| **change > at)).collect();
        let page: Vec<Value> = left.iter().take(size).map(|(at, id)| listed(*at, *id)).collect();
        let cursor = match left.get(size) {
            Some(_) => left.get(size - 1).map(|(at, id)| format!("{at}_{id}")).unwrap(),
            None => "nomore".to_owned(),
        };
        json!({"result": 1, "msg": "success", "requestId": "r",
            "data": {"cursor": cursor, "pageSize": page.len(), "beginTime": 0, "endTime": 0, "orderList": page}})
    }

    fn deliver(&mut self, param: &Value) -> Value {
        let Some(order) = self.orders.get_mut(&param["orderId"].to_string()) else {
            return error(21, "order operation reject");
        };
        if order["orderBaseInfo"]["status"] != 30 {
            return error(11, "订单状态不允许发货");
        }
        order["orderBaseInfo"]["status"] = 40.into();
        order["orderLogisticsInfo"] = json!([parcel(500, param)]);
        json!({"result": 1, "msg": "success", "requestId": "r"})
    }

    fn split(&mut self, param: &Value) -> Value {
        let order = self.orders.get_mut(&param["mainOrderId"].to_string()).unwrap();
        for package in param["deliveryItemInfoList"].as_array().unwrap() {
            for (n, goods) in package["deliveryGoodsInfoList"].as_array().unwrap().iter().enumerate() {
                let [base, item, logistics, delivery] = parts(order, &goods["oid"]);
                let sent = order.pointer(&format!("{delivery}/deliveryNum")).unwrap().as_i64().unwrap();
                let sent = sent + goods["deliveryNum"].as_i64().unwrap();
                if sent > order.pointer(&format!("{item}/num")).unwrap().as_i64().unwrap() {
                    return error(11, "发货数量超过剩余数量");
                }
                let told = param["deliveryStatus"].as_array().unwrap().iter().find(|one| one["oid"] == goods["oid"]);
                *order.pointer_mut(&format!("{delivery}/deliveryNum")).unwrap() = sent.into();
                *order.pointer_mut(&format!("{delivery}/splitDeliveryOrder")).unwrap() = true.into();
                *order.pointer_mut(&format!("{delivery}/deliveryStatus")).unwrap() =
                    told.unwrap()["confirmDeliveryStatus"].clone();
                *order.pointer_mut(&format!("{base}/status")).unwrap() = 40.into();
                let numbers = order.pointer_mut(&logistics).unwrap().as_array_mut().unwrap();
                let id = 600 + i64::try_from(10 * n + numbers.len()).unwrap();
                numbers.push(parcel(id, package));
            }
        }
        json!({"result": 1, "msg": "success", "requestId": "r"})
    }

    fn append(&mut self, param: &Value) -> Value {
        let order = self.orders.get_mut(&param["oid"].to_string()).unwrap();
        assert_eq!(order["orderBaseInfo"]["status"], 40, "only what left takes one more parcel");
        order["orderLogisticsInfo"].as_array_mut().unwrap().push(parcel(700, param));
        json!({"result": 1, "requestId": "r"})
    }

    fn update(&mut self, param: &Value) -> Value {
        let order = self.orders.get_mut(&param["orderId"].to_string()).unwrap();
        let gifts = order["subOrderInfo"].as_array().map_or(0, Vec::len);
        let places = (0..gifts).map(|n| format!("/subOrderInfo/{n}/subOrderLogisticsInfo"));
        for place in std::iter::once("/orderLogisticsInfo".to_owned()).chain(places) {
            for number in order.pointer_mut(&place).unwrap().as_array_mut().unwrap() {
                if number["logisticsId"] == param["logisticsId"] {
                    *number = parcel(param["logisticsId"].as_i64().unwrap(), param);
                }
            }
        }
        json!({"result": 1, "requestId": "r"})
    }

    fn item(&self, param: &Value) -> Value {
        let Some(skus) = self.stock.get(&param["kwaiItemId"].as_i64().unwrap()) else {
            return error(3001, "商品不存在");
        };
        let skus: Vec<Value> = skus.iter().map(|(id, has)| json!({"kwaiSkuId": id, "skuStock": has})).collect();
        json!({"result": 1, "data": {"itemId": param["kwaiItemId"], "skuInfos": skus}})
    }

    fn change(&mut self, param: &Value) -> Value {
        let skus = self.stock.get_mut(&param["kwaiItemId"].as_i64().unwrap()).unwrap();
        let has = skus.get_mut(&param["skuId"].as_i64().unwrap()).unwrap();
        let amount = param["skuChangeStock"].as_i64().unwrap();
        assert!(amount > 0, "the platform takes no zero");
        *has += if param["changeType"] == 1 { amount } else { -amount };
        json!({"result": 1, "msg": "success"})
    }
}

/// Where a line's parts stand: the order's own or a gift's.
fn parts(order: &Value, oid: &Value) -> [String; 4] {
    if order["orderBaseInfo"]["oid"] == *oid {
        return ["/orderBaseInfo", "/orderItemInfo", "/orderLogisticsInfo", "/orderDeliveryInfo"].map(str::to_owned);
    }
    let gifts = order["subOrderInfo"].as_array().unwrap();
    let n = gifts.iter().position(|gift| gift["subOrderBaseInfo"]["oid"] == *oid).unwrap();
    ["subOrderBaseInfo", "subOrderItemInfo", "subOrderLogisticsInfo", "subOrderDeliveryInfo"]
        .map(|name| format!("/subOrderInfo/{n}/{name}"))
}

fn parcel(id: i64, param: &Value) -> Value {
    assert!(param["expressCode"].is_u64(), "the carrier is a number");
    json!({"logisticsId": id, "expressNo": param["expressNo"], "expressCode": param["expressCode"]})
}

/// A refusal in the platform's form.
pub(crate) fn error(result: i64, words: &str) -> Value {
    json!({"result": result, "code": "807000", "msg": "业务处理失败", "error_msg": words,
        "sub_code": result.to_string(), "sub_msg": words, "requestId": "r"})
}

/// The number of an order of the list.
pub(crate) fn listed_id(n: usize) -> i64 {
    2_607_602_240_241_001 + 2 * i64::try_from(n).unwrap()
}

/// An order of the list: one in ten whole, the others by their number alone, so that the page stays small enough to be
/// cut at every byte.
fn listed(at: i64, id: i64) -> Value {
    let base = json!({"oid": id, "status": 30, "totalFee": 100, "createTime": at, "updateTime": at});
    if id % 10 != 1 {
        return json!({ "orderBaseInfo": base });
    }
    json!({"orderBaseInfo": base, "orderItemInfo": {"itemId": 1, "skuId": 11, "num": 1, "price": 100}})
}

/// The signature as the platform's page tells it, put together here a second time.
fn signed(request: &Request) -> String {
    let names = ["access_token", "appkey", "method", "param", "signMethod", "timestamp", "version"];
    let get = |name: &str| pairs::from_form(request.body(), name).unwrap();
    let text: String = names.map(|name| format!("{name}={}&", get(name))).concat() + "signSecret=" + SECRET;
    match get("signMethod").as_str() {
        "MD5" => sign::hex(&sign::md5(&[text.as_bytes()])),
        _ => sign::base64(&sign::hmac_sha256(SECRET.as_bytes(), &[text.as_bytes()])),
    }
}
