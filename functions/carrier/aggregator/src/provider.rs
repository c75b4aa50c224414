//! Which service an account works with.

use crate::{aftership, easypost, track17, trackingmore};
use huidan_carrier::common::one_by_one;
use huidan_carrier::{Scan, Tracked};
use huidan_exchange::{Call, CallError, Credentials, Next};

/// A service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Provider {
    EasyPost,
    AfterShip,
    Track17,
    TrackingMore,
}

impl Provider {
    /// The account's.
    pub(crate) fn of(credentials: &Credentials) -> Result<Self, CallError> {
        match credentials.need("provider")? {
            "easypost" => Ok(Self::EasyPost),
            "aftership" => Ok(Self::AfterShip),
            "17track" => Ok(Self::Track17),
            "trackingmore" => Ok(Self::TrackingMore),
            _ => Err(CallError::Credentials {
                field: "provider".to_owned(),
                detail: "应为 easypost、aftership、17track 或 trackingmore / must be one of these".to_owned(),
            }),
        }
    }
}

pub(crate) fn track(call: &Call<'_>, parcels: &[Tracked]) -> Result<Next<Vec<Scan>>, CallError> {
    let provider = Provider::of(&call.account.credentials)?;
    if provider == Provider::EasyPost {
        return one_by_one(call, parcels, |parcel| easypost::ask(call, parcel), |_, reply| easypost::listed(reply));
    }
    let Some(reply) = call.replies.first() else {
        return match provider {
            Provider::AfterShip => aftership::ask(call, parcels),
            Provider::Track17 => track17::ask(call, parcels),
            Provider::TrackingMore | Provider::EasyPost => trackingmore::ask(call, parcels),
        }
        .map(Next::Send);
    };
    match provider {
        Provider::AfterShip => aftership::listed(reply),
        Provider::Track17 => track17::listed(reply),
        Provider::TrackingMore | Provider::EasyPost => trackingmore::listed(reply),
    }
    .map(Next::Done)
}

/// Where the pushes go is set on the service's console, once for all.
pub(crate) fn subscribe(call: &Call<'_>, parcel: &Tracked) -> Result<Next<()>, CallError> {
    let provider = Provider::of(&call.account.credentials)?;
    let Some(reply) = call.replies.first() else {
        return match provider {
            Provider::EasyPost => easypost::watch(call, parcel),
            Provider::AfterShip => aftership::watch(call, parcel),
            Provider::Track17 => track17::watch(call, parcel),
            Provider::TrackingMore => trackingmore::watch(call, parcel),
        }
        .map(Next::Send);
    };
    match provider {
        Provider::EasyPost => easypost::watched(reply),
        Provider::AfterShip => aftership::watched(reply),
        Provider::Track17 => track17::watched(reply),
        Provider::TrackingMore => trackingmore::watched(reply),
    }
    .map(Next::Done)
}
