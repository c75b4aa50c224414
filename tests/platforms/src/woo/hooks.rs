//! Webhooks: never tried again, switched off after five failures in a row.

use super::shape::shape;
use super::{ME, problem};
use crate::push::{Next, Outcome, Policy, Push};
use crate::server::{Answer, json};
use crate::sign;
use crate::world::{Event, World};
use bytes::Bytes;
use serde_json::{Value, json as value};

/// After so many failures in a row a webhook is switched off.
const FAILURES: u32 = 5;

/// A webhook.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    pub(super) topic: String,
    pub(super) url: String,
    pub(super) status: &'static str,
    pub(super) failures: u32,
}

pub(super) fn hook_shape(id: i64, hook: &Webhook) -> Value {
    value!({"id": id, "name": format!("Webhook {id}"), "status": hook.status, "topic": hook.topic, "delivery_url": hook.url})
}

/// Saves an active webhook, which sends the unsigned ping.
pub(crate) fn subscribe(world: &mut World, topic: &str, url: &str) -> i64 {
    let id = world.next();
    let hook = Webhook { topic: topic.to_owned(), url: url.to_owned(), status: "active", failures: 0 };
    world.woo.webhooks.insert(id, hook);
    ping(world, id, url);
    id
}

fn ping(world: &mut World, id: i64, url: &str) {
    world.send(Push {
        platform: ME,
        topic: "ping".to_owned(),
        about: id.to_string(),
        delivery: format!("ping-{id}"),
        url: url.to_owned(),
        headers: vec![
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ("user-agent", "WooCommerce/9.4.2 Hookshot (WordPress/6.7)".to_owned()),
        ],
        body: Bytes::from(format!("webhook_id={id}")),
        policy: Policy::WooPing,
    });
}

pub(super) fn reactivate(world: &mut World, id: i64, body: &Value) -> Answer {
    let active = body.get("status").and_then(Value::as_str) == Some("active");
    let Some(hook) = world.woo.webhooks.get_mut(&id) else {
        return problem(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.");
    };
    if active {
        hook.status = "active";
        hook.failures = 0;
    }
    let hook = hook.clone();
    if active {
        ping(world, id, &hook.url);
    }
    json(200, &hook_shape(id, &hook))
}

/// Sends the webhooks that an event causes.
pub(crate) fn tell(world: &mut World, id: i64, event: Event) {
    let topic = if event == Event::Created { "order.created" } else { "order.updated" };
    let Some(order) = world.order(ME, id) else { return };
    let body = Bytes::from(shape(world, order).to_string());
    let wanted: Vec<(i64, Webhook)> = world
        .woo
        .webhooks
        .iter()
        .filter(|(_, h)| h.topic == topic && h.status == "active")
        .map(|(i, h)| (*i, h.clone()))
        .collect();
    for (hook_id, hook) in wanted {
        let delivery =
            sign::sha256_hex(format!("{hook_id}/{}", world.next()).as_bytes()).chars().take(32).collect::<String>();
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            ("user-agent", "WooCommerce/9.4.2 Hookshot (WordPress/6.7)".to_owned()),
            ("x-wc-webhook-source", "http://shop.example.com/".to_owned()),
            ("x-wc-webhook-topic", topic.to_owned()),
            ("x-wc-webhook-resource", "order".to_owned()),
            ("x-wc-webhook-event", topic.trim_start_matches("order.").to_owned()),
            ("x-wc-webhook-signature", sign::webhook(&world.options.woocommerce.webhook_secret, &body)),
            ("x-wc-webhook-id", hook_id.to_string()),
            ("x-wc-webhook-delivery-id", delivery.clone()),
        ];
        let policy = Policy::Woo(hook_id);
        world.send(Push {
            platform: ME,
            topic: topic.to_owned(),
            about: id.to_string(),
            delivery,
            url: hook.url,
            headers,
            body: body.clone(),
            policy,
        });
    }
}

/// Never tried again; five failures in a row switch the webhook off.
pub(crate) fn after_attempt(world: &mut World, id: i64, outcome: &Outcome) -> Next {
    let Some(hook) = world.woo.webhooks.get_mut(&id) else { return Next::GiveUp };
    if outcome.success() {
        hook.failures = 0;
        return Next::Done;
    }
    hook.failures += 1;
    if hook.failures >= FAILURES {
        hook.status = "disabled";
    }
    Next::GiveUp
}
