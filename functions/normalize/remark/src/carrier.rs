//! Which carriers a remark names, and what it wants of them.

use crate::names::mentions;
use crate::text::{Clause, refusal, refuses, without_verbs};

/// A wish about a carrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CarrierWish {
    pub(crate) code: &'static str,
    pub(crate) carrier: &'static str,
    pub(crate) words: String,
}

/// Carriers named in a row and meant alike: 圆通、韵达和申通.
struct Group<'a> {
    carriers: Vec<&'static str>,
    before: &'a str,
    after: &'a str,
    words: String,
    last: bool,
}

const MUST: &str = "carrier_must";
const NEVER: &str = "carrier_never";
const PREFER: &str = "carrier_prefer";
/// To be taken where what is wanted first cannot be.
const ELSE: &str = "carrier_else";
/// Named without a wish that we can read: shown to people, and nothing follows from it.
pub(crate) const MENTIONED: &str = "carrier_mentioned";

/// The wishes of one clause.
pub(crate) fn wishes(clause: &Clause) -> Vec<CarrierWish> {
    let text = clause.folded.as_str();
    let mut wishes: Vec<CarrierWish> = Vec::new();
    let mut earlier = false;
    for group in groups(text) {
        let code = decide(&group, text, earlier, clause.mark);
        earlier = true;
        for carrier in &group.carriers {
            let words = group.words.clone();
            match wishes.iter_mut().find(|wish| wish.carrier == *carrier && code == ELSE) {
                // 有京东就发京东: no second choice, but the first one said twice.
                Some(same) if same.code == MENTIONED => same.code = PREFER,
                Some(_) => {}
                None => wishes.push(CarrierWish { code, carrier, words }),
            }
        }
    }
    wishes
}

fn decide(group: &Group, text: &str, earlier: bool, mark: Option<char>) -> &'static str {
    let after = without_kind(group.after);
    let core = without_verbs(group.before).0;
    if tells_of_the_past(text)
        || ends(core, &["不一定", "不一定要"])
        || ["怎么", "为什么", "为啥"].iter().any(|why| group.before.contains(why))
    {
        return MENTIONED;
    }
    if let Some(code) = except(group, core, after) {
        return code;
    }
    if conditional(core, group.before, after, earlier) {
        return if follows_condition(group.before, earlier) { ELSE } else { MUST };
    }
    if refuses(group.before) {
        return if starts(after, &["也行", "也可", "也没", "也无", "都行", "也ok"]) {
            MENTIONED
        } else {
            NEVER
        };
    }
    // 发顺丰别发中通: what follows refuses the next one, not this one.
    let refuses_next = !group.last && refuses(group.after);
    if !refuses_next && starts(after, &AFTER_REFUSALS) {
        return NEVER;
    }
    wanted(group, core, after, mark)
}

/// 不是顺丰不收, 不要顺丰以外的: this one or none. 除了顺丰都行: any but this one.
fn except(group: &Group, core: &str, after: &str) -> Option<&'static str> {
    let refusals = ["不", "都不", "就不", "的不", "拒", "别", "勿", "我不"];
    let but = ends(core, &["除了", "除"]);
    let beyond = ["以外", "之外"].iter().find_map(|word| after.strip_prefix(word));
    let rest = beyond.or_else(|| after.strip_prefix('外').filter(|_| but)).unwrap_or(after);
    let rest = ["的都", "的", "都", "就"].iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest);
    if (but || ends(core, &["不是", "非", "没"])) && starts(rest, &refusals) {
        return Some(MUST);
    }
    if but {
        return Some(NEVER);
    }
    beyond.map(|_| if refuses(group.before) || starts(rest, &refusals) { MUST } else { NEVER })
}

/// What is said behind a carrier that is not wanted, or that does not come.
const AFTER_REFUSALS: [&str; 29] = [
    "不要",
    "不收",
    "不送",
    "不到",
    "不派",
    "不行",
    "不好",
    "不发",
    "不接",
    "不能",
    "不走",
    "不用",
    "不配送",
    "不方便",
    "都不",
    "别发",
    "别用",
    "勿",
    "到不了",
    "送不到",
    "发不了",
    "太慢",
    "太差",
    "很慢",
    "很差",
    "垃圾",
    "拒收",
    "除外",
    "丢件",
];

/// How much a carrier is wanted that is not refused.
fn wanted(group: &Group, core: &str, after: &str, mark: Option<char>) -> &'static str {
    let says_verb = without_verbs(group.before).1;
    let asks = matches!(mark, Some('?' | '？'))
        || starts(after, &["吗", "么", "可以吗", "行吗", "可以么", "行不", "好吗", "嘛"])
        || (group.last && ends(after, &["吗", "么", "嘛"]));
    let insists =
        ["必须", "一定", "务必", "只", "仅", "指定", "非要", "就要"].iter().any(|word| group.before.contains(word))
            || starts(after, &["only"]);
    let likes = [
        "最好",
        "尽量",
        "优先",
        "希望",
        "可以",
        "可否",
        "能",
        "想",
        "倾向",
        "建议",
        "尽可能",
        "如果",
        "要是",
        "是不是",
        "是否",
        "要不",
    ];
    let likes = likes.iter().any(|word| group.before.contains(word))
        || starts(after, &["优先", "最好", "更好", "为佳", "首选", "为主", "的话最好", "就最好"]);
    let verb = says_verb || starts(after, &["发", "寄", "邮寄", "配送", "派送", "送货", "到付", "包邮"]);
    match () {
        () if insists => MUST,
        () if likes => PREFER,
        () if asks && says_verb => PREFER,
        () if asks => MENTIONED,
        () if verb || (is_filler(core) && is_filler(group.after)) => MUST,
        () => MENTIONED,
    }
}

