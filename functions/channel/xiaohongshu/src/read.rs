//! A composed document as an order. Every status of the platform stands here by its number.

use crate::after_sale::{self, Means, Sale};
use crate::order::{self, Line, Parcels, instant};
use huidan_channel::{Document, Reading, Unreadable};
use huidan_domain::{
    ChannelState, Currency, LineFacts, LineKind, Millis, Money, OrderFacts, PayState, Receiver, RefundState,
};
use huidan_exchange::json::{Json, Object, Wrong};

/// Marks on an order (`orderTagList`) that send its goods elsewhere first: to a check of quality, or through a
/// warehouse of the platform.
const HELD_TAGS: [&str; 2] = ["QIC", "CERTIFICATION_WAREHOUSE"];

/// Reads an order.
pub(crate) fn read(document: &Document) -> Result<Reading, Unreadable> {
    let facts = Json::parse(document.body.as_bytes()).and_then(|json| {
        let whole = json.object()?;
        let sales = whole.list("after_sales")?.iter().map(after_sale::read).collect::<Result<Vec<_>, _>>()?;
        facts(&whole.need("order")?.object()?, &whole.object("receiver")?, &sales)
    });
    facts
        .map(|facts| Reading::Order(Box::new(facts)))
        .map_err(|wrong| Unreadable { field: wrong.field, detail: wrong.detail })
}

fn facts(order: &Object<'_>, receiver: &Object<'_>, sales: &[Sale]) -> Result<OrderFacts, Wrong> {
    let lines = order::lines(order)?;
    let parcels = order::parcels(order)?;
    let status = order.need("orderStatus")?.id()?;
    let paid_at = instant(order, "paidTime")?;
    let need = |name| instant(order, name)?.ok_or_else(|| order.wrong(name, "is missing"));
    let tags = tags(order)?;
    let parcel_free = tags.iter().any(|tag| tag == "NO_LOGISTICS_SHIP");
    let claims: Vec<Claim> = lines.iter().map(|line| Claim::of(line, sales)).collect();
    let ship_by = instant(order, "promiseLastDeliveryTime")?;
    // A change of an after-sale is a change of the order, which does not show it in its own time.
    let changed = sales.iter().filter_map(|sale| sale.changed).fold(need("updateTime")?, Millis::max);
    Ok(OrderFacts {
        ext_id: order.need("orderId")?.id()?,
        number: String::new(),
        updated_at: changed,
        placed_at: need("createdTime")?,
        paid_at,
        ship_by: ship_by.or(instant(order, "presaleDeliveryEndTime")?),
        pay: pay(&status, &order.id("orderType")?, paid_at.is_some(), &claims),
        state: state(&status),
        must_wait: must_wait(order, &status, &lines, sales, &tags)?,
        lines: lines.iter().zip(&claims).map(|(line, claim)| line_facts(line, claim, &parcels, parcel_free)).collect(),
        total: Money::from_minor(order.need("totalPayAmount")?.whole()?, Currency::CNY),
        receiver: self::receiver(order, receiver)?,
        buyer_remark: order.text("customerRemark")?,
        seller_remark: order.text("sellerRemark")?,
        waybills: parcels.numbers(),
    })
}

fn tags(order: &Object<'_>) -> Result<Vec<String>, Wrong> {
    order.list("orderTagList")?.iter().map(|tag| tag.text()).collect()
}

/// 10, an exchange asked for, is met only after the goods arrived.
fn state(status: &str) -> Result<ChannelState, String> {
    match status {
        "1" | "2" | "3" | "4" => Ok(ChannelState::Open),
        "5" => Ok(ChannelState::PartShipped),
        "6" | "10" => Ok(ChannelState::Shipped),
        "7" => Ok(ChannelState::Completed),
        "8" | "9" => Ok(ChannelState::Cancelled),
        unknown => Err(unknown.to_owned()),
    }
}

fn pay(status: &str, kind: &str, paid: bool, claims: &[Claim]) -> PayState {
    match status {
        // A presale (type 2) that waits for its second part was paid once already.
        "1" if kind == "2" && paid => return PayState::DepositPaid,
        "1" => return PayState::Unpaid,
        "8" | "9" if paid => return PayState::Refunded,
        "8" | "9" => return PayState::Unpaid,
        "2" | "3" | "4" | "5" | "6" | "7" | "10" => {}
        _ if paid => {}
        _ => return PayState::Unpaid,
    }
    match claims.iter().filter(|claim| claim.refund == RefundState::Refunded).count() {
        all if all > 0 && all == claims.len() => PayState::Refunded,
        0 if claims.iter().all(|claim| claim.gone == 0) => PayState::Paid,
        _ => PayState::PartiallyRefunded,
    }
}

