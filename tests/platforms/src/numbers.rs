//! Numbers as each platform gives them out: orders, lines, things on sale.

use crate::clock;
use crate::fiction::Good;
use crate::order::Platform;

/// The n-th order's id.
pub(crate) fn id_of(platform: Platform, n: i64) -> i64 {
    match platform {
        Platform::Shopify => 9_407_199_254_740_993 + n * 2,
        Platform::Taobao => 4_012_345_678_901_230_001 + n * 10_000,
        Platform::Woocommerce => 700 + n,
        Platform::Jd => 290_123_450_000 + n * 7,
        Platform::Pinduoduo => 123_456_789_012_345 + n * 3,
        Platform::Amazon => 11_212_345_671_234_567 + n * 11,
        Platform::Douyin => 6_938_210_000_000_000_001 + n * 1_000,
        Platform::Kuaishou => 2_607_602_240_240_301 + n * 100,
        Platform::Xiaohongshu => 712_345_678_901_234_567 + n * 10,
        Platform::WechatShop => 3_705_115_058_471_208_928 + n * 256,
        _ => 10_000 + n,
    }
}

/// The id of the n-th line (from 1) of the order that is the `number`-th of all.
pub(crate) fn line_id(platform: Platform, order: i64, number: i64, n: i64) -> i64 {
    match platform {
        Platform::Shopify => 9_507_199_254_740_993 + number * 20 + n,
        // One-line orders use the order's own number for the line.
        Platform::Taobao | Platform::Douyin => order + n - 1,
        Platform::OwnShop => n,
        Platform::Amazon => 68_828_574_383_267 + number * 20 + n,
        _ => number * 20 + n,
    }
}

/// An order's id as the platform writes it.
pub(crate) fn text_id(platform: Platform, id: i64, created_ms: i64) -> String {
    match platform {
        Platform::Pinduoduo => {
            let day: String = clock::beijing(created_ms).chars().filter(char::is_ascii_digit).skip(2).take(6).collect();
            format!("{day}-{id:015}")
        }
        Platform::Amazon => {
            format!("{:03}-{:07}-{:07}", id / 100_000_000_000_000, id / 10_000_000 % 10_000_000, id % 10_000_000)
        }
        Platform::Xiaohongshu => format!("P{id}"),
        _ => id.to_string(),
    }
}

/// Item and variant of a good.
pub(crate) fn listing(platform: Platform, good: &Good) -> (String, String) {
    let n = good.index;
    let both = |item: i64, variant: i64| ((item + n).to_string(), (variant + n).to_string());
    match platform {
        Platform::Shopify => (good.shopify_product().to_string(), good.shopify_variant().to_string()),
        Platform::Woocommerce => (good.woo_product().to_string(), good.woo_variation().to_string()),
        Platform::Taobao => (good.num_iid().to_string(), good.taobao_sku().to_string()),
        Platform::Jd => both(10_020_030_040_101, 10_075_000_000_201),
        Platform::Pinduoduo => both(450_000_000_101, 1_350_000_000_201),
        // One ASIN for each; the seller's own code names the offer.
        Platform::Amazon => (format!("B0SIM{n:05}"), good.sku.clone()),
        Platform::Douyin => both(3_600_000_000_000_000_101, 1_700_000_000_000_000_201),
        Platform::Kuaishou => both(21_500_000_000_101, 21_600_000_000_201),
        Platform::Xiaohongshu => (format!("64f1a2b3c4d5e6f7{n:08x}"), format!("65f1a2b3c4d5e6f7{n:08x}")),
        Platform::WechatShop => both(10_000_070_000_101, 1_700_000_201),
        _ => (good.sku.clone(), good.sku.clone()),
    }
}
