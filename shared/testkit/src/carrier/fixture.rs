//! What every carrier's test would otherwise copy: a parcel, an account, readers of what was sent and of samples.

use crate::{Caller, reply};
use huidan_carrier::{Item, Parcel};
use huidan_domain::{Currency, Millis, Money, Party, Receiver};
use huidan_exchange::{Account, Credentials, Reply, Request, pairs};
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
        token: None,
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

/// An account `c1` at that gateway with these credentials, at 2023-11-14 22:13:20 UTC.
pub fn caller(gateway: &str, credentials: &BTreeMap<String, String>) -> Caller {
    let account = Account {
        id: "c1".into(),
        gateway: gateway.into(),
        base_url: None,
        origins: BTreeMap::new(),
        credentials: Credentials::new(credentials.clone()),
    };
    Caller { account, now: Millis(1_700_000_000_000) }
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

/// A sample answer with status 200; the file's last line end does not count.
///
/// # Panics
/// When there is no such file.
pub fn sample(file: impl AsRef<Path>) -> Reply {
    reply(200, sample_text(file))
}

/// A sample as text; the file's last line end does not count.
///
/// # Panics
/// When there is no such file.
pub fn sample_text(file: impl AsRef<Path>) -> String {
    let file = file.as_ref();
    let read = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    read.trim_end().to_owned()
}

/// Names and values as an account's credentials.
pub fn values<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}
