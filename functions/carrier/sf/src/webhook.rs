//! RoutePushService: SF signs nothing, so the secret at the end of the path is what proves it. The console offers two
//! forms, JSON and a form field with XML, and each wants its own answer.

use crate::read;
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use huidan_carrier::Scan;
use huidan_exchange::{Account, Refusal, Reply, Said, Unverified, Verified, Webhook, pairs, sign};
use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

/// Compares the path's secret with the account's.
pub(crate) fn verify(
    push: Webhook<Unverified>,
    account: &Account,
    secret: Option<&str>,
) -> Result<Webhook<Verified>, Refusal> {
    let expected = account.credentials.optional("push_secret").unwrap_or_default();
    let proof = sign::same(expected, secret.unwrap_or_default()).ok_or(Refusal::Signature)?;
    Ok(push.accept(proof))
}

/// Reads either form.
pub(crate) fn read(push: &Webhook<Verified>) -> Result<Vec<Scan>, String> {
    let body = push.body();
    if body.trim_ascii_start().starts_with(b"{") {
        return read::pushed(body).map_err(|wrong| wrong.to_string());
    }
    let content = pairs::from_form(body, "content").ok_or("content: is missing")?;
    nodes(&content)
}

fn nodes(xml: &str) -> Result<Vec<Scan>, String> {
    let mut reader = Reader::from_str(xml);
    let (mut scans, mut open, mut closed) = (Vec::new(), 0_usize, false);
    loop {
        let at = reader.buffer_position();
        match reader.read_event().map_err(|_| format!("content: not XML at byte {at}"))? {
            Event::Start(element) => {
                open += 1;
                scans.extend(node(&element)?);
            }
            Event::Empty(element) => scans.extend(node(&element)?),
            Event::End(_) => {
                open = open.saturating_sub(1);
                closed = open == 0;
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if closed && open == 0 { Ok(scans) } else { Err("content: the XML ends too early".to_owned()) }
}

fn node(element: &BytesStart<'_>) -> Result<Option<Scan>, String> {
    if element.name().as_ref() != "WaybillRoute" {
        return Ok(None);
    }
    let need = |name: &str| attribute(element, name)?.ok_or_else(|| format!("WaybillRoute.{name}: is missing"));
    let at = read::instant(&need("acceptTime")?).ok_or("WaybillRoute.acceptTime: is no time")?;
    let text = attribute(element, "remark")?.unwrap_or_default();
    let place = attribute(element, "acceptAddress")?.unwrap_or_default();
    Ok(Some(read::scan(&need("mailno")?, &need("id")?, at, &need("opCode")?, text, place)))
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, String> {
    let broken = || format!("WaybillRoute.{name}: not XML");
    let Some(found) = element.try_get_attribute(name).map_err(|_| broken())? else { return Ok(None) };
    let value = found.normalized_value(XmlVersion::Implicit1_0).map_err(|_| broken())?;
    Ok(Some(value.into_owned()))
}

/// `0000` and `OK` are taken; `1000` and `ERR` make SF push the same nodes again.
pub(crate) fn answer(said: &Said, asked: &HeaderMap) -> Reply {
    let status = match said {
        Said::Stored => StatusCode::OK,
        Said::Refused(_) => StatusCode::UNAUTHORIZED,
        Said::Malformed(_) => StatusCode::BAD_REQUEST,
        Said::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Said::Busy => StatusCode::SERVICE_UNAVAILABLE,
    };
    let form = asked.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form"));
    let (kind, body) = match (form, said) {
        (false, Said::Stored) => ("application/json;charset=utf-8", r#"{"return_code":"0000","return_msg":"成功"}"#),
        (false, _) => ("application/json;charset=utf-8", r#"{"return_code":"1000","return_msg":"失败"}"#),
        (true, Said::Stored) => {
            ("text/xml;charset=utf-8", r#"<Response service="RoutePushService"><Head>OK</Head></Response>"#)
        }
        (true, _) => ("text/xml;charset=utf-8", r#"<Response service="RoutePushService"><Head>ERR</Head></Response>"#),
    };
    let mut reply = Reply::new(Bytes::from_static(body.as_bytes()));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    reply
}
