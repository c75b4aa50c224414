//! A small gateway in the test's memory: checks the signature of every call and keeps what it is told.

use huidan_exchange::{Reply, Request, sign};
use huidan_testkit::reply;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The application.
pub(crate) const APP: &str = "testappid";
/// Its secret.
pub(crate) const SECRET: &str = "testsecret";
/// The shop's token.
pub(crate) const TOKEN: &str = "token-0f1e2d3c4b5a";
/// When everything that is listed changed.
pub(crate) const CHANGED: i64 = 1_795_248_600_000;

/// The gateway with its orders.
pub(crate) struct Ark {
    /// Details by `orderId`.
    pub(crate) orders: BTreeMap<String, Value>,
    /// Receivers by `orderId`.
    pub(crate) receivers: BTreeMap<String, Value>,
    /// After-sales of an order.
    pub(crate) sales: BTreeMap<String, Vec<Value>>,
    /// What the list of orders holds, newest change first.
    pub(crate) listed: Vec<String>,
    /// The orders of what the list of after-sales holds.
    pub(crate) returning: Vec<String>,
    /// Whole stock by `skuId`.
    pub(crate) stock: BTreeMap<String, u64>,
    /// The calls, in order.
    pub(crate) called: Vec<String>,
}

impl Ark {
    /// With the orders of composed documents.
    pub(crate) fn new(samples: &[&str]) -> Self {
        let mut ark = Self {
            orders: BTreeMap::new(),
            receivers: BTreeMap::new(),
            sales: BTreeMap::new(),
            listed: (0..250).map(|index| format!("P7906007552424{index:05}")).collect(),
            returning: (0..120).map(|index| format!("P7906007552425{index:05}")).collect(),
            stock: BTreeMap::new(),
            called: Vec::new(),
        };
        for sample in samples {
            let document: Value = serde_json::from_str(sample).unwrap();
            let id = text(&document["order"]["orderId"]);
            ark.receivers.insert(id.clone(), document["receiver"].clone());
            ark.sales.insert(id.clone(), document["after_sales"].as_array().unwrap().clone());
            ark.orders.insert(id, document["order"].clone());
        }
        ark
    }

    /// Answers a call.
    pub(crate) fn answer(&mut self, request: &Request) -> Reply {
        let fields = fields(request);
        assert_eq!(request.uri(), "https://ark.xiaohongshu.com/ark/open_api/v3/common_controller");
        let method = text(&fields["method"]);
        let signed = format!("{method}?appId={APP}&timestamp={}&version=2.0{SECRET}", text(&fields["timestamp"]));
        assert_eq!(text(&fields["sign"]), sign::hex(&sign::md5(&[signed.as_bytes()])), "the signature of {method}");
        assert_eq!(text(&fields["timestamp"]).len(), 10, "a request's time is in seconds");
        assert_eq!(fields["accessToken"], TOKEN);
        self.called.push(method.clone());
        let body = match method.as_str() {
            "order.getOrderList" => self.list(&fields),
            "afterSale.listAfterSaleInfos" => self.list_sales(&fields),
            "afterSale.getAfterSaleInfo" => self.sale(&fields),
            "order.getOrderDetail" => match self.orders.get(&text(&fields["orderId"])) {
                Some(order) => yes(&order.clone()),
                None => no(-1, "订单不存在"),
            },
            "order.getOrderReceiverInfo" => self.receiver(&fields),
            "order.orderDeliver" => self.deliver(&fields),
            "order.modifyOrderExpressInfo" => self.change(&fields),
            "inventory.syncSkuStock" => {
                let qty = fields["qty"].as_u64().unwrap();
                self.stock.insert(text(&fields["skuId"]), qty);
                yes(&json!({"skuStock": {"available": qty, "total": qty}}))
            }
            other => panic!("nobody knows {other}"),
        };
        reply(200, body.to_string())
    }

    fn list(&self, fields: &Value) -> Value {
        let (from, to) = (fields["startTime"].as_i64().unwrap(), fields["endTime"].as_i64().unwrap());
        assert!(to - from <= 1800 && from < 10_000_000_000, "half an hour at most, in seconds");
        assert_eq!((fields["timeType"].as_i64(), fields["orderType"].as_i64()), (Some(2), Some(0)));
        assert_eq!(fields["orderStatus"], 0);
        let entry = |id: &String| json!({"orderId": id, "orderStatus": 4, "updateTime": CHANGED});
        let page = page(&self.listed, fields).map(entry).collect::<Vec<_>>();
        let last = self.listed.len().div_ceil(100);
        yes(&json!({"total": self.listed.len(), "pageNo": fields["pageNo"], "maxPageNo": last, "orderList": page}))
    }

