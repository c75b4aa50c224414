use super::{Fixtures, Hooks, shows_nothing_personal};
use bytes::Bytes;
use http::HeaderMap;
use huidan_channel::{Channel, Document, Event, Reading};
use huidan_domain::Millis;
use huidan_exchange::{Account, Credentials, Refusal, Said, Verified, Webhook};
use std::collections::BTreeMap;

pub(super) fn check(channel: &impl Channel, fixtures: &Fixtures<'_>, hooks: &Hooks<'_>) {
    let suite = Suite { channel, fixtures, hooks };
    suite.a_signed_one_is_taken();
    suite.an_unsigned_one_is_refused();
    suite.a_changed_one_is_refused();
    suite.another_secret_is_refused();
    suite.an_old_one_is_refused();
    suite.a_cut_one_is_no_order();
    suite.answers_say_yes_and_no();
}

/// A channel to which nothing is pushed opens nothing, whatever is sent, and says that nobody is there.
///
/// # Panics
/// When it does not.
pub fn refuses_every_push(channel: &impl Channel, shop: &Account) {
    let hook = Webhook::new("/webhook/channel/shop-1", HeaderMap::new(), Bytes::from_static(b"{}"));
    assert!(matches!(channel.verify(hook, shop, Millis(0)), Err(Refusal::Signature)));
    for said in [Said::Stored, Said::Refused(Refusal::Signature)] {
        assert_eq!(channel.answer(&said).status(), 404, "{said:?}");
    }
}

struct Suite<'a, C> {
    channel: &'a C,
    fixtures: &'a Fixtures<'a>,
    hooks: &'a Hooks<'a>,
}

impl<C: Channel> Suite<'_, C> {
    fn now(&self) -> Millis {
        self.fixtures.caller.now
    }

    fn send(&self, shop: &Account, signed: (String, HeaderMap), body: &[u8]) -> Result<Webhook<Verified>, Refusal> {
        let hook = Webhook::new(signed.0, signed.1, Bytes::copy_from_slice(body));
        self.channel.verify(hook, shop, self.now())
    }

    fn send_signed(&self, body: &[u8]) -> Webhook<Verified> {
        let signed = (self.hooks.sign)(body, self.now());
        let sent = self.send(&self.fixtures.caller.account, signed, body);
        sent.unwrap_or_else(|refusal| panic!("a signed webhook is refused: {refusal:?}"))
    }

    fn a_signed_one_is_taken(&self) {
        let body = self.hooks.body.as_bytes();
        let events = self
            .channel
            .take(&self.send_signed(body), &self.fixtures.caller.account)
            .expect("a whole body can be taken up");
        let again = self
            .channel
            .take(&self.send_signed(body), &self.fixtures.caller.account)
            .expect("the same body can be taken up again");
        assert!(events == again, "the same message twice has two ids");
        let [event] = events.as_slice() else { panic!("one order makes {} events", events.len()) };
        assert_eq!(event.ext_id, self.hooks.ext_id);
        assert!(!event.event_id.is_empty(), "a message without an id cannot be told from its repeat");
        if event.complete {
            let reading = self.read(event).expect("a complete document reads");
            assert!(matches!(reading, Reading::Order(facts) if facts.ext_id == self.hooks.ext_id));
        }
    }

    fn read(&self, event: &Event) -> Option<Reading> {
        let body = String::from_utf8(event.document.to_vec()).ok()?;
        self.channel.read(&Document { topic: event.topic.clone(), body }).ok()
    }

    fn an_unsigned_one_is_refused(&self) {
        let body = self.hooks.body.as_bytes();
        let (path, headers) = (self.hooks.sign)(body, self.now());
        let bare = path.split('?').next().unwrap_or_default().to_owned();
        let mut plain = HeaderMap::new();
        plain.insert("content-type", http::HeaderValue::from_static("application/json"));
        let refused = self.send(&self.fixtures.caller.account, (bare, plain), body);
        assert!(matches!(refused, Err(Refusal::Signature)), "an unsigned webhook is not refused");
        let mut guarded = false;
        for name in headers.keys() {
            let mut fewer = headers.clone();
            fewer.remove(name);
            guarded |= self.send(&self.fixtures.caller.account, (path.clone(), fewer), body).is_err();
        }
        assert!(guarded || path.contains('?'), "no header is needed to be let in");
    }

    fn a_changed_one_is_refused(&self) {
        if !self.hooks.signs_body {
            let hook = self.send_signed(self.hooks.body.as_bytes());
            let events = self.channel.take(&hook, &self.fixtures.caller.account).expect("a whole body can be taken up");
            assert!(events.iter().all(|event| !event.complete), "an unsigned body is more than a hint");
            return;
        }
        let body = self.hooks.body.as_bytes();
        let signed = (self.hooks.sign)(body, self.now());
        for at in 0..body.len() {
            let mut changed = body.to_vec();
            changed[at] ^= 1;
            let sent = self.send(&self.fixtures.caller.account, signed.clone(), &changed);
            assert!(matches!(sent, Err(Refusal::Signature)), "byte {at} can be changed unnoticed");
        }
    }

    fn another_secret_is_refused(&self) {
        let body = self.hooks.body.as_bytes();
        for secret in [Some("not-the-secret"), Some(""), None] {
            let mut values = BTreeMap::new();
            secret.map(|secret| values.insert(self.hooks.secret_field.to_owned(), secret.to_owned()));
            let mut shop = self.fixtures.caller.account.clone();
            shop.credentials = Credentials::new(values);
            let sent = self.send(&shop, (self.hooks.sign)(body, self.now()), body);
            assert!(sent.is_err(), "a shop whose secret is {secret:?} lets it in");
        }
    }

    fn an_old_one_is_refused(&self) {
        let Some(window_s) = self.hooks.window_s else { return };
        let body = self.hooks.body.as_bytes();
        for (seconds, good) in
            [(window_s - 1, true), (1 - window_s, true), (window_s + 2, false), (-window_s - 2, false)]
        {
            let signed = (self.hooks.sign)(body, self.now().plus_seconds(seconds));
            let sent = self.send(&self.fixtures.caller.account, signed, body);
            match good {
                true => assert!(sent.is_ok(), "{seconds} s beside our clock is refused"),
                false => assert!(matches!(sent, Err(Refusal::Stale)), "{seconds} s beside our clock is taken"),
            }
        }
    }

    fn a_cut_one_is_no_order(&self) {
        let body = self.hooks.body.trim_end().as_bytes();
        for cut in 0..body.len() {
            let hook = self.send_signed(&body[..cut]);
            match self.channel.take(&hook, &self.fixtures.caller.account) {
                Err(said) => shows_nothing_personal(self.fixtures, &said, "a cut webhook"),
                Ok(events) => {
                    let read = events.iter().any(|event| matches!(self.read(event), Some(Reading::Order(_))));
                    assert!(!read, "cut at byte {cut} it still reads as an order");
                }
            }
            shows_nothing_personal(self.fixtures, &format!("{hook:?}"), "Debug of a webhook");
        }
    }

    fn answers_say_yes_and_no(&self) {
        let status = |said: &Said| self.channel.answer(said).status();
        assert!(status(&Said::Stored).is_success(), "stored is not acknowledged");
        for refusal in [Refusal::Signature, Refusal::Stale, Refusal::UnknownAccount] {
            let status = status(&Said::Refused(refusal.clone()));
            assert!(!status.is_server_error(), "{refusal:?} is answered as if it were our failure");
        }
        assert!(!status(&Said::Busy).is_success(), "what is not stored must not be acknowledged");
    }
}
