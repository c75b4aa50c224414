//! Seeded orders of an own shop, signed as its site would (`functions/channel/own-shop/PROTOCOL.md`).

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use chrono::{DateTime, FixedOffset, Offset as _, Utc};
use fastrand::Rng;
use huidan_exchange::sign::{hex, hmac_sha256};
use serde_json::{Value, json};

use crate::load::Shot;

/// The shop that all orders are of.
pub(crate) const SHOP: &str = "bench-own";
/// What both sides of the shop sign with.
pub(crate) const SECRET: &str = "bench-secret-of-no-consequence";
/// Headers of the protocol.
pub(crate) const TIMESTAMP: &str = "huidan-timestamp";
pub(crate) const NONCE: &str = "huidan-nonce";
pub(crate) const SIGNATURE: &str = "huidan-signature";

/// Orders on a page; the most a hub asks for.
const PAGE: usize = 100;
/// How many different goods there are.
const GOODS: usize = 20;
const FAMILY: &[&str] = &["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "欧阳", "徐"];
const GIVEN: &[&str] =
    &["小明", "伟", "芳", "秀英", "娜", "敏", "静", "丽", "强", "磊", "梓涵", "浩然", "一诺", "子轩"];
const PLACES: &[[&str; 4]] = &[
    ["浙江省", "杭州市", "西湖区", "文三路"],
    ["广东省", "深圳市", "南山区", "科技园南路"],
    ["江苏省", "南京市", "玄武区", "中山东路"],
    ["四川省", "成都市", "武侯区", "人民南路四段"],
    ["湖北省", "武汉市", "洪山区", "珞喻路"],
    ["山东省", "青岛市", "市南区", "香港中路"],
    ["福建省", "厦门市", "思明区", "湖滨南路"],
    ["陕西省", "西安市", "雁塔区", "小寨东路"],
];
const TEAS: &[&str] = &["明前龙井", "安溪铁观音", "正山小种", "云南普洱", "茉莉花茶"];

/// The seller's code of goods number `at`, and its title.
pub(crate) fn good(at: usize) -> (String, String) {
    let tea = TEAS.get(at % TEAS.len()).copied().unwrap_or("茶");
    (format!("BENCH-{at:02}"), format!("{tea} {} g", 50 * (1 + at / TEAS.len())))
}

/// All goods.
pub(crate) fn goods() -> impl Iterator<Item = (String, String)> {
    (0..GOODS).map(good)
}

/// Somebody who does not exist: name, phone, place (province, city, district), street.
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) phone: String,
    pub(crate) place: [&'static str; 3],
    pub(crate) street: String,
}

