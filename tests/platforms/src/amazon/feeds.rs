//! Feeds: a document is put where it is told, a feed names it and works on it by and by, and says in another document
//! what came of it.

use super::{Answer, Call, Caller, ME, Refused, body, invalid, listings, refused};
use crate::fields::{int, list, part, text};
use crate::server::{json, with_type};
use crate::world::World;
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const KIND: &str = "JSON_LISTINGS_FEED";
const MARKETPLACES: usize = 25;

/// What was handed in.
#[derive(Debug, Default)]
pub(super) struct Feeds {
    documents: BTreeMap<String, (String, Option<Bytes>)>,
    feeds: BTreeMap<String, Feed>,
}

#[derive(Debug)]
struct Feed {
    shop: String,
    input: String,
    /// How often it was looked at: it is queued, then in progress, then done.
    looks: u32,
    result: Option<String>,
}

fn url(call: &Call, id: &str) -> String {
    format!("http://{}/feed-documents/{id}", call.host)
}

pub(super) fn create_document(world: &mut World, call: &Call) -> Result<Answer, Refused> {
    let kind = text(&body(call)?, "contentType");
    if kind.is_empty() {
        return Err(invalid("contentType is missing."));
    }
    let id = format!("amzn1.tortuga.sim.{}", world.next());
    world.amazon.feeds.documents.insert(id.clone(), (kind, None));
    Ok(json(201, &json!({"feedDocumentId": id, "url": url(call, &id)})))
}

/// The address that was handed out: one puts a document there, or takes one.
pub(super) fn document(world: &mut World, call: &Call) -> Answer {
    let id = call.parts().get(1).copied().unwrap_or_default();
    let Some((kind, contents)) = world.amazon.feeds.documents.get_mut(id) else {
        return with_type(403, "application/xml", "<Error><Code>AccessDenied</Code></Error>");
    };
    if call.method == "GET" {
        return with_type(200, kind, contents.clone().unwrap_or_default());
    }
    if call.header("content-type") != kind {
        return with_type(403, "application/xml", "<Error><Code>SignatureDoesNotMatch</Code></Error>");
    }
    *contents = Some(call.body.clone());
    with_type(200, "application/xml", "")
}

pub(super) fn get_document(world: &World, call: &Call, id: &str) -> Result<Answer, Refused> {
    if !world.amazon.feeds.documents.contains_key(id) {
        return Err(refused(404, "NotFound", "The document does not exist."));
    }
    Ok(json(200, &json!({"feedDocumentId": id, "url": url(call, id)})))
}

pub(super) fn create(world: &mut World, call: &Call, caller: &Caller) -> Result<Answer, Refused> {
    let body = body(call)?;
    if text(&body, "feedType") != KIND {
        return Err(invalid("feedType is not supported."));
    }
    let markets = list(&body, "marketplaceIds").len();
    if markets == 0 || markets > MARKETPLACES {
        return Err(invalid("marketplaceIds: 1 to 25."));
    }
    let input = text(&body, "inputFeedDocumentId");
    if world.amazon.feeds.documents.get(&input).is_none_or(|d| d.1.is_none()) {
        return Err(invalid("inputFeedDocumentId: nothing was put there."));
    }
    let id = (50_000_000_000 + world.next()).to_string();
    world.amazon.feeds.feeds.insert(id.clone(), Feed { shop: caller.shop.clone(), input, looks: 0, result: None });
    Ok(json(202, &json!({"feedId": id})))
}

pub(super) fn get(world: &mut World, caller: &Caller, id: &str) -> Result<Answer, Refused> {
    let unknown = || refused(404, "NotFound", "The feed does not exist.");
    let feed = world.amazon.feeds.feeds.get_mut(id).filter(|f| f.shop == caller.shop).ok_or_else(unknown)?;
    feed.looks += 1;
    let (looks, input) = (feed.looks, feed.input.clone());
    let status = match looks {
        1 => "IN_QUEUE",
        2 => "IN_PROGRESS",
        _ => "DONE",
    };
    if looks == 3 {
        let report = work(world, &input).to_string();
        let result = format!("amzn1.tortuga.sim.{}", world.next());
        let kept = ("application/json; charset=UTF-8".to_owned(), Some(Bytes::from(report)));
        world.amazon.feeds.documents.insert(result.clone(), kept);
        if let Some(feed) = world.amazon.feeds.feeds.get_mut(id) {
            feed.result = Some(result);
        }
    }
    let result = world.amazon.feeds.feeds.get(id).and_then(|f| f.result.clone());
    Ok(json(
        200,
        &json!({"feedId": id, "feedType": KIND, "processingStatus": status, "resultFeedDocumentId": result,
        "marketplaceIds": [world.options.amazon.marketplace]}),
    ))
}

/// Does what the document says; one message that is wrong does not stop the others.
fn work(world: &mut World, input: &str) -> Value {
    let contents = world.amazon.feeds.documents.get(input).and_then(|d| d.1.clone()).unwrap_or_default();
    let feed: Value = serde_json::from_slice(&contents).unwrap_or_default();
    let messages = list(&feed, "messages");
    let mut issues = Vec::new();
    for message in &messages {
        let sku = text(message, "sku");
        let known = world.goods.iter().any(|g| g.sku == sku);
        let level = listings::level(&list(message, "patches"));
        match (known, level) {
            (true, Ok(level)) => world.set_stock(ME, &sku, level),
            (false, _) => issues.push(issue(message, "The SKU does not exist.")),
            (true, Err(why)) => issues.push(issue(message, &why)),
        }
    }
    let (all, wrong) = (messages.len(), issues.len());
    json!({"header": {"sellerId": text(&part(&feed, "header"), "sellerId"), "version": "2.0"}, "issues": issues,
        "summary": {"errors": wrong, "warnings": 0, "messagesProcessed": all, "messagesAccepted": all - wrong, "messagesInvalid": wrong}})
}

fn issue(message: &Value, why: &str) -> Value {
    json!({"messageId": int(message, "messageId"), "code": "90220", "severity": "ERROR", "message": why})
}
