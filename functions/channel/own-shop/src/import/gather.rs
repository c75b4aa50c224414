//! Rows with one order number become one order.

use super::columns::Columns;
use super::order::{Fault, Line, Order};
use super::values::{self, Remedy};
use super::{Cell, IMPORTED, Row};
use huidan_channel::{Document, ImportField as Field, ImportedOrder, RowProblem};
use huidan_domain::Millis;
use huidan_exchange::sign;
use std::collections::BTreeMap;

const ORPHAN: Remedy = "没有订单号，且上一行的订单未能读取，请填写订单号 / has no order number, and the order of the row above could not be read: fill in the number";
const TORN: Remedy = "该行可能属于同一收件人的另一订单，该订单一并暂缓；请修正此单号后重新导入 / this row may belong to another order of the same receiver, which is held back too: mend the number and import again";
pub(super) const MISSING: Remedy = "未填写 / is not filled in";
const DIFFERS: Remedy = "同一订单的各行内容不同，请改为一致（总额应为整单金额）/ differs between the rows of one order: make them the same (the total is that of the whole order)";

/// What rows became.
pub(super) struct Gathered {
    pub(super) orders: Vec<ImportedOrder>,
    pub(super) problems: Vec<RowProblem>,
}

/// Makes orders of rows, in the order of their first rows.
pub(super) fn orders(columns: &Columns, rows: &[Row], now: Millis) -> Gathered {
    let mut gathering = Gathering {
        columns,
        now,
        orders: Vec::new(),
        known: BTreeMap::new(),
        current: None,
        lost: Vec::new(),
        problems: Vec::new(),
    };
    for row in rows {
        gathering.take(row);
    }
    gathering.finish()
}

struct Gathering<'a> {
    columns: &'a Columns,
    now: Millis,
    orders: Vec<Order>,
    /// Place in `orders` by number.
    known: BTreeMap<String, usize>,
    /// The order of the row above; none where that row could not be read.
    current: Option<usize>,
    /// Rows whose number is spoilt, and whom they are for.
    lost: Vec<(u32, [String; 3])>,
    problems: Vec<RowProblem>,
}

/// The columns that belong to the order and not to a line of it.
const OWN: [Field; 22] = [
    Field::PlacedAt,
    Field::PaidAt,
    Field::Status,
    Field::ShipStatus,
    Field::Receiver,
    Field::Name,
    Field::Phone,
    Field::Email,
    Field::Country,
    Field::Province,
    Field::City,
    Field::District,
    Field::Region,
    Field::Town,
    Field::Address,
    Field::AddressMore,
    Field::Postcode,
    Field::Shipping,
    Field::Total,
    Field::Currency,
    Field::BuyerRemark,
    Field::SellerRemark,
];

