//! An order as it stands at WeChat, with its after-sales, which live in calls of their own.

use crate::api::{self, Answer};
use crate::errors::NO_ORDER;
use crate::list;
use huidan_channel::Document;
use huidan_domain::{Currency, Millis, Money};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, unreadable};
use serde_json::{Value, json};

const ORDER: &str = "/channels/ec/order/get";
/// Most after-sales asked for; of more, the newest. A line may have five in its life.
const AFTER_SALES: usize = 30;

/// A line of an order (`product_infos[]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// `product_unique_id`; the variant's id in documents that have none.
    pub(crate) id: String,
    /// `product_id`.
    pub(crate) product: String,
    /// `sku_id`.
    pub(crate) sku: String,
    /// `sku_code`, or `out_sku_id`.
    pub(crate) outer_code: String,
    /// `title`.
    pub(crate) title: String,
    /// `sku_attrs[]` in words.
    pub(crate) spec: String,
    /// `sku_cnt`.
    pub(crate) qty: u32,
    /// `sale_price`.
    pub(crate) price: Money,
    /// `is_free_gift`.
    pub(crate) gift: bool,
    /// `on_aftersale_sku_cnt`.
    pub(crate) on_after_sale: u32,
    /// `finish_aftersale_sku_cnt`.
    pub(crate) after_sold: u32,
    /// How many left, in any parcel.
    pub(crate) shipped: u32,
    /// `delivery_deadline`.
    pub(crate) ship_by: Option<Millis>,
    /// Whether the buyer wants another variant and the seller has not answered.
    pub(crate) sku_change_open: bool,
}

/// A parcel that left (`delivery_product_info[]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parcel {
    /// `waybill_id`; empty where nothing is carried.
    pub(crate) waybill: String,
    /// `delivery_id`.
    pub(crate) company: String,
    /// Product, variant and how many.
    pub(crate) goods: Vec<Goods>,
}

/// Some of a variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Goods {
    /// `product_id`.
    pub(crate) product: String,
    /// `sku_id`.
    pub(crate) sku: String,
    /// `product_cnt`.
    pub(crate) qty: u32,
}

/// The request for an order.
pub(crate) fn ask(call: &Call<'_>, ext_id: &str) -> Result<Request, CallError> {
    api::post(call, ORDER, &json!({"order_id": ext_id}))
}

/// The order in an answer to [`ask`]; `None` where there is none.
pub(crate) fn asked<'a>(call: &Call<'_>, reply: &'a Reply) -> Result<Option<Json<'a>>, CallError> {
    match api::answer(call, reply, Effect::Harmless, &[])? {
        Answer::Given(envelope) => {
            envelope.need("order").map(Some).map_err(|wrong| unreadable(&wrong, Effect::Harmless))
        }
        Answer::Refused(refused) if NO_ORDER.contains(&refused.code) => Ok(None),
        Answer::Refused(refused) => Err(refused.rejected()),
    }
}

/// The order as it is now and what became of its after-sales, as one document.
pub(crate) fn fetch(call: &Call<'_>, ext_id: &str) -> Result<Next<Option<Document>>, CallError> {
    let mut replies = call.replies.iter();
    let Some(reply) = replies.next() else { return ask(call, ext_id).map(Next::Send) };
    let Some(order) = asked(call, reply)? else { return Ok(Next::Done(None)) };
    let lost = |wrong: Wrong| unreadable(&wrong, Effect::Harmless);
    let ids = order.object().and_then(|order| after_sale_ids(&order)).map_err(lost)?;
    let mut after_sales = Vec::new();
    for id in ids.iter().skip(ids.len().saturating_sub(AFTER_SALES)) {
        let Some(reply) = replies.next() else { return list::ask(call, id).map(Next::Send) };
        // One that is not shown is missed by nobody: the order itself counts what is in after-sale.
        if let Some(found) = list::asked(call, reply)? {
            after_sales.push(kept(&found).map_err(lost)?);
        }
    }
    let body = format!(r#"{{"order":{},"after_sales":{}}}"#, order.raw(), Value::Array(after_sales));
    Ok(Next::Done(Some(Document { topic: "order".to_owned(), body })))
}

fn after_sale_ids(order: &Object<'_>) -> Result<Vec<String>, Wrong> {
    let of = |one: &Json<'_>| one.object()?.need("aftersale_order_id")?.id();
    order.object("aftersale_detail")?.list("aftersale_order_list")?.iter().map(of).collect()
}

/// What the order's reading needs of an after-sale. The rest holds phones, and a countdown that would make every
/// reading a new one.
fn kept(after_sale: &Object<'_>) -> Result<Value, Wrong> {
    let product = after_sale.object("product_info")?;
    let goods = |of: &Object<'_>| -> Result<Value, Wrong> {
        let count: u32 = of.get("count").map_or(Ok(0), |count| count.whole())?;
        Ok(json!({"product_id": of.id("product_id")?, "sku_id": of.id("sku_id")?, "count": count}))
    };
    let gifts = product.list("gift_product_list")?;
    let gifts = gifts.iter().map(|gift| goods(&gift.object()?)).collect::<Result<Vec<_>, _>>()?;
    let mut info = goods(&product)?;
    if let Some(fields) = info.as_object_mut() {
        fields.insert("gift_product_list".to_owned(), Value::Array(gifts));
    }
    Ok(json!({
        "after_sale_order_id": after_sale.id("after_sale_order_id")?,
        "status": after_sale.need("status")?.id()?,
        "type": after_sale.text("type")?,
        "sub_type": after_sale.text("sub_type")?,
        "product_info": info,
    }))
}

