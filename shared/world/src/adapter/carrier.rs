use super::{answered, drive, inbox_keys, no_account};
use crate::account::Home;
use crate::{Incoming, Outgoing, World, account, serve};
use http::{Method, StatusCode};
use huidan_carrier::{Carrier, Intercept, Parcel, Scan, ScanKind, Tracked, UnknownOutcome};
use huidan_channel::Channel;
use huidan_domain::WaybillNo;
use huidan_exchange::{Account, Call, CallError, Next, Refusal, Said, Webhook, sign};
use huidan_store::StoreError;
use huidan_store::inbox::{self, Arrival, Tray};
use huidan_wire::call::{
    Answer, CancelNumber, CarrierManifest, CredentialField, For, InterceptParcel, UpdateParcel, Watch,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;

/// Who can renew the token that a carrier account works with.
pub trait Renews {
    /// Has the token of a shop renewed; whether there is a new one.
    fn renewed<W: World>(&self, world: &W, shop: &str) -> impl Future<Output = bool>;
}

/// Nobody: a carrier's own credentials hold for good.
impl Renews for () {
    async fn renewed<W: World>(&self, _world: &W, _shop: &str) -> bool {
        false
    }
}

/// The channel of the shop that lends its rights to the platform's own waybill service.
pub struct Lender<'a, C>(pub &'a C);

impl<C: Channel> Renews for Lender<'_, C> {
    async fn renewed<W: World>(&self, world: &W, shop: &str) -> bool {
        let Ok(Some(shop)) = super::channel::shop_of(world, self.0, shop).await else { return false };
        self.0.manifest().tokens.is_some() && super::grant::renewed(world, self.0, &shop).await.is_ok()
    }
}

/// Serves a carrier: its pushes under `/track/<carrier>/<account>[/<secret>]`, and the conductor's calls under `/waybill/`.
pub async fn carrier<W: World, C: Carrier>(
    world: &W,
    request: Incoming,
    carrier: &C,
    renews: &impl Renews,
) -> Outgoing {
    let path = request.uri().path().to_owned();
    match path.strip_prefix("/waybill/") {
        Some(operation) => match serve::private(world, &request).await {
            Ok(()) => call(world, operation, &request, carrier, renews).await,
            Err(refused) => refused,
        },
        None => push(world, &path, request, carrier).await,
    }
}

async fn push<W: World, C: Carrier>(world: &W, path: &str, request: Incoming, carrier: &C) -> Outgoing {
    let headers = request.headers().clone();
    let mut account = None;
    let said = match taken(world, path, request, carrier, &mut account).await {
        Ok(said) => said,
        Err(error) => {
            world.log(format_args!("push not stored: {error}"));
            Said::Busy
        }
    };
    carrier.answer_for(&said, &headers, account.as_ref(), world.moment().now)
}

/// The address of a push whose sender proves itself by the secret at its end.
fn with_secret(secret_path: bool, account: &Account, push_to: &str) -> Result<String, CallError> {
    if !secret_path {
        return Ok(push_to.to_owned());
    }
    Ok(format!("{}/{}", push_to.trim_end_matches('/'), account.credentials.need("push_secret")?))
}

/// Longest push taken, in bytes: ten nodes of a route are a few kilobytes.
const PUSH_LIMIT: usize = 1 << 20;

