//! Simulated sales channels, carriers, a print component and a label printer.
//!
//! Each stands on an address of its own and behaves as the descriptions of the real one say: signatures, time windows,
//! paging, limits, errors, retries. What they saw is the [`Ledger`], which tests compare the product with. They were
//! written from the protocols' descriptions without reading the adapters.
//!
//! ```ignore
//! use huidan_platforms::{NewOrder, Options, Platform, Platforms};
//! let running = Platforms::start(Options::default()).await?;
//! let id = running.place(Platform::Shopify, &NewOrder::default()).expect("placed");
//! println!("order {id} at {}", running.addresses().shopify);
//! ```

// One `json!` holds a whole order.
#![recursion_limit = "256"]

mod aftership;
mod amazon;
mod cainiao;
mod clock;
pub mod component;
mod consent;
mod control;
pub mod demo;
mod douyin;
mod easypost;
mod ebill;
pub mod express;
pub mod faults;
pub mod fiction;
mod fields;
mod jd;
mod jd_logistics;
mod jtexpress;
mod kdniao;
mod kuaidi100;
mod kuaishou;
pub mod ledger;
mod news;
pub mod notice;
mod numbers;
mod options;
pub mod order;
mod own_shop;
mod pinduoduo;
mod placing;
pub mod printer;
mod push;
mod rate;
mod running;
pub mod seal;
mod server;
mod seventeen_track;
pub mod sf;
mod shopify;
pub mod sign;
mod still;
mod sto;
mod taobao;
mod tokens;
mod trackingmore;
mod wechat_shop;
mod woo;
mod world;
mod xiaohongshu;
mod yto;
mod yunda;
mod zto;

pub use amazon::Options as AmazonOptions;
pub use douyin::Options as DouyinOptions;
pub use express::{CarrierOptions, Course, NewScan, Parcel, Repeats, Scan, ScanKind, Storm};
pub use faults::{Fault, FaultAt, When};
pub use fiction::{Good, Receiver};
pub use jd::Options as JdOptions;
pub use kuaishou::Options as KuaishouOptions;
pub use ledger::Ledger;
pub use notice::{EmailOptions, NoticeSeen, RobotOptions, SmsOptions, WebhookOutOptions};
pub use options::{
    CainiaoOptions, Options, OwnShopOptions, SfOptions, ShopifyOptions, TaobaoOptions, WoocommerceOptions,
};
pub use order::{NewLine, NewOrder, Order, Platform, Refund, Stage};
pub use pinduoduo::Options as PinduoduoOptions;
pub use running::{Modify, Running};
pub use sf::Until;
pub use still::{Delivery, Still};
pub use tokens::ShopTokens;
pub use wechat_shop::Options as WechatShopOptions;
pub use xiaohongshu::Options as XiaohongshuOptions;

use serde::{Deserialize, Serialize};
use server::Face;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use world::{Shared, World};

