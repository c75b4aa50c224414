//! The waybills that Douyin, Kuaishou, Xiaohongshu and WeChat Shop give out themselves: numbers that are counted and
//! charged, given once for each package, given back on cancelling, and print data that only a print component opens.

use crate::fiction::Receiver;
use crate::ledger::Waybill;
use crate::order::{Platform, Stage};
use crate::seal;
use crate::sf::Until;
use crate::world::{Event, World};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// Known to the services and the print components only.
const PRINT_KEY: &str = "simulated-print-components";

/// A number given out.
#[derive(Clone, Debug)]
pub(crate) struct Bill {
    pub(crate) shop: String,
    pub(crate) carrier: String,
    /// The caller's key: what asks again under it gets the same number.
    pub(crate) key: String,
    /// The caller's own name of the package, where it has one apart from the key.
    pub(crate) package: String,
    pub(crate) orders: Vec<String>,
    pub(crate) number: String,
    pub(crate) receiver: Receiver,
    pub(crate) cancelled: bool,
    pub(crate) steps: Vec<&'static str>,
}

/// A platform's numbers.
#[derive(Debug)]
pub(crate) struct Book {
    pub(crate) bills: Vec<Bill>,
    /// Numbers that are left.
    pub(crate) left: i64,
}

impl Book {
    pub(crate) fn new(quota: i64) -> Book {
        Book { bills: Vec::new(), left: quota }
    }
    /// A bill by its number.
    pub(crate) fn find(&self, number: &str) -> Option<&Bill> {
        self.bills.iter().find(|b| b.number == number)
    }
}

/// What a caller wants a number for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) shop: String,
    pub(crate) carrier: String,
    pub(crate) key: String,
    pub(crate) package: String,
    pub(crate) orders: Vec<String>,
    pub(crate) receiver: Receiver,
}

/// Why there is no number, or no cancelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    NoQuota,
    NotFound,
    Cancelled,
    PickedUp,
}

/// The book of a platform that keeps one here.
pub(crate) fn of(world: &World, platform: Platform) -> Option<&Book> {
    match platform {
        Platform::Pinduoduo => Some(&world.pinduoduo.bills),
        Platform::Douyin => Some(&world.douyin.bills),
        Platform::Kuaishou => Some(&world.kuaishou.bills),
        Platform::Xiaohongshu => Some(&world.xiaohongshu.bills),
        Platform::WechatShop => Some(&world.wechat_shop.bills),
        _ => None,
    }
}

fn of_mut(world: &mut World, platform: Platform) -> Option<&mut Book> {
    match platform {
        Platform::Pinduoduo => Some(&mut world.pinduoduo.bills),
        Platform::Douyin => Some(&mut world.douyin.bills),
        Platform::Kuaishou => Some(&mut world.kuaishou.bills),
        Platform::Xiaohongshu => Some(&mut world.xiaohongshu.bills),
        Platform::WechatShop => Some(&mut world.wechat_shop.bills),
        _ => None,
    }
}

/// How a carrier's numbers begin, and their length in all.
fn form(carrier: &str) -> (&'static str, usize) {
    match carrier.to_ascii_lowercase().as_str() {
        "sf" | "shunfeng" => ("SF", 15),
        "yto" | "yuantong" => ("YT", 15),
        "zto" | "zhongtong" => ("7", 14),
        "sto" | "shentong" => ("77", 15),
        "yunda" | "yd" => ("43", 15),
        "jd" | "jingdong" => ("JDV", 15),
        "jtsd" | "jtexpress" | "jitu" | "ht" | "huitongkuaidi" => ("JT", 15),
        _ => ("98", 13),
    }
}

/// A carrier's n-th number.
pub(crate) fn number_of(carrier: &str, n: i64) -> String {
    let (prefix, width) = form(carrier);
    let digits = width.saturating_sub(prefix.len());
    format!("{prefix}{:0digits$}", 510_000_000 + n * 7)
}

/// The number that was given for this key before, if it still holds.
fn before(book: &Book, wanted: &Wanted) -> Option<Bill> {
    let same = |b: &&Bill| !b.cancelled && b.shop == wanted.shop && b.carrier == wanted.carrier && b.key == wanted.key;
    book.bills.iter().find(same).cloned()
}

/// Gives a number, or the one that the same key got before; `true` for a repeat, which costs nothing.
pub(crate) fn book(world: &mut World, platform: Platform, wanted: Wanted) -> Result<(Bill, bool), Refused> {
    let at_ms = world.now(platform);
    let next = world.next();
    let book = of_mut(world, platform).ok_or(Refused::NotFound)?;
    if let Some(bill) = before(book, &wanted) {
        let same = |w: &&mut Waybill| w.platform == platform && w.number == bill.number;
        for waybill in world.waybills.iter_mut().filter(same) {
            waybill.repeats += 1;
        }
        return Ok((bill, true));
    }
    if book.left <= 0 {
        return Err(Refused::NoQuota);
    }
    book.left -= 1;
    let Wanted { shop, carrier, key, package, orders, receiver } = wanted;
    let number = number_of(&carrier, next);
    let (cancelled, steps) = (false, Vec::new());
    let bill = Bill { shop, carrier, key, package, orders, number, receiver, cancelled, steps };
    book.bills.push(bill.clone());
    world.waybills.push(Waybill {
        platform,
        carrier: bill.carrier.clone(),
        number: bill.number.clone(),
        key: bill.key.clone(),
        package: bill.package.clone(),
        orders: bill.orders.clone(),
        repeats: 0,
        cancelled: false,
        receiver: bill.receiver.clone(),
        at_ms,
    });
    Ok((bill, false))
}

