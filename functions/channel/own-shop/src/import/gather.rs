//! Rows with one order number become one order.

use super::columns::{Column, Columns};
use super::values::{self, Remedy};
use super::{Cell, IMPORTED, Row};
use huidan_channel::{Document, Imported, RowProblem};
use huidan_domain::{Currency, Millis};
use huidan_exchange::json::Json;
use huidan_exchange::time;
use rust_decimal::Decimal;
use serde_json::json;
use std::collections::BTreeMap;

const MISSING: Remedy = "未填写 / is not filled in";
const DIFFERS: Remedy = "同一订单的各行内容不同，请改为一致（总额应为整单金额）/ differs between the rows of one order: make them the same (the total is that of the whole order)";

/// Makes orders of rows, in the order of their first rows.
pub(super) fn orders(columns: &Columns, rows: &[Row], now: Millis) -> Imported {
    let mut gathered = Gathered { columns, now, orders: Vec::new(), known: BTreeMap::new(), problems: Vec::new() };
    for row in rows {
        gathered.take(row);
    }
    gathered.finish()
}

struct Gathered<'a> {
    columns: &'a Columns,
    now: Millis,
    orders: Vec<Order>,
    /// Place in `orders` by number.
    known: BTreeMap<String, usize>,
    problems: Vec<RowProblem>,
}

/// An order in the making.
struct Order {
    id: String,
    row: u32,
    /// The order's own cells: the first row that fills one counts, a later one must say the same.
    own: BTreeMap<Column, String>,
    lines: Vec<Line>,
    good: bool,
}

struct Line {
    row: u32,
    sku: String,
    title: String,
    spec: String,
    qty: u32,
    price: String,
    sum: String,
}

/// The columns that belong to the order and not to a line of it.
const OWN: [Column; 16] = [
    Column::PlacedAt,
    Column::PaidAt,
    Column::Status,
    Column::Name,
    Column::Phone,
    Column::Country,
    Column::Province,
    Column::City,
    Column::District,
    Column::Address,
    Column::Postcode,
    Column::Shipping,
    Column::Total,
    Column::Currency,
    Column::BuyerRemark,
    Column::SellerRemark,
];