/// Where everything listens.
#[derive(Clone, Debug, Serialize)]
pub struct Addresses {
    /// Origin of Shopify's Admin API.
    pub shopify: String,
    /// Origin of the WooCommerce site.
    pub woocommerce: String,
    /// Origin of Taobao's gateway; calls go to `/router/rest`.
    pub taobao: String,
    /// Origin of the same gateway for Cainiao's methods.
    pub cainiao: String,
    /// Origin of the own site.
    pub own_shop: String,
    /// Origin of JD's gateway, its tokens too.
    pub jd: String,
    /// Origin of Pinduoduo's gateway, its tokens too.
    pub pinduoduo: String,
    /// Origin of Amazon's Selling Partner API, its tokens too.
    pub amazon: String,
    /// Origin of Douyin's shop gateway, its tokens too.
    pub douyin: String,
    /// Origin of Kuaishou's shop gateway, its tokens too.
    pub kuaishou: String,
    /// Origin of Xiaohongshu's gateway, its tokens too.
    pub xiaohongshu: String,
    /// Origin of WeChat Shop's API, its tokens too.
    pub wechat_shop: String,
    /// Origin of SF; calls go to `/std/service`.
    pub sf: String,
    /// Origin of YTO.
    pub yto: String,
    /// Origin of ZTO.
    pub zto: String,
    /// Origin of STO.
    pub sto: String,
    /// Origin of Yunda.
    pub yunda: String,
    /// Origin of JD logistics.
    pub jd_logistics: String,
    /// Origin of J&T Express.
    pub jtexpress: String,
    /// Origin of Kuaidi100.
    pub kuaidi100: String,
    /// Origin of KDNiao.
    pub kdniao: String,
    /// Origin of EasyPost.
    pub easypost: String,
    /// Origin of AfterShip.
    pub aftership: String,
    /// Origin of 17TRACK.
    pub seventeen_track: String,
    /// Origin of TrackingMore.
    pub trackingmore: String,
    /// Origin of Aliyun SMS.
    pub sms: String,
    /// Origin of WeCom's robots.
    pub wecom: String,
    /// Origin of DingTalk's robots.
    pub dingtalk: String,
    /// Origin of Feishu's robots.
    pub feishu: String,
    /// Origin of the provider of e-mail.
    pub email: String,
    /// Origin of whoever takes the hub's webhooks.
    pub webhook_out: String,
    /// WebSocket URL of the print component.
    pub component: String,
    /// `host:port` of the label printer.
    pub printer: String,
    /// Origin of the control port.
    pub control: String,
}

impl Addresses {
    /// From the origins of [`FACES`], in their order.
    fn of(origins: Vec<String>) -> Addresses {
        let mut origins = origins.into_iter();
        let mut next = || origins.next().unwrap_or_default();
        Addresses {
            shopify: next(),
            woocommerce: next(),
            taobao: next(),
            cainiao: next(),
            own_shop: next(),
            jd: next(),
            pinduoduo: next(),
            amazon: next(),
            douyin: next(),
            kuaishou: next(),
            xiaohongshu: next(),
            wechat_shop: next(),
            sf: next(),
            yto: next(),
            zto: next(),
            sto: next(),
            yunda: next(),
            jd_logistics: next(),
            jtexpress: next(),
            kuaidi100: next(),
            kdniao: next(),
            easypost: next(),
            aftership: next(),
            seventeen_track: next(),
            trackingmore: next(),
            sms: next(),
            wecom: next(),
            dingtalk: next(),
            feishu: next(),
            email: next(),
            webhook_out: next(),
            component: String::new(),
            printer: String::new(),
            control: String::new(),
        }
    }
}

/// Everything that is called over HTTP.
const FACES: [Face; 31] = [
    shopify::FACE,
    woo::FACE,
    taobao::FACE,
    taobao::CAINIAO_FACE,
    own_shop::FACE,
    jd::FACE,
    pinduoduo::FACE,
    amazon::FACE,
    douyin::FACE,
    kuaishou::FACE,
    xiaohongshu::FACE,
    wechat_shop::FACE,
    sf::FACE,
    yto::FACE,
    zto::FACE,
    sto::FACE,
    yunda::FACE,
    jd_logistics::FACE,
    jtexpress::FACE,
    kuaidi100::FACE,
    kdniao::FACE,
    easypost::FACE,
    aftership::FACE,
    seventeen_track::FACE,
    trackingmore::FACE,
    notice::sms::FACE,
    notice::robot::WECOM,
    notice::robot::DINGTALK,
    notice::robot::FEISHU,
    notice::email::FACE,
    notice::webhook_out::FACE,
];