/// Why an order must not ship although it looks paid: the platform says so, its goods go another way, or it uses a word
/// that nobody here knows.
fn must_wait(
    order: &Object<'_>,
    status: &str,
    lines: &[Line],
    sales: &[Sale],
    tags: &[String],
) -> Result<Option<String>, Wrong> {
    let told = |name: &str, value: &str| Ok(Some(format!("{name} {value}")));
    // 2 is paid and still under the platform's own check, 3 waits for customs.
    if matches!(status, "2" | "3") {
        return told("orderStatus", status);
    }
    let cancel = order.id("cancelStatus")?;
    if !matches!(cancel.as_str(), "" | "0") {
        return told("cancelStatus", &cancel);
    }
    if let Some(sale) = sales.iter().find(|sale| unclear(sale, lines)) {
        return told("afterSale", &sale.id);
    }
    let after_sale = order.id("orderAfterSalesStatus")?;
    let explained = sales.iter().any(Sale::open);
    match after_sale.as_str() {
        "" | "1" | "3" | "4" | "5" | "7" => {}
        "2" | "6" if explained => {}
        open_or_unknown => return told("orderAfterSalesStatus", open_or_unknown),
    }
    let logistics = order.text("logistics")?;
    if !matches!(logistics.as_str(), "" | "red_auto") {
        return told("logistics", &logistics);
    }
    if let Some(tag) = tags.iter().find(|tag| HELD_TAGS.contains(&tag.as_str())) {
        return told("orderTag", tag);
    }
    // A subsidised purchase is told with the serial numbers of its goods, which this adapter does not know.
    let subsidised = order.get("subsidySkuIdentifyCodeRequiredInfo").is_some();
    Ok(subsidised.then(|| "subsidySkuIdentifyCodeRequiredInfo".to_owned()))
}

/// Whether an after-sale stops goods, and it cannot be told which, or by which word.
fn unclear(sale: &Sale, lines: &[Line]) -> bool {
    let matched = sale.skus.iter().all(|(sku, _)| lines.iter().any(|line| line.sku == *sku)) && !sale.skus.is_empty();
    match sale.means() {
        Means::Nothing => false,
        Means::State(state) => state.stops_shipping() && !matched,
        Means::Unknown(_) => true,
    }
}

/// What after-sales say of a line.
struct Claim {
    refund: RefundState,
    /// How many were refunded.
    gone: u32,
}

impl Claim {
    /// An after-sale under way stops the line, the furthest one names it. What was refunded in part leaves the rest of
    /// the line to be shipped.
    fn of(line: &Line, sales: &[Sale]) -> Self {
        let (mut gone, mut stop, mut refused) = (0_u32, RefundState::None, RefundState::None);
        for sale in sales {
            let applied: u32 = sale.skus.iter().filter(|(sku, _)| *sku == line.sku).map(|(_, count)| count).sum();
            if applied == 0 {
                continue;
            }
            match sale.means() {
                Means::Nothing => {}
                Means::State(RefundState::Refunded) => gone = gone.saturating_add(applied).min(line.qty),
                Means::State(RefundState::Refused) => refused = RefundState::Refused,
                Means::State(state) => stop = stop.max(state),
                Means::Unknown(_) => stop = stop.max(RefundState::Requested),
            }
        }
        // The line's own word, where no after-sale told more: under way, in the platform's hands, or not known here.
        let own = match line.after_sale.as_str() {
            "" | "1" | "3" | "4" | "5" | "7" => RefundState::None,
            _ if sales.iter().any(|sale| sale.open() && !sale.concerns_goods()) => RefundState::None,
            _ => RefundState::Requested,
        };
        let refund = match stop.max(own) {
            RefundState::None if gone == line.qty => RefundState::Refunded,
            RefundState::None if gone > 0 => RefundState::None,
            RefundState::None => refused,
            stopped => stopped,
        };
        Self { refund, gone }
    }
}

fn line_facts(line: &Line, claim: &Claim, parcels: &Parcels, parcel_free: bool) -> LineFacts {
    let kind = match (parcel_free && line.parcel_free, line.gift) {
        (true, _) => LineKind::Virtual,
        (false, true) => LineKind::Gift,
        (false, false) => LineKind::Sale,
    };
    let left = !parcels.number_of(&line.sku).is_empty();
    LineFacts {
        ext_line_id: line.sku.clone(),
        ext_item: line.item.clone(),
        ext_sku: line.sku.clone(),
        outer_code: line.code.clone(),
        title: line.title.clone(),
        spec: line.spec.clone(),
        qty: line.qty,
        unit_price: each(line),
        kind,
        refund: claim.refund,
        refunded_qty: if left { 0 } else { claim.gone },
    }
}

/// The platform tells what all of a line costs. What one costs is rounded down to the fen; the order's total is exact.
fn each(line: &Line) -> Money {
    Money::from_minor(line.worth.checked_div(i64::from(line.qty)).unwrap_or(0), Currency::CNY)
}

/// Ciphertext stays as it is; the token (`openAddressId`) is what the waybill service takes.
fn receiver(order: &Object<'_>, info: &Object<'_>) -> Result<Receiver, Wrong> {
    let either = |name: &str| {
        let own = info.text(name)?;
        if own.is_empty() { order.text(name) } else { Ok(own) }
    };
    let country = order.text("receiverCountryName")?;
    Ok(Receiver {
        name: either("receiverName")?,
        phone: either("receiverPhone")?,
        country: if matches!(country.trim(), "" | "中国") { "CN".to_owned() } else { country },
        province: either("receiverProvinceName")?,
        city: either("receiverCityName")?,
        district: either("receiverDistrictName")?,
        street: either("receiverAddress")?,
        postcode: String::new(),
        email: String::new(),
        division: None,
        token: Some(order.text("openAddressId")?).filter(|token| !token.is_empty()),
    })
}