/// Makes somebody up.
pub(crate) fn person(rng: &mut Rng) -> Person {
    let pick = |rng: &mut Rng, from: &[&'static str]| rng.choice(from).copied().unwrap_or_default();
    let [province, city, district, road] = rng.choice(PLACES).copied().unwrap_or_default();
    Person {
        name: format!("{}{}", pick(rng, FAMILY), pick(rng, GIVEN)),
        phone: format!("138{:08}", rng.u32(..100_000_000)),
        place: [province, city, district],
        street: format!("{road} {} 号 {} 幢 {} 室", rng.u32(1..400), rng.u32(1..30), rng.u32(101..2400)),
    }
}

/// A site's orders, each of them new.
pub(crate) struct Orders {
    rng: Rng,
    next: u64,
}

impl Orders {
    /// From a seed: the same seed makes the same orders, their times apart.
    pub(crate) fn new(seed: u64) -> Self {
        Self { rng: Rng::with_seed(seed), next: 1 }
    }

    /// So many signed requests, good for the next five minutes.
    pub(crate) fn signed(&mut self, count: usize) -> Vec<Shot> {
        let now = now();
        (0..count)
            .map(|_| {
                let body = self.order(now).to_string();
                self.sign(now, Bytes::from(body))
            })
            .collect()
    }

    /// One signed request whose buyer wrote this.
    pub(crate) fn remarked(&mut self, remark: &str) -> Shot {
        let now = now();
        let mut event = self.order(now);
        if let Some(said) = event.pointer_mut("/order/buyer_remark") {
            *said = remark.into();
        }
        self.sign(now, Bytes::from(event.to_string()))
    }

    /// So many orders last changed at `at`, as pages of a hundred for the site to list.
    pub(crate) fn pages(&mut self, count: usize, at: DateTime<Utc>) -> Vec<Bytes> {
        let at = u64::try_from(at.timestamp()).unwrap_or_default();
        let orders: Vec<Value> = (0..count).filter_map(|_| self.order(at).get_mut("order").map(Value::take)).collect();
        let pages: Vec<&[Value]> = orders.chunks(PAGE).collect();
        let next = |page: usize| (page < pages.len()).then(|| page.to_string());
        let page =
            |(number, orders): (usize, &&[Value])| json!({"orders": orders, "next": next(number + 1)}).to_string();
        pages.iter().enumerate().map(page).map(Bytes::from).collect()
    }

    fn sign(&mut self, now: u64, body: Bytes) -> Shot {
        let (timestamp, nonce) = (now.to_string(), format!("{:016x}", self.rng.u64(..)));
        let signature = signature(&timestamp, &nonce, &body);
        Shot { headers: vec![(TIMESTAMP, timestamp), (NONCE, nonce), (SIGNATURE, signature)], body }
    }

    fn order(&mut self, now: u64) -> Value {
        let number = self.next;
        self.next += 1;
        let at = rfc3339(now);
        let mut cents = 800;
        let lines: Vec<Value> = (1..=self.rng.u32(1..=3))
            .map(|line| {
                let (sku, title) = good(self.rng.usize(..GOODS));
                let (qty, price) = (self.rng.u32(1..=3), self.rng.u32(1_000..20_000));
                cents += qty * price;
                json!({"id": line.to_string(), "sku": sku, "title": title, "spec": "罐装", "qty": qty, "unit_price": yuan(price)})
            })
            .collect();
        let to = person(&mut self.rng);
        let [province, city, district] = to.place;
        json!({"event_id": format!("evt-{number}"), "event": "order.saved", "order": {
            "id": format!("B{number:08}"), "updated_at": at, "placed_at": at, "paid_at": at, "status": "paid",
            "currency": "CNY", "total": yuan(cents), "shipping": "8.00", "lines": lines,
            "receiver": {"name": to.name, "phone": to.phone, "country": "CN", "province": province, "city": city,
                "district": district, "address": to.street, "postcode": ""},
            "buyer_remark": "", "seller_remark": ""}})
    }
}

/// What both sides write into the header of that name.
pub(crate) fn signature(timestamp: &str, nonce: &str, said: &[u8]) -> String {
    signature_by(SECRET.as_bytes(), timestamp, nonce, said)
}

/// The same by any secret.
pub(crate) fn signature_by(secret: &[u8], timestamp: &str, nonce: &str, said: &[u8]) -> String {
    let text = [timestamp.as_bytes(), b".", nonce.as_bytes(), b".", said];
    format!("v1={}", hex(&hmac_sha256(secret, &text)))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn yuan(cents: u32) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn rfc3339(seconds: u64) -> String {
    let east = FixedOffset::east_opt(8 * 3600).unwrap_or_else(|| Utc.fix());
    let at = DateTime::from_timestamp(i64::try_from(seconds).unwrap_or_default(), 0).unwrap_or_default();
    at.with_timezone(&east).to_rfc3339()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_orders_and_no_two_alike() {
        let made = |seed| Orders::new(seed).order(1_795_000_000);
        assert_eq!(made(7), made(7));
        assert_ne!(made(7), made(8));
        let mut orders = Orders::new(7);
        assert_ne!(orders.order(1)["event_id"], orders.order(1)["event_id"]);
    }

    #[test]
    fn the_total_is_the_lines_and_the_shipping() {
        let mut orders = Orders::new(1);
        for _ in 0..50 {
            let order = orders.order(1_795_000_000)["order"].take();
            let cents = |value: &Value| value.as_str().unwrap().replace('.', "").parse::<u64>().unwrap();
            let lines: u64 = order["lines"]
                .as_array()
                .unwrap()
                .iter()
                .map(|l| cents(&l["unit_price"]) * l["qty"].as_u64().unwrap())
                .sum();
            assert_eq!(cents(&order["total"]), lines + cents(&order["shipping"]));
        }
    }

    #[test]
    fn pages_lead_from_one_to_the_next() {
        let pages = Orders::new(7).pages(250, DateTime::from_timestamp(1_795_000_000, 0).unwrap());
        let read: Vec<Value> = pages.iter().map(|page| serde_json::from_slice(page).unwrap()).collect();
        let told: Vec<_> = read.iter().map(|page| (page["orders"].as_array().unwrap().len(), &page["next"])).collect();
        assert_eq!(told, [(100, &json!("1")), (100, &json!("2")), (50, &Value::Null)]);
    }

    #[test]
    fn times_are_written_with_their_offset() {
        assert_eq!(rfc3339(1_795_000_000), "2026-11-18T19:06:40+08:00");
    }
}