/// Where the platforms push to; a part left out stays as it was.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Targets {
    /// Shopify's webhooks, all order topics.
    pub shopify: Option<String>,
    /// WooCommerce's webhooks `order.created` and `order.updated`.
    pub woocommerce: Option<String>,
    /// The own site's posts.
    pub own_shop: Option<String>,
    /// Douyin's messages.
    pub douyin: Option<String>,
    /// Kuaishou's messages.
    pub kuaishou: Option<String>,
    /// Xiaohongshu's messages.
    pub xiaohongshu: Option<String>,
    /// WeChat Shop's events.
    pub wechat_shop: Option<String>,
    /// SF's route push.
    pub sf: Option<String>,
    /// SF pushes a form with XML instead of JSON.
    pub sf_form: bool,
    /// Cainiao's LINK traces.
    pub cainiao: Option<String>,
    /// YTO's traces.
    pub yto: Option<String>,
    /// ZTO's traces.
    pub zto: Option<String>,
    /// STO's traces.
    pub sto: Option<String>,
    /// Yunda's traces.
    pub yunda: Option<String>,
    /// JD logistics's traces.
    pub jd_logistics: Option<String>,
    /// J&T Express's traces.
    pub jtexpress: Option<String>,
    /// KDNiao's traces.
    pub kdniao: Option<String>,
    /// EasyPost's traces.
    pub easypost: Option<String>,
    /// AfterShip's traces.
    pub aftership: Option<String>,
    /// 17TRACK's traces.
    pub seventeen_track: Option<String>,
    /// TrackingMore's traces.
    pub trackingmore: Option<String>,
}

impl Targets {
    /// Where the express carriers push; Kuaidi100 is told with each subscription.
    pub(crate) fn express(&self) -> [(Platform, &Option<String>); 11] {
        [
            (Platform::Yto, &self.yto),
            (Platform::Zto, &self.zto),
            (Platform::Sto, &self.sto),
            (Platform::Yunda, &self.yunda),
            (Platform::JdLogistics, &self.jd_logistics),
            (Platform::Jtexpress, &self.jtexpress),
            (Platform::Kdniao, &self.kdniao),
            (Platform::Easypost, &self.easypost),
            (Platform::Aftership, &self.aftership),
            (Platform::SeventeenTrack, &self.seventeen_track),
            (Platform::Trackingmore, &self.trackingmore),
        ]
    }
}

/// The simulators.
#[derive(Debug)]
pub struct Platforms;

impl Platforms {
    /// Starts all of them on loopback.
    ///
    /// # Errors
    /// When an address cannot be listened on.
    pub async fn start(options: Options) -> io::Result<Running> {
        let loopback = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        let (queue, pushes) = mpsc::unbounded_channel();
        let control_at = options.control;
        let world: Shared = Arc::new(Mutex::new(World::new(options, queue)));
        let mut tasks = vec![tokio::spawn(push::deliver_all(world.clone(), pushes))];
        let mut origins = Vec::new();
        for face in FACES {
            let listener = TcpListener::bind(loopback).await?;
            origins.push(format!("http://{}", listener.local_addr()?));
            tasks.push(tokio::spawn(server::serve(listener, world.clone(), face)));
        }
        let component = TcpListener::bind(loopback).await?;
        let component_at = component.local_addr()?;
        tasks.push(tokio::spawn(component::serve(component, world.clone())));
        let printer = TcpListener::bind(loopback).await?;
        let printer_at = printer.local_addr()?;
        tasks.push(tokio::spawn(printer::serve(printer, world.clone())));
        let control = TcpListener::bind(control_at).await?;
        let control_at = control.local_addr()?;
        let mut addresses = Addresses::of(origins);
        addresses.component = format!("ws://{component_at}");
        addresses.printer = printer_at.to_string();
        addresses.control = format!("http://{control_at}");
        let mut running = Running { world, addresses, tasks: Vec::new() };
        tasks.push(tokio::spawn(control::serve(control, running.quiet())));
        tasks.push(tokio::spawn(running::parcels_move(running.quiet())));
        running.tasks = tasks;
        Ok(running)
    }
}