async fn taken<W: World, C: Carrier>(
    world: &W,
    path: &str,
    request: Incoming,
    carrier: &C,
    proven: &mut Option<Account>,
) -> Result<Said, StoreError> {
    if request.body().len() > PUSH_LIMIT {
        return Ok(Said::TooLarge);
    }
    let manifest = carrier.manifest();
    let mut segments = path.split('/').skip(3);
    let id = segments.next().unwrap_or_default();
    let Some(account) = account_of(world, carrier, id).await? else {
        return Ok(Said::Refused(Refusal::UnknownAccount));
    };
    let asked = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let secret = segments.next().map(str::to_owned);
    let (parts, body) = request.into_parts();
    let verified =
        carrier.verify(Webhook::new(asked, parts.headers, body), &account, secret.as_deref(), world.moment().now);
    let push = match verified {
        Ok(push) => push,
        Err(refusal) => return Ok(Said::Refused(refusal)),
    };
    let account = &*proven.insert(account);
    let mut scans = match carrier.read(&push) {
        Ok(scans) => scans,
        Err(sentence) => return Ok(Said::Malformed(sentence)),
    };
    // News that a watch has ended bears no time where nothing was ever heard of the number: it is true from now on.
    for scan in scans.iter_mut().filter(|scan| scan.kind == ScanKind::Unwatched && scan.at.0 == 0) {
        scan.at = world.moment().now;
    }
    let arrivals = scans.iter().map(arrival).collect::<Result<Vec<_>, _>>()?;
    if arrivals.is_empty() {
        return Ok(Said::Stored);
    }
    let keys = inbox_keys(world).await?;
    let tray = Tray { kind: "scan", source: manifest.id };
    let new = world.edge(async |db| inbox::take(db, world.moment(), &keys, tray, &account.id, &arrivals).await).await?;
    if new > 0 {
        world.wake("flow-track", manifest.id);
    }
    Ok(Said::Stored)
}

/// One arrival per scan: the same scan in two pushes is taken once.
fn arrival(scan: &Scan) -> Result<Arrival, StoreError> {
    let body = serde_json::to_vec(scan).map_err(|error| StoreError::Unknown(error.to_string()))?;
    let event_id = match scan.event_id.as_str() {
        "" => sign::hex(&sign::sha256(&[&body])),
        id => format!("{}/{id}", scan.number),
    };
    Ok(Arrival { event_id, topic: "scan".into(), ext_id: scan.number.clone(), complete: true, body })
}

async fn account_of<W: World, C: Carrier>(world: &W, carrier: &C, id: &str) -> Result<Option<Account>, StoreError> {
    let manifest = carrier.manifest();
    let home = Home { adapter: manifest.id, gateway: [manifest.gateway, manifest.sandbox], origins: manifest.origins };
    account::load(world, "carrier", home, id).await
}

async fn call<W: World, C: Carrier>(
    world: &W,
    operation: &str,
    request: &Incoming,
    carrier: &C,
    renews: &impl Renews,
) -> Outgoing {
    if request.method() != Method::POST {
        return serve::text(StatusCode::METHOD_NOT_ALLOWED, "POST");
    }
    let per = PerSubject { world, request, carrier, renews };
    let outcome = match operation {
        "book" => per.each(|call, parcel: &Parcel| carrier.book(call, parcel)).await,
        "query" => per.each(|call, parcel: &Parcel| carrier.query(call, parcel)).await,
        "cancel" => {
            let cancel = |call: &Call<'_>, gone: &CancelNumber| {
                carrier.cancel_by(call, &number(&gone.number)?, &gone.claim, &gone.reference)
            };
            per.each(cancel).await
        }
        "update" => {
            let update = |call: &Call<'_>, changed: &UpdateParcel<Parcel>| {
                carrier.update(call, &number(&changed.number)?, &changed.parcel)
            };
            per.each(update).await
        }
        "price" => per.each(|call, parcel: &Parcel| carrier.price(call, parcel)).await,
        // a list of one empty subject, so that a borrowed token is renewed here too
        "balance" => per.each(|call, (): &()| carrier.balance(call)).await,
        "track" => track(world, request, carrier).await,
        "subscribe" => {
            let subscribe = |call: &Call<'_>, watch: &Watch<Tracked>| {
                let push_to = with_secret(carrier.manifest().secret_path, call.account, &watch.push_to)?;
                carrier.subscribe(call, &watch.parcel, &push_to)
            };
            per.each(subscribe).await
        }
        "intercept" => {
            let intercept = |call: &Call<'_>, parcel: &InterceptParcel<Intercept>| {
                carrier.intercept(call, &number(&parcel.number)?, &parcel.claim, &parcel.wish)
            };
            per.each(intercept).await
        }
        "manifest" => Ok(serve::json(StatusCode::OK, &described(carrier))),
        _ => Err(serve::text(StatusCode::NOT_FOUND, "no such operation")),
    };
    outcome.unwrap_or_else(|refused| refused)
}