impl Gathered<'_> {
    fn take(&mut self, row: &Row) {
        if row.cells.iter().all(|cell| *cell == Cell::Text(String::new())) {
            return;
        }
        let Some(place) = self.order_of(row) else { return };
        let mut own = BTreeMap::new();
        let mut good = true;
        for column in OWN {
            let is_code = matches!(column, Column::Phone | Column::Postcode);
            match self.cell(row, column, is_code) {
                Some(text) => own.insert(column, text),
                None => {
                    good = false;
                    None
                }
            };
        }
        let line = self.line(row);
        good &= line.is_some();
        let differing = self.orders.get(place).map(|order| order.differing(&own)).unwrap_or_default();
        for column in differing {
            self.problem(row.number, column, DIFFERS);
            good = false;
        }
        if let Some(order) = self.orders.get_mut(place) {
            order.good &= good;
            order.lines.extend(line);
            for (column, text) in own.into_iter().filter(|(_, text)| !text.is_empty()) {
                order.own.entry(column).or_insert(text);
            }
        }
    }

    /// The order that a row belongs to: by its number, or the one above where the row only goes on with goods, as
    /// merged cells leave it.
    fn order_of(&mut self, row: &Row) -> Option<usize> {
        let id = self.cell(row, Column::Order, true)?;
        if let Some(place) = self.known.get(&id) {
            return Some(*place);
        }
        let empty = |column| self.first(row, column) == Ok(String::new());
        let nobody = empty(Column::Name) && empty(Column::Address);
        let nothing = empty(Column::Sku) && empty(Column::Title);
        if id.is_empty() && nobody && !nothing && !self.orders.is_empty() {
            return Some(self.orders.len() - 1);
        }
        // The sums that exports put at the end.
        if nobody && nothing {
            return None;
        }
        if id.is_empty() {
            self.problem(row.number, Column::Order, MISSING);
            return None;
        }
        self.known.insert(id.clone(), self.orders.len());
        self.orders.push(Order { id, row: row.number, own: BTreeMap::new(), lines: Vec::new(), good: true });
        Some(self.orders.len() - 1)
    }

    fn line(&mut self, row: &Row) -> Option<Line> {
        let sku = self.cell(row, Column::Sku, true);
        let title = self.cell(row, Column::Title, false);
        let spec = self.cell(row, Column::Spec, false);
        let qty = self.cell(row, Column::Qty, false);
        let price = self.cell(row, Column::UnitPrice, false);
        let sum = self.cell(row, Column::LineTotal, false);
        let (sku, title, spec) = (sku?, title?, spec?);
        if sku.is_empty() && title.is_empty() {
            self.problem(row.number, Column::Sku, MISSING);
            return None;
        }
        let qty = match (qty?.as_str(), self.columns.has(Column::Qty)) {
            ("", false) => 1,
            (text, _) => match values::quantity(text) {
                Ok(qty) => qty,
                Err(remedy) => {
                    self.problem(row.number, Column::Qty, remedy);
                    return None;
                }
            },
        };
        Some(Line { row: row.number, sku, title, spec, qty, price: price?, sum: sum? })
    }

    /// A cell's text, empty when it is; `None` when something is wrong with it, which is then noted.
    fn cell(&mut self, row: &Row, column: Column, is_code: bool) -> Option<String> {
        let read = self.first(row, column).and_then(|text| {
            let whole = if is_code { values::code(&text) } else { values::words(&text) };
            whole.map(str::to_owned)
        });
        match read {
            Ok(text) => Some(text),
            Err(remedy) => {
                self.problem(row.number, column, remedy);
                None
            }
        }
    }

    /// The first filled cell of a column; empty when there is none.
    fn first(&self, row: &Row, column: Column) -> Result<String, Remedy> {
        let mut cells = self.columns.places(column).iter().filter_map(|&place| row.cells.get(place));
        match cells.find(|cell| **cell != Cell::Text(String::new())) {
            None => Ok(String::new()),
            Some(Cell::Text(text)) => Ok(text.clone()),
            Some(Cell::LostDigits) => Err(values::LOST),
            Some(Cell::Error) => Err(values::BROKEN),
        }
    }

    fn problem(&mut self, row: u32, column: Column, remedy: Remedy) {
        self.problems.push(RowProblem { row, column: self.columns.heading(column), detail: remedy.to_owned() });
    }

    fn finish(mut self) -> Imported {
        let mut documents = Vec::new();
        for order in std::mem::take(&mut self.orders) {
            if !order.good {
                continue;
            }
            match order.written(self.now) {
                Ok(body) => documents.push(Document { topic: IMPORTED.to_owned(), body }),
                Err((row, column, remedy)) => self.problem(row, column, remedy),
            }
        }
        self.problems.sort_by_key(|problem| problem.row);
        Imported { documents, problems: self.problems }
    }
}

/// Row, column and what is wrong.
type Fault = (u32, Column, Remedy);

impl Order {
    fn differing(&self, own: &BTreeMap<Column, String>) -> Vec<Column> {
        let differs = |(column, text): (&Column, &String)| {
            let kept = self.own.get(column).filter(|_| !text.is_empty())?;
            (kept != text).then_some(*column)
        };
        own.iter().filter_map(differs).collect()
    }

    fn own(&self, column: Column) -> &str {
        self.own.get(&column).map(String::as_str).unwrap_or_default()
    }

    fn at<T>(&self, column: Column, read: Result<T, Remedy>) -> Result<T, Fault> {
        read.map_err(|remedy| (self.row, column, remedy))
    }

