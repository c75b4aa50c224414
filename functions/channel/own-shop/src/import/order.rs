//! One order of a spreadsheet, and how the protocol writes it.

use super::IMPORTED;
use super::gather::MISSING;
use super::receiver;
use super::values::{self, Remedy};
use huidan_channel::ImportField as Field;
use huidan_domain::{Currency, Mailbox, Millis};
use huidan_exchange::json::Json;
use huidan_exchange::time;
use rust_decimal::Decimal;
use serde_json::json;
use std::collections::BTreeMap;

const MASKED: Remedy = "收件人信息被平台打了星号，无法发货，请导出明文后再导入 / the platform starred this out and nothing can be sent to it: export it in full";
const PARTLY: Remedy = "同一订单有的行已发货、有的没有，请删去已发货的行 / some rows of this order have left and others have not: remove those that have";
const SOME_BACK: Remedy = "同一订单有的行已退款、有的没有，请删去已退款的行 / some rows of this order are refunded and others are not: remove those that are";

/// Row, column and what is wrong.
pub(super) type Fault = (u32, Field, Remedy);

/// An order in the making.
pub(super) struct Order {
    id: String,
    row: u32,
    /// The order's own cells: the first row that fills one counts, a later one must say the same.
    own: BTreeMap<Field, String>,
    pub(super) lines: Vec<Line>,
    pub(super) good: bool,
}

/// A line of it.
pub(super) struct Line {
    pub(super) row: u32,
    pub(super) sku: String,
    pub(super) title: String,
    pub(super) spec: String,
    pub(super) qty: u32,
    pub(super) price: String,
    pub(super) sum: String,
    pub(super) refund: String,
    /// Whether its row bears a waybill; `None` where the row only goes on with goods.
    pub(super) left: Option<bool>,
}

/// Who and where.
struct To {
    name: String,
    phone: String,
    /// Empty for what is no mailbox: an order is not held up for it.
    email: String,
    postcode: String,
    province: String,
    city: String,
    district: String,
    address: String,
}

/// What the rows of one order may say differently: remarks are put together, of mailboxes the first counts.
const fn may_differ(field: Field) -> bool {
    is_remark(field) || matches!(field, Field::Email)
}

const fn is_remark(field: Field) -> bool {
    matches!(field, Field::BuyerRemark | Field::SellerRemark)
}

impl Order {
    pub(super) fn new(id: String, row: u32) -> Self {
        Self { id, row, own: BTreeMap::new(), lines: Vec::new(), good: true }
    }

    /// Cells that say something else than an earlier row does. Each row may have a remark of its own.
    pub(super) fn differing(&self, own: &BTreeMap<Field, String>) -> Vec<Field> {
        let differs = |(column, text): (&Field, &String)| {
            let kept = self.own.get(column).filter(|_| !text.is_empty() && !may_differ(*column))?;
            (kept != text).then_some(*column)
        };
        own.iter().filter_map(differs).collect()
    }

    /// Takes a row's own cells over.
    pub(super) fn add(&mut self, own: BTreeMap<Field, String>) {
        for (column, text) in own.into_iter().filter(|(_, text)| !text.is_empty()) {
            let kept = self.own.entry(column).or_default();
            if kept.is_empty() {
                *kept = text;
            } else if is_remark(column) && !kept.contains(&text) {
                *kept = format!("{kept}；{text}");
            }
        }
    }

    /// Whether a row with a spoilt number may be a part of this order: for the same person, and the number long enough
    /// to be spoilt.
    pub(super) fn may_own(&self, of: &[String; 3]) -> bool {
        let long = self.id.len() >= 12 && self.id.bytes().all(|byte| byte.is_ascii_digit());
        let mine = [Field::Receiver, Field::Name, Field::Phone].map(|field| self.own(field));
        long && of.iter().any(|text| !text.is_empty()) && mine.iter().zip(of).all(|(mine, theirs)| mine == theirs)
    }

    fn own(&self, column: Field) -> &str {
        self.own.get(&column).map(String::as_str).unwrap_or_default()
    }

