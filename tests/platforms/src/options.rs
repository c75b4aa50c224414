//! What the simulators start with.

use crate::express::CarrierOptions;
use crate::notice::{EmailOptions, RobotOptions, SmsOptions, WebhookOutOptions};
use crate::order::Platform;
use crate::{amazon, douyin, jd, kuaishou, pinduoduo, wechat_shop, xiaohongshu};
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// What the simulators start with. Secrets are made up; they open nothing.
#[derive(Clone, Debug)]
pub struct Options {
    /// Draws people, goods, remarks and which webhook goes missing.
    pub seed: u64,
    /// How much faster than in life retries come; 3600 makes an hour a second.
    pub speed: u32,
    /// Pieces of every good in stock at every channel.
    pub stock: i64,
    /// Where the control port listens; port 0 takes a free one.
    pub control: SocketAddr,
    /// Shopify.
    pub shopify: ShopifyOptions,
    /// WooCommerce.
    pub woocommerce: WoocommerceOptions,
    /// Taobao.
    pub taobao: TaobaoOptions,
    /// The seller's own site.
    pub own_shop: OwnShopOptions,
    /// SF Express.
    pub sf: SfOptions,
    /// Cainiao.
    pub cainiao: CainiaoOptions,
    /// JD's gateway.
    pub jd: jd::Options,
    /// Pinduoduo's gateway.
    pub pinduoduo: pinduoduo::Options,
    /// Amazon's Selling Partner API.
    pub amazon: amazon::Options,
    /// Douyin's shop gateway.
    pub douyin: douyin::Options,
    /// Kuaishou's shop gateway.
    pub kuaishou: kuaishou::Options,
    /// Xiaohongshu's gateway.
    pub xiaohongshu: xiaohongshu::Options,
    /// WeChat Shop's API.
    pub wechat_shop: wechat_shop::Options,
    /// YTO.
    pub yto: CarrierOptions,
    /// ZTO.
    pub zto: CarrierOptions,
    /// STO.
    pub sto: CarrierOptions,
    /// Yunda.
    pub yunda: CarrierOptions,
    /// JD logistics.
    pub jd_logistics: CarrierOptions,
    /// J&T Express.
    pub jtexpress: CarrierOptions,
    /// Kuaidi100.
    pub kuaidi100: CarrierOptions,
    /// KDNiao.
    pub kdniao: CarrierOptions,
    /// EasyPost.
    pub easypost: CarrierOptions,
    /// AfterShip.
    pub aftership: CarrierOptions,
    /// 17TRACK.
    pub seventeen_track: CarrierOptions,
    /// TrackingMore.
    pub trackingmore: CarrierOptions,
    /// Aliyun SMS.
    pub sms: SmsOptions,
    /// WeCom's robot.
    pub wecom: RobotOptions,
    /// DingTalk's robot.
    pub dingtalk: RobotOptions,
    /// Feishu's robot.
    pub feishu: RobotOptions,
    /// The provider of e-mail.
    pub email: EmailOptions,
    /// Whoever takes the hub's webhooks.
    pub webhook_out: WebhookOutOptions,
}

/// Shopify's shop.
#[derive(Clone, Debug, Serialize)]
pub struct ShopifyOptions {
    /// Opens the Admin API.
    pub access_token: String,
    /// Signs webhooks.
    pub client_secret: String,
    /// Named in webhooks.
    pub shop_domain: String,
    /// Points a second: 100 is the standard plan; the bucket holds twenty seconds' worth.
    pub restore_per_second: i64,
}

/// WooCommerce's site.
#[derive(Clone, Debug, Serialize)]
pub struct WoocommerceOptions {
    /// REST user.
    pub consumer_key: String,
    /// REST password.
    pub consumer_secret: String,
    /// Signs webhooks.
    pub webhook_secret: String,
}

/// Taobao's app and shops.
#[derive(Clone, Debug, Serialize)]
pub struct TaobaoOptions {
    /// The app.
    pub app_key: String,
    /// Signs calls.
    pub app_secret: String,
    /// Session and shop nick.
    pub sessions: Vec<(String, String)>,
}

/// The own site.
#[derive(Clone, Debug, Serialize)]
pub struct OwnShopOptions {
    /// Signs both directions.
    pub webhook_secret: String,
}