    /// As the protocol writes it.
    fn written(&self, now: Millis) -> Result<String, Fault> {
        for column in [Column::Name, Column::Address] {
            if self.own(column).is_empty() {
                return Err((self.row, column, MISSING));
            }
        }
        let currency = self.at(Column::Currency, values::currency(self.own(Column::Currency)))?;
        let moment = |column| match self.own(column) {
            "" => Ok(None),
            text => self.at(column, values::instant(text)).map(Some),
        };
        let placed_at = moment(Column::PlacedAt)?.unwrap_or(now);
        let status = values::status(self.own(Column::Status));
        let paid_at = match (moment(Column::PaidAt)?, status) {
            (None, "paid" | "shipped" | "completed" | "refunding") => Some(placed_at),
            (at, _) => at,
        };
        let (lines, goods) = self.priced(currency)?;
        let sum = |column| match self.own(column) {
            "" => Ok(None),
            text => self.at(column, values::amount(text, currency)).map(Some),
        };
        let shipping = sum(Column::Shipping)?.unwrap_or_default();
        let total = sum(Column::Total)?.unwrap_or(goods.saturating_add(shipping));
        let own = |column| self.own(column);
        let body = json!({
            "id": self.id, "updated_at": time::to_rfc3339(now), "placed_at": time::to_rfc3339(placed_at),
            "paid_at": paid_at.map(time::to_rfc3339), "status": status, "currency": currency.code(),
            "total": total.to_string(), "shipping": shipping.to_string(), "lines": lines,
            "receiver": {
                "name": own(Column::Name), "phone": own(Column::Phone), "country": country(own(Column::Country)),
                "province": own(Column::Province), "city": own(Column::City), "district": own(Column::District),
                "address": own(Column::Address), "postcode": own(Column::Postcode),
            },
            "buyer_remark": own(Column::BuyerRemark), "seller_remark": own(Column::SellerRemark),
        })
        .to_string();
        // What the reader would not take is a problem of the row and not of a later hour.
        let readable = Json::parse(body.as_bytes()).and_then(|json| crate::read::order(&json.object()?, IMPORTED));
        readable.map_err(|_| (self.row, Column::Order, "该订单无法读取 / this order cannot be read"))?;
        Ok(body)
    }

    /// The lines as the protocol writes them, and what they cost together.
    fn priced(&self, currency: Currency) -> Result<(Vec<serde_json::Value>, Decimal), Fault> {
        let mut lines = Vec::new();
        let mut goods = Decimal::ZERO;
        for (index, line) in self.lines.iter().enumerate() {
            let unit_price = line.unit_price(currency)?;
            goods = goods.saturating_add(unit_price.saturating_mul(Decimal::from(line.qty)));
            lines.push(json!({
                "id": (index + 1).to_string(), "sku": line.sku, "title": line.title, "spec": line.spec, "qty": line.qty,
                "unit_price": unit_price.to_string(),
            }));
        }
        Ok((lines, goods))
    }
}

impl Line {
    /// The price of one; from the line's sum where that can be divided evenly, else nothing.
    fn unit_price(&self, currency: Currency) -> Result<Decimal, Fault> {
        let read = |column, text: &str| values::amount(text, currency).map_err(|remedy| (self.row, column, remedy));
        match (self.price.as_str(), self.sum.as_str()) {
            ("", "") => Ok(Decimal::ZERO),
            ("", sum) => {
                let one = read(Column::LineTotal, sum)?.checked_div(Decimal::from(self.qty)).unwrap_or_default();
                Ok(if one == one.round_dp(currency.exponent()) { one.normalize() } else { Decimal::ZERO })
            }
            (price, _) => read(Column::UnitPrice, price),
        }
    }
}

/// ISO code of a country that is written out; China where nothing is written.
fn country(text: &str) -> &str {
    match text {
        "" | "中国" | "中国大陆" | "China" => "CN",
        other => other,
    }
}
