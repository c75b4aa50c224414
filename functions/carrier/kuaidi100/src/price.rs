//! `price`: what the carrier's products would cost for the parcel.

use crate::api::{self, Answer};
use crate::company;
use huidan_carrier::common::private;
use huidan_carrier::{Parcel, Quote};
use huidan_domain::Currency;
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, unreadable};
use serde_json::json;

pub(crate) fn price(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Vec<Quote>>, CallError> {
    let Some(reply) = call.replies.first() else {
        let (from, to) = (&parcel.sender, &parcel.receiver);
        let area = |parts: [&String; 3]| parts.map(String::as_str).concat();
        let grams = parcel.weight_g.max(1000);
        let param = json!({
            "kuaidicom": company::booking(&call.account.credentials)?,
            "sendAddr": area([&from.province, &from.city, &from.district]),
            "recAddr": area([&to.province, &to.city, &to.district]),
            "weight": format!("{}.{:03}", grams / 1000, grams % 1000),
        });
        return api::label(call, "price", &param).map(Next::Send);
    };
    match api::labelled(reply, Effect::Harmless, &private(parcel))? {
        Answer::Given(answer) => quotes(&answer).map(Next::Done).map_err(|wrong| unreadable(&wrong, Effect::Harmless)),
        Answer::Refused { code, words } => Err(api::refused(code, &words)),
    }
}

fn quotes(answer: &Object<'_>) -> Result<Vec<Quote>, Wrong> {
    let combos = answer.need("data")?.object()?.need("combos")?.list()?;
    let mut quotes = combos.iter().map(|combo| quote(&combo.object()?)).collect::<Result<Vec<_>, _>>()?;
    quotes.sort_by_key(|quote| quote.price.amount);
    Ok(quotes)
}

fn quote(combo: &Object<'_>) -> Result<Quote, Wrong> {
    let product = combo.text("expType")?;
    let price = combo.need("price")?.money(Currency::CNY)?;
    Ok(Quote { service: product.clone(), title: product, price, days: None })
}
