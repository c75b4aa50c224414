//! One order as the simulators keep it, whichever platform shows it.

use crate::fiction::{Good, Receiver};
use crate::numbers;
use serde::{Deserialize, Serialize};

/// The simulated parties; each has its own address, faults and counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    /// Shopify's Admin API.
    Shopify,
    /// A WooCommerce site.
    Woocommerce,
    /// Taobao's gateway.
    Taobao,
    /// A site of the seller's own.
    OwnShop,
    /// JD's gateway.
    Jd,
    /// Pinduoduo's gateway, its e-waybills too.
    Pinduoduo,
    /// Amazon's Selling Partner API and its token service.
    Amazon,
    /// Douyin's shop gateway.
    Douyin,
    /// Kuaishou's shop gateway.
    Kuaishou,
    /// Xiaohongshu's gateway.
    Xiaohongshu,
    /// WeChat Shop's API.
    WechatShop,
    /// Cainiao's waybill service, on a second address of the same gateway.
    Cainiao,
    /// SF Express.
    Sf,
    /// YTO.
    Yto,
    /// ZTO.
    Zto,
    /// STO.
    Sto,
    /// Yunda.
    Yunda,
    /// JD logistics.
    JdLogistics,
    /// J&T Express China.
    Jtexpress,
    /// Kuaidi100: numbers and tracking of many carriers.
    Kuaidi100,
    /// KDNiao: numbers and tracking of many carriers.
    Kdniao,
    /// EasyPost's trackers.
    Easypost,
    /// AfterShip's trackings.
    Aftership,
    /// 17TRACK's numbers.
    #[serde(rename = "17track")]
    SeventeenTrack,
    /// TrackingMore's trackings.
    Trackingmore,
    /// Aliyun SMS.
    Sms,
    /// WeCom's group robots.
    Wecom,
    /// DingTalk's group robots.
    Dingtalk,
    /// Feishu's group robots.
    Feishu,
    /// A provider of e-mail.
    Email,
    /// Whoever takes the hub's own webhooks.
    WebhookOut,
    /// The platform's print component.
    Component,
    /// The label printer at port 9100.
    Printer,
}

impl Platform {
    /// Every platform that sells.
    pub const CHANNELS: [Platform; 11] = [
        Platform::Shopify,
        Platform::Woocommerce,
        Platform::Taobao,
        Platform::OwnShop,
        Platform::Jd,
        Platform::Pinduoduo,
        Platform::Amazon,
        Platform::Douyin,
        Platform::Kuaishou,
        Platform::Xiaohongshu,
        Platform::WechatShop,
    ];

    /// The name used in JSON and in the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Platform::Shopify => "shopify",
            Platform::Woocommerce => "woocommerce",
            Platform::Taobao => "taobao",
            Platform::OwnShop => "own-shop",
            Platform::Jd => "jd",
            Platform::Pinduoduo => "pinduoduo",
            Platform::Amazon => "amazon",
            Platform::Douyin => "douyin",
            Platform::Kuaishou => "kuaishou",
            Platform::Xiaohongshu => "xiaohongshu",
            Platform::WechatShop => "wechat-shop",
            Platform::Cainiao => "cainiao",
            Platform::Sf => "sf",
            Platform::Yto => "yto",
            Platform::Zto => "zto",
            Platform::Sto => "sto",
            Platform::Yunda => "yunda",
            Platform::JdLogistics => "jd-logistics",
            Platform::Jtexpress => "jtexpress",
            Platform::Kuaidi100 => "kuaidi100",
            Platform::Kdniao => "kdniao",
            Platform::Easypost => "easypost",
            Platform::Aftership => "aftership",
            Platform::SeventeenTrack => "17track",
            Platform::Trackingmore => "trackingmore",
            Platform::Sms => "sms",
            Platform::Wecom => "wecom",
            Platform::Dingtalk => "dingtalk",
            Platform::Feishu => "feishu",
            Platform::Email => "email",
            Platform::WebhookOut => "webhook-out",
            Platform::Component => "component",
            Platform::Printer => "printer",
        }
    }
}

/// How far a line's refund went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Refund {
    /// None asked for.
    #[default]
    None,
    /// The buyer asked; the seller has not agreed.
    Requested,
    /// Money went back.
    Done,
}

/// Where the order stands, apart from shipping and refunds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Placed.
    Unpaid,
    /// Paid.
    Paid,
    /// Received by the buyer.
    Completed,
    /// Given up before or after payment.
    Cancelled,
}

/// A line.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// The platform's line id.
    pub id: i64,
    /// What is sold.
    pub good: Good,
    /// Pieces.
    pub qty: i64,
    /// Unit price in hundredths.
    pub unit_price: i64,
    /// Pieces the platform was told are shipped.
    pub shipped: i64,
    /// Its refund.
    pub refund: Refund,
}

impl Line {
    /// Price times pieces, in hundredths.
    pub fn amount(&self) -> i64 {
        self.unit_price.saturating_mul(self.qty)
    }
    /// Pieces still to ship.
    pub fn open(&self) -> i64 {
        if self.refund == Refund::Done { 0 } else { (self.qty - self.shipped).max(0) }
    }
}