    fn list_sales(&self, fields: &Value) -> Value {
        if !fields["orderId"].is_null() {
            let sales = self.sales.get(&text(&fields["orderId"])).cloned().unwrap_or_default();
            let basic = sales.iter().map(|sale| {
                let mut sale = sale.clone();
                let inside = sale.as_object_mut().unwrap();
                inside.remove("skus");
                inside.remove("refundStatus");
                sale
            });
            return twice(&json!({"totalCount": sales.len(), "afterSaleBasicInfos": basic.collect::<Vec<_>>()}));
        }
        let (from, to) = (fields["startTime"].as_i64().unwrap(), fields["endTime"].as_i64().unwrap());
        assert!(to - from <= 1_800_000 && from > 1_000_000_000_000, "half an hour at most, in milliseconds");
        let entry = |id: &String| json!({"returnsId": "R1", "status": 1, "orderId": id, "updatedAt": CHANGED});
        let page = page(&self.returning, fields).map(entry).collect::<Vec<_>>();
        twice(&json!({"totalCount": self.returning.len(), "afterSaleBasicInfos": page}))
    }

    fn sale(&self, fields: &Value) -> Value {
        let all = self.sales.values().flatten();
        let sale = all.into_iter().find(|sale| sale["returnsId"] == fields["returnsId"]).unwrap();
        twice(&json!({"afterSaleInfo": sale, "logisticsInfo": {}}))
    }

    fn receiver(&self, fields: &Value) -> Value {
        let query = &fields["receiverQueries"][0];
        let id = text(&query["orderId"]);
        let same = self.orders[&id]["openAddressId"] == query["openAddressId"];
        let info = if same { self.receivers[&id].clone() } else { json!({"orderId": id, "matched": false}) };
        yes(&json!({"receiverInfos": [info]}))
    }

    fn deliver(&mut self, fields: &Value) -> Value {
        assert!(fields["deliveringTime"].as_i64().unwrap() > 1_000_000_000_000, "a shipment's time is in milliseconds");
        let order = self.orders.get_mut(&text(&fields["orderId"])).unwrap();
        let skus: Vec<Value> = order["skuList"].as_array().unwrap().iter().map(|sku| sku["skuId"].clone()).collect();
        let told = fields["skuIdList"].as_array().cloned();
        assert_eq!(fields["unpack"].as_bool().unwrap(), told.is_some(), "only what is split names its goods");
        if !matches!(order["orderStatus"].as_i64(), Some(4 | 5)) {
            return no(-2_001, "订单状态不支持发货");
        }
        let Some(told) = told else {
            order["expressTrackingNo"] = fields["expressNo"].clone();
            order["expressCompanyCode"] = fields["expressCompanyCode"].clone();
            order["orderStatus"] = 6.into();
            return yes(&Value::from("发货成功"));
        };
        order["unpack"] = true.into();
        let parts = order["simpleDeliveryOrderList"].as_array_mut().unwrap();
        let index = parts.len() + 1;
        parts.push(json!({"deliveryOrderIndex": index, "status": 6, "expressTrackingNo": fields["expressNo"],
            "expressCompanyCode": fields["expressCompanyCode"], "skuIdList": told}));
        let left = parts.iter().flat_map(|part| part["skuIdList"].as_array().unwrap()).count();
        order["orderStatus"] = if left == skus.len() { 6.into() } else { 5.into() };
        yes(&Value::from("发货成功"))
    }

    fn change(&mut self, fields: &Value) -> Value {
        let order = self.orders.get_mut(&text(&fields["orderId"])).unwrap();
        let mut changed = 0;
        let mut change = |place: &mut Value| {
            if place["expressTrackingNo"] == fields["oldExpressNo"] {
                place["expressTrackingNo"] = fields["expressNo"].clone();
                place["expressCompanyCode"] = fields["expressCompanyCode"].clone();
                changed += 1;
            }
        };
        for part in order["simpleDeliveryOrderList"].as_array_mut().unwrap() {
            change(part);
        }
        change(order);
        if changed > 0 { yes(&Value::from("修改成功")) } else { no(-2_002, "快递单号不匹配") }
    }
}

/// The fields of a call.
pub(crate) fn fields(request: &Request) -> Value {
    assert_eq!(request.headers()["content-type"], "application/json;charset=utf-8");
    serde_json::from_slice(request.body()).unwrap()
}

fn page<'a>(all: &'a [String], fields: &Value) -> impl Iterator<Item = &'a String> {
    let (page, size) = (fields["pageNo"].as_u64().unwrap(), fields["pageSize"].as_u64().unwrap());
    assert!((1..=100).contains(&page) && size <= 100);
    let (page, size) = (usize::try_from(page).unwrap(), usize::try_from(size).unwrap());
    all.iter().skip((page - 1) * size).take(size)
}

/// An id as text.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A yes.
pub(crate) fn yes(data: &Value) -> Value {
    json!({"success": true, "error_code": 0, "error_msg": "", "data": data})
}

/// A yes inside a yes, as the newer after-sale calls answer.
fn twice(data: &Value) -> Value {
    yes(&json!({"success": true, "code": 0, "msg": "", "data": data}))
}

/// A no.
pub(crate) fn no(code: i64, words: &str) -> Value {
    json!({"success": false, "error_code": code, "error_msg": words})
}
