//! What every carrier's test would otherwise copy: a parcel, an account, readers of what was sent and of samples.

use crate::{Caller, account, reply};
use huidan_carrier::{Booked, Item, Paper, Parcel};
use huidan_domain::{Currency, Millis, Money, Party, Receiver};
use huidan_exchange::{Reply, Request, pairs};
use std::collections::BTreeMap;
use std::path::Path;

/// The claim of [`parcel`].
pub const CLAIM: &str = "01JDCLAIM0000000000000001A";

/// A parcel of one piece with every field set, to a receiver in clear.
pub fn parcel() -> Parcel {
    let sender = Party {
        name: "汇单茶仓".into(),
        phone: "0571-88888888".into(),
        province: "浙江省".into(),
        city: "杭州市".into(),
        district: "西湖区".into(),
        street: "龙井路 8 号".into(),
    };
    let receiver = Receiver {
        name: "王小明".into(),
        phone: "13800138000".into(),
        country: "CN".into(),
        province: "广东省".into(),
        city: "深圳市".into(),
        district: "南山区".into(),
        street: "粤海街道科技园一路 1 号".into(),
        postcode: "518000".into(),
        division: Some("440305".into()),
        ..Receiver::default()
    };
    Parcel {
        claim: CLAIM.into(),
        serial: None,
        service: String::new(),
        sender,
        receiver,
        channel: "corner-shop".into(),
        ext_ids: vec!["10001".into()],
        items: vec![
            Item { sku: "TEA-250".into(), title: "明前龙井 250g".into(), qty: 2 },
            Item { sku: "CUP-1".into(), title: "玻璃杯 & 杯垫".into(), qty: 1 },
        ],
        weight_g: 1250,
        value: Money::from_minor(25_600, Currency::CNY),
        remark: "轻放".into(),
        pieces: 1,
    }
}

/// The same parcel in several pieces.
pub fn pieces(pieces: u16) -> Parcel {
    Parcel { pieces, ..parcel() }
}

/// A receiver as a platform hands one over: name, phone and street sealed or masked, a token that opens them, and the
/// region of [`parcel`] in clear.
pub fn sealed([name, phone, street]: [&str; 3], token: &str) -> Receiver {
    Receiver {
        name: name.into(),
        phone: phone.into(),
        street: street.into(),
        postcode: String::new(),
        division: None,
        token: Some(token.into()),
        ..parcel().receiver
    }
}

/// A number of one piece with its routing, on paper that the hub draws.
pub fn booked(number: &str, routing: &str) -> Booked {
    Booked {
        number: number.into(),
        paper: Paper::Hub,
        routing: routing.into(),
        by: String::new(),
        children: Vec::new(),
        reference: String::new(),
    }
}

/// An account `c1` at that gateway with these credentials, at 2023-11-14 22:13:20 UTC.
pub fn caller(gateway: &str, credentials: &BTreeMap<String, String>) -> Caller {
    Caller { account: account("c1", gateway, credentials), now: Millis(1_700_000_000_000) }
}

/// A field of a form that was sent.
///
/// # Panics
/// When the form has none of that name.
pub fn field(request: &Request, name: &str) -> String {
    pairs::from_form(request.body(), name).unwrap_or_else(|| panic!("the form has a field {name}"))
}

/// A header that was sent.
///
/// # Panics
/// When there is none of that name.
pub fn head<'a>(request: &'a Request, name: &str) -> &'a str {
    let value = request.headers().get(name).unwrap_or_else(|| panic!("the request has a header {name}"));
    value.to_str().expect("a header is text")
}

/// The body that was sent, as text.
///
/// # Panics
/// When it is none.
pub fn text(request: &Request) -> String {
    String::from_utf8(request.body().to_vec()).expect("what is sent is UTF-8")
}

/// A sample of the test's own folder `tests/samples` as an answer with status 200; the file's last line end does not
/// count.
///
/// # Panics
/// When there is no such file.
pub fn sample(name: &str) -> Reply {
    reply(200, sample_text(name))
}

/// The same as text.
///
/// # Panics
/// When there is no such file.
pub fn sample_text(name: &str) -> String {
    let file = Path::new("tests/samples").join(name);
    let read = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    read.trim_end().to_owned()
}
