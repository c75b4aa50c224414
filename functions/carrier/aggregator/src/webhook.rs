//! The pushes. Each service signs in a header of its own, by which its push is also known again when it is read; the
//! secret at the end of the address is wanted from all of them, since one of them does not sign what it says.

use crate::provider::Provider;
use crate::{aftership, easypost, sign, track17, trackingmore};
use huidan_carrier::Scan;
use huidan_carrier::common::{JSON, acknowledged};
use huidan_exchange::json::{Json, Wrong};
use huidan_exchange::{Account, Refusal, Reply, Said, Unverified, Verified, Webhook, sign::same};

/// Whose header bears the signature.
fn signer<Trust>(push: &Webhook<Trust>) -> Option<(Provider, &str)> {
    [
        ("x-hmac-signature", Provider::EasyPost),
        ("aftership-hmac-sha256", Provider::AfterShip),
        ("sign", Provider::Track17),
        ("signature", Provider::TrackingMore),
    ]
    .into_iter()
    .find_map(|(name, provider)| push.header(name).map(|value| (provider, value)))
}

/// Compares the path's secret and the signature; both must be right, and the service the account's own.
pub(crate) fn verify(
    push: Webhook<Unverified>,
    account: &Account,
    secret: Option<&str>,
) -> Result<Webhook<Verified>, Refusal> {
    let wrong = |_| Refusal::Signature;
    let credentials = &account.credentials;
    let path = credentials.optional("push_secret").unwrap_or_default();
    same(path, secret.unwrap_or_default()).ok_or(Refusal::Signature)?;
    let provider = Provider::of(credentials).map_err(wrong)?;
    let (signer, given) = signer(&push).filter(|(signer, _)| *signer == provider).ok_or(Refusal::Signature)?;
    let key = match signer {
        Provider::Track17 => "api_key",
        Provider::EasyPost | Provider::AfterShip | Provider::TrackingMore => "webhook_secret",
    };
    let (key, body) = (credentials.need(key).map_err(wrong)?, push.signed_bytes());
    let expected = match signer {
        Provider::EasyPost => sign::easypost(key, body),
        Provider::AfterShip => sign::aftership(key, body),
        Provider::Track17 => sign::track17(key, body),
        Provider::TrackingMore => sign::trackingmore(key, push.header("timestamp").ok_or(Refusal::Signature)?),
    };
    let proof = same(&expected, given).ok_or(Refusal::Signature)?;
    Ok(push.accept(proof))
}

/// The scans of a push.
pub(crate) fn read(push: &Webhook<Verified>) -> Result<Vec<Scan>, String> {
    let (signer, _) = signer(push).ok_or("no service's header")?;
    pushed(signer, push.body()).map_err(|wrong| wrong.to_string())
}

fn pushed(signer: Provider, body: &[u8]) -> Result<Vec<Scan>, Wrong> {
    let push = Json::parse(body)?.object()?;
    match signer {
        Provider::EasyPost => easypost::pushed(&push),
        Provider::AfterShip => aftership::pushed(&push),
        Provider::Track17 => track17::pushed(&push),
        Provider::TrackingMore => trackingmore::pushed(&push),
    }
}

/// Every service looks at the status alone.
pub(crate) fn answer(said: &Said) -> Reply {
    acknowledged(said, JSON, r#"{"ok":true}"#, r#"{"ok":false}"#)
}