/// The lines, each with what of it left.
pub(crate) fn lines(detail: &Object<'_>, parcels: &[Parcel]) -> Result<Vec<Line>, Wrong> {
    let mut lines: Vec<Line> = Vec::new();
    for one in detail.list("product_infos")? {
        let mut line = line(&one.object()?)?;
        // An older document numbers no lines, and a variant may stand twice: sold and given.
        let same = lines.iter().filter(|other| other.id == line.id || other.id.starts_with(&format!("{}#", line.id)));
        let before = same.count();
        if before > 0 {
            line.id = format!("{}#{}", line.id, before + 1);
        }
        lines.push(line);
    }
    for parcel in parcels {
        for goods in &parcel.goods {
            let mut left = goods.qty;
            for line in lines.iter_mut().filter(|line| line.sku == goods.sku && line.product == goods.product) {
                let taken = left.min(line.qty.saturating_sub(line.shipped));
                line.shipped += taken;
                left -= taken;
            }
        }
    }
    Ok(lines)
}

/// The buyer's wish for another variant waits for the seller.
const SKU_CHANGE_OPEN: &str = "3";

fn line(object: &Object<'_>) -> Result<Line, Wrong> {
    let or = |first: &str, second: &str| -> Result<String, Wrong> {
        let text = object.id(first).or_else(|_| object.text(first))?;
        if text.is_empty() { object.text(second) } else { Ok(text) }
    };
    let count = |name: &str| object.get(name).map_or(Ok(0), |count| count.whole::<u32>());
    let gift = object.flag("is_free_gift")?;
    let sku = object.need("sku_id")?.id()?;
    let unique = object.text("product_unique_id")?;
    let change = object.object("change_sku_info")?.id("preshipment_change_sku_state")?;
    Ok(Line {
        id: if unique.is_empty() { sku.clone() } else { unique },
        product: object.need("product_id")?.id()?,
        sku,
        outer_code: or("sku_code", "out_sku_id")?,
        title: object.text("title")?,
        spec: spec(object)?,
        qty: object.need("sku_cnt")?.whole()?,
        price: match object.get("sale_price") {
            None if gift => Money::from_minor(0, Currency::CNY),
            _ => fen(object, "sale_price")?,
        },
        gift,
        on_after_sale: count("on_aftersale_sku_cnt")?,
        after_sold: count("finish_aftersale_sku_cnt")?,
        shipped: 0,
        ship_by: seconds(object, "delivery_deadline")?,
        sku_change_open: change == SKU_CHANGE_OPEN,
    })
}

fn spec(object: &Object<'_>) -> Result<String, Wrong> {
    let mut words = Vec::new();
    for attribute in object.list("sku_attrs")? {
        let attribute = attribute.object()?;
        words.push(format!("{}:{}", attribute.text("attr_key")?, attribute.text("attr_value")?));
    }
    Ok(words.join(";"))
}

/// The parcels that WeChat knows of.
pub(crate) fn parcels(detail: &Object<'_>) -> Result<Vec<Parcel>, Wrong> {
    let mut parcels = Vec::new();
    for one in detail.object("delivery_info")?.list("delivery_product_info")? {
        let one = one.object()?;
        let mut goods = Vec::new();
        for product in one.list("product_infos")? {
            let product = product.object()?;
            goods.push(Goods {
                product: product.id("product_id")?,
                sku: product.id("sku_id")?,
                qty: product.need("product_cnt")?.whole()?,
            });
        }
        let (waybill, company) = (one.text("waybill_id")?.trim().to_owned(), one.text("delivery_id")?);
        parcels.push(Parcel { waybill, company, goods });
    }
    Ok(parcels)
}

/// An amount in fen.
pub(crate) fn fen(object: &Object<'_>, name: &str) -> Result<Money, Wrong> {
    object.need(name)?.whole().map(|fen| Money::from_minor(fen, Currency::CNY))
}

/// An instant in seconds since 1970; 0 means none.
pub(crate) fn seconds(object: &Object<'_>, name: &str) -> Result<Option<Millis>, Wrong> {
    let Some(value) = object.get(name) else { return Ok(None) };
    let seconds: i64 = value.whole()?;
    match seconds.checked_mul(1000) {
        Some(0) => Ok(None),
        Some(at) if at > 0 => Ok(Some(Millis(at))),
        _ => Err(value.wrong("is no time")),
    }
}