    fn at<T>(&self, column: Field, read: Result<T, Remedy>) -> Result<T, Fault> {
        read.map_err(|remedy| (self.row, column, remedy))
    }

    /// As the protocol writes it.
    pub(super) fn written(&self, now: Millis) -> Result<String, Fault> {
        let to = self.to()?;
        let currency = self.at(Field::Currency, values::currency(self.own(Field::Currency)))?;
        let moment = |column| match self.own(column) {
            "" => Ok(None),
            text => self.at(column, values::instant(text)).map(Some),
        };
        let status = self.status()?;
        let paid = moment(Field::PaidAt)?;
        let placed_at = moment(Field::PlacedAt)?.or(paid).unwrap_or(now);
        let paid_at = match (paid, status.as_str()) {
            (None, "paid" | "shipped" | "completed" | "refunding") => Some(placed_at),
            (at, _) => at,
        };
        let (lines, goods) = self.priced(currency)?;
        let sum = |column| match self.own(column) {
            "" => Ok(None),
            text => self.at(column, values::amount(text, currency)).map(Some),
        };
        let shipping = sum(Field::Shipping)?.unwrap_or_default();
        let total = sum(Field::Total)?.unwrap_or(goods.saturating_add(shipping));
        let mut receiver = json!({
            "name": to.name, "phone": to.phone, "country": country(self.own(Field::Country)),
            "province": to.province, "city": to.city, "district": to.district,
            "address": to.address, "postcode": to.postcode,
        });
        // Without one the order reads as it did before there were mailboxes, so that the same file stays the same order.
        if let Some(receiver) = receiver.as_object_mut().filter(|_| !to.email.is_empty()) {
            receiver.insert("email".to_owned(), to.email.into());
        }
        let body = json!({
            "id": self.id, "updated_at": time::to_rfc3339(now), "placed_at": time::to_rfc3339(placed_at),
            "paid_at": paid_at.map(time::to_rfc3339), "status": status, "currency": currency.code(),
            "total": total.to_string(), "shipping": shipping.to_string(), "lines": lines, "receiver": receiver,
            "buyer_remark": self.own(Field::BuyerRemark), "seller_remark": self.own(Field::SellerRemark),
        })
        .to_string();
        // What the reader would not take is a problem of the row and not of a later hour.
        let readable = Json::parse(body.as_bytes()).and_then(|json| crate::read::order(&json.object()?, IMPORTED));
        readable.map_err(|_| (self.row, Field::OrderNo, "该订单无法读取 / this order cannot be read"))?;
        Ok(body)
    }

    /// The receiver, from whichever columns there are; a column of its own goes before a cell that holds all.
    fn to(&self) -> Result<To, Fault> {
        let parts = match self.own(Field::Receiver) {
            "" => receiver::Parts::default(),
            cell if values::is_masked(cell) => return Err((self.row, Field::Receiver, MASKED)),
            cell => self.at(Field::Receiver, receiver::split(cell))?,
        };
        let either = |column, part: String| match self.own(column) {
            "" => part,
            own => own.to_owned(),
        };
        let [province, city, district, before] = self.region();
        let street = either(Field::Address, parts.address);
        let to = To {
            name: either(Field::Name, parts.name),
            phone: either(Field::Phone, parts.phone),
            email: Mailbox::parse(self.own(Field::Email))
                .map(|mailbox| mailbox.as_str().to_owned())
                .unwrap_or_default(),
            postcode: either(Field::Postcode, parts.postcode),
            address: self.whole_address(&before, street),
            province,
            city,
            district,
        };
        for (column, text) in [(Field::Name, &to.name), (Field::Phone, &to.phone), (Field::Address, &to.address)] {
            if text.is_empty() && column != Field::Phone {
                return Err((self.row, column, MISSING));
            }
            if values::is_masked(text) && (column != Field::Address || text.contains("**")) {
                return Err((self.row, column, MASKED));
            }
        }
        Ok(to)
    }