/// A shipment the platform was told of.
#[derive(Clone, Debug, Serialize)]
pub struct Shipment {
    /// The platform's id of it.
    pub id: i64,
    /// The caller's reference, where the protocol has one.
    pub reference: String,
    /// Carrier as told.
    pub carrier: String,
    /// Waybill number as told.
    pub number: String,
    /// Line id and pieces.
    pub lines: Vec<(i64, i64)>,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// An order.
#[derive(Clone, Debug, Serialize)]
pub struct Order {
    /// Where it was placed.
    pub platform: Platform,
    /// The shop's nick where one platform has several; else empty.
    pub shop: String,
    /// The platform's id.
    pub id: i64,
    /// Running number shown to people.
    pub number: i64,
    /// Its stage.
    pub stage: Stage,
    /// Placed, Unix ms.
    pub created_ms: i64,
    /// Last change, Unix ms.
    pub modified_ms: i64,
    /// Paid, Unix ms.
    pub paid_ms: Option<i64>,
    /// Cancelled or completed, Unix ms.
    pub ended_ms: Option<i64>,
    /// ISO 4217.
    pub currency: String,
    /// Freight in hundredths.
    pub shipping: i64,
    /// Lines.
    pub lines: Vec<Line>,
    /// Receiver in clear.
    pub receiver: Receiver,
    /// The buyer's words.
    pub buyer_remark: String,
    /// The seller's words.
    pub seller_remark: String,
    /// Shipments told.
    pub shipments: Vec<Shipment>,
    /// Free fields a platform lets others write (WooCommerce's `meta_data`).
    pub meta: Vec<(i64, String, String)>,
    /// Notes others wrote.
    pub notes: Vec<(i64, String, bool)>,
}

impl Order {
    /// The id as the platform writes it.
    pub fn text_id(&self) -> String {
        numbers::text_id(self.platform, self.id, self.created_ms)
    }
    /// Whether it was placed with this tag, or given it since.
    pub fn tagged(&self, tag: &str) -> bool {
        self.meta.iter().any(|m| m.1 == tag)
    }
    /// Goods, in hundredths.
    pub fn goods_total(&self) -> i64 {
        self.lines.iter().map(Line::amount).sum()
    }
    /// Goods and freight, in hundredths.
    pub fn total(&self) -> i64 {
        self.goods_total() + self.shipping
    }
    /// Whether nothing is left to ship and something was.
    pub fn fully_shipped(&self) -> bool {
        self.lines.iter().any(|l| l.shipped > 0) && self.lines.iter().all(|l| l.open() == 0)
    }
    /// Whether something was shipped.
    pub fn partly_shipped(&self) -> bool {
        self.lines.iter().any(|l| l.shipped > 0)
    }
    /// Whether every line's money went back.
    pub fn refunded(&self) -> bool {
        !self.lines.is_empty() && self.lines.iter().all(|l| l.refund == Refund::Done)
    }
    /// Whether some line's refund is asked for.
    pub fn refunding(&self) -> bool {
        self.lines.iter().any(|l| l.refund == Refund::Requested)
    }
    /// One line by id.
    pub fn line(&self, id: i64) -> Option<&Line> {
        self.lines.iter().find(|l| l.id == id)
    }
    /// Books pieces as shipped under a number.
    pub fn ship(&mut self, shipment: Shipment) {
        for (id, qty) in &shipment.lines {
            if let Some(line) = self.lines.iter_mut().find(|l| l.id == *id) {
                line.shipped += qty;
            }
        }
        self.shipments.push(shipment);
    }
}

/// Hundredths as a decimal text, `12800` → `128.00`.
pub fn decimal(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let all = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", all / 100, all % 100)
}

/// Reads a decimal text of at most two places into hundredths.
pub fn hundredths(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part = match part.len() {
        0 => 0,
        1 => part.parse::<i64>().ok()? * 10,
        2 => part.parse::<i64>().ok()?,
        _ => return None,
    };
    let whole: i64 = whole.parse().ok()?;
    whole.checked_mul(100)?.checked_add(if text.starts_with('-') { -part } else { part })
}

/// What a test or the demo asks for when placing an order; everything may be left out and is then drawn.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewOrder {
    /// Which shop of a platform with several.
    pub shop: Option<String>,
    /// Whether it is paid at once; default true.
    pub paid: Option<bool>,
    /// Lines; else one to three drawn ones.
    pub lines: Option<Vec<NewLine>>,
    /// Receiver; else a drawn one.
    pub receiver: Option<Receiver>,
    /// The buyer's remark; else drawn.
    pub remark: Option<String>,
    /// ISO 4217; default CNY, at Amazon USD.
    pub currency: Option<String>,
    /// Says nothing by webhook: only polling finds it.
    pub silent: bool,
    /// What else is so about it, in the platform's own module (`hold`, `fba`, …).
    pub tags: Vec<String>,
}

/// A line of a [`NewOrder`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewLine {
    /// The merchant's code; one not in the catalogue becomes a new good.
    pub sku: String,
    /// Pieces.
    #[serde(default = "one")]
    pub qty: i64,
    /// Decimal text; default the catalogue's.
    pub unit_price: Option<String>,
    /// Title; default the catalogue's.
    pub title: Option<String>,
}

fn one() -> i64 {
    1
}
