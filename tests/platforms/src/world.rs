//! Everything the simulators know, behind one lock. Handlers are plain functions over it.

use crate::Options;
use crate::faults::Faults;
use crate::fiction::{self, Good};
use crate::ledger::{
    Confirmation, Job, Ledger, OrderSeen, Paper, PushSeen, Refusal, StockWrite, Task, TokenSeen, Waybill,
};
use crate::order::{Order, Platform, Shipment, decimal};
use crate::push::{Next, Outcome, Policy, Push};
use crate::{
    amazon, cainiao, clock, douyin, express, jd, kuaishou, own_shop, pinduoduo, printer, sf, shopify, taobao,
    wechat_shop, woo, xiaohongshu,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

pub(crate) type Shared = Arc<Mutex<World>>;

/// Locks; a handler that panicked does not stop the others.
pub(crate) fn lock(world: &Shared) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What happened to an order, for those who push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Created,
    Paid,
    Changed,
    Cancelled,
    Refunded,
    Shipped,
}

pub(crate) struct World {
    pub(crate) options: Options,
    pub(crate) rng: fastrand::Rng,
    pub(crate) goods: Vec<Good>,
    pub(crate) orders: Vec<Order>,
    pub(crate) stock: BTreeMap<(Platform, String), i64>,
    faults: BTreeMap<Platform, Faults>,
    pub(crate) confirmations: Vec<Confirmation>,
    pub(crate) stock_writes: Vec<StockWrite>,
    pub(crate) waybills: Vec<Waybill>,
    pub(crate) tokens: Vec<TokenSeen>,
    pub(crate) bad_signatures: Vec<Refusal>,
    pub(crate) refusals: Vec<Refusal>,
    requests: BTreeMap<String, BTreeMap<String, u64>>,
    pub(crate) pushes: Vec<PushSeen>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) job_bytes: Vec<Vec<u8>>,
    pub(crate) paper: Vec<Paper>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) shopify: shopify::State,
    pub(crate) woo: woo::State,
    pub(crate) taobao: taobao::State,
    pub(crate) cainiao: cainiao::State,
    pub(crate) sf: sf::State,
    pub(crate) own_shop: own_shop::State,
    pub(crate) jd: jd::State,
    pub(crate) pinduoduo: pinduoduo::State,
    pub(crate) amazon: amazon::State,
    pub(crate) douyin: douyin::State,
    pub(crate) kuaishou: kuaishou::State,
    pub(crate) xiaohongshu: xiaohongshu::State,
    pub(crate) wechat_shop: wechat_shop::State,
    pub(crate) express: express::State,
    pub(crate) notice: crate::notice::State,
    pub(crate) notices: Vec<crate::NoticeSeen>,
    pub(crate) printer: printer::Mode,
    pub(crate) component: crate::component::Mode,
    queue: mpsc::UnboundedSender<Push>,
    counter: i64,
    /// Last stamp of each platform.
    stamps: BTreeMap<Platform, i64>,
}

impl World {
    pub(crate) fn new(options: Options, queue: mpsc::UnboundedSender<Push>) -> World {
        let goods = fiction::goods();
        let stock = Platform::CHANNELS
            .iter()
            .flat_map(|p| goods.iter().map(|g| ((*p, g.sku.clone()), options.stock)))
            .collect();
        World {
            rng: fastrand::Rng::with_seed(options.seed),
            goods,
            orders: Vec::new(),
            stock,
            faults: BTreeMap::new(),
            confirmations: Vec::new(),
            stock_writes: Vec::new(),
            waybills: Vec::new(),
            tokens: Vec::new(),
            bad_signatures: Vec::new(),
            refusals: Vec::new(),
            requests: BTreeMap::new(),
            pushes: Vec::new(),
            jobs: Vec::new(),
            job_bytes: Vec::new(),
            paper: Vec::new(),
            tasks: Vec::new(),
            shopify: shopify::State::default(),
            woo: woo::State::default(),
            taobao: taobao::State::default(),
            cainiao: cainiao::State::default(),
            sf: sf::State::default(),
            own_shop: own_shop::State::default(),
            jd: jd::State::new(&options),
            pinduoduo: pinduoduo::State::new(&options),
            amazon: amazon::State::new(&options),
            douyin: douyin::State::new(&options),
            kuaishou: kuaishou::State::new(&options),
            xiaohongshu: xiaohongshu::State::new(&options),
            wechat_shop: wechat_shop::State::new(&options),
            express: express::State::default(),
            notice: crate::notice::State::default(),
            notices: Vec::new(),
            printer: printer::Mode::Normal,
            component: crate::component::Mode::Normal,
            queue,
            counter: 0,
            stamps: BTreeMap::new(),
            options,
        }
    }