/// Whether the carriers stand in a choice of first and second: 发不了顺丰就发中通, 发不了就中通, 否则圆通.
fn conditional(core: &str, before: &str, after: &str, earlier: bool) -> bool {
    let first = ends(core, &IMPOSSIBLE) && starts(after, &THEN);
    let first = first || IMPOSSIBLE.iter().any(|word| after.strip_prefix(word).is_some_and(|rest| starts(rest, &THEN)));
    first || follows_condition(before, earlier)
}

fn follows_condition(before: &str, earlier: bool) -> bool {
    let core = without_verbs(before).0;
    let core = core.strip_suffix("也").unwrap_or(core);
    let otherwise =
        ends(core, &["否则", "要不然", "不然", "其次", "次选", "备选", "实在不行", "不行的话", "或者", "或"]);
    let then = THEN.iter().find_map(|then| core.strip_suffix(then));
    let impossible = then
        .is_some_and(|rest| ends(rest.trim_end_matches("的话"), &IMPOSSIBLE) || (earlier && rest.trim().is_empty()));
    otherwise || impossible
}

const IMPOSSIBLE: [&str; 17] = [
    "发不了",
    "到不了",
    "送不到",
    "送不了",
    "走不了",
    "不到",
    "不行",
    "没有",
    "不能发",
    "不能",
    "不能送",
    "不方便",
    "无法发",
    "没法发",
    "不发",
    "不通",
    "没",
];
const THEN: [&str; 9] = ["的话就", "的话", "那就", "就", "则", "再", "换", "可以", "也行"];

fn tells_of_the_past(text: &str) -> bool {
    let past =
        ["上次", "上回", "之前", "以前", "上一单", "上一次", "前几次", "昨天"].iter().any(|word| text.contains(word));
    past && !["一样", "照旧", "相同", "同样"].iter().any(|word| text.contains(word))
}

/// Cuts a clause at the carriers it names.
fn groups(text: &str) -> Vec<Group<'_>> {
    let found = mentions(text);
    let mut groups: Vec<Group> = Vec::new();
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let mut end_before = 0;
    for (index, (start, end, carrier)) in found.iter().enumerate() {
        let before = text.get(end_before..*start).unwrap_or("");
        let next = found.get(index + 1).map_or(text.len(), |(next, _, _)| *next);
        let after = text.get(*end..next).unwrap_or("");
        let last = index + 1 == found.len();
        let joined = index > 0 && is_link(before);
        match groups.last_mut().filter(|_| joined) {
            Some(group) => {
                group.carriers.push(carrier);
                (group.after, group.last) = (after, last);
                spans.last_mut().into_iter().for_each(|span| span.1 = *end);
            }
            None => {
                groups.push(Group { carriers: vec![carrier], before, after, words: String::new(), last });
                spans.push((*start, *end));
            }
        }
        end_before = *end;
    }
    // The words: from the refusal or the verb to the last name. Nothing further off, where a name or a phone may stand.
    for (group, (start, end)) in groups.iter_mut().zip(spans) {
        let said =
            refusal(group.before).or_else(|| group.before.get(without_verbs(group.before).0.len()..)).unwrap_or("");
        group.words = format!("{said}{}", text.get(start..end).unwrap_or("")).trim().to_owned();
    }
    groups
}

fn is_link(between: &str) -> bool {
    let word = without_kind(between.trim()).trim();
    matches!(
        word,
        "" | "和"
            | "跟"
            | "与"
            | "及"
            | "以及"
            | "还有"
            | "或"
            | "或者"
            | "还是"
            | "、"
            | "/"
            | "&"
            | "and"
            | "or"
            | "+"
    )
}

/// Without the word for what kind of carrier it is: 快递, 速运.
fn without_kind(after: &str) -> &str {
    const KINDS: [&str; 10] = ["快递", "速运", "速递", "物流", "快运", "标快", "特快", "陆运", "空运", "express"];
    let mut rest = after.trim_start();
    while let Some(shorter) = KINDS.iter().find_map(|kind| rest.strip_prefix(kind)) {
        rest = shorter.trim_start();
    }
    rest
}

/// Whether nothing is said but courtesies.
fn is_filler(text: &str) -> bool {
    const FILLERS: [&str; 36] = [
        "快递",
        "速运",
        "速递",
        "物流",
        "快运",
        "的",
        "谢谢",
        "多谢",
        "感谢",
        "请",
        "麻烦",
        "吧",
        "哦",
        "呀",
        "啊",
        "呢",
        "亲",
        "老板",
        "卖家",
        "掌柜",
        "店家",
        "您好",
        "你好",
        "包邮",
        "到付",
        "加急",
        "急",
        "特快",
        "空运",
        "陆运",
        "标快",
        "次日达",
        "哈",
        "啦",
        "please",
        "thanks",
    ];
    let mut rest = text.trim();
    while !rest.is_empty() {
        let shorter = FILLERS.iter().find_map(|word| rest.strip_prefix(word));
        let shorter = shorter.or_else(|| rest.strip_prefix(|c: char| !c.is_alphanumeric()));
        match shorter {
            Some(shorter) => rest = shorter,
            None => return false,
        }
    }
    true
}

fn ends(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.trim_end().ends_with(word))
}

fn starts(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.trim_start().starts_with(word))
}
