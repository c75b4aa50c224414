//! The names of carriers in a text.

/// What people call carriers, and our ids of them. Longer names stand before those they contain.
const NAMES: [(&str, &str); 44] = [
    ("顺丰", "sf"),
    ("顺风", "sf"),
    ("sf", "sf"),
    ("shunfeng", "sf"),
    ("圆通", "yto"),
    ("园通", "yto"),
    ("yto", "yto"),
    ("中通", "zto"),
    ("zto", "zto"),
    ("申通", "sto"),
    ("sto", "sto"),
    ("韵达", "yunda"),
    ("运达", "yunda"),
    ("yunda", "yunda"),
    ("极兔", "jt"),
    ("j&t", "jt"),
    ("jt", "jt"),
    ("京东快递", "jd"),
    ("京东物流", "jd"),
    ("京东", "jd"),
    ("jd", "jd"),
    ("邮政ems", "ems"),
    ("邮政特快", "ems"),
    ("特快专递", "ems"),
    ("ems", "ems"),
    ("中国邮政", "post"),
    ("邮政", "post"),
    ("邮局", "post"),
    ("菜鸟裹裹", "cainiao"),
    ("菜鸟", "cainiao"),
    ("丹鸟", "danniao"),
    ("德邦", "deppon"),
    ("百世", "best"),
    ("天天快递", "ttk"),
    ("宅急送", "zjs"),
    ("优速", "uc"),
    ("跨越", "kye"),
    ("安能", "ane"),
    ("壹米滴答", "yimi"),
    ("丰网", "fengwang"),
    ("dhl", "dhl"),
    ("fedex", "fedex"),
    ("ups", "ups"),
    ("usps", "usps"),
];

/// Carriers' names that are part of another word.
const OTHER_WORDS: [&str; 10] =
    ["菜鸟驿站", "菜鸟柜", "菜鸟站", "中通快递柜", "京东超市", "京东上", "京东买", "京东自营", "京东店", "邮政编码"];

/// Where carriers are named: start, end, id.
pub(crate) fn mentions(text: &str) -> Vec<(usize, usize, &'static str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let skip = OTHER_WORDS.iter().find(|word| rest.starts_with(*word)).map(|word| word.len());
        let name = NAMES.iter().find(|(name, _)| rest.starts_with(name) && stands_alone(text, at, name));
        match (skip, name) {
            (Some(length), _) => at += length,
            (None, Some((name, carrier))) => {
                found.push((at, at + name.len(), *carrier));
                at += name.len();
            }
            (None, None) => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

/// A name in Latin letters counts only as a word of its own: sf, and not the end of "usf".
fn stands_alone(text: &str, at: usize, name: &str) -> bool {
    let latin = |c: char| c.is_ascii_alphanumeric();
    let before = text.get(..at).is_some_and(|before| before.ends_with(latin));
    let after = text.get(at + name.len()..).is_some_and(|after| after.starts_with(latin));
    !name.is_ascii() || !(before || after)
}
