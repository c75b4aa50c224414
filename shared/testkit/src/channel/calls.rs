pub(super) mod telling;

use super::{Fixtures, InAddress, Platform, shows_nothing_personal};
use crate::{drive, rejected, reply};
use bytes::Bytes;
use huidan_channel::{Channel, Confirmed, Page, Reading, StockOutcome};
use huidan_exchange::{Call, CallError, Next, Reply, Request};
use std::cell::Cell;
use std::fmt::Debug;

pub(super) fn check(
    channel: &impl Channel,
    fixtures: &Fixtures<'_>,
    platform: &Platform<'_>,
    in_address: Option<&InAddress<'_>>,
) {
    let suite = Suite { channel, fixtures, platform, in_address, excepted: Cell::new(0) };
    if channel.manifest().list.is_some() {
        suite.pages_are_all_listed();
        let window = platform.window;
        suite.faults("list", |call| channel.list(call, window, None), |page| !page.orders.is_empty());
    }
    suite.an_order_is_fetched();
    suite.faults("fetch", |call| channel.fetch(call, platform.known), |_| true);
    if let Some(shipment) = &platform.shipment {
        suite.a_shipment_is_told_once();
        let rules = channel.manifest().confirm.expect("who is told has rules for it");
        suite.carriers_are_taken_as_the_manifest_says(rules, shipment);
        suite.a_number_changes_as_the_manifest_says(rules, shipment);
        suite.faults("confirm", |call| channel.confirm(call, shipment), |_| true);
    }
    if !platform.levels.is_empty() {
        suite.stock_is_set();
        let all_set = |outcomes: &Vec<StockOutcome>| outcomes.iter().all(|outcome| *outcome == StockOutcome::Set);
        suite.faults("stock", |call| channel.stock(call, &platform.levels), all_set);
    }
    let needed = in_address.is_none() || suite.excepted.get() > 0;
    assert!(needed, "no address holds the credential that the exception is for");
}

struct Suite<'a, C> {
    channel: &'a C,
    fixtures: &'a Fixtures<'a>,
    platform: &'a Platform<'a>,
    in_address: Option<&'a InAddress<'a>>,
    /// How many addresses needed the exception.
    excepted: Cell<usize>,
}

