//! An order's document (`shop_order_detail`), as it stands there, with the after-sale documents beside it where there
//! are any.

use crate::api::{self, Answer};
use crate::errors;
use crate::refund::AfterSale;
use huidan_channel::Document;
use huidan_domain::{Currency, Millis, Money};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request};
use serde_json::json;

const DETAIL: &str = "order.orderDetail";
const AFTER_SALES: &str = "afterSale.List";
/// Most after-sale documents per call.
const MOST: u32 = 100;
/// There is no such order, or not in this shop.
const NO_ORDER: [&str; 3] = ["20001", "20014", "20015"];

/// A line of an order (`sku_order_list[]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// `order_id`; the only line of an order bears the order's own.
    pub(crate) id: String,
    /// `product_id`.
    pub(crate) item: String,
    /// `sku_id`; empty for goods without variants.
    pub(crate) sku: String,
    /// `code`, or else `out_sku_id`.
    pub(crate) outer_code: String,
    /// `product_name`.
    pub(crate) title: String,
    /// `spec[]` in words.
    pub(crate) spec: String,
    /// `item_num`.
    pub(crate) qty: u32,
    /// `origin_amount`.
    pub(crate) price: Money,
    /// `order_status`.
    pub(crate) status: String,
    /// `given_product_type` is `FREE`.
    pub(crate) gift: bool,
    /// `goods_type`, `order_type` or `trade_type` says that there is nothing to ship.
    pub(crate) virtual_goods: bool,
    /// Why it is not this seller's to ship: the platform's own field and word.
    pub(crate) not_ours: Option<String>,
    /// `after_sale_info`: the newest after-sale of the line.
    pub(crate) after_sale: AfterSale,
}

/// A parcel that the platform knows (`logistics_info[]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pack {
    /// `tracking_no`.
    pub(crate) number: String,
    /// `delivery_id`; empty for an order told as a whole.
    pub(crate) id: String,
    /// How many of which line are in it; empty where it is the whole order.
    pub(crate) holds: Vec<(String, u32)>,
}

/// The order, and the after-sale documents that were fetched with it.
pub(crate) fn opened<'a>(document: &Json<'a>) -> Result<(Object<'a>, Vec<AfterSale>), Wrong> {
    let outer = document.object()?;
    let Some(order) = outer.get("shop_order_detail") else { return Ok((outer, Vec::new())) };
    let mut all = Vec::new();
    for one in outer.list("after_sales")? {
        all.extend(AfterSale::of_document(&one.object()?)?);
    }
    Ok((order.object()?, all))
}

/// The order's id. Older calls write the letter A behind it.
pub(crate) fn id(order: &Object<'_>) -> Result<String, Wrong> {
    let id = order.need("order_id")?.id()?;
    Ok(id.strip_suffix('A').map(str::to_owned).unwrap_or(id))
}

/// A code that is written as a number or as text; empty where it is missing.
pub(crate) fn word(object: &Object<'_>, name: &str) -> Result<String, Wrong> {
    match object.get(name) {
        Some(value) if value.raw() == "\"\"" => Ok(String::new()),
        Some(value) => value.id(),
        None => Ok(String::new()),
    }
}

/// The first of these that is written and is neither empty nor 0.
pub(crate) fn id_of(object: &Object<'_>, names: &[&str]) -> Result<String, Wrong> {
    for name in names {
        let id = word(object, name)?;
        if !id.is_empty() && id != "0" {
            return Ok(id);
        }
    }
    Ok(String::new())
}

/// An instant in seconds since 1970; 0 means none.
pub(crate) fn instant(object: &Object<'_>, name: &str) -> Result<Option<Millis>, Wrong> {
    let Some(value) = object.get(name) else { return Ok(None) };
    let seconds: i64 = value.whole()?;
    let at = seconds.checked_mul(1000).ok_or_else(|| value.wrong("is no time"))?;
    Ok((seconds > 0).then_some(Millis(at)))
}

/// An amount in fen.
pub(crate) fn fen(object: &Object<'_>, name: &str) -> Result<Money, Wrong> {
    Ok(Money::from_minor(object.need(name)?.whole()?, Currency::CNY))
}

/// The lines.
pub(crate) fn lines(order: &Object<'_>) -> Result<Vec<Line>, Wrong> {
    let order_type = word(order, "order_type")?;
    order.need("sku_order_list")?.list()?.iter().map(|one| line(&one.object()?, &order_type)).collect()
}

fn line(object: &Object<'_>, order_type: &str) -> Result<Line, Wrong> {
    let id = object.need("order_id")?.id()?;
    let qty = object.need("item_num")?.whole()?;
    let trade_type = word(object, "trade_type")?;
    let virtual_goods = word(object, "goods_type")? == "1"
        || ["2", "4", "5"].contains(&order_type)
        || ["2", "4", "5"].contains(&word(object, "order_type")?.as_str())
        // 103: a payment without goods.
        || trade_type == "103";
    Ok(Line {
        item: id_of(object, &["product_id_str", "product_id"])?,
        sku: id_of(object, &["sku_id"])?,
        outer_code: id_of(object, &["code", "out_sku_id"])?,
        title: object.text("product_name")?,
        spec: spec(object)?,
        qty,
        price: fen(object, "origin_amount")?,
        status: word(object, "order_status")?,
        gift: object.text("given_product_type")? == "FREE",
        virtual_goods,
        not_ours: not_ours(object, &trade_type)?,
        after_sale: AfterSale::of_line(&id, qty, &object.object("after_sale_info")?)?,
        id,
    })
}

