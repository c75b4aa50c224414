//! The trace push: a form whose `data_digest` signs the XML in `logistics_interface`, one node per push.

use crate::{read, sign};
use huidan_carrier::{Scan, common};
use huidan_exchange::{Account, Refusal, Reply, Said, Unverified, Verified, Webhook, pairs, sign::same};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::collections::BTreeMap;

/// Compares the digest.
pub(crate) fn verify(push: Webhook<Unverified>, account: &Account) -> Result<Webhook<Verified>, Refusal> {
    let secret = account.credentials.optional("push_secret").ok_or(Refusal::Signature)?;
    let field = |name| pairs::from_form(push.signed_bytes(), name).ok_or(Refusal::Signature);
    let expected = sign::digest(&[&field("logistics_interface")?, secret]);
    let proof = same(&expected, &field("data_digest")?).ok_or(Refusal::Signature)?;
    Ok(push.accept(proof))
}

/// The node in a push; one without a status of the parcel (a change of weight, a phone) holds none.
pub(crate) fn read(push: &Webhook<Verified>) -> Result<Vec<Scan>, String> {
    let xml = pairs::from_form(push.body(), "logistics_interface").ok_or("logistics_interface: is missing")?;
    let fields = fields(&xml)?;
    let of = |name: &str| fields.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
    let code = of("infoContent");
    if of("infoType") != "STATUS" || code.is_empty() {
        return Ok(Vec::new());
    }
    let number = of("mailNo");
    if number.is_empty() {
        return Err("UpdateInfo.mailNo: is missing".to_owned());
    }
    let at = read::instant(&of("acceptTime")).ok_or("UpdateInfo.acceptTime: is no time")?;
    Ok(vec![read::scanned(&number, at, &code, of("remark"), of("city"))])
}

/// The texts of an XML document's elements, by their names.
fn fields(xml: &str) -> Result<BTreeMap<String, String>, String> {
    let mut reader = Reader::from_str(xml);
    let (mut fields, mut open) = (BTreeMap::<String, String>::new(), Vec::<String>::new());
    let mut closed = false;
    loop {
        let at = reader.buffer_position();
        let broken = || format!("logistics_interface: not XML at byte {at}");
        match reader.read_event().map_err(|_| broken())? {
            Event::Start(element) => open.push(element.name().as_ref().to_owned()),
            Event::End(_) => {
                open.pop();
                closed = open.is_empty();
            }
            Event::Text(text) => add(&mut fields, open.last(), &text),
            Event::CData(text) => add(&mut fields, open.last(), &text),
            Event::GeneralRef(name) => add(&mut fields, open.last(), character(&name).ok_or_else(broken)?),
            Event::Eof => break,
            _ => {}
        }
    }
    if closed && open.is_empty() { Ok(fields) } else { Err("logistics_interface: the XML ends too early".to_owned()) }
}

/// The character that one of XML's own names stands for.
fn character(name: &str) -> Option<&'static str> {
    match name {
        "amp" => Some("&"),
        "lt" => Some("<"),
        "gt" => Some(">"),
        "quot" => Some("\""),
        "apos" => Some("'"),
        _ => None,
    }
}

fn add(fields: &mut BTreeMap<String, String>, element: Option<&String>, text: &str) {
    if let Some(element) = element {
        fields.entry(element.clone()).or_default().push_str(text);
    }
}

/// What is not acknowledged is pushed again. The answer cannot name the order: it is the same for every push.
pub(crate) fn answer(said: &Said) -> Reply {
    common::acknowledged(
        said,
        "text/xml;charset=utf-8",
        "<Response><logisticProviderID>YTO</logisticProviderID><success>true</success></Response>",
        "<Response><logisticProviderID>YTO</logisticProviderID><success>false</success></Response>",
    )
}
