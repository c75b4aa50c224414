//! The rows an applied document becomes.

use super::{Known, Normalized, raw_seal_name, receiver_hash, receiver_seal_name};
use crate::json::{batch, text};
use crate::{Db, Entry, Keyring, Moment, StoreError, Value, append};
use huidan_domain::{
    ChannelState, DisplayFacts, Money, OrderFacts, PackageStatus, PayState, RefundState, ReviewState, display_status,
};
use huidan_wire::form::Form;
use serde::Serialize;

#[derive(Serialize)]
struct OrderRow<'a> {
    id: &'a str,
    shop: &'a str,
    channel: &'a str,
    ext_id: &'a str,
    number: &'a str,
    version_at: i64,
    version_hash: &'a str,
    status: &'static str,
    pay: &'a str,
    channel_state: &'a str,
    review: &'static str,
    refund: &'static str,
    must_wait: Option<&'a str>,
    placed_at: i64,
    paid_at: Option<i64>,
    ship_by: Option<i64>,
    total: i64,
    currency: &'a str,
    receiver: String,
    receiver_hash: String,
    country: &'a str,
    province: &'a str,
    city: &'a str,
    district: &'a str,
    encrypted: bool,
    buyer_remark: &'a str,
    seller_remark: &'a str,
    intents: String,
    problems: String,
    waybills: String,
    plan: &'static str,
}

#[derive(Serialize)]
struct LineRow<'a> {
    id: String,
    order_id: &'a str,
    position: usize,
    ext_line_id: &'a str,
    ext_item: &'a str,
    ext_sku: &'a str,
    outer_code: &'a str,
    title: &'a str,
    spec: &'a str,
    qty: u32,
    unit: i64,
    kind: &'a str,
    refund: &'a str,
    refunded_qty: u32,
    skus: Option<String>,
    shop: &'a str,
}

#[derive(Serialize)]
struct RawRow<'a> {
    shop: &'a str,
    ext_id: &'a str,
    version_at: i64,
    hash: &'a str,
    topic: &'a str,
    body: String,
}

#[derive(Default)]
pub(super) struct Writes {
    orders: Vec<serde_json::Value>,
    lines: Vec<serde_json::Value>,
    raws: Vec<serde_json::Value>,
    waits: Vec<serde_json::Value>,
    log: Vec<Entry>,
}

impl Writes {
    pub(super) fn add(
        &mut self,
        moment: Moment<'_>,
        keys: &Keyring,
        order: &Normalized,
        before: Option<Known>,
    ) -> Result<(), StoreError> {
        let (draft, facts) = (&order.draft, &order.draft.order);
        let id = before.as_ref().map_or_else(|| moment.id(), |before| before.id.clone());
        let receiver_hash = receiver_hash(keys, &facts.receiver);
        // Platforms stop giving the encrypted receiver once they think that nobody needs it any more. We may: what was
        // given stays.
        let hidden = facts.receiver.token.is_none() && before.as_ref().is_some_and(|before| before.encrypted);
        let moved = !hidden && before.as_ref().is_some_and(|before| before.receiver_hash != receiver_hash);
        let domain = OrderFacts::from_wire(facts.clone()).map_err(StoreError::Unknown)?;
        let status = status(&domain);
        let shippable = shippable(&domain);
        // A known order is planned anew in every case: the planner compares what stands with what should.
        let plan = if order.plans && (shippable || before.is_some()) { "due" } else { "" };
        let approved = before.as_ref().is_some_and(|before| before.approved) && !moved;
        let receiver = text(&facts.receiver)?;
        let row = OrderRow {
            id: &id,
            shop: &draft.shop,
            channel: &draft.channel,
            ext_id: &facts.ext_id,
            number: &facts.number,
            version_at: facts.updated_at,
            version_hash: &order.hash,
            status,
            pay: &facts.pay,
            channel_state: &facts.state,
            review: if approved { ReviewState::Approved.name() } else { ReviewState::New.name() },
            refund: refund_of(&domain).name(),
            must_wait: facts.must_wait.as_deref(),
            placed_at: facts.placed_at,
            paid_at: facts.paid_at,
            ship_by: facts.ship_by,
            total: domain.total.minor()?,
            currency: domain.total.currency.code(),
            receiver: match hidden {
                true => String::new(),
                false => hex::encode(keys.seal(moment.chance, &receiver_seal_name(&id), receiver.as_bytes())?),
            },
            receiver_hash: hex::encode(&receiver_hash),
            country: &facts.receiver.country,
            province: &facts.receiver.province,
            city: &facts.receiver.city,
            district: &facts.receiver.district,
            encrypted: facts.receiver.token.is_some(),
            buyer_remark: &facts.buyer_remark,
            seller_remark: &facts.seller_remark,
            intents: text(&draft.intents)?,
            problems: text(&draft.problems)?,
            waybills: text(&facts.waybills)?,
            plan,
        };
        self.orders.push(value(&row)?);
        self.lines_of(moment, order, &domain, &id)?;
        let raw_name = raw_seal_name(&draft.shop, &facts.ext_id, &order.hash);
        self.raws.push(value(&RawRow {
            shop: &draft.shop,
            ext_id: &facts.ext_id,
            version_at: facts.updated_at,
            hash: &order.hash,
            topic: &order.topic,
            body: hex::encode(keys.seal(moment.chance, &raw_name, order.body.as_bytes())?),
        })?);
        if let Some(reason) = &facts.must_wait {
            self.waits.push(serde_json::json!([id, reason]));
        }
        let kind = match &before {
            Some(_) if order.again => "read_again",
            Some(_) => "updated",
            None => "arrived",
        };
        let was = before.map(|before| before.status).unwrap_or_default();
        self.log.push(Entry::new(format!("channel-{}", draft.channel), "order", &id, kind).from_to(&was, status));
        Ok(())
    }