fn spec(object: &Object<'_>) -> Result<String, Wrong> {
    let mut words = Vec::new();
    for one in object.list("spec")? {
        let one = one.object()?;
        words.push(format!("{}:{}", one.text("name")?, one.text("value")?));
    }
    Ok(words.join(";"))
}

/// What a warehouse of the platform ships (`warehouse_type` 1 abroad, 2 its cloud), and trades in which goods come in
/// (`trade_type` 6, 7), are refused by every call that ships.
fn not_ours(object: &Object<'_>, trade_type: &str) -> Result<Option<String>, Wrong> {
    if matches!(trade_type, "6" | "7") {
        return Ok(Some(format!("trade_type {trade_type}")));
    }
    for one in object.list("inventory_list")? {
        let kind = word(&one.object()?, "warehouse_type")?;
        if !matches!(kind.as_str(), "" | "0") {
            return Ok(Some(format!("warehouse_type {kind}")));
        }
    }
    Ok(None)
}

/// The parcels that the platform knows, each number once.
pub(crate) fn packs(order: &Object<'_>) -> Result<Vec<Pack>, Wrong> {
    let mut packs: Vec<Pack> = Vec::new();
    for one in order.list("logistics_info")? {
        let one = one.object()?;
        let number = one.text("tracking_no")?.trim().to_owned();
        if number.is_empty() {
            continue;
        }
        let mut holds = Vec::new();
        for product in one.list("product_info")? {
            let product = product.object()?;
            // Where it is not said how many, all of them may have left.
            let count = product.get("product_count").map_or(Ok(u32::MAX), |count| count.whole())?;
            holds.push((id_of(&product, &["sku_order_id"])?, count));
        }
        let id = id_of(&one, &["delivery_id"])?;
        match packs.iter_mut().find(|pack| pack.number == number && pack.id == id) {
            Some(pack) => pack.holds.extend(holds),
            None => packs.push(Pack { number, id, holds }),
        }
    }
    Ok(packs)
}

/// The request for an order.
pub(crate) fn ask(call: &Call<'_>, ext_id: &str) -> Result<Request, CallError> {
    api::request(call, DETAIL, &json!({"shop_order_id": ext_id}))
}

/// The order in an answer to [`ask`]; `None` where there is none.
pub(crate) fn asked(reply: &Reply) -> Result<Option<Json<'_>>, CallError> {
    match api::answer(reply, Effect::Harmless, &[])? {
        Answer::Given(data) => data.need("shop_order_detail").map(Some).map_err(api::lost),
        Answer::Refused(refused) if errors::number(&refused.code).is_some_and(|it| NO_ORDER.contains(&it)) => Ok(None),
        Answer::Refused(refused) => Err(refused.rejected()),
    }
}

/// Whether anything was ever asked back of the order, so that its after-sale documents say more than its lines.
pub(crate) fn has_after_sales(order: &Object<'_>) -> Result<bool, Wrong> {
    Ok(lines(order)?.iter().any(|line| line.after_sale.exists()))
}

/// The order as it is now, with its after-sale documents where there are any. Of the answers only the documents are
/// kept: their envelopes change with every call.
pub(crate) fn fetch(call: &Call<'_>, ext_id: &str) -> Result<Next<Option<Document>>, CallError> {
    let mut replies = call.replies.iter();
    let Some(reply) = replies.next() else { return ask(call, ext_id).map(Next::Send) };
    let Some(order) = asked(reply)? else { return Ok(Next::Done(None)) };
    let fields = order.object().map_err(api::lost)?;
    if !has_after_sales(&fields).map_err(api::lost)? {
        return Ok(Next::Done(Some(document(order.raw().to_owned()))));
    }
    let mut all: Vec<&str> = Vec::new();
    for page in 0_u32.. {
        let parameters = json!({"order_id": ext_id, "page": page, "size": MOST});
        let Some(reply) = replies.next() else { return api::request(call, AFTER_SALES, &parameters).map(Next::Send) };
        let data = match api::answer(reply, Effect::Harmless, &[]) {
            Ok(Answer::Given(data)) => data,
            // An application without the right to after-sales still sees its orders, each line with its newest one.
            Ok(Answer::Refused(_)) => return Ok(Next::Done(Some(document(order.raw().to_owned())))),
            Err(CallError::Credentials { field, .. }) if field == "app_key" => {
                return Ok(Next::Done(Some(document(order.raw().to_owned()))));
            }
            Err(error) => return Err(error),
        };
        let listed = data.need("items").and_then(|items| items.list()).map_err(api::lost)?;
        all.extend(listed.iter().map(Json::raw));
        if !data.flag("has_more").map_err(api::lost)? {
            break;
        }
    }
    let body = format!(r#"{{"shop_order_detail":{},"after_sales":[{}]}}"#, order.raw(), all.join(","));
    Ok(Next::Done(Some(document(body))))
}

/// An order's document under its name.
pub(crate) fn document(body: String) -> Document {
    Document { topic: "order".to_owned(), body }
}