async fn track<W: World, C: Carrier>(world: &W, request: &Incoming, carrier: &C) -> Result<Outgoing, Outgoing> {
    let asked: For<Vec<Tracked>> = serve::body(request)?;
    let account = account_of(world, carrier, &asked.account).await.map_err(|error| serve::store_failed(&error))?;
    let odd = asked.subject.iter().find_map(|parcel| number(&parcel.number).err());
    let answer = match (account, odd) {
        (None, _) => Answer::Failed(no_account(&asked.account)),
        (Some(_), Some(error)) => answered(Err(error)),
        (Some(account), None) => {
            answered(drive(world, &account, None, |call| carrier.track(call, &asked.subject)).await)
        }
    };
    Ok(serve::json(StatusCode::OK, &answer))
}

fn number(text: &str) -> Result<WaybillNo, CallError> {
    WaybillNo::parse(text).map_err(|text| CallError::Rejected {
        code: "not_a_number".into(),
        remedy: format!("{text:?} 不是运单号 / is no waybill number"),
    })
}

/// A call of an operation that takes a list of subjects, each answered on its own: a batch shares the cost of the call,
/// never the fate.
struct PerSubject<'a, W, C, R> {
    world: &'a W,
    request: &'a Incoming,
    carrier: &'a C,
    renews: &'a R,
}

impl<W: World, C: Carrier, R: Renews> PerSubject<'_, W, C, R> {
    /// Runs the operation for each subject. A borrowed token that turns out to have ended is renewed by its lender, and
    /// what it was refused for is tried once more: who refuses the token has done nothing.
    async fn each<S: DeserializeOwned, T: Serialize>(
        &self,
        operation: impl Fn(&Call<'_>, &S) -> Result<Next<T>, CallError>,
    ) -> Result<Outgoing, Outgoing> {
        let &Self { world, request, carrier, renews } = self;
        let For { account, subject: subjects }: For<Vec<S>> = serve::body(request)?;
        let load = async || account_of(world, carrier, &account).await.map_err(|error| serve::store_failed(&error));
        let Some(found) = load().await? else {
            let none: Vec<Answer<T>> = subjects.iter().map(|_| Answer::Failed(no_account(&account))).collect();
            return Ok(serve::json(StatusCode::OK, &none));
        };
        let calls = subjects.iter().map(|subject| drive(world, &found, None, |call| operation(call, subject)));
        let mut outcomes = futures::future::join_all(calls).await;
        let ended = |outcome: &Result<T, CallError>| matches!(outcome, Err(CallError::Credentials { field, .. }) if field == "access_token");
        if outcomes.iter().any(ended)
            && let Some(shop) = found.credentials.optional("shop")
            && renews.renewed(world, shop).await
            && let Some(found) = load().await?
        {
            for (outcome, subject) in outcomes.iter_mut().zip(&subjects).filter(|(outcome, _)| ended(outcome)) {
                *outcome = drive(world, &found, None, |call| operation(call, subject)).await;
            }
        }
        let answers: Vec<Answer<T>> = outcomes.into_iter().map(answered).collect();
        Ok(serve::json(StatusCode::OK, &answers))
    }
}

fn described<C: Carrier>(carrier: &C) -> CarrierManifest {
    let manifest = carrier.manifest();
    CarrierManifest {
        id: manifest.id.into(),
        zh: manifest.zh.into(),
        en: manifest.en.into(),
        unknown_outcome: match manifest.unknown_outcome {
            UnknownOutcome::Query => "query",
            UnknownOutcome::SafeRepeat => "safe_repeat",
            UnknownOutcome::Person => "person",
        }
        .into(),
        needs_serial: manifest.needs_serial,
        takes_tokens_of: manifest.takes_tokens_of.iter().map(|&id| id.to_owned()).collect(),
        pushes: manifest.pushes,
        secret_path: manifest.secret_path,
        track_batch: manifest.track_batch,
        books: manifest.books,
        watches_others: manifest.watches_others,
        subscribes: manifest.subscribes,
        updates: manifest.updates,
        prices: manifest.prices,
        balances: manifest.balances,
        intercepts: manifest.intercepts,
        reclaim_days: manifest.reclaim_days,
        most_pieces: manifest.most_pieces,
        credentials: manifest.credentials.iter().map(credential).collect(),
    }
}

fn credential(field: &huidan_carrier::CredentialField) -> CredentialField {
    CredentialField { name: field.name.into(), needed: field.needed, zh: field.zh.into(), en: field.en.into() }
}
