//! The demo: a hub is set up for the simulated shops, orders come in about every second over all channels, parcels
//! move on some seconds after they were confirmed, and every event is a line in Chinese and English.

mod packer;
mod setup;
mod shops;

use crate::order::{NewOrder, Platform, Refund};
use crate::push::{client, send};
use crate::{Addresses, Options, Platforms, Running, Targets, Until};
use bytes::Bytes;
use http::Method;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How the demo runs.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The hub's origin.
    pub hub: String,
    /// The folder for `platforms.env` and `platforms.json`.
    pub state: PathBuf,
    /// Opens the hub's `/api/v1`.
    pub admin_token: String,
    /// Draws people, goods and what happens to orders.
    pub seed: u64,
    /// Between two orders.
    pub every: Duration,
    /// So many orders, then end when their parcels have arrived; 0 goes on until stopped.
    pub orders: u64,
}

/// What happens to an order after it was placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Nothing out of the ordinary.
    Nothing,
    /// It was placed unpaid and is paid some seconds later.
    PaidLater,
    /// The buyer gives it up at once.
    Cancelled,
    /// The buyer asks for the money back.
    RefundAsked,
}

/// One order of the demo.
#[derive(Clone, Debug)]
pub struct DemoOrder {
    /// Where it is placed.
    pub platform: Platform,
    /// What is ordered.
    pub order: NewOrder,
    /// What happens then.
    pub after: After,
}

/// The demo's orders, without end: each channel in turn, mostly plain ones.
pub fn orders_for_demo(seed: u64) -> impl Iterator<Item = DemoOrder> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let turns = [
        Platform::Taobao,
        Platform::OwnShop,
        Platform::Shopify,
        Platform::Woocommerce,
        Platform::Jd,
        Platform::Pinduoduo,
        Platform::Amazon,
        Platform::Douyin,
        Platform::Kuaishou,
        Platform::Xiaohongshu,
        Platform::WechatShop,
    ];
    turns.into_iter().cycle().map(move |platform| {
        let after = match rng.u8(0..30) {
            0 | 1 => After::PaidLater,
            2 => After::Cancelled,
            3 => After::RefundAsked,
            _ => After::Nothing,
        };
        let order = NewOrder { paid: Some(after != After::PaidLater), ..NewOrder::default() };
        DemoOrder { platform, order, after }
    })
}

fn say(zh: &str, en: &str) {
    println!("{zh} · {en}");
}

/// Runs the demo.
///
/// # Errors
/// When no address can be listened on, the folder cannot be written, or the hub does not answer within ten minutes.
pub async fn run(plan: Plan) -> Result<(), String> {
    let options = Options { seed: plan.seed, speed: 120, ..Options::default() };
    let running = Platforms::start(options).await.map_err(|e| e.to_string())?;
    write_files(&plan.state, running.addresses()).map_err(|e| format!("{}: {e}", plan.state.display()))?;
    say("模拟平台已启动", &format!("simulated platforms are up, control at {}", running.addresses().control));
    set_up(&plan.hub, &plan.admin_token, &running).await?;
    say("开始下单", "orders begin");
    Story::new(running).play(&plan).await
}

/// Sets a hub up for the simulators by its own API, and has them push to it. Says how many settings were refused.
///
/// # Errors
/// When the hub does not answer within ten minutes.
pub async fn set_up(hub: &str, admin_token: &str, running: &Running) -> Result<usize, String> {
    wait_for_hub(hub).await?;
    let refused = configure(hub, admin_token, running).await;
    running.connect(&targets(hub));
    Ok(refused)
}