/// Takes a number back, and its charge.
pub(crate) fn cancel(world: &mut World, platform: Platform, shop: &str, number: &str) -> Result<(), Refused> {
    let book = of_mut(world, platform).ok_or(Refused::NotFound)?;
    let bill = book.bills.iter_mut().find(|b| b.number == number && b.shop == shop).ok_or(Refused::NotFound)?;
    if bill.cancelled {
        return Err(Refused::Cancelled);
    }
    if !bill.steps.is_empty() {
        return Err(Refused::PickedUp);
    }
    bill.cancelled = true;
    book.left += 1;
    for waybill in world.waybills.iter_mut().filter(|w| w.platform == platform && w.number == number) {
        waybill.cancelled = true;
    }
    Ok(())
}

/// Print data of a bill and its signature: receiver and number, readable for the print component only.
pub(crate) fn print_data(platform: Platform, bill: &Bill) -> (String, String) {
    let plain = json!({"waybillCode": bill.number, "cpCode": bill.carrier, "recipient": bill.receiver}).to_string();
    let sealed = seal::hide(PRINT_KEY, platform.name(), &bill.number, &plain);
    let encrypted = format!("SIM:{}:{}:{sealed}", platform.name(), bill.number);
    let signature = STANDARD.encode(seal::hmac_sha256(PRINT_KEY.as_bytes(), encrypted.as_bytes()));
    (encrypted, format!("MD:{signature}"))
}

/// Whether these are contents of [`print_data`]'s making; the component's other customers have their own form.
pub(crate) fn ours(contents: &Value) -> bool {
    let data = contents.get("encryptedData").and_then(Value::as_str).unwrap_or_default();
    data.strip_prefix("SIM:").is_some_and(|rest| rest.split(':').count() == 3)
}

/// What the print component reads out of print data: the number and the receiver, or why not.
pub(crate) fn open(contents: &Value) -> Result<(String, Receiver), String> {
    let text = |name: &str| contents.get(name).and_then(Value::as_str).unwrap_or_default();
    let encrypted = text("encryptedData");
    let signature = STANDARD.encode(seal::hmac_sha256(PRINT_KEY.as_bytes(), encrypted.as_bytes()));
    if text("signature") != format!("MD:{signature}") {
        return Err("验签失败 signature".to_owned());
    }
    let parts: Vec<&str> = encrypted.split(':').collect();
    let [_, platform, number, sealed] = parts.as_slice() else { return Err("encryptedData".to_owned()) };
    let plain = seal::reveal(PRINT_KEY, platform, number, sealed).ok_or("encryptedData")?;
    let plain: Value = serde_json::from_str(&plain).map_err(|e| e.to_string())?;
    let receiver = plain.get("recipient").cloned().unwrap_or_default();
    Ok(((*number).to_owned(), serde_json::from_value(receiver).map_err(|e| e.to_string())?))
}

/// The steps of a parcel up to a point.
fn steps(until: Until) -> Vec<&'static str> {
    let mut steps = vec!["picked_up"];
    if until >= Until::InTransit {
        steps.push("in_transit");
    }
    if until >= Until::OutForDelivery {
        steps.push("out_for_delivery");
    }
    match until {
        Until::Problem => steps.push("problem"),
        Until::Delivered => steps.push("delivered"),
        Until::PickedUp | Until::InTransit | Until::OutForDelivery => {}
    }
    steps
}

/// Moves a parcel on; delivery ends its orders. Gives the steps that are new.
pub(crate) fn advance(
    world: &mut World,
    platform: Platform,
    number: &str,
    until: Until,
) -> Result<Vec<&'static str>, String> {
    let unknown = || format!("{} knows no {number}", platform.name());
    let book = of_mut(world, platform).ok_or_else(unknown)?;
    let bill = book.bills.iter_mut().find(|b| b.number == number).ok_or_else(unknown)?;
    if bill.cancelled {
        return Err(format!("{number} is cancelled"));
    }
    let new: Vec<&'static str> = steps(until).into_iter().filter(|s| !bill.steps.contains(s)).collect();
    bill.steps.extend(&new);
    let orders = bill.orders.clone();
    if until == Until::Delivered {
        let of_it = |o: &&crate::order::Order| o.platform == platform && orders.contains(&o.text_id());
        let ids: Vec<i64> = world.orders.iter().filter(of_it).map(|o| o.id).collect();
        for id in ids {
            let _ = world.change(platform, id, Event::Changed, |order, now| {
                order.stage = Stage::Completed;
                order.ended_ms = Some(now);
            });
        }
    }
    Ok(new)
}
