//! Which orders changed.

use crate::api::{self, Answer};
use crate::manifest::LAG_S;
use crate::marketplace;
use huidan_channel::{Listed, Page};
use huidan_domain::Window;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Request, pairs, time, unreadable};

/// One page, in the platform's own order: its token for the next page stands for the list as it was when the first was
/// asked for, so nothing moves while it is read. Orders that the platform ships itself are left out.
pub(crate) fn list(call: &Call<'_>, window: Window, cursor: Option<&str>) -> Result<Next<Page>, CallError> {
    let Some(reply) = call.replies.first() else { return ask(call, window, cursor).map(Next::Send) };
    match api::payload(reply, Effect::Harmless)? {
        Answer::Given(payload) => page(&payload).map(Next::Done).map_err(|wrong| unreadable(&wrong, Effect::Harmless)),
        Answer::Refused(refused) => Err(refused.rejected()),
    }
}

fn ask(call: &Call<'_>, window: Window, cursor: Option<&str>) -> Result<Request, CallError> {
    let early = window.to.since(call.now.plus_seconds(-LAG_S));
    if early > 0 {
        // Leaving the end out would list less than the window, and nobody would ever ask for the rest.
        return Err(CallError::Transient {
            after_s: u32::try_from((early + 999) / 1000).ok(),
            detail: "亚马逊只列出两分钟以前的变化 / Amazon lists what changed two minutes ago and before".to_owned(),
        });
    }
    let marketplaces = marketplace::all(call)?.join(",");
    let (from, to) = (time::to_rfc3339(window.from), time::to_rfc3339(window.to));
    let query = match cursor {
        Some(token) => pairs::to_form([("MarketplaceIds", marketplaces.as_str()), ("NextToken", token)]),
        None => pairs::to_form([
            ("MarketplaceIds", marketplaces.as_str()),
            ("LastUpdatedAfter", from.as_str()),
            ("LastUpdatedBefore", to.as_str()),
            ("FulfillmentChannels", "MFN"),
            ("MaxResultsPerPage", "100"),
        ]),
    };
    api::get(call, &format!("/orders/v0/orders?{query}"), api::token(call)?)
}

fn page(payload: &Object<'_>) -> Result<Page, Wrong> {
    let orders = payload.need("Orders")?.list()?;
    let next = payload.text("NextToken")?;
    Ok(Page {
        orders: orders.iter().map(listed).collect::<Result<_, _>>()?,
        next: Some(next).filter(|token| !token.is_empty()),
    })
}

fn listed(order: &Json<'_>) -> Result<Listed, Wrong> {
    let order = order.object()?;
    let at = order.need("LastUpdateDate")?.rfc3339()?;
    Ok(Listed { ext_id: order.need("AmazonOrderId")?.id()?, updated_at: Some(at.0), document: None })
}