impl<C: Channel> Suite<'_, C> {
    /// Runs an operation against `answer` and looks at every request on its way.
    fn run<T>(
        &self,
        operation: impl Fn(&Call<'_>) -> Result<Next<T>, CallError>,
        mut answer: impl FnMut(&Request) -> Reply,
    ) -> Result<T, CallError> {
        drive(&self.fixtures.caller, operation, |request| {
            self.a_request_goes_home(request);
            answer(request)
        })
    }

    /// A request goes to the shop's own address, and its address (which proxies log) holds no secret and no person.
    fn a_request_goes_home(&self, request: &Request) {
        let account = &self.fixtures.caller.account;
        let uri = request.uri().to_string();
        let home = account.base_url.as_deref().unwrap_or(&account.gateway);
        let at_home = account.origins.values().map(String::as_str).chain([home]).any(|origin| uri.starts_with(origin));
        assert!(at_home, "{uri} does not begin with {home}");
        let shown = self.without_the_exception(&uri);
        for field in self.channel.manifest().credentials {
            let secret = account.credentials.optional(field.name).filter(|value| value.len() > 5);
            assert!(secret.is_none_or(|secret| !shown.contains(secret)), "{} stands in an address", field.name);
        }
        shows_nothing_personal(self.fixtures, &uri, "the address of a request");
    }

    /// The address without the one credential that the platform wants in it, if it stands where it is wanted.
    fn without_the_exception(&self, uri: &str) -> String {
        let (Some(exception), Some((address, query))) = (self.in_address, uri.split_once('?')) else {
            return uri.to_owned();
        };
        let value = self.fixtures.caller.account.credentials.optional(exception.field).unwrap_or_default();
        let wanted = format!("{}={value}", exception.field);
        let mut pairs: Vec<&str> = query.split('&').collect();
        if let Some(at) = pairs.iter().position(|pair| *pair == wanted) {
            pairs.remove(at);
            self.excepted.set(self.excepted.get() + 1);
        }
        format!("{address}?{}", pairs.join("&"))
    }

    fn pages_are_all_listed(&self) {
        let mut answer = (self.platform.fresh)();
        let (mut seen, mut cursor, mut pages) = (Vec::new(), None::<String>, 0);
        loop {
            let list = |call: &Call<'_>| self.channel.list(call, self.platform.window, cursor.as_deref());
            let page: Page = self.run(list, &mut answer).expect("a page comes");
            pages += 1;
            assert!(pages < 50, "the list goes on for ever");
            for listed in page.orders {
                if let Some(document) = &listed.document {
                    let reading = self.channel.read(document).expect("a listed document reads");
                    assert!(matches!(reading, Reading::Order(facts) if facts.ext_id == listed.ext_id));
                }
                seen.push(listed.ext_id);
            }
            match page.next {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        assert!(pages > 1, "the list of the test has only one page");
        seen.sort();
        seen.dedup();
        let mut wanted = self.platform.listed.clone();
        wanted.sort_unstable();
        assert_eq!(seen, wanted, "the pages together are not the list");
    }

    fn an_order_is_fetched(&self) {
        let fetch = |id: &str| self.run(|call| self.channel.fetch(call, id), (self.platform.fresh)());
        let document = fetch(self.platform.known).expect("an order can be fetched").expect("the order is there");
        let reading = self.channel.read(&document).expect("a fetched document reads");
        assert!(matches!(reading, Reading::Order(facts) if facts.ext_id == self.platform.known));
        assert_eq!(fetch(self.platform.missing), Ok(None), "an order that is not there");
    }

    fn a_shipment_is_told_once(&self) {
        let Some(shipment) = &self.platform.shipment else { return };
        let mut answer = (self.platform.fresh)();
        let mut confirm = |shipment| self.run(|call| self.channel.confirm(call, shipment), &mut answer);
        assert_eq!(confirm(shipment), Ok(Confirmed::Told));
        assert_eq!(confirm(shipment), Ok(Confirmed::AlreadyThere), "a repeat is told a second time");
        let other = huidan_channel::Shipment {
            waybill: "OTHER12345678".into(),
            parcel: "another-parcel".into(),
            ..shipment.clone()
        };
        let refused = confirm(&other);
        assert_eq!(rejected(&refused), Some("already_shipped_elsewhere"), "{refused:?}");
    }

    fn stock_is_set(&self) {
        let levels = &self.platform.levels;
        let mut answer = (self.platform.fresh)();
        for _ in 0..2 {
            let outcomes = self.run(|call| self.channel.stock(call, levels), &mut answer);
            assert_eq!(outcomes, Ok(vec![StockOutcome::Set; levels.len()]), "stock is not set");
        }
    }

    /// Spoils each reply of an operation in turn: nothing but an explicit success is one, and every error says what to
    /// do next.
    fn faults<T: Debug>(
        &self,
        name: &str,
        operation: impl Fn(&Call<'_>) -> Result<Next<T>, CallError>,
        succeeded: impl Fn(&T) -> bool,
    ) {
        let steps = Cell::new(0_usize);
        let mut healthy = (self.platform.fresh)();
        let counted = |request: &Request| {
            steps.set(steps.get() + 1);
            healthy(request)
        };
        self.run(&operation, counted).unwrap_or_else(|error| panic!("{name}: {error}"));
        for step in 0..steps.get() {
            let spoil = |with: &dyn Fn(Reply) -> Reply| {
                let mut answer = (self.platform.fresh)();
                let at = Cell::new(0);
                let spoilt = |request: &Request| {
                    let good = answer(request);
                    at.set(at.get() + 1);
                    if at.get() == step + 1 { with(good) } else { good }
                };
                match self.run(&operation, spoilt) {
                    Ok(done) => {
                        if succeeded(&done) {
                            Ended::Well
                        } else {
                            Ended::WithNothing
                        }
                    }
                    Err(error) => {
                        shows_nothing_personal(self.fixtures, &format!("{error} {error:?}"), name);
                        Ended::Badly(error)
                    }
                }
            };
            statuses(name, step, &spoil);
            bodies(name, step, &spoil);
        }
    }
}

/// Another body. A yes that is said by having none (204) is spoilt by a status that has one: then only the body could
/// have said yes, and it does not.
fn spoilt_body(good: Reply, body: &'static str) -> Reply {
    let mut spoilt = good.map(|_| Bytes::from_static(body.as_bytes()));
    if spoilt.status() == http::StatusCode::NO_CONTENT {
        *spoilt.status_mut() = http::StatusCode::OK;
    }
    spoilt
}

/// How an operation with a spoilt reply ended.
#[derive(Debug, PartialEq, Eq)]
enum Ended {
    /// As if nothing had been spoilt.
    Well,
    /// With a result that says no.
    WithNothing,
    /// With an error.
    Badly(CallError),
}

/// Runs an operation with one reply changed so.
type Spoil<'a> = dyn Fn(&dyn Fn(Reply) -> Reply) -> Ended + 'a;

fn statuses(name: &str, step: usize, spoil: &Spoil<'_>) {
    for (status, kinds) in [
        (401, ["credentials", "credentials"]),
        (429, ["limited", "limited"]),
        (503, ["transient", "transient"]),
        (500, ["transient", "unknown"]),
        (504, ["transient", "unknown"]),
    ] {
        let ended = spoil(&|_| reply(status, r#"{"name":"王小明","message":"13800138000"}"#));
        let good = matches!(&ended, Ended::Badly(error) if kinds.contains(&error.kind()));
        assert!(good, "{name}, reply {step}: HTTP {status} gives {ended:?}");
    }
    let limited = spoil(&|_| {
        let mut reply = reply(429, "");
        reply.headers_mut().insert("retry-after", http::HeaderValue::from_static("7"));
        reply
    });
    let wait = Ended::Badly(CallError::Limited { after_s: Some(7) });
    assert_eq!(limited, wait, "{name}: the wait that was asked for");
}

fn bodies(name: &str, step: usize, spoil: &Spoil<'_>) {
    for body in ["", "<html>502</html>", "null", "{}", "[]", "{\"data\":null}", "\u{0}"] {
        let ended = spoil(&|good| spoilt_body(good, body));
        // A platform may say "no orders" so, and a first page may be asked for only to learn how many there are.
        let empty_list = name == "list" && body == "[]";
        assert!(ended != Ended::Well || empty_list, "{name}, reply {step}: {body:?} is taken for success");
    }
    let length = Cell::new(0);
    spoil(&|good| {
        length.set(good.body().len());
        good
    });
    for cut in 0..length.get() {
        let ended = spoil(&|good| good.map(|body| body.slice(..cut)));
        assert!(matches!(ended, Ended::Badly(_)), "{name}, reply {step}: cut at byte {cut} it is no error");
    }
}
