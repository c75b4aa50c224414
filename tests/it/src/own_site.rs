use crate::{Answer, Client};
use bytes::Bytes;
use http::Method;
use huidan_exchange::sign;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// A web site of the test's own, that signs as the own-shop protocol says.
#[derive(Clone)]
pub struct OwnSite {
    /// The hub.
    pub client: Client,
    /// The shop's id there.
    pub shop: String,
    /// Its secret.
    pub secret: String,
}

impl OwnSite {
    /// An order of one piece of `sku`.
    pub fn order(id: &str, status: &str, updated_at: &str, sku: &str) -> Value {
        json!({"id": id, "updated_at": updated_at, "placed_at": "2026-11-01T08:00:00+08:00",
            "paid_at": if status == "unpaid" { Value::Null } else { json!("2026-11-01T08:01:00+08:00") },
            "status": status, "currency": "CNY", "total": "128.00", "shipping": "8.00",
            "lines": [{"id": "1", "sku": sku, "title": "测试商品", "spec": "", "qty": 1, "unit_price": "120.00"}],
            "receiver": {"name": "测试人甲", "phone": "13800138000", "country": "CN", "province": "浙江省", "city": "杭州市",
                "district": "西湖区", "address": "文三路 1 号", "postcode": "310000"},
            "buyer_remark": "", "seller_remark": ""})
    }

    /// Tells the hub of an order.
    pub async fn tell(&self, event_id: &str, order: &Value) -> Option<Answer> {
        let event = if order.get("status") == Some(&json!("cancelled")) { "order.cancelled" } else { "order.saved" };
        let body = json!({"event_id": event_id, "event": event, "order": order}).to_string();
        self.send(body.into_bytes(), &self.secret).await
    }

    /// Sends any body, signed with a secret.
    pub async fn send(&self, body: Vec<u8>, secret: &str) -> Option<Answer> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let (timestamp, nonce) = (now.as_secs().to_string(), format!("{:024x}", now.as_nanos()));
        let parts: [&[u8]; 5] = [timestamp.as_bytes(), b".", nonce.as_bytes(), b".", &body];
        let signature = format!("v1={}", sign::hex(&sign::hmac_sha256(secret.as_bytes(), &parts)));
        let headers = [
            ("content-type", "application/json"),
            ("huidan-timestamp", &timestamp),
            ("huidan-nonce", &nonce),
            ("huidan-signature", &signature),
        ];
        let path = format!("/webhook/own-shop/{}", self.shop);
        self.client.send(Method::POST, &path, &headers, Bytes::from(body)).await
    }
}
