//! Marketplaces and the money that is paid there.

use huidan_domain::Currency;
use huidan_exchange::{Call, CallError};

/// The published ids.
const CURRENCIES: &[(&str, &str)] = &[
    ("ATVPDKIKX0DER", "USD"),
    ("A2EUQ1WTGCTBG2", "CAD"),
    ("A1AM78C64UM0Y8", "MXN"),
    ("A2Q3Y263D00KWC", "BRL"),
    ("A1F83G8C2ARO7P", "GBP"),
    ("A1PA6795UKMFR9", "EUR"),
    ("A13V1IB3VIYZZH", "EUR"),
    ("APJ6JRA9NG5V4", "EUR"),
    ("A1RKKUPIHCS9HS", "EUR"),
    ("A1805IZSGTT6HS", "EUR"),
    ("AMEN7PMS3EDWL", "EUR"),
    ("A28R8C7NBKEWEA", "EUR"),
    ("A2NODRKZP88ZB9", "SEK"),
    ("A1C3SOZRARQ6R3", "PLN"),
    ("A33AVAJ2PDY3EV", "TRY"),
    ("A2VIGQ35RCS4UG", "AED"),
    ("A17E79C6D8DWNP", "SAR"),
    ("ARBP9OOSHTCHU", "EGP"),
    ("AE08WJ6YKNBMC", "ZAR"),
    ("A21TJRUUN4KGV", "INR"),
    ("A19VAU5U5O7RUS", "SGD"),
    ("A39IBJ37TRP1C6", "AUD"),
    ("A1VC38T7YXB528", "JPY"),
];

/// What is paid with at a marketplace; ISO 4217's "no currency" where it is not known.
pub(crate) fn currency(marketplace: &str) -> Option<Currency> {
    let code = CURRENCIES.iter().find(|(id, _)| *id == marketplace).map_or("XXX", |(_, code)| *code);
    Currency::parse(code).ok()
}

/// The marketplaces of a shop.
pub(crate) fn all<'a>(call: &Call<'a>) -> Result<Vec<&'a str>, CallError> {
    let set = call.account.credentials.need("marketplace_ids")?;
    Ok(set.split([',', '，']).map(str::trim).filter(|id| !id.is_empty()).collect())
}

/// The first marketplace of a shop.
pub(crate) fn first<'a>(call: &Call<'a>) -> Result<&'a str, CallError> {
    all(call)?.first().copied().ok_or_else(|| CallError::Credentials {
        field: "marketplace_ids".to_owned(),
        detail: "未填写站点编号 / no marketplace id is set".to_owned(),
    })
}
