//! What channels take when they are told of shipments, as a table for people, made from the manifests.

use huidan_channel::{Already, Channel, ConfirmRules, Manifest, Numbers, Others, Refunds, Shows};
use std::fmt::Write;

/// Every channel's manifest, by id.
pub fn manifests() -> Vec<&'static Manifest> {
    let mut all = vec![
        channel_amazon::Amazon.manifest(),
        channel_douyin::Douyin.manifest(),
        channel_jd::Jd.manifest(),
        channel_kuaishou::Kuaishou.manifest(),
        channel_own_shop::OwnShop.manifest(),
        channel_pinduoduo::Pinduoduo.manifest(),
        channel_shopify::Shopify.manifest(),
        channel_taobao::Taobao.manifest(),
        channel_wechat_shop::WechatShop.manifest(),
        channel_woocommerce::WooCommerce.manifest(),
        channel_xiaohongshu::Xiaohongshu.manifest(),
    ];
    all.sort_by_key(|manifest| manifest.id);
    all
}

const HEAD: &str = "\
# 渠道收什么 · What channels take

这张表由各渠道的清单（`src/manifest.rs`）生成，测试保证两者一致；回传流程只看这些数据，不看渠道是谁。改了清单后用 \
`HUIDAN_GOLDEN=write cargo test -p huidan-telling` 重写。
This table is made from the channels' manifests and held to them by a test; the flow that tells shipments obeys these data \
and names no channel. After a change of a manifest write it anew as above.

## 告知发货 · Telling shipments

| | 单号 numbers | 包裹内容 what a parcel holds | 订单里看得到 what its order shows | 改单号 change of number | 一次几个 per call | 要重量 weight | 打印后至少 after print | 揽收时限 picked up within | 行在退款 a line being refunded | 怎样知道已告知 how it is known to be told already | 承运商代码 codes of carriers |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
";

const FOOT: &str = "
- **单号 numbers**：`several` 每个包裹一个；`one_per_line` 一行商品只收一个单号，其余包裹的单号记在本地（`told_with_other`）；\
`first_of_order`、`last_of_order` 一单只收一个：最先或最后出库的。 One per parcel; one per line, a further parcel's is kept \
here; one per order, the first or the last parcel's.
- **揽收时限 picked up within**：平台规则常改，凭记忆填写，店铺可自行设置（`PUT /api/v1/shops/<id>/telling`）。 Platforms \
change these rules often; they are from memory and may be set per shop.
- **退款 refunds**：`held back` 行在退款时平台拒绝整个调用，先告知其余的行，退款结束后再告知。 Where the platform would refuse \
the whole call, such a line is held back and told when the refund ended.
- **改单号 change of number**：作废重打后，新单号作为更改告知，而不是又一次发货；平台不允许时由人处理。 After a label was voided \
and made anew the new number is told as a change; where the platform takes none, a person is asked.
";

/// The table with the words around it.
pub fn document() -> String {
    let mut text = HEAD.to_owned();
    for manifest in manifests() {
        let row = manifest.confirm.map_or_else(|| " – |".repeat(11), row);
        // Writing to a text cannot fail.
        let _ = writeln!(text, "| [{}]({}) {} |{row}", manifest.id, manifest.id, manifest.zh);
    }
    text.push_str(FOOT);
    text
}

fn hours(seconds: i64) -> String {
    match seconds {
        0 => "–".to_owned(),
        seconds if seconds % 3_600 == 0 => format!("{} h", seconds / 3_600),
        seconds => format!("{} min", (seconds + 59) / 60),
    }
}

fn row(rules: ConfirmRules) -> String {
    let change = match rules.change {
        None => "no".to_owned(),
        Some(change) => match (change.most, change.within_s) {
            (None, None) => "yes".to_owned(),
            (most, within) => {
                let most = most.map(|most| format!("{most} times"));
                let within = within.map(|within| format!("within {}", hours(within)));
                most.into_iter().chain(within).collect::<Vec<_>>().join(", ")
            }
        },
    };
    let numbers = match rules.numbers {
        Numbers::Several => "`several`".to_owned(),
        other => format!("**`{}`**", other.name()),
    };
    let already = match rules.already {
        Already::Looks => "looks before it tells".to_owned(),
        Already::ReadsBack => "reads the order back after any refusal".to_owned(),
        Already::Says(words) => format!("answer `{}`", words.join("`, `")),
    };
    let codes: Vec<String> = rules.carriers.codes.iter().map(|(ours, theirs)| format!("{ours} `{theirs}`")).collect();
    let others = match rules.carriers.others {
        Others::Named => "others by name",
        Others::Refused => "others need a code",
    };
    let refunds = match rules.refunds {
        Refunds::FailTheCall => "**held back**",
        Refunds::Platform => "as it is",
    };
    let codes = codes.into_iter().chain([others.to_owned()]).collect::<Vec<_>>().join(", ");
    let cells = [
        numbers,
        format!("`{}`", rules.holds.name()),
        match rules.shows {
            Shows::Every => "every number",
            Shows::OnePerLine => "**one per line**",
        }
        .to_owned(),
        change,
        rules.per_call.to_string(),
        if rules.weight { "yes" } else { "no" }.to_owned(),
        hours(rules.after_print_s),
        rules.picked_up_s.map_or_else(|| "–".to_owned(), hours),
        refunds.to_owned(),
        already,
        codes,
    ];
    format!(" {} |", cells.join(" | "))
}
