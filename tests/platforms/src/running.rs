//! The handle on running simulators.

use crate::world::{Event, Shared, World, lock};
use crate::{
    Addresses, Course, Fault, Good, Ledger, NewOrder, NewScan, Options, Platform, Receiver, Refund, Stage, Storm,
    Targets, Until, cainiao, clock, component, douyin, ebill, express, fiction, jd, kuaishou, notice, printer, sf,
    shopify, tokens, wechat_shop, woo, xiaohongshu,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::task::JoinHandle;

/// The simulators while they run; dropping it ends them.
#[derive(Debug)]
pub struct Running {
    pub(crate) world: Shared,
    pub(crate) addresses: Addresses,
    pub(crate) tasks: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("orders", &self.orders.len()).finish_non_exhaustive()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Running {
    /// A second handle that ends nothing.
    pub(crate) fn quiet(&self) -> Running {
        Running { world: self.world.clone(), addresses: self.addresses.clone(), tasks: Vec::new() }
    }

    /// Where everything listens.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// The options it was started with.
    pub fn options(&self) -> Options {
        lock(&self.world).options.clone()
    }

    /// The goods on sale.
    pub fn goods(&self) -> Vec<Good> {
        lock(&self.world).goods.clone()
    }

    /// Everything seen so far.
    pub fn ledger(&self) -> Ledger {
        lock(&self.world).ledger()
    }

    /// The bytes of a print job.
    pub fn job_bytes(&self, index: usize) -> Vec<u8> {
        lock(&self.world).job_bytes.get(index).cloned().unwrap_or_default()
    }

    /// Places an order and returns the platform's id.
    ///
    /// # Errors
    /// When the platform sells nothing or an amount cannot be read.
    pub fn place(&self, platform: Platform, order: &NewOrder) -> Result<i64, String> {
        lock(&self.world).place(platform, order)
    }

    /// The buyer pays.
    ///
    /// # Errors
    /// When there is no such order.
    pub fn pay(&self, platform: Platform, id: i64) -> Result<(), String> {
        lock(&self.world).change(platform, id, Event::Paid, |order, now| {
            order.stage = Stage::Paid;
            order.paid_ms = Some(now);
        })
    }

    /// The order is given up.
    ///
    /// # Errors
    /// When there is no such order.
    pub fn cancel(&self, platform: Platform, id: i64) -> Result<(), String> {
        lock(&self.world).change(platform, id, Event::Cancelled, |order, now| {
            order.stage = Stage::Cancelled;
            order.ended_ms = Some(now);
        })
    }

    /// The buyer confirms the receipt.
    ///
    /// # Errors
    /// When there is no such order.
    pub fn complete(&self, platform: Platform, id: i64) -> Result<(), String> {
        lock(&self.world).change(platform, id, Event::Changed, |order, now| {
            order.stage = Stage::Completed;
            order.ended_ms = Some(now);
        })
    }

    /// Changes what may change after an order was placed.
    ///
    /// # Errors
    /// When there is no such order.
    pub fn modify(&self, platform: Platform, id: i64, change: Modify) -> Result<(), String> {
        let mut world = lock(&self.world);
        let drawn = fiction::receiver(&mut world.rng);
        let nothing_named = change.receiver.is_none()
            && change.remark.is_none()
            && change.seller_remark.is_none()
            && change.hold.is_none();
        world.change(platform, id, Event::Changed, |order, _| {
            if let Some(remark) = change.remark {
                order.buyer_remark = remark;
            }
            if let Some(remark) = change.seller_remark {
                order.seller_remark = remark;
            }
            if let Some(hold) = change.hold {
                order.meta.retain(|m| m.1 != "hold");
                if hold {
                    order.meta.push((0, "hold".to_owned(), "true".to_owned()));
                }
            }
            match change.receiver {
                Some(receiver) => order.receiver = receiver,
                // Asked for a change without saying which: the buyer moved.
                None if nothing_named => {
                    order.receiver =
                        Receiver { name: order.receiver.name.clone(), phone: order.receiver.phone.clone(), ..drawn }
                }
                None => {}
            }
        })
    }

    /// Refunds lines; all of them when none is named.
    ///
    /// # Errors
    /// When there is no such order.
    pub fn refund(&self, platform: Platform, id: i64, lines: &[i64], how: Refund) -> Result<(), String> {
        let event = if how == Refund::Done { Event::Refunded } else { Event::Changed };
        lock(&self.world).change(platform, id, event, |order, _| {
            for line in order.lines.iter_mut().filter(|l| lines.is_empty() || lines.contains(&l.id)) {
                line.refund = how;
            }
        })
    }

    /// Somebody takes back on the platform's page that an order is shipped.
    ///
    /// # Errors
    /// When there is no such order.
    pub fn withdraw(&self, platform: Platform, id: i64) -> Result<(), String> {
        lock(&self.world).change(platform, id, Event::Changed, |order, _| {
            order.shipments.clear();
            order.lines.iter_mut().for_each(|line| line.shipped = 0);
        })
    }

    /// Sends the webhook of an order's present state once more, as a new delivery.
    ///
    /// # Errors
    /// When there is no such order.
    pub fn touch(&self, platform: Platform, id: i64) -> Result<(), String> {
        lock(&self.world).change(platform, id, Event::Changed, |_, _| ())
    }

    /// Moves a parcel on and pushes the new scans; returns how many there were.
    ///
    /// # Errors
    /// When neither carrier gave out the number, or it is cancelled.
    pub fn advance(&self, number: &str, until: Until, reverse: bool) -> Result<usize, String> {
        let mut world = lock(&self.world);
        let carrier = world.waybills.iter().find(|w| w.number == number).map(|w| w.platform);
        match carrier {
            Some(Platform::Sf) => sf::advance(&mut world, number, until, reverse),
            Some(Platform::Cainiao) => cainiao::advance(&mut world, number, until),
            Some(at @ (Platform::Douyin | Platform::Kuaishou | Platform::Xiaohongshu)) => {
                ebill::advance(&mut world, at, number, until).map(|steps| steps.len())
            }
            Some(Platform::WechatShop) => {
                let steps = ebill::advance(&mut world, Platform::WechatShop, number, until)?;
                wechat_shop::traced(&mut world, number, &steps);
                Ok(steps.len())
            }
            Some(Platform::Pinduoduo) => {
                ebill::advance(&mut world, Platform::Pinduoduo, number, until).map(|steps| steps.len())
            }
            _ => express::advance(&mut world, number, until, reverse),
        }
    }

    /// Sends an express parcel on a course of scans to come; gives how many. What a course holds is in [`Course`].
    ///
    /// # Errors
    /// When nobody knows the number, or it is cancelled.
    pub fn travel(&self, number: &str, course: Course) -> Result<usize, String> {
        express::travel(&mut lock(&self.world), number, course)
    }

    /// One scan of an express parcel, at any time; gives its id.
    ///
    /// # Errors
    /// When nobody knows the number, or it is cancelled.
    pub fn scan(&self, number: &str, scan: &NewScan) -> Result<String, String> {
        express::scan(&mut lock(&self.world), number, scan)
    }

    /// Nothing moves at a hub: every parcel that has yet to leave it comes later. Gives how many.
    pub fn storm(&self, storm: &Storm) -> usize {
        express::storm(&mut lock(&self.world), storm)
    }

    /// Kuaidi100 gives a subscription up, in its words for a number without records.
    ///
    /// # Errors
    /// When it watches no such number.
    pub fn abort(&self, number: &str) -> Result<(), String> {
        express::abort(&mut lock(&self.world), number, "3天查询无记录")
    }

    /// Numbers charged and not given back, by carrier and order id.
    pub fn charged(&self) -> BTreeMap<String, BTreeMap<String, u64>> {
        let mut counts: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
        for waybill in lock(&self.world).waybills.iter().filter(|w| !w.cancelled) {
            let of_carrier = counts.entry(waybill.platform.name().to_owned()).or_default();
            *of_carrier.entry(waybill.key.clone()).or_default() += 1;
        }
        counts
    }

    /// Messages accepted, by provider and the sender's id of them.
    pub fn notices(&self) -> BTreeMap<String, BTreeMap<String, u64>> {
        notice::counts(&lock(&self.world))
    }

    /// Adds numbers to a carrier's stock; gives what is in it now.
    pub fn recharge(&self, platform: Platform, numbers: i64) -> i64 {
        let mut world = lock(&self.world);
        express::recharge(&mut world, platform, numbers);
        express::left(&world, platform)
    }

    /// JD splits an order of several lines: the parent is cancelled, its children are new orders.
    ///
    /// # Errors
    /// When there is no such order, or it cannot be split.
    pub fn split(&self, id: i64) -> Result<Vec<i64>, String> {
        jd::split(&mut lock(&self.world), id)
    }

    /// Makes something go wrong.
    pub fn fault(&self, platform: Platform, fault: Fault) {
        let mut world = lock(&self.world);
        let now = clock::now_ms();
        world.faults(platform).add(fault, now);
    }

    /// The seller agrees on the platform's page: the code that the callback gets. `None` where the platform has no such
    /// page or no such shop.
    pub fn authorise(&self, platform: Platform, shop: &str) -> Option<String> {
        let mut world = lock(&self.world);
        let now = world.now(platform);
        tokens::of(&mut world, platform)?.agree(shop, now)
    }

    /// The shop's tokens that hold now: what a seller would paste. `None` where the platform has none.
    pub fn shop_tokens(&self, platform: Platform, shop: &str) -> Option<tokens::ShopTokens> {
        tokens::of(&mut lock(&self.world), platform)?.current(shop)
    }

    /// How the printer behaves from now on.
    pub fn printer(&self, mode: printer::Mode) {
        lock(&self.world).printer = mode;
    }

    /// How the print component behaves from now on.
    pub fn component(&self, mode: component::Mode) {
        lock(&self.world).component = mode;
    }

    /// Tells the platforms where to push. WooCommerce pings at once, as it does on saving a webhook.
    pub fn connect(&self, targets: &Targets) {
        let mut world = lock(&self.world);
        if let Some(url) = &targets.shopify {
            shopify::subscribe_all(&mut world, url);
        }
        if let Some(url) = &targets.woocommerce {
            for topic in ["order.created", "order.updated"] {
                woo::subscribe(&mut world, topic, url);
            }
        }
        if let Some(url) = &targets.own_shop {
            world.own_shop.url = Some(url.clone());
        }
        if let Some(url) = &targets.douyin {
            douyin::connect(&mut world, url);
        }
        if let Some(url) = &targets.kuaishou {
            kuaishou::connect(&mut world, url);
        }
        if let Some(url) = &targets.xiaohongshu {
            xiaohongshu::connect(&mut world, url);
        }
        if let Some(url) = &targets.wechat_shop {
            wechat_shop::connect(&mut world, url);
        }
        if let Some(url) = &targets.sf {
            world.sf.target = Some((url.clone(), targets.sf_form));
        }
        for (platform, url) in targets.express() {
            if let Some(url) = url {
                world.express.targets.insert(platform, url.clone());
            }
        }
        if let Some(url) = &targets.cainiao {
            world.cainiao.target = Some(url.clone());
        }
    }
}

/// Planned scans happen when they are due.
pub(crate) async fn parcels_move(running: Running) {
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        express::tick(&mut lock(&running.world));
    }
}

/// A change of a placed order; one that names nothing moves the buyer to a drawn address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Modify {
    /// New receiver.
    pub receiver: Option<Receiver>,
    /// New buyer's remark.
    pub remark: Option<String>,
    /// New seller's remark.
    pub seller_remark: Option<String>,
    /// Taobao: paid, but must not be shipped (true), or may again (false).
    pub hold: Option<bool>,
}