/// SF's customer.
#[derive(Clone, Debug, Serialize)]
pub struct SfOptions {
    /// 顾客编码.
    pub partner_id: String,
    /// 校验码.
    pub checkword: String,
    /// A monthly card that is accepted.
    pub monthly_card: String,
    /// Whether the digest is over the URL-encoded text.
    pub url_encoded_digest: bool,
}

/// Cainiao's service.
#[derive(Clone, Debug, Serialize)]
pub struct CainiaoOptions {
    /// Signs LINK pushes.
    pub link_secret: String,
    /// Known to the service and the print component only.
    pub print_secret: String,
    /// Numbers that each carrier's branch has left.
    pub quota: i64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            seed: 1,
            speed: 3_600,
            stock: 500,
            control: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            shopify: ShopifyOptions::default(),
            woocommerce: WoocommerceOptions::default(),
            taobao: TaobaoOptions::default(),
            own_shop: OwnShopOptions::default(),
            sf: SfOptions::default(),
            cainiao: CainiaoOptions::default(),
            jd: jd::Options::default(),
            pinduoduo: pinduoduo::Options::default(),
            amazon: amazon::Options::default(),
            douyin: douyin::Options::default(),
            kuaishou: kuaishou::Options::default(),
            xiaohongshu: xiaohongshu::Options::default(),
            wechat_shop: wechat_shop::Options::default(),
            yto: CarrierOptions::of(Platform::Yto),
            zto: CarrierOptions::of(Platform::Zto),
            sto: CarrierOptions::of(Platform::Sto),
            yunda: CarrierOptions::of(Platform::Yunda),
            jd_logistics: CarrierOptions::of(Platform::JdLogistics),
            jtexpress: CarrierOptions::of(Platform::Jtexpress),
            kuaidi100: CarrierOptions::of(Platform::Kuaidi100),
            kdniao: CarrierOptions::of(Platform::Kdniao),
            easypost: CarrierOptions::of(Platform::Easypost),
            aftership: CarrierOptions::of(Platform::Aftership),
            seventeen_track: CarrierOptions::of(Platform::SeventeenTrack),
            trackingmore: CarrierOptions::of(Platform::Trackingmore),
            sms: SmsOptions::default(),
            wecom: RobotOptions::of(Platform::Wecom),
            dingtalk: RobotOptions::of(Platform::Dingtalk),
            feishu: RobotOptions::of(Platform::Feishu),
            email: EmailOptions::default(),
            webhook_out: WebhookOutOptions::default(),
        }
    }
}

impl Default for ShopifyOptions {
    fn default() -> Self {
        let text = str::to_owned;
        ShopifyOptions {
            access_token: text("shpat_simulated_0001"),
            client_secret: text("simulated-client-secret"),
            shop_domain: text("huidan-sim.myshopify.com"),
            restore_per_second: 100,
        }
    }
}

impl Default for WoocommerceOptions {
    fn default() -> Self {
        let text = str::to_owned;
        WoocommerceOptions {
            consumer_key: text("ck_simulated_0001"),
            consumer_secret: text("cs_simulated_0001"),
            webhook_secret: text("simulated-woo-webhook"),
        }
    }
}

impl Default for TaobaoOptions {
    fn default() -> Self {
        let text = str::to_owned;
        TaobaoOptions {
            app_key: text("12345678"),
            app_secret: text("simulated-top-secret"),
            sessions: vec![(text("6100sim0001"), text("汇单示例旗舰店")), (text("6100sim0002"), text("汇单示例二店"))],
        }
    }
}

impl Default for OwnShopOptions {
    fn default() -> Self {
        let text = str::to_owned;
        OwnShopOptions { webhook_secret: text("simulated-own-shop-secret") }
    }
}

impl Default for SfOptions {
    fn default() -> Self {
        let text = str::to_owned;
        SfOptions {
            partner_id: text("HDSIM"),
            checkword: text("simulated-checkword"),
            monthly_card: text("7551234567"),
            url_encoded_digest: true,
        }
    }
}

impl Default for CainiaoOptions {
    fn default() -> Self {
        let text = str::to_owned;
        CainiaoOptions {
            link_secret: text("simulated-link-secret"),
            print_secret: text("simulated-print-secret"),
            quota: 100_000,
        }
    }
}