impl Gathering<'_> {
    fn take(&mut self, row: &Row) {
        if row.cells.iter().all(|cell| *cell == Cell::Text(String::new())) {
            return;
        }
        self.current = self.order_of(row);
        let Some(place) = self.current else { return };
        let (own, mut good) = self.own(row);
        let line = self.line(row, own.values().all(String::is_empty));
        good &= line.is_some();
        let differing = self.orders.get(place).map(|order| order.differing(&own)).unwrap_or_default();
        for column in differing {
            self.problem(row.number, column, DIFFERS);
            good = false;
        }
        if let Some(order) = self.orders.get_mut(place) {
            order.good &= good;
            order.lines.extend(line);
            order.add(own);
        }
    }

    /// The order's own cells of a row, and whether all of them could be read.
    fn own(&mut self, row: &Row) -> (BTreeMap<Field, String>, bool) {
        let mut own = BTreeMap::new();
        let mut good = true;
        for column in OWN {
            let is_code = matches!(column, Field::Phone | Field::Postcode);
            let read = match column {
                // Nothing is sent to it, so nothing waits for it.
                Field::Email => Some(self.first(row, column).unwrap_or_default()),
                _ => self.cell(row, column, is_code),
            };
            match read {
                Some(text) => drop(own.insert(column, text)),
                None => good = false,
            }
        }
        (own, good)
    }

    /// The order that a row belongs to: by its number, or the one above where the row only goes on with goods, as
    /// merged cells leave it.
    fn order_of(&mut self, row: &Row) -> Option<usize> {
        let Some(id) = self.cell(row, Field::OrderNo, true) else {
            let of =
                [Field::Receiver, Field::Name, Field::Phone].map(|field| self.first(row, field).unwrap_or_default());
            self.lost.push((row.number, of));
            return None;
        };
        if let Some(place) = self.known.get(&id) {
            return Some(*place);
        }
        let empty = |column| self.first(row, column) == Ok(String::new());
        let nobody = empty(Field::Name) && empty(Field::Address) && empty(Field::Receiver);
        let nothing = empty(Field::Sku) && empty(Field::Title);
        // The sums that exports put at the end.
        if nobody && nothing {
            return None;
        }
        if id.is_empty() {
            if nobody && self.current.is_some() {
                return self.current;
            }
            self.problem(row.number, Field::OrderNo, if nobody { ORPHAN } else { MISSING });
            return None;
        }
        self.known.insert(id.clone(), self.orders.len());
        self.orders.push(Order::new(id, row.number));
        Some(self.orders.len() - 1)
    }

    /// A row's goods; `goes_on` says that everything else of the row is empty.
    fn line(&mut self, row: &Row, goes_on: bool) -> Option<Line> {
        let sku = self.cell(row, Field::Sku, true);
        let title = self.cell(row, Field::Title, false);
        let spec = self.cell(row, Field::Spec, false);
        let qty = self.cell(row, Field::Qty, false);
        let price = self.cell(row, Field::UnitPrice, false);
        let sum = self.cell(row, Field::LineTotal, false);
        let refund = self.cell(row, Field::RefundStatus, false);
        let waybill = self.first(row, Field::Waybill).is_ok_and(|text| values::says_something(&text));
        let (sku, title, spec) = (sku?, title?, spec?);
        if sku.is_empty() && title.is_empty() {
            self.problem(row.number, Field::Sku, MISSING);
            return None;
        }
        let qty = match (qty?.as_str(), self.columns.has(Field::Qty)) {
            ("", false) => 1,
            (text, _) => match values::quantity(text) {
                Ok(qty) => qty,
                Err(remedy) => {
                    self.problem(row.number, Field::Qty, remedy);
                    return None;
                }
            },
        };
        let left = if goes_on && !waybill { None } else { Some(waybill) };
        Some(Line { row: row.number, sku, title, spec, qty, price: price?, sum: sum?, refund: refund?, left })
    }

    /// A cell's text, empty when it is; `None` when something is wrong with it, which is then noted.
    fn cell(&mut self, row: &Row, column: Field, is_code: bool) -> Option<String> {
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
    fn first(&self, row: &Row, column: Field) -> Result<String, Remedy> {
        let mut cells = self.columns.places(column).iter().filter_map(|&place| row.cells.get(place));
        match cells.find(|cell| **cell != Cell::Text(String::new())) {
            None => Ok(String::new()),
            Some(Cell::Text(text)) => Ok(text.clone()),
            Some(Cell::LostDigits) => Err(values::LOST),
            Some(Cell::Error) => Err(values::BROKEN),
        }
    }

    fn problem(&mut self, row: u32, column: Field, remedy: Remedy) {
        self.problems.push(RowProblem { row, column: self.columns.heading(column), detail: remedy.to_owned() });
    }

    fn finish(mut self) -> Gathered {
        let mut orders = Vec::new();
        for order in std::mem::take(&mut self.orders) {
            if !order.good {
                continue;
            }
            if let Some((row, _)) = self.lost.iter().find(|(_, of)| order.may_own(of)) {
                self.problem(*row, Field::OrderNo, TORN);
                continue;
            }
            match self.written(&order) {
                Ok(order) => orders.push(order),
                Err((row, column, remedy)) => self.problem(row, column, remedy),
            }
        }
        self.problems.sort_by_key(|problem| problem.row);
        Gathered { orders, problems: self.problems }
    }

    /// The same rows have the same key whenever they are read.
    fn written(&self, order: &Order) -> Result<ImportedOrder, Fault> {
        let body = order.written(self.now)?;
        let timeless = order.written(Millis(0))?;
        let key = sign::hex(&sign::sha256(&[timeless.as_bytes()]));
        Ok(ImportedOrder { key, document: Document { topic: IMPORTED.to_owned(), body } })
    }
}
