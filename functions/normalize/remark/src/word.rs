//! Wishes that a word or two tell, and what their refusal wishes for.

use crate::text::{Clause, refuses};

/// A wish by its words.
struct Word {
    code: &'static str,
    /// What its refusal wishes for; empty: nothing.
    refused: &'static str,
    words: &'static [&'static str],
}

const WORDS: [Word; 7] = [
    Word {
        code: "urgent",
        refused: "",
        words: &[
            "加急",
            "急用",
            "急需",
            "着急",
            "尽快",
            "赶紧",
            "赶快",
            "赶时间",
            "快点",
            "速发",
            "马上发",
            "立即发",
            "急急",
            "很急",
            "比较急",
            "特急",
            "等着用",
            "今天发",
            "今天就发",
            "今天必须",
            "当天发",
            "抓紧",
            "asap",
            "urgent",
            "hurry",
        ],
    },
    Word {
        code: "call_first",
        refused: "do_not_call",
        words: &[
            "打电话",
            "电话联系",
            "提前联系",
            "先联系",
            "前联系",
            "前请联系",
            "前请电话",
            "前通知",
            "来电",
            "致电",
            "电话通知",
            "先电话",
            "提前电话",
            "电联",
            "call first",
            "call before",
            "call me",
        ],
    },
    Word {
        code: "leave_at_station",
        refused: "to_the_door",
        words: &[
            "驿站",
            "快递柜",
            "丰巢",
            "蜂巢",
            "代收点",
            "自提点",
            "自提柜",
            "菜鸟站",
            "菜鸟柜",
            "投柜",
            "放门卫",
            "放保安",
            "放传达室",
            "放物业",
            "放前台",
            "放收发室",
            "放门口",
            "放在门口",
            "放在门卫",
            "放在前台",
            "放在物业",
            "交门卫",
            "给门卫",
            "parcel locker",
        ],
    },
    Word {
        code: "to_the_door",
        refused: "",
        words: &["送货上门", "送上门", "送到家门口", "上门派送", "送到楼上", "to the door", "to my door"],
    },
    Word {
        code: "ship_together",
        refused: "ship_separately",
        words: &[
            "一起发",
            "一起寄",
            "合并发",
            "合并",
            "一块发",
            "一块寄",
            "一块儿发",
            "同一个包裹",
            "同一包裹",
            "一个包裹",
            "合单",
            "放一起",
            "一并发",
            "一个快递",
            "ship together",
        ],
    },
    Word {
        code: "ship_separately",
        refused: "ship_together",
        words: &[
            "分开",
            "分别发",
            "分别寄",
            "分两个",
            "分成两",
            "拆开发",
            "拆单",
            "分批",
            "分包",
            "有货的先发",
            "现货先发",
            "先发有货",
            "先发现货",
            "separately",
        ],
    },
    Word { code: "freight_collect", refused: "", words: &["到付"] },
];

/// What may be left out of the parcel on request.
const SLIPS: [&str; 15] = [
    "小票",
    "价格单",
    "价签",
    "价格",
    "价钱",
    "购物清单",
    "清单",
    "发货单",
    "送货单",
    "出货单",
    "单据",
    "receipt",
    "invoice",
    "price",
    "packing slip",
];

/// A wish: its code and the words it was read from.
pub(crate) type Found = (&'static str, String);

/// The wishes of one clause.
pub(crate) fn wishes(clause: &Clause) -> Vec<Found> {
    let text = clause.folded.as_str();
    let mut found = Vec::new();
    for word in &WORDS {
        let Some((written, refused)) = look(text, word.words) else { continue };
        let code = if refused { word.refused } else { word.code };
        if !code.is_empty() && !is_other(word.code, text) {
            found.push((code, written));
        }
    }
    if text == "急" {
        found.push(("urgent", text.to_owned()));
    }
    found.extend(no_slip(text).map(|slip| ("no_price_slip", slip)));
    found
}

/// The first of the words that is there, and whether it is refused.
fn look(text: &str, words: &[&str]) -> Option<(String, bool)> {
    let (at, word) = words.iter().filter_map(|word| text.find(word).map(|at| (at, *word))).min_by_key(|(at, _)| *at)?;
    let before = text.get(..at).unwrap_or("");
    Some((word.to_owned(), refuses(before)))
}

/// A slip that is refused: 不要价格单, 请不要在包裹里放发票和价格.
fn no_slip(text: &str) -> Option<String> {
    let refused = |slip: &&&str| {
        let Some(at) = text.find(**slip) else { return false };
        let before = text.get(..at).unwrap_or("");
        let refusal = ["不要", "别", "勿", "不用", "不需要", "不能", "don't", "do not", "without"];
        let put = ["放", "带", "附", "写", "夹", "塞", "贴", "装", "出现", "显示", "include", "put"];
        let behind_refusal = refusal.iter().find_map(|word| before.find(word).and_then(|at| before.get(at..)));
        refuses(before) || behind_refusal.is_some_and(|behind| put.iter().any(|word| behind.contains(word)))
    };
    SLIPS.iter().find(refused).map(|slip| (*slip).to_owned())
}

/// Words that only look like the wish: 货到付款 is paying at the door, not freight collect; 不急 is a refusal already.
fn is_other(code: &str, text: &str) -> bool {
    match code {
        "freight_collect" => text.contains("货到付"),
        "urgent" => ["不急", "不太急", "不是很急", "不着急", "不用急", "慢慢"].iter().any(|calm| text.contains(calm)),
        _ => false,
    }
}
