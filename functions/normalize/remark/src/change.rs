//! Remarks that want another address or other goods than were ordered, or nothing sent for now. These always go to a person, so they are read
//! broadly; the words themselves are not repeated, since they may be a name, a phone or a street.

use crate::text::{Clause, refuses};

const ADDRESS: [&str; 34] = [
    "改地址",
    "换地址",
    "改下地址",
    "改一下地址",
    "换个地址",
    "换一下地址",
    "地址改",
    "地址换",
    "地址错",
    "地址写错",
    "地址填错",
    "地址变",
    "修改地址",
    "更改地址",
    "地址更改",
    "地址有误",
    "新地址",
    "改寄",
    "改收货",
    "改收件",
    "换收货人",
    "换收件人",
    "收货人改",
    "收件人改",
    "改电话",
    "电话改",
    "换电话",
    "电话换",
    "手机号改",
    "改手机",
    "change address",
    "change my address",
    "new address",
    "wrong address",
];
const SAME_ADDRESS: [&str; 7] =
    ["地址不变", "地址没变", "地址无误", "地址没错", "地址不改", "地址不用改", "地址没问题"];
const GOODS: [&str; 36] = [
    "换个颜色",
    "换颜色",
    "改颜色",
    "颜色换",
    "颜色改",
    "换尺码",
    "改尺码",
    "尺码换",
    "尺码改",
    "换码",
    "改码",
    "换大一码",
    "换小一码",
    "换大码",
    "换小码",
    "拍错",
    "选错",
    "下错",
    "买错",
    "换款",
    "换规格",
    "改规格",
    "换型号",
    "改型号",
    "改数量",
    "颜色要",
    "尺码要",
    "颜色:",
    "尺码:",
    "口味换",
    "换口味",
    "change size",
    "change color",
    "change colour",
    "wrong size",
    "wrong color",
];

/// Whether the clause wants another address; the word that says so.
pub(crate) fn address(clause: &Clause) -> Option<&'static str> {
    let text = clause.folded.as_str();
    if SAME_ADDRESS.iter().any(|word| text.contains(word)) {
        return None;
    }
    if let Some(word) = wished(text, &ADDRESS) {
        return Some(word);
    }
    let to = ["寄到", "发到", "送到", "寄往", "发往", "邮到"].into_iter().find(|word| text.contains(word));
    let place = ["公司", "单位", "学校", "老家", "家里", "栋", "幢", "单元", "号楼", "小区"];
    if let Some(to) = to.filter(|_| place.iter().any(|place| text.contains(place))) {
        return Some(to);
    }
    if holds_mobile(text) {
        return Some("电话");
    }
    if reads_like_an_address(text) { Some("地址") } else { None }
}

/// Whether the clause wants other goods; the word that says so. `names_carrier`: 换成顺丰 is about the carrier.
pub(crate) fn goods(clause: &Clause, names_carrier: bool) -> Option<&'static str> {
    let text = clause.folded.as_str();
    if let Some(word) = wished(text, &GOODS) {
        return Some(word);
    }
    let about_something_else = names_carrier || ["地址", "电话", "收货", "收件"].iter().any(|word| text.contains(word));
    let becomes = wished(text, &["换成", "改成", "改为", "改发", "换一"]).filter(|_| !about_something_else);
    becomes.or_else(|| colour_or_size(text))
}

/// Whether the clause wants nothing to be sent now; the word that says so.
pub(crate) fn waiting(clause: &Clause) -> Option<&'static str> {
    const WAIT: [&str; 28] = [
        "先不要发",
        "先别发",
        "先不发",
        "暂时不要发",
        "暂时别发",
        "暂时不发",
        "暂不发",
        "不要发货",
        "别发货",
        "勿发货",
        "等通知",
        "等我通知",
        "晚点发",
        "晚几天发",
        "推迟发",
        "延迟发",
        "延后发",
        "过几天再发",
        "下周再发",
        "下周一再发",
        "下个月再发",
        "要退款",
        "申请退款",
        "取消订单",
        "订单取消",
        "不想要了",
        "cancel",
        "do not ship",
    ];
    let text = clause.folded.as_str();
    let behind = |word: &str| text.find(word).and_then(|at| text.get(at + word.len()..));
    // 不要发货单 is about a slip of paper.
    WAIT.into_iter().find(|word| behind(word).is_some_and(|rest| !(word.ends_with("发货") && rest.starts_with('单'))))
}

/// The first of the words that is there and not refused.
fn wished(text: &str, words: &[&'static str]) -> Option<&'static str> {
    words.iter().copied().find(|word| text.find(word).is_some_and(|at| !refuses(text.get(..at).unwrap_or(""))))
}

/// 要黑色的, 发xl码, 给我42码.
fn colour_or_size(text: &str) -> Option<&'static str> {
    const COLOURS: &str = "红橙黄绿青蓝紫黑白灰粉棕咖米银金其杏";
    for wish in ["要", "发", "换", "拿", "选", "来", "给我", "改"] {
        for (at, _) in text.match_indices(wish) {
            let mut rest = text.get(at + wish.len()..).unwrap_or("").chars().take(5);
            let of_colour: String = rest.by_ref().take_while(|c| *c != '色').collect();
            let next = text.get(at + wish.len()..).unwrap_or("");
            if next.contains('色')
                && of_colour.chars().count() < 4
                && of_colour.chars().next_back().is_some_and(|c| COLOURS.contains(c))
            {
                return Some("颜色");
            }
            let size = next.trim_start_matches(|c: char| c.is_ascii_digit() || "xsml ".contains(c));
            if size.len() < next.len() && size.starts_with(['码', '号']) && next.trim_start() != size {
                return Some("尺码");
            }
        }
    }
    None
}

fn holds_mobile(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() == 11 && digits.starts_with('1'))
}

/// A division, a road and a number: an address, whatever it is said for.
fn reads_like_an_address(text: &str) -> bool {
    let number = text.find(|c: char| c.is_ascii_digit()).and_then(|at| text.get(at..));
    let house = number.is_some_and(|rest| rest.contains(['号', '室', '栋', '幢', '弄', '楼']));
    let road = text.contains(['路', '街', '巷', '村', '镇']) || text.contains("大道") || text.contains("小区");
    let division = text.contains(['省', '市', '区', '县']);
    house && road && (division || text.contains(['室', '栋', '幢']))
}
