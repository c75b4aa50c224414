//! A small TOP gateway in the test's memory: checks the signature of every call and keeps what it is told.

use huidan_exchange::{Reply, Request, pairs, sign};
use huidan_testkit::reply;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The application's secret.
pub(crate) const SECRET: &str = "helloworld-secret";
/// How many trades the list holds.
pub(crate) const LISTED: u64 = 120;

/// The gateway with its trades.
pub(crate) struct Top {
    /// By `tid`.
    pub(crate) trades: BTreeMap<String, Value>,
    /// Stock by `num_iid` and variant.
    pub(crate) stock: BTreeMap<String, String>,
    /// The methods called, in order.
    pub(crate) called: Vec<String>,
}

impl Top {
    /// With the sample trades.
    pub(crate) fn new(samples: &[&str]) -> Self {
        let read = |text: &&str| {
            let document: Value = serde_json::from_str(text).unwrap();
            let trade = document.pointer("/trade_fullinfo_get_response/trade").unwrap_or(&document).clone();
            (text_of(&trade["tid"]), trade)
        };
        Self { trades: samples.iter().map(read).collect(), stock: BTreeMap::new(), called: Vec::new() }
    }

    /// Answers a call.
    pub(crate) fn answer(&mut self, request: &Request) -> Reply {
        assert_eq!(request.uri().path(), "/router/rest");
        let get = |name: &str| pairs::from_form(request.body(), name).unwrap_or_default();
        assert_eq!(get("sign"), signed(request), "the signature of {}", get("method"));
        let method = get("method");
        self.called.push(method.clone());
        let body = match method.as_str() {
            "taobao.trades.sold.increment.get" => {
                list(get("page_no").parse().unwrap(), get("page_size").parse().unwrap())
            }
            "taobao.trade.fullinfo.get" => self.fetch(&get("tid")),
            "taobao.logistics.offline.send" => self.send(&get, "logistics_offline_send_response", false),
            "taobao.logistics.consign.resend" => self.send(&get, "logistics_consign_resend_response", true),
            "alibaba.ascp.logistics.offline.send" => self.send_part(&get),
            "taobao.item.quantity.update" => {
                self.stock.insert(get("num_iid"), get("quantity"));
                json!({"item_quantity_update_response": {"item": {"num_iid": 1}, "request_id": "r"}})
            }
            "taobao.skus.quantity.update" => {
                self.stock.insert(get("num_iid"), get("skuid_quantities"));
                json!({"skus_quantity_update_response": {"item": {"num_iid": 1}, "request_id": "r"}})
            }
            other => panic!("nobody knows {other}"),
        };
        reply(200, body.to_string())
    }

    fn fetch(&self, tid: &str) -> Value {
        match self.trades.get(tid) {
            Some(trade) => json!({"trade_fullinfo_get_response": {"trade": trade, "request_id": "r"}}),
            None => error(15, "isv.trade-not-exist", "交易不存在"),
        }
    }

    fn send(&mut self, get: &dyn Fn(&str) -> String, envelope: &str, again: bool) -> Value {
        let Some(trade) = self.trades.get_mut(&get("tid")) else {
            return error(15, "isv.logistics-offline-service-error:B01", "订单不存在");
        };
        let chosen: Vec<String> = get("sub_tid").split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
        assert_eq!(get("is_split") == "1", !chosen.is_empty(), "a split names its lines, and nothing else does");
        let lines = lines(trade);
        if !again && lines.iter().any(|line| hit(line, &chosen) && line.get("invoice_no").is_some()) {
            return error(15, "isv.logistics-offline-service-error:B04", "该物流订单已经发货，不能重复发货");
        }
        for line in lines.iter_mut().filter(|line| hit(line, &chosen)) {
            line["invoice_no"] = get("out_sid").into();
            line["logistics_company"] = get("company_code").into();
            line["status"] = "WAIT_BUYER_CONFIRM_GOODS".into();
        }
        json!({envelope: {"shipping": {"is_success": true}, "request_id": "r"}})
    }

    fn send_part(&mut self, get: &dyn Fn(&str) -> String) -> Value {
        let parcels: Value = serde_json::from_str(&get("consign_pkgs")).unwrap();
        let trade = self.trades.get_mut(&get("tid")).unwrap();
        for good in parcels[0]["goods"].as_array().unwrap() {
            let chosen = vec![good["sub_tid"].as_str().unwrap().to_owned()];
            for line in lines(trade).iter_mut().filter(|line| hit(line, &chosen)) {
                line["invoice_no"] = parcels[0]["out_sid"].clone();
            }
        }
        json!({"alibaba_ascp_logistics_offline_send_response": {"result": {"success": true}, "request_id": "r"}})
    }
}

fn lines(trade: &mut Value) -> &mut Vec<Value> {
    trade["orders"]["order"].as_array_mut().unwrap()
}

fn hit(line: &Value, chosen: &[String]) -> bool {
    chosen.is_empty() || chosen.contains(&text_of(&line["oid"]))
}

fn text_of(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// An error in the platform's form.
pub(crate) fn error(code: u32, sub_code: &str, sub_msg: &str) -> Value {
    json!({"error_response":
        {"code": code, "msg": "Remote service error", "sub_code": sub_code, "sub_msg": sub_msg, "request_id": "r"}})
}

/// The ids that the list holds, newest change first.
pub(crate) fn listed() -> Vec<String> {
    (0..LISTED).map(|index| (192_230_000_000_100_001 + 2 * index).to_string()).collect()
}

fn list(page: u64, size: u64) -> Value {
    let entry = |tid: &String| json!({"tid": tid.parse::<u64>().unwrap(), "modified": "2026-11-21 16:20:00"});
    let from = usize::try_from((page - 1) * size).unwrap();
    let trades: Vec<Value> = listed().iter().skip(from).take(usize::try_from(size).unwrap()).map(entry).collect();
    json!({"trades_sold_increment_get_response":
        {"total_results": LISTED, "trades": {"trade": trades}, "request_id": "r"}})
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