    /// A platform's own clock, Unix ms.
    pub(crate) fn now(&self, platform: Platform) -> i64 {
        clock::now_ms() + self.faults.get(&platform).map_or(0, |f| f.skew_ms)
    }

    /// A platform's time for a new version of an order: each is later than the one before, also within a millisecond.
    pub(crate) fn stamp(&mut self, platform: Platform) -> i64 {
        let now = self.now(platform);
        let stamp = self.stamps.get(&platform).map_or(now, |last| now.max(last + 1));
        self.stamps.insert(platform, stamp);
        stamp
    }

    pub(crate) fn faults(&mut self, platform: Platform) -> &mut Faults {
        self.faults.entry(platform).or_default()
    }

    /// The faults of a platform that has had any.
    pub(crate) fn faults_of(&self, platform: Platform) -> Option<&Faults> {
        self.faults.get(&platform)
    }

    /// So many drawn orders are modified: lists that are being paged shift.
    pub(crate) fn shift(&mut self, platform: Platform, count: u32) {
        let mut ids: Vec<i64> = self.orders.iter().filter(|o| o.platform == platform).map(|o| o.id).collect();
        self.rng.shuffle(&mut ids);
        for id in ids.into_iter().take(usize::try_from(count).unwrap_or(usize::MAX)) {
            let _ = self.change(platform, id, Event::Changed, |_, _| ());
        }
    }

    /// The next running number, never twice.
    pub(crate) fn next(&mut self) -> i64 {
        self.counter += 1;
        self.counter
    }

    pub(crate) fn count(&mut self, platform: Platform, operation: &str, answer: &str) {
        let name = format!("{} {operation}", platform.name());
        *self.requests.entry(name).or_default().entry(answer.to_owned()).or_default() += 1;
    }

    /// How many calls were counted so far; makes request ids that differ.
    pub(crate) fn requests_seen(&self) -> u64 {
        self.requests.values().flat_map(BTreeMap::values).sum()
    }

    pub(crate) fn refuse(&mut self, platform: Platform, operation: &str, why: &str, signature: bool) {
        let at_ms = self.now(platform);
        let refusal = Refusal { platform, operation: operation.to_owned(), why: why.to_owned(), at_ms };
        if signature { self.bad_signatures.push(refusal) } else { self.refusals.push(refusal) }
    }

    pub(crate) fn order(&self, platform: Platform, id: i64) -> Option<&Order> {
        self.orders.iter().find(|o| o.platform == platform && o.id == id)
    }

    pub(crate) fn order_mut(&mut self, platform: Platform, id: i64) -> Option<&mut Order> {
        self.orders.iter_mut().find(|o| o.platform == platform && o.id == id)
    }

    /// Changes an order, stamps it and tells whoever listens.
    pub(crate) fn change(
        &mut self,
        platform: Platform,
        id: i64,
        event: Event,
        change: impl FnOnce(&mut Order, i64),
    ) -> Result<(), String> {
        let now = self.stamp(platform);
        let order = self.order_mut(platform, id).ok_or_else(|| format!("no order {id} at {}", platform.name()))?;
        change(order, now);
        order.modified_ms = now;
        self.tell(platform, id, event);
        Ok(())
    }

    pub(crate) fn tell(&mut self, platform: Platform, id: i64, event: Event) {
        match platform {
            Platform::Shopify => shopify::tell(self, id, event),
            Platform::Woocommerce => woo::tell(self, id, event),
            Platform::OwnShop => own_shop::tell(self, id, event),
            Platform::Douyin => douyin::tell(self, id, event),
            Platform::Kuaishou => kuaishou::tell(self, id, event),
            Platform::Xiaohongshu => xiaohongshu::tell(self, id, event),
            Platform::WechatShop => wechat_shop::tell(self, id, event),
            _ => {}
        }
    }

