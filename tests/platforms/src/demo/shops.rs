//! The demo's shops, as the hub's API takes them.

use super::setup::{AMAZON, DOUYIN, JD, KUAISHOU, OWN, PINDUODUO, SHOPIFY, Step, TAOBAO, WECHAT, WOO, XIAOHONGSHU};
use crate::{Platform, Running, ShopTokens};
use serde_json::{Value, json};

fn shop(id: &str, channel: &str, name: &str, base_url: Option<&str>, credentials: Value) -> Step {
    let body = json!({"id": id, "channel": channel, "name": name, "mode": "live", "environment": "live",
        "base_url": base_url, "credentials": credentials});
    Step::post("shops", body)
}

/// All of them.
pub(super) fn all(running: &Running) -> Vec<Step> {
    let mut steps = on_own_sites(running);
    steps.extend(on_platforms(running));
    steps.extend(on_platforms_that_push(running));
    steps
}

/// Each at an address of its own, and Taobao.
fn on_own_sites(running: &Running) -> Vec<Step> {
    let (options, at) = (running.options(), running.addresses());
    let session = options.taobao.sessions.first().map(|s| s.0.clone()).unwrap_or_default();
    let shopify =
        json!({"access_token": options.shopify.access_token, "webhook_secret": options.shopify.client_secret});
    let woo = json!({"consumer_key": options.woocommerce.consumer_key,
        "consumer_secret": options.woocommerce.consumer_secret, "webhook_secret": options.woocommerce.webhook_secret});
    let taobao =
        json!({"app_key": options.taobao.app_key, "app_secret": options.taobao.app_secret, "access_token": session});
    let own = json!({"webhook_secret": options.own_shop.webhook_secret});
    vec![
        shop(SHOPIFY, "shopify", "Shopify 示例店", Some(&at.shopify), shopify),
        shop(WOO, "woocommerce", "WooCommerce 示例店", Some(&at.woocommerce), woo),
        shop(TAOBAO, "taobao", "淘宝示例店", None, taobao),
        shop(OWN, "own-shop", "自建站示例", Some(&at.own_shop), own),
    ]
}

/// The tokens of a platform's first shop that hold now.
fn tokens(running: &Running, platform: Platform, shops: &[ShopTokens]) -> ShopTokens {
    let first = shops.first().cloned().unwrap_or_else(|| ShopTokens::made_up("", ""));
    running.shop_tokens(platform, &first.shop).unwrap_or(first)
}

fn on_platforms(running: &Running) -> Vec<Step> {
    let options = running.options();
    let jd = tokens(running, Platform::Jd, &options.jd.shops);
    let jd = json!({"app_key": options.jd.app_key, "app_secret": options.jd.app_secret,
        "access_token": jd.access_token, "refresh_token": jd.refresh_token});
    let pdd = tokens(running, Platform::Pinduoduo, &options.pinduoduo.shops);
    let pdd = json!({"client_id": options.pinduoduo.client_id, "client_secret": options.pinduoduo.client_secret,
        "access_token": pdd.access_token, "refresh_token": pdd.refresh_token, "owner_id": pdd.shop});
    let amazon = tokens(running, Platform::Amazon, &options.amazon.shops);
    let amazon = json!({"client_id": options.amazon.client_id, "client_secret": options.amazon.client_secret,
        "marketplace_ids": options.amazon.marketplace, "refresh_token": amazon.refresh_token,
        "access_token": amazon.access_token, "seller_id": amazon.shop});
    vec![
        shop(JD, "jd", "京东示例店", None, jd),
        shop(PINDUODUO, "pinduoduo", "拼多多示例店", None, pdd),
        shop(AMAZON, "amazon", "Amazon 示例店", None, amazon),
    ]
}

fn on_platforms_that_push(running: &Running) -> Vec<Step> {
    let options = running.options();
    let douyin = tokens(running, Platform::Douyin, &options.douyin.shops);
    let douyin = json!({"app_key": options.douyin.app_key, "app_secret": options.douyin.app_secret,
        "shop_id": douyin.shop, "access_token": douyin.access_token, "refresh_token": douyin.refresh_token});
    let kuaishou = tokens(running, Platform::Kuaishou, &options.kuaishou.shops);
    let kuaishou = json!({"app_key": options.kuaishou.app_key, "app_secret": options.kuaishou.app_secret,
        "sign_secret": options.kuaishou.sign_secret, "msg_secret": options.kuaishou.message_secret,
        "access_token": kuaishou.access_token, "refresh_token": kuaishou.refresh_token});
    let red = tokens(running, Platform::Xiaohongshu, &options.xiaohongshu.shops);
    let red = json!({"app_id": options.xiaohongshu.app_key, "app_secret": options.xiaohongshu.app_secret,
        "access_token": red.access_token, "refresh_token": red.refresh_token, "seller_id": red.shop});
    let wechat = json!({"appid": options.wechat_shop.app_id, "secret": options.wechat_shop.app_secret,
        "token": options.wechat_shop.message_token, "encoding_aes_key": options.wechat_shop.encoding_aes_key});
    vec![
        shop(DOUYIN, "douyin", "抖音示例店", None, douyin),
        shop(KUAISHOU, "kuaishou", "快手示例店", None, kuaishou),
        shop(XIAOHONGSHU, "xiaohongshu", "小红书示例店", None, red),
        shop(WECHAT, "wechat-shop", "微信小店示例", None, wechat),
    ]
}
