//! Which orders changed, and what one of them is now.

use crate::TOP;
use huidan_channel::{Document, Listed, Page, last_page_first};
use huidan_domain::Window;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, rejected, time, unreadable};
use huidan_top::Answer;

const LIST: &str = "taobao.trades.sold.increment.get";
const FETCH: &str = "taobao.trade.fullinfo.get";
/// Orders on a page; 40 to 50 are advised.
const PAGE: u64 = 50;
/// The longest span that the list takes, in milliseconds.
const DAY_MS: i64 = 86_400_000;
/// Every kind of trade: without this the list silently leaves some out.
const KINDS: &str = "fixed,auction,guarantee_trade,step,independent_simple_trade,independent_shop_trade,auto_delivery,ec,\
                     cod,fenxiao,game_equipment,shopex_trade,netcn_trade,external_trade,o2o_offlinetrade,nopaid,\
                     pre_auth_type";
/// What is asked of a trade. The token of an encrypted receiver (`oaid`) comes only where the receiver's name, address,
/// mobile, phone and the time of creation are asked for together.
const FIELDS: &str = "tid,tid_str,status,type,created,pay_time,modified,consign_time,end_time,payment,total_fee,\
                      post_fee,received_payment,buyer_message,seller_memo,seller_flag,shipping_type,receiver_name,\
                      receiver_mobile,receiver_phone,receiver_address,receiver_zip,receiver_country,receiver_state,\
                      receiver_city,receiver_district,receiver_town,oaid,step_trade_status,step_paid_fee,\
                      delivery_time,num_iid,num,price,title,orders";
/// There is no such trade.
const NO_TRADE: [&str; 3] = ["isv.trade-not-exist", "isv.trade-not-found", "isv.order-not-exist"];

/// One page.
pub(crate) fn list(call: &Call<'_>, window: Window, cursor: Option<&str>) -> Result<Next<Page>, CallError> {
    if window.to.since(window.from) > DAY_MS {
        return Err(rejected("window_too_long", "一次最多查一天 / at most a day at a time"));
    }
    last_page_first(call, cursor, |page| page_of(call, window, page.unwrap_or(1)), pages, read)
}

fn page_of(call: &Call<'_>, window: Window, page: u64) -> Result<Request, CallError> {
    let (from, to) = (time::to_local(window.from, time::CHINA), time::to_local(window.to.plus_seconds(1), time::CHINA));
    let (page, size) = (page.to_string(), PAGE.to_string());
    let parameters = [
        ("fields", "tid,tid_str,modified"),
        ("start_modified", from.as_str()),
        ("end_modified", to.as_str()),
        ("type", KINDS),
        ("page_no", page.as_str()),
        ("page_size", size.as_str()),
        ("use_has_next", "false"),
    ];
    TOP.request(call, LIST, &parameters)
}

fn pages(reply: &Reply) -> Result<u64, CallError> {
    let total: u64 = opened(reply)?
        .need("total_results")
        .and_then(|total| total.whole())
        .map_err(|wrong| unreadable(&wrong, Effect::Harmless))?;
    Ok(total.div_ceil(PAGE))
}

fn read(reply: &Reply) -> Result<Vec<Listed>, CallError> {
    let lost = |wrong: Wrong| unreadable(&wrong, Effect::Harmless);
    let envelope = opened(reply)?;
    envelope.need("total_results").map_err(lost)?;
    let trades = entries(&envelope, "trades", "trade").map_err(lost)?;
    trades.iter().map(listed).collect::<Result<_, _>>().map_err(lost)
}

fn opened(reply: &Reply) -> Result<Object<'_>, CallError> {
    match TOP.answer(reply, LIST, Effect::Harmless, &[])? {
        Answer::Given(envelope) => Ok(envelope),
        Answer::Refused(refused) => Err(TOP.rejected(refused)),
    }
}

fn listed(trade: &Json<'_>) -> Result<Listed, Wrong> {
    let trade = trade.object()?;
    let modified = trade.need("modified")?;
    let at = time::local(&modified.text()?, time::CHINA).ok_or_else(|| modified.wrong("is no time"))?;
    Ok(Listed { ext_id: id(&trade, "tid")?, updated_at: Some(at.0), document: None })
}

/// An id; where only its text form (`tid_str`) is written, that.
pub(crate) fn id(object: &Object<'_>, name: &str) -> Result<String, Wrong> {
    match object.get(name).or_else(|| object.get(&format!("{name}_str"))) {
        Some(value) => value.id(),
        None => Err(object.wrong(name, "is missing")),
    }
}

/// The entries of a list, which is nested (`{"trades":{"trade":[…]}}`) unless the answer is simplified.
pub(crate) fn entries<'a>(object: &Object<'a>, outer: &str, inner: &str) -> Result<Vec<Json<'a>>, Wrong> {
    let Some(found) = object.get(outer) else { return Ok(Vec::new()) };
    if found.raw().starts_with('[') { found.list() } else { found.object()?.list(inner) }
}

/// The request for a whole trade.
pub(crate) fn ask(call: &Call<'_>, ext_id: &str) -> Result<Request, CallError> {
    TOP.request(call, FETCH, &[("fields", FIELDS), ("tid", ext_id), ("include_oaid", "true")])
}

/// The trade in an answer to [`ask`]; `None` where there is none.
pub(crate) fn asked(reply: &Reply) -> Result<Option<Json<'_>>, CallError> {
    match TOP.answer(reply, FETCH, Effect::Harmless, &[])? {
        Answer::Given(envelope) => {
            envelope.need("trade").map(Some).map_err(|wrong| unreadable(&wrong, Effect::Harmless))
        }
        Answer::Refused(refused) if NO_TRADE.contains(&refused.code.as_str()) => Ok(None),
        Answer::Refused(refused) => Err(TOP.rejected(refused)),
    }
}

/// The trade as it is now. Of the answer only the trade itself is kept: its envelope changes with every call.
pub(crate) fn fetch(call: &Call<'_>, ext_id: &str) -> Result<Next<Option<Document>>, CallError> {
    let Some(reply) = call.replies.first() else { return ask(call, ext_id).map(Next::Send) };
    let document = |trade: Json<'_>| Document { topic: "trade".to_owned(), body: trade.raw().to_owned() };
    asked(reply).map(|trade| Next::Done(trade.map(document)))
}