    fn lines_of(
        &mut self,
        moment: Moment<'_>,
        order: &Normalized,
        domain: &OrderFacts,
        id: &str,
    ) -> Result<(), StoreError> {
        for (position, (line, facts)) in domain.lines.iter().zip(&order.draft.order.lines).enumerate() {
            let mapped = order.draft.mapped.get(position).cloned().flatten();
            self.lines.push(value(&LineRow {
                id: moment.id(),
                order_id: id,
                position,
                ext_line_id: &line.ext_line_id,
                ext_item: &line.ext_item,
                ext_sku: &line.ext_sku,
                outer_code: &line.outer_code,
                title: &line.title,
                spec: &line.spec,
                qty: line.qty,
                unit: minor_or_zero(line.unit_price),
                kind: &facts.kind,
                refund: &facts.refund,
                refunded_qty: line.refunded_qty,
                skus: mapped.map(|skus| text(&skus)).transpose()?,
                shop: &order.draft.shop,
            })?);
        }
        Ok(())
    }

    pub(super) async fn carry_out<D: Db>(self, db: &D, moment: Moment<'_>) -> Result<(), StoreError> {
        if self.orders.is_empty() {
            return Ok(());
        }
        let (orders, lines, now) = (batch(&self.orders)?, batch(&self.lines)?, Value::from(moment.now));
        db.run(UPSERT_ORDERS, &[orders.clone(), now.clone()]).await?;
        db.run(UPSERT_LINES, std::slice::from_ref(&lines)).await?;
        db.run(DROP_LINES, &[orders.clone(), lines.clone()]).await?;
        db.run(SEE_LISTINGS, std::slice::from_ref(&lines)).await?;
        db.run(KEEP_RAW, &[batch(&self.raws)?, now.clone()]).await?;
        db.run(
            "DELETE FROM hold WHERE handle = 'channel' AND order_id IN (SELECT value ->> 'id' FROM json_each(?1))",
            &[orders],
        )
        .await?;
        if !self.waits.is_empty() {
            db.run(
                "INSERT INTO hold (order_id, handle, reason, detail, at)
                 SELECT value ->> 0, 'channel', 'channel_waits', value ->> 1, ?2 FROM json_each(?1)",
                &[batch(&self.waits)?, now],
            )
            .await?;
        }
        append(db, moment.now, &self.log).await
    }
}

fn value<T: Serialize>(row: &T) -> Result<serde_json::Value, StoreError> {
    serde_json::to_value(row).map_err(|error| StoreError::Unknown(error.to_string()))
}

/// Prices of lines are for people and rules; one that is finer than a fen does not stop the order.
fn minor_or_zero(money: Money) -> i64 {
    money.minor().unwrap_or_default()
}

fn refund_of(facts: &OrderFacts) -> RefundState {
    facts.lines.iter().map(|line| line.refund).max().unwrap_or(RefundState::None)
}

/// Whether the channel's word alone lets it ship; holds and refunds of single lines are looked at by the planner.
fn shippable(facts: &OrderFacts) -> bool {
    let paid = matches!(facts.pay, PayState::Paid | PayState::PartiallyRefunded);
    paid && matches!(facts.state, Ok(ChannelState::Open | ChannelState::PartShipped))
}

fn status(facts: &OrderFacts) -> &'static str {
    let shown = DisplayFacts {
        pay: facts.pay,
        channel: facts.state.as_ref().ok().copied(),
        held: facts.must_wait.is_some() || facts.state.is_err(),
        packages: &[] as &[PackageStatus],
        fully_planned: false,
    };
    display_status(&shown).name()
}