/// Where the simulators push to, at a hub with the demo's shops.
pub fn targets(hub: &str) -> Targets {
    Targets {
        shopify: Some(format!("{hub}/webhook/shopify/{}", setup::SHOPIFY)),
        woocommerce: Some(format!("{hub}/webhook/woocommerce/{}", setup::WOO)),
        own_shop: Some(format!("{hub}/webhook/own-shop/{}", setup::OWN)),
        sf: Some(format!("{hub}/track/sf/{}/{}", setup::SF, setup::SF_SECRET)),
        yto: Some(format!("{hub}/track/yto/{}", setup::YTO)),
        zto: Some(format!("{hub}/track/zto/{}", setup::ZTO)),
        jd_logistics: Some(format!("{hub}/track/jd-logistics/{}/{}", setup::JD_LOGISTICS, setup::JDL_SECRET)),
        sf_form: false,
        cainiao: Some(format!("{hub}/track/cainiao/{}", setup::CAINIAO)),
        douyin: Some(format!("{hub}/webhook/douyin/{}", setup::DOUYIN)),
        kuaishou: Some(format!("{hub}/webhook/kuaishou/{}", setup::KUAISHOU)),
        xiaohongshu: Some(format!("{hub}/webhook/xiaohongshu/{}", setup::XIAOHONGSHU)),
        wechat_shop: Some(format!("{hub}/webhook/wechat-shop/{}", setup::WECHAT)),
        ..Targets::default()
    }
}

/// The variables that lead a hub to the simulators.
pub fn variables(addresses: &Addresses) -> Vec<(&'static str, String)> {
    let private = [&addresses.woocommerce, &addresses.own_shop, &addresses.shopify, &addresses.webhook_out]
        .map(String::as_str)
        .join(",");
    vec![
        ("SPIN_VARIABLE_TAOBAO_URL", addresses.taobao.clone()),
        ("SPIN_VARIABLE_SF_URL", addresses.sf.clone()),
        ("SPIN_VARIABLE_CAINIAO_URL", addresses.cainiao.clone()),
        ("SPIN_VARIABLE_JD_URL", addresses.jd.clone()),
        ("SPIN_VARIABLE_JD_AUTH_URL", addresses.jd.clone()),
        ("SPIN_VARIABLE_PINDUODUO_URL", addresses.pinduoduo.clone()),
        ("SPIN_VARIABLE_PINDUODUO_AUTH_URL", addresses.pinduoduo.clone()),
        ("SPIN_VARIABLE_PINDUODUO_PAGE_URL", addresses.pinduoduo.clone()),
        ("SPIN_VARIABLE_AMAZON_URL", addresses.amazon.clone()),
        ("SPIN_VARIABLE_AMAZON_EU_URL", addresses.amazon.clone()),
        ("SPIN_VARIABLE_AMAZON_FE_URL", addresses.amazon.clone()),
        ("SPIN_VARIABLE_AMAZON_AUTH_URL", addresses.amazon.clone()),
        ("SPIN_VARIABLE_AMAZON_PAGE_URL", addresses.amazon.clone()),
        ("SPIN_VARIABLE_DOUYIN_URL", addresses.douyin.clone()),
        ("SPIN_VARIABLE_DOUYIN_AUTH_URL", addresses.douyin.clone()),
        ("SPIN_VARIABLE_KUAISHOU_URL", addresses.kuaishou.clone()),
        ("SPIN_VARIABLE_KUAISHOU_PAGE_URL", addresses.kuaishou.clone()),
        ("SPIN_VARIABLE_XIAOHONGSHU_URL", addresses.xiaohongshu.clone()),
        ("SPIN_VARIABLE_WECHAT_SHOP_URL", addresses.wechat_shop.clone()),
        ("SPIN_VARIABLE_YTO_URL", addresses.yto.clone()),
        ("SPIN_VARIABLE_ZTO_URL", addresses.zto.clone()),
        ("SPIN_VARIABLE_STO_URL", addresses.sto.clone()),
        ("SPIN_VARIABLE_YUNDA_URL", addresses.yunda.clone()),
        ("SPIN_VARIABLE_JD_LOGISTICS_URL", addresses.jd_logistics.clone()),
        ("SPIN_VARIABLE_JTEXPRESS_URL", addresses.jtexpress.clone()),
        ("SPIN_VARIABLE_KUAIDI100_URL", addresses.kuaidi100.clone()),
        ("SPIN_VARIABLE_KDNIAO_URL", addresses.kdniao.clone()),
        ("SPIN_VARIABLE_AGGREGATOR_EASYPOST_URL", addresses.easypost.clone()),
        ("SPIN_VARIABLE_AGGREGATOR_AFTERSHIP_URL", addresses.aftership.clone()),
        ("SPIN_VARIABLE_AGGREGATOR_17TRACK_URL", addresses.seventeen_track.clone()),
        ("SPIN_VARIABLE_AGGREGATOR_TRACKINGMORE_URL", addresses.trackingmore.clone()),
        ("SPIN_VARIABLE_SMS_URL", addresses.sms.clone()),
        ("SPIN_VARIABLE_WECOM_URL", addresses.wecom.clone()),
        ("SPIN_VARIABLE_DINGTALK_URL", addresses.dingtalk.clone()),
        ("SPIN_VARIABLE_FEISHU_URL", addresses.feishu.clone()),
        ("SPIN_VARIABLE_EMAIL_URL", addresses.email.clone()),
        ("SPIN_VARIABLE_ALLOW_PRIVATE_HOSTS", private),
    ]
}

