//! The parcels that the platform knows of an order. The older interface does not tell them, its successor does.

use crate::api::{self, Answer};
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Reply, Request, unreadable};
use std::collections::BTreeMap;

/// One parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    /// The seller's number of it within the order.
    pub(crate) reference: String,
    /// The waybill number.
    pub(crate) number: String,
    /// How many of which item it holds.
    items: Vec<(String, u32)>,
}

/// What the platform says of an order's parcels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// Where it was sold.
    pub(crate) marketplace: String,
    /// Whether the order ended without leaving.
    pub(crate) cancelled: bool,
    /// Those that are not cancelled.
    pub(crate) packages: Vec<Package>,
    /// How many of each item were ordered.
    ordered: BTreeMap<String, u32>,
}

/// The request for them.
pub(crate) fn ask(call: &Call<'_>, ext_id: &str) -> Result<Request, CallError> {
    let path = format!("/orders/2026-01-01/orders/{}?includedData=FULFILLMENT,PACKAGES", api::in_path(ext_id));
    api::get(call, &path, api::token(call)?)
}

/// The parcels as the platform wrote them, and read; `None` where this interface is not open to the application or
/// does not know the order.
pub(crate) fn answered(reply: &Reply) -> Result<Option<(String, Known)>, CallError> {
    let body = match api::answer(reply, Effect::Harmless) {
        Ok(Answer::Given(body)) => body,
        Ok(Answer::Refused(_)) => return Ok(None),
        Err(CallError::Credentials { field, .. }) if field == "client_id" => return Ok(None),
        Err(error) => return Err(error),
    };
    let order = body.need("order").and_then(|order| order.object());
    let read = order.and_then(|order| {
        let raw = order.get("packages").map_or_else(|| "[]".to_owned(), |packages| packages.raw().to_owned());
        Ok(Some((raw, Known::of(&order)?)))
    });
    read.map_err(|wrong| unreadable(&wrong, Effect::Harmless))
}

/// The numbers of parcels that are not cancelled, each once.
pub(crate) fn numbers(order: &Object<'_>) -> Result<Vec<String>, Wrong> {
    let mut numbers: Vec<String> = Vec::new();
    for package in packages(order)? {
        if !package.number.is_empty() && !numbers.contains(&package.number) {
            numbers.push(package.number);
        }
    }
    Ok(numbers)
}

fn packages(order: &Object<'_>) -> Result<Vec<Package>, Wrong> {
    let mut known = Vec::new();
    for package in order.list("packages")? {
        let package = package.object()?;
        if package.object("packageStatus")?.text("status")? == "CANCELLED" {
            continue;
        }
        let item = |item: Object<'_>| Ok((item.need("orderItemId")?.id()?, item.need("quantity")?.whole()?));
        let items = package.list("packageItems")?;
        known.push(Package {
            reference: package.id("packageReferenceId")?,
            number: package.text("trackingNumber")?.trim().to_owned(),
            items: items.iter().map(|one| one.object().and_then(item)).collect::<Result<_, _>>()?,
        });
    }
    Ok(known)
}

impl Known {
    fn of(order: &Object<'_>) -> Result<Self, Wrong> {
        let mut ordered = BTreeMap::new();
        for item in order.list("orderItems")? {
            let item = item.object()?;
            ordered.insert(item.need("orderItemId")?.id()?, item.need("quantityOrdered")?.whole()?);
        }
        let marketplace = order.object("salesChannel")?.text("marketplaceId")?;
        let cancelled = order.object("fulfillment")?.text("fulfillmentStatus")? == "CANCELLED";
        Ok(Self { marketplace, cancelled, packages: packages(order)?, ordered })
    }

    /// The parcel with this number.
    pub(crate) fn find(&self, number: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.number.eq_ignore_ascii_case(number.trim()))
    }

    /// Whether so many of an item are left to ship, beside what lies in parcels other than `but`.
    pub(crate) fn has_left(&self, item: &str, qty: u32, but: &str) -> bool {
        let Some(&ordered) = self.ordered.get(item) else { return true };
        let others = self.packages.iter().filter(|package| package.reference != but).flat_map(|package| &package.items);
        let shipped: u64 = others.filter(|(id, _)| id == item).map(|(_, qty)| u64::from(*qty)).sum();
        shipped + u64::from(qty) <= u64::from(ordered)
    }
}