const UPSERT_ORDERS: &str = "
    INSERT INTO orders (id, shop, channel, ext_id, number, version_at, version_hash, status, pay_state, channel_state,
        review_state, refund_state, must_wait, placed_at, paid_at, ship_by, total_minor, currency, receiver,
        receiver_hash, country, province, city, district, encrypted, buyer_remark, seller_remark, intents, problems,
        channel_waybills, plan, plan_at, created_at, updated_at)
    SELECT value ->> 'id', value ->> 'shop', value ->> 'channel', value ->> 'ext_id', value ->> 'number',
        value ->> 'version_at', value ->> 'version_hash', value ->> 'status', value ->> 'pay',
        value ->> 'channel_state', value ->> 'review', value ->> 'refund', value ->> 'must_wait',
        value ->> 'placed_at', value ->> 'paid_at', value ->> 'ship_by', value ->> 'total', value ->> 'currency',
        unhex(value ->> 'receiver'), unhex(value ->> 'receiver_hash'), value ->> 'country', value ->> 'province',
        value ->> 'city', value ->> 'district', value ->> 'encrypted', value ->> 'buyer_remark',
        value ->> 'seller_remark', value ->> 'intents', value ->> 'problems', value ->> 'waybills', value ->> 'plan',
        ?2, ?2, ?2
    FROM json_each(?1) WHERE true
    ON CONFLICT (shop, ext_id) DO UPDATE SET number = excluded.number,
        status = CASE WHEN excluded.plan = '' THEN excluded.status ELSE status END, version_at = excluded.version_at,
        version_hash = excluded.version_hash, pay_state = excluded.pay_state, channel_state = excluded.channel_state,
        review_state = excluded.review_state, refund_state = excluded.refund_state, must_wait = excluded.must_wait,
        paid_at = excluded.paid_at, ship_by = excluded.ship_by, total_minor = excluded.total_minor,
        currency = excluded.currency,
        receiver = iif(length(excluded.receiver) = 0, receiver, excluded.receiver),
        receiver_hash = iif(length(excluded.receiver) = 0, receiver_hash, excluded.receiver_hash),
        country = iif(length(excluded.receiver) = 0, country, excluded.country),
        province = iif(length(excluded.receiver) = 0, province, excluded.province),
        city = iif(length(excluded.receiver) = 0, city, excluded.city),
        district = iif(length(excluded.receiver) = 0, district, excluded.district),
        encrypted = iif(length(excluded.receiver) = 0, encrypted, excluded.encrypted), buyer_remark = excluded.buyer_remark, seller_remark = excluded.seller_remark,
        intents = excluded.intents, problems = excluded.problems, channel_waybills = excluded.channel_waybills,
        plan = excluded.plan, plan_at = excluded.plan_at, plan_tries = 0, updated_at = excluded.updated_at";

const UPSERT_LINES: &str = "
    INSERT INTO order_line (id, order_id, position, ext_line_id, ext_item, ext_sku, outer_code, title, spec, qty,
        unit_minor, kind, refund_state, refunded_qty, skus)
    SELECT value ->> 'id', value ->> 'order_id', value ->> 'position', value ->> 'ext_line_id', value ->> 'ext_item',
        value ->> 'ext_sku', value ->> 'outer_code', value ->> 'title', value ->> 'spec', value ->> 'qty',
        value ->> 'unit', value ->> 'kind', value ->> 'refund', value ->> 'refunded_qty', value ->> 'skus'
    FROM json_each(?1) WHERE true
    ON CONFLICT (order_id, ext_line_id) DO UPDATE SET position = excluded.position, ext_item = excluded.ext_item,
        ext_sku = excluded.ext_sku, outer_code = excluded.outer_code, title = excluded.title, spec = excluded.spec,
        qty = excluded.qty, unit_minor = excluded.unit_minor, kind = excluded.kind,
        refund_state = excluded.refund_state, refunded_qty = excluded.refunded_qty,
        skus = coalesce(excluded.skus, skus)";

/// A line that a newer document no longer has was taken off the order: nothing of it is to be shipped.
const DROP_LINES: &str = "
    UPDATE order_line SET refunded_qty = qty
    WHERE order_id IN (SELECT value ->> 'id' FROM json_each(?1))
      AND (order_id, ext_line_id) NOT IN
          (SELECT value ->> 'order_id', value ->> 'ext_line_id' FROM json_each(?2))";

/// Every variant that is seen becomes a listing, so that a person can say what it stands for.
const SEE_LISTINGS: &str = "
    INSERT INTO listing (shop, ext_sku, ext_item, outer_code, title, spec)
    SELECT value ->> 'shop', value ->> 'ext_sku', value ->> 'ext_item', value ->> 'outer_code', value ->> 'title',
        value ->> 'spec'
    FROM json_each(?1) WHERE value ->> 'ext_sku' <> '' AND value ->> 'kind' <> 'virtual'
    ON CONFLICT (shop, ext_sku) DO UPDATE SET ext_item = excluded.ext_item, outer_code = excluded.outer_code,
        title = excluded.title, spec = excluded.spec
    WHERE (ext_item, outer_code, title, spec)
        IS NOT (excluded.ext_item, excluded.outer_code, excluded.title, excluded.spec)";

const KEEP_RAW: &str = "
    INSERT INTO raw_order (shop, ext_id, version_at, hash, topic, body, at)
    SELECT value ->> 'shop', value ->> 'ext_id', value ->> 'version_at', value ->> 'hash', value ->> 'topic',
        unhex(value ->> 'body'), ?2
    FROM json_each(?1) WHERE true
    ON CONFLICT (shop, ext_id, version_at, hash) DO NOTHING";