    pub(crate) fn send(&mut self, push: Push) {
        // The receiver lives as long as the simulators do.
        let _ = self.queue.send(push);
    }

    /// Books a shipment and writes the ledger.
    pub(crate) fn confirm(&mut self, platform: Platform, id: i64, shipment: Shipment, kind: &'static str) {
        self.confirmations.push(Confirmation {
            platform,
            order: id,
            carrier: shipment.carrier.clone(),
            number: shipment.number.clone(),
            lines: shipment.lines.clone(),
            kind,
            at_ms: shipment.at_ms,
        });
        if kind == "create" {
            let _ = self.change(platform, id, Event::Shipped, |order, _| order.ship(shipment));
        }
    }

    pub(crate) fn set_stock(&mut self, platform: Platform, sku: &str, quantity: i64) {
        self.stock.insert((platform, sku.to_owned()), quantity);
        let at_ms = self.now(platform);
        self.stock_writes.push(StockWrite { platform, sku: sku.to_owned(), quantity, at_ms });
    }

    pub(crate) fn stock_of(&self, platform: Platform, sku: &str) -> i64 {
        self.stock.get(&(platform, sku.to_owned())).copied().unwrap_or_default()
    }

    /// Headers of an attempt: some are signed anew each time.
    pub(crate) fn headers(&mut self, push: &Push) -> Vec<(&'static str, String)> {
        match push.policy {
            Policy::OwnShop => own_shop::headers(self, push),
            Policy::Channel if push.platform == Platform::Xiaohongshu => xiaohongshu::headers(self, push),
            _ => push.headers.clone(),
        }
    }

    pub(crate) fn after_attempt(&mut self, push: &Push, attempt: u32, outcome: &Outcome) -> Next {
        match push.policy {
            Policy::Shopify(id) => shopify::after_attempt(self, id, attempt, outcome),
            Policy::Woo(id) => woo::after_attempt(self, id, outcome),
            Policy::WooPing => {
                if outcome.success() {
                    Next::Done
                } else {
                    Next::GiveUp
                }
            }
            Policy::OwnShop => own_shop::after_attempt(self, attempt, outcome),
            Policy::SfRoute => sf::after_attempt(self, attempt, outcome),
            Policy::Link => cainiao::after_attempt(self, attempt, outcome),
            Policy::Channel => match push.platform {
                Platform::Douyin => douyin::after_attempt(self, attempt, outcome),
                Platform::Kuaishou => kuaishou::after_attempt(self, attempt, outcome),
                Platform::Xiaohongshu => xiaohongshu::after_attempt(self, attempt, outcome),
                Platform::WechatShop => wechat_shop::after_attempt(self, attempt, outcome),
                _ => express::after_attempt(self, push, attempt, outcome),
            },
        }
    }

    pub(crate) fn ledger(&self) -> Ledger {
        let mut stock: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
        for ((platform, sku), quantity) in &self.stock {
            stock.entry(platform.name().to_owned()).or_default().insert(sku.clone(), *quantity);
        }
        let seen = |order: &Order| {
            let text_id = order.text_id();
            let of_it = self.confirmations.iter().filter(|c| c.platform == order.platform && c.order == order.id);
            OrderSeen {
                text_id,
                total: decimal(order.total()),
                numbers: of_it.map(|c| c.number.clone()).collect(),
                order: order.clone(),
            }
        };
        Ledger {
            orders: self.orders.iter().map(seen).collect(),
            confirmations: self.confirmations.clone(),
            stock,
            stock_writes: self.stock_writes.clone(),
            waybills: self.waybills.clone(),
            parcels: self.express.parcels.to_vec(),
            numbers_left: express::ALL.iter().map(|p| (p.name().to_owned(), express::left(self, *p))).collect(),
            notices: self.notices.clone(),
            tokens: self.tokens.clone(),
            bad_signatures: self.bad_signatures.clone(),
            refusals: self.refusals.clone(),
            requests: self.requests.clone(),
            pushes: self.pushes.clone(),
            jobs: self.jobs.clone(),
            paper: self.paper.clone(),
            tasks: self.tasks.clone(),
        }
    }
}
