//! A house whose providers of notices are simulated, under a clock that moves when told.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what goes wrong in a helper ends the test")]

use bytes::Bytes;
use http::{Method, StatusCode};
use huidan_exchange::sign;
use huidan_platforms::{Fault, NoticeSeen, Options, Platform, Still, When};
use huidan_store::notices::{News, tell};
use huidan_store::schema::Which;
use huidan_store::{Db, Keyring, samples};
use huidan_testkit::world::{START, TestWorld};
use huidan_world::{SendError, World, adapter, put_access};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::rc::Rc;

/// An hour, in milliseconds.
pub const HOUR: i64 = 3_600_000;

pub struct House {
    pub world: TestWorld,
    pub still: Rc<Still>,
}

impl House {
    pub async fn new() -> Self {
        let world = TestWorld::bare(5);
        world.set("admin_token", "owner");
        let mut options = Options::default();
        let places = ["number", "carrier", "order"].map(str::to_owned).to_vec();
        options.sms.templates.push(("SMS_100010".to_owned(), places));
        let still = Rc::new(Still::new(options, START.0));
        let house = Self { world, still };
        house.furnish();
        house.tick().await;
        samples::house(&house.world.connection(Which::Main)).await.unwrap();
        house
    }

    fn furnish(&self) {
        let world = &self.world;
        macro_rules! way {
            ($id:literal, $notice:expr) => {
                world.component(concat!("notify-", $id), async |world, request| {
                    adapter::notice(&world, request, &$notice).await
                });
                world.set(concat!($id, "_url"), concat!("http://", $id, ".sim"));
            };
        }
        way!("sms", notify_sms::Sms);
        way!("wecom", notify_wecom::Wecom);
        way!("dingtalk", notify_dingtalk::Dingtalk);
        way!("feishu", notify_feishu::Feishu);
        way!("email", notify_email::Email);
        way!("webhook-out", notify_webhook_out::WebhookOut);
        world.set("allow_private_hosts", "http://webhook-out.sim");
        world.component("console-api", async |world, request| console_api::serve(&world, request).await);
        world.component("flow-clock", async |world, request| flow_clock::serve(&world, request).await);
        world.component("flow-notify", async |world, request| flow_notify::serve(&world, request).await);
        let (still, clock) = (Rc::clone(&self.still), world.clone());
        world.outside(async move |mut request| {
            still.set_now(clock.moment().now.0);
            let host = request.uri().host().unwrap().parse().unwrap();
            request.headers_mut().insert("host", host);
            still.answer(request).ok_or(SendError::Lost)
        });
    }

    /// A heartbeat, and everything that it wakes.
    pub async fn tick(&self) {
        let tick = http::Request::get("http://house/tick").body(Bytes::new()).unwrap();
        assert_eq!(self.world.request("flow-clock", tick).await.status(), StatusCode::OK);
        self.world.settle().await;
    }

    /// Lets time pass, with a heartbeat now and then.
    pub async fn passes(&self, ms: i64, every: i64) {
        let end = self.world.moment().now.0 + ms;
        while self.world.moment().now.0 < end {
            self.world.pass(every.min(end - self.world.moment().now.0)).await;
            self.tick().await;
        }
    }

    /// Long enough for what gathers.
    pub async fn a_moment(&self) {
        self.tick().await;
        self.passes(6_000, 6_000).await;
    }

    pub async fn ask(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        let request = http::Request::builder().method(method).uri(format!("http://house/api/v1/{path}"));
        let request = request.header("authorization", "Bearer owner").body(body).unwrap();
        let answer = self.world.request("console-api", request).await;
        (answer.status(), serde_json::from_slice(answer.body()).unwrap_or_default())
    }

    pub async fn does(&self, method: Method, path: &str, body: Value) -> Value {
        let (status, said) = self.ask(method, path, body).await;
        assert!(status.is_success(), "{path}: {status} {said}");
        said
    }

    pub async fn get(&self, path: &str) -> Value {
        self.does(Method::GET, path, Value::Null).await
    }

    /// A way by one of the providers, that takes everything.
    pub async fn way(&self, provider: &str, audience: &str) {
        let options = Options::default();
        let credentials = match provider {
            "sms" => json!({"access_key_id": options.sms.access_key_id, "sign_name": "汇单",
                "access_key_secret": options.sms.access_key_secret, "phones": "13800138001"}),
            "wecom" => json!({"key": options.wecom.token}),
            "dingtalk" => json!({"access_token": options.dingtalk.token, "secret": options.dingtalk.secret}),
            "feishu" => json!({"token": options.feishu.token, "secret": options.feishu.secret}),
            _ => json!({"api_key": options.email.api_key, "from": options.email.from, "to": "li@example.com"}),
        };
        let way = json!({"id": provider, "provider": provider, "name": provider, "audience": audience,
            "takes": ["*"], "credentials": credentials});
        self.does(Method::POST, "notice-ways", way).await;
    }

    /// Another system, whose secret the simulated receiver trusts.
    pub async fn webhook(&self) {
        let new = json!({"id": "erp", "name": "ERP", "url": "http://webhook-out.sim/hooks", "takes": ["*"]});
        let made = self.does(Method::POST, "webhooks", new).await;
        assert!(made["secret"].as_str().unwrap().starts_with("whsec_"), "{made}");
        let known = Options::default().webhook_out.secrets.remove(0);
        let values = BTreeMap::from([("secret".to_owned(), known)]);
        let keys = Keyring::parse(&sign::base64(&[2; 32])).unwrap();
        let (edge, moment) = (self.world.connection(Which::Edge), self.world.moment());
        let url = Some("http://webhook-out.sim/hooks");
        put_access(&edge, moment, &keys, "notice", "erp", "webhook-out", "live", url, &values).await.unwrap();
    }

    /// Something happened, that many times.
    pub async fn happens(&self, topic: &str, keys: std::ops::Range<u32>) {
        let all: Vec<(String, String)> = keys.map(|nth| (format!("{topic}/{nth}"), format!("p{nth}"))).collect();
        let news: Vec<News<'_>> = all
            .iter()
            .map(|(key, id)| News {
                key,
                topic,
                entity: "package",
                id,
                shop: "s1",
                facts: json!({"number": format!("SF{id}"), "carrier": "sf"}),
            })
            .collect();
        tell(&self.world.connection(Which::Main), self.world.moment(), &news).await.unwrap();
    }

    /// A provider misbehaves.
    pub fn fault(&self, at: Platform, fault: Fault) {
        self.still.set_now(self.world.moment().now.0);
        self.still.running().fault(at, fault);
    }

    /// What a provider accepted, repeats that it knew left out.
    pub fn seen(&self, at: Platform) -> Vec<NoticeSeen> {
        let all = self.still.running().ledger().notices;
        all.into_iter().filter(|notice| notice.platform == at && !notice.repeat).collect()
    }

    /// How often a provider saw a message that it had taken before.
    pub fn repeats(&self, at: Platform) -> usize {
        self.still.running().ledger().notices.iter().filter(|notice| notice.platform == at && notice.repeat).count()
    }

    /// The states of a way's messages, oldest first.
    pub async fn states(&self, way: &str) -> Vec<String> {
        let rows = self.world.connection(Which::Main);
        let rows = rows.run("SELECT state FROM notice WHERE way = ?1 ORDER BY id", &[way.into()]).await.unwrap();
        rows.iter().map(|row| row.string(0).unwrap()).collect()
    }
}

/// Calls for so many seconds.
pub fn for_hours(hours: u64) -> When {
    When { seconds: Some(hours * 3_600), ..When::default() }
}