    /// Province, city, district, and what of the region belongs before the street.
    fn region(&self) -> [String; 4] {
        let own = [Field::Province, Field::City, Field::District].map(|column| self.own(column).to_owned());
        let region = self.own(Field::Region);
        if own.iter().any(|text| !text.is_empty()) || region.is_empty() {
            let [province, city, district] = own;
            return [province, city, district, String::new()];
        }
        let parts: Vec<&str> =
            region.split([' ', '/', '-', ',', '，', '\u{3000}']).filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            [province, city, district] => [*province, *city, *district, ""].map(str::to_owned),
            [province, city, district, town] => [*province, *city, *district, *town].map(str::to_owned),
            _ => ["", "", "", &region.split_whitespace().collect::<String>()].map(str::to_owned),
        }
    }

    fn whole_address(&self, before: &str, street: String) -> String {
        if street.is_empty() {
            return street;
        }
        let mut whole = street;
        for front in [self.own(Field::Town), before] {
            if !whole.contains(front) {
                whole = format!("{front}{whole}");
            }
        }
        match self.own(Field::AddressMore) {
            "" => whole,
            more if whole.ends_with(more) => whole,
            more => format!("{whole} {more}"),
        }
    }

    /// The protocol's word for where the order stands. What has left must not leave again, and what is half refunded
    /// or half gone is for a person.
    fn status(&self) -> Result<String, Fault> {
        let status = values::status(self.own(Field::Status));
        let back: Vec<Option<&str>> = self.lines.iter().map(|line| values::refund(&line.refund)).collect();
        if let Some(first) = back.first().filter(|_| back.iter().any(Option::is_some)) {
            if back.iter().any(|other| other != first) {
                return Err((self.row, Field::RefundStatus, SOME_BACK));
            }
            return Ok(first.unwrap_or_default().to_owned());
        }
        let left: Vec<bool> = self.lines.iter().filter_map(|line| line.left).collect();
        if left.iter().any(|left| *left) && status == "paid" {
            if left.iter().any(|left| !*left) {
                return Err((self.row, Field::Waybill, PARTLY));
            }
            return Ok("shipped".to_owned());
        }
        Ok(match (status, values::ship_status(self.own(Field::ShipStatus))) {
            ("paid", Some(ship)) => ship.to_owned(),
            _ => status.to_owned(),
        })
    }

    /// The lines as the protocol writes them, and what they cost together.
    fn priced(&self, currency: Currency) -> Result<(Vec<serde_json::Value>, Decimal), Fault> {
        let mut lines = Vec::new();
        let mut goods = Decimal::ZERO;
        for (index, line) in self.lines.iter().enumerate() {
            let (unit_price, sum) = line.priced(currency)?;
            goods = goods.saturating_add(sum);
            lines.push(json!({
                "id": (index + 1).to_string(), "sku": line.sku, "title": line.title, "spec": line.spec, "qty": line.qty,
                "unit_price": unit_price.to_string(),
            }));
        }
        Ok((lines, goods))
    }
}

impl Line {
    /// The price of one, and what the line costs. Without a price it is the sum's part where that can be divided
    /// evenly, else nothing; with both, what was paid for the line counts.
    fn priced(&self, currency: Currency) -> Result<(Decimal, Decimal), Fault> {
        let read = |column, text: &str| values::amount(text, currency).map_err(|remedy| (self.row, column, remedy));
        let sum = match self.sum.as_str() {
            "" => None,
            text => Some(read(Field::LineTotal, text)?),
        };
        let qty = Decimal::from(self.qty);
        let one = match (self.price.as_str(), sum) {
            ("", None) => Decimal::ZERO,
            ("", Some(sum)) => {
                let one = sum.checked_div(qty).unwrap_or_default();
                if one == one.round_dp(currency.exponent()) { one.normalize() } else { Decimal::ZERO }
            }
            (price, _) => read(Field::UnitPrice, price)?,
        };
        Ok((one, sum.unwrap_or(one.saturating_mul(qty))))
    }
}

/// ISO code of a country that is written out; China where nothing is written.
fn country(text: &str) -> &str {
    match text {
        "" | "中国" | "中国大陆" | "China" => "CN",
        other => other,
    }
}