/// The simulated shops as `POST /api/v1/shops` takes them.
pub fn shops(running: &Running) -> Vec<serde_json::Value> {
    shops::all(running).into_iter().map(|step| step.body).collect()
}

/// The variables that lead a hub to the simulators, and every address as JSON.
fn write_files(state: &Path, addresses: &Addresses) -> io::Result<()> {
    std::fs::create_dir_all(state)?;
    let lines = variables(addresses);
    let text: String = lines.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    write_whole(&state.join("platforms.env"), &text)?;
    let json = serde_json::to_string_pretty(addresses).map_err(io::Error::other)?;
    write_whole(&state.join("platforms.json"), &json)
}

/// Who waits for the file never sees half of it.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let new = path.with_extension("new");
    std::fs::write(&new, text)?;
    std::fs::rename(&new, path)
}

async fn wait_for_hub(hub: &str) -> Result<(), String> {
    let http = client();
    let url = format!("{hub}/healthz");
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(600) {
        let answer = send(&http, Method::GET, &url, &[], Bytes::new()).await;
        if answer.is_some_and(|a| a.success()) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    Err(format!("{hub} 十分钟内没有应答 · did not answer within ten minutes"))
}

async fn configure(hub: &str, admin_token: &str, running: &Running) -> usize {
    let http = client();
    let (mut done, mut refused) = (0, 0);
    for step in setup::steps(running) {
        let mut answer = setup::ask(&http, hub, admin_token, &step).await;
        if answer.status == 409 {
            // From a demo before this one: addresses may have changed.
            if let Some(again) = step.patch() {
                answer = setup::ask(&http, hub, admin_token, &again).await;
            } else {
                done += 1;
                continue;
            }
        }
        if answer.success() {
            done += 1;
        } else {
            refused += 1;
            let why = String::from_utf8_lossy(&answer.body).chars().take(300).collect::<String>();
            eprintln!("{} {}: {} {why}", step.method, step.path, answer.status);
        }
    }
    say(&format!("已写入 {done} 项设置，{refused} 项被拒"), &format!("{done} settings made, {refused} refused"));
    refused
}

/// A parcel on its way.
struct Parcel {
    platform: Platform,
    order: i64,
    next: Until,
    due: Instant,
}

struct Story {
    running: Running,
    parcels: BTreeMap<String, Parcel>,
    later: Vec<(Instant, Platform, i64)>,
    confirmations: usize,
    waybills: usize,
    paper: usize,
    last_event: Instant,
}

impl Story {
    fn new(running: Running) -> Story {
        let parcels = BTreeMap::new();
        Story {
            running,
            parcels,
            later: Vec::new(),
            confirmations: 0,
            waybills: 0,
            paper: 0,
            last_event: Instant::now(),
        }
    }

    async fn play(mut self, plan: &Plan) -> Result<(), String> {
        let mut orders = orders_for_demo(plan.seed);
        let mut placed = 0;
        let mut next_order = Instant::now();
        let mut packer = packer::Packer::new(&plan.hub, &plan.admin_token);
        let mut stop = std::pin::pin!(tokio::signal::ctrl_c());
        loop {
            tokio::select! {
                stopped = &mut stop => return stopped.map_err(|e| e.to_string()),
                () = tokio::time::sleep(Duration::from_millis(200)) => {}
            }
            if (plan.orders == 0 || placed < plan.orders) && Instant::now() >= next_order {
                if let Some(order) = orders.next() {
                    self.place(&order)?;
                }
                placed += 1;
                next_order = Instant::now() + plan.every;
            }
            self.pay_later();
            for number in packer.work().await {
                self.event(&format!("打包员交运 {number}"), "the packer hands it over");
            }
            self.look();
            self.move_parcels();
            let finished = plan.orders > 0 && placed >= plan.orders && self.parcels.is_empty();
            if finished && self.last_event.elapsed() > Duration::from_secs(20) {
                return Ok(());
            }
        }
    }

    fn event(&mut self, zh: &str, en: &str) {
        self.last_event = Instant::now();
        say(zh, en);
    }

    fn place(&mut self, wanted: &DemoOrder) -> Result<(), String> {
        let (platform, name) = (wanted.platform, wanted.platform.name());
        let id = self.running.place(platform, &wanted.order)?;
        let seen = self.running.ledger().orders.pop().map(|o| (o.total, o.order.receiver.city));
        let (total, city) = seen.unwrap_or_default();
        self.event(&format!("新订单 {name} {id} ¥{total} → {city}"), "new order");
        match wanted.after {
            After::Nothing => {}
            After::PaidLater => self.later.push((Instant::now() + Duration::from_secs(6), platform, id)),
            After::Cancelled => {
                self.running.cancel(platform, id)?;
                self.event(&format!("取消 {name} {id}"), "cancelled by the buyer");
            }
            After::RefundAsked => {
                self.running.refund(platform, id, &[], Refund::Requested)?;
                self.event(&format!("申请退款 {name} {id}"), "refund asked for");
            }
        }
        Ok(())
    }

    fn pay_later(&mut self) {
        let now = Instant::now();
        let due: Vec<(Platform, i64)> = self.later.iter().filter(|l| l.0 <= now).map(|l| (l.1, l.2)).collect();
        self.later.retain(|l| l.0 > now);
        for (platform, id) in due {
            if self.running.pay(platform, id).is_ok() {
                self.event(&format!("付款 {} {id}", platform.name()), "paid");
            }
        }
    }

    /// Tells what the platforms saw since the last look.
    fn look(&mut self) {
        let ledger = self.running.ledger();
        for waybill in ledger.waybills.iter().skip(self.waybills) {
            self.event(&format!("面单号 {} {}", waybill.carrier, waybill.number), "waybill number taken");
        }
        self.waybills = ledger.waybills.len();
        for paper in ledger.paper.iter().skip(self.paper) {
            self.event(&format!("出纸 {} {}", paper.language, paper.number), "label on paper");
        }
        self.paper = ledger.paper.len();
        for told in ledger.confirmations.iter().skip(self.confirmations) {
            let name = told.platform.name();
            self.event(
                &format!("已回传 {name} {} {} {}", told.order, told.carrier, told.number),
                "channel told it is shipped",
            );
            let known = ledger.waybills.iter().any(|w| w.number == told.number);
            if known && !self.parcels.contains_key(&told.number) {
                let due = Instant::now() + Duration::from_secs(4);
                let parcel = Parcel { platform: told.platform, order: told.order, next: Until::PickedUp, due };
                self.parcels.insert(told.number.clone(), parcel);
            }
        }
        self.confirmations = ledger.confirmations.len();
    }

    fn move_parcels(&mut self) {
        let now = Instant::now();
        let due: Vec<String> = self.parcels.iter().filter(|p| p.1.due <= now).map(|p| p.0.clone()).collect();
        for number in due {
            let Some(mut parcel) = self.parcels.remove(&number) else { continue };
            if self.running.advance(&number, parcel.next, false).is_err() {
                continue;
            }
            let (zh, en, next) = match parcel.next {
                Until::PickedUp => ("已揽收", "picked up", Some(Until::InTransit)),
                Until::InTransit => ("运输中", "in transit", Some(Until::OutForDelivery)),
                Until::OutForDelivery | Until::Problem => ("派送中", "out for delivery", Some(Until::Delivered)),
                Until::Delivered => ("已签收", "delivered", None),
            };
            self.event(&format!("{zh} {number}"), en);
            match next {
                Some(next) => {
                    parcel.next = next;
                    parcel.due = now + Duration::from_secs(3);
                    self.parcels.insert(number, parcel);
                }
                // The buyer confirms what has arrived.
                None => drop(self.running.complete(parcel.platform, parcel.order)),
            }
        }
    }
}
