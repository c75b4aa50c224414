//! What may happen, in words: what is said of each topic where the seller wrote no text of their own.
//!
//! A topic that is not here is told all the same, under its own name. New ones need a row, nothing else.

/// What may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topic {
    /// `<field>.<event>`.
    pub name: &'static str,
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
    /// Told to the seller's people at night too.
    pub urgent: bool,
    /// What a buyer is told, in both languages; empty where it is none of a buyer's business.
    pub buyer: [&'static str; 2],
    /// That in one line, as a letter's subject has it.
    pub subject: [&'static str; 2],
}

const fn team(name: &'static str, zh: &'static str, en: &'static str, urgent: bool) -> Topic {
    Topic { name, zh, en, urgent, buyer: ["", ""], subject: ["", ""] }
}

const fn both(
    name: &'static str,
    zh: &'static str,
    en: &'static str,
    buyer: [&'static str; 2],
    subject: [&'static str; 2],
) -> Topic {
    Topic { name, zh, en, urgent: false, buyer, subject }
}

/// What a buyer is told of a parcel that something is wrong with.
const WRONG: [&str; 2] = [
    "您的包裹 {number} 在途中有异常，我们正在处理。{link}",
    "Something is wrong with your parcel {number}; we are on it. {link}",
];
const WRONG_SUBJECT: [&str; 2] = ["您的包裹在途中有异常", "Something is wrong with your parcel"];

/// Every topic that has words of its own.
pub const TOPICS: &[Topic] = &[
    both(
        "parcel.shipped",
        "包裹已发出",
        "A parcel has left",
        [
            "您的包裹已由 {carrier} 发出，运单号 {number}。{link}",
            "Your parcel is on its way with {carrier}, number {number}. {link}",
        ],
        ["您的包裹已发出", "Your parcel is on its way"],
    ),
    both(
        "parcel.out_for_delivery",
        "包裹派送中",
        "A parcel is out for delivery",
        ["您的包裹 {number} 正在派送，请留意电话。{link}", "Your parcel {number} is out for delivery. {link}"],
        ["您的包裹正在派送", "Your parcel is out for delivery"],
    ),
    both("parcel.stalled", "包裹停滞", "A parcel stands still", WRONG, WRONG_SUBJECT),
    both("parcel.not_picked_up", "包裹未揽收", "A parcel was not picked up", WRONG, WRONG_SUBJECT),
    both("parcel.problem", "包裹问题件", "A parcel has a problem", WRONG, WRONG_SUBJECT),
    both("parcel.refused", "包裹被拒收", "A parcel was refused", WRONG, WRONG_SUBJECT),
    both("parcel.returned", "包裹退回", "A parcel comes back", WRONG, WRONG_SUBJECT),
    team("parcel.other_city", "签收地不在收件城市", "Signed for in another city", true),
    team("parcel.unwatched", "包裹无人跟踪", "Nobody watches a parcel any more", false),
    team("parcel.customs_stop", "海关扣留", "The customs hold a parcel", true),
    team("parcel.signed_too_fast", "签收过快", "A parcel was signed for too fast", false),
    team("parcel.reused_number", "运单号被重复使用", "A number was used again", true),
    team("incident.opened", "线路异常", "A lane has stopped", true),
    team("order.late_soon", "订单即将超时", "An order will be late soon", true),
    team("order.late", "订单已超时", "An order is late", true),
    team("shipment.rejected", "回传被平台拒绝", "A shop refused a shipment", true),
    team("shipment.gave_up", "回传放弃", "Telling a shop was given up", true),
    team("shipment.conflict", "平台显示别的运单号", "A shop shows another number", true),
    team("shipment.not_picked_up", "已回传但未揽收", "Told, and not picked up", true),
    team("waybill.disputed", "单号有争议", "A number is disputed", false),
    team("waybill.unknown", "取号结果不明", "It is not known whether a number was taken", true),
    team("waybill.idle", "单号闲置未用", "Numbers lie unused", false),
    team("waybill.balance_low", "单号余量不足", "Few numbers are left", true),
    team("waybill.balance_missing", "单号对账不符", "The carrier's count of numbers differs", false),
    team("print.unconfirmed", "打印结果待确认", "It is not known whether paper came out", true),
    team("print.failed", "打印失败", "Printing failed", true),
    team("shop.late_watermark", "拉单落后", "Listing a shop is late", true),
    team("shop.token_ending", "店铺授权即将到期", "A shop's authorisation is about to end", true),
    team("shop.silent_shop", "店铺久无新订单", "A shop is silent", true),
    team("shop.lost_subscription", "平台推送中断", "A platform stopped pushing", true),
    team("shop.not_compared", "店铺久未对账", "A shop was not compared", false),
    team("notice.test", "测试消息", "A test", true),
];

/// What may be written in a text, beside the places that [`COMMON`] has: the facts that topics come with, with their
/// words in both languages and whether they are instants.
pub const FIELDS: &[(&str, &str, &str, bool)] = &[
    ("number", "运单号", "number", false),
    ("order", "订单号", "order", false),
    ("carrier", "快递", "carrier", false),
    ("reason", "原因", "reason", false),
    ("detail", "说明", "detail", false),
    ("kind", "类别", "kind", false),
    ("place", "地点", "place", false),
    ("province", "省份", "province", false),
    ("parcels", "包裹数", "parcels", false),
    ("count", "数量", "count", false),
    ("account", "账号", "account", false),
    ("warehouse", "仓库", "warehouse", false),
    ("package", "包裹", "package", false),
    ("printer", "打印机", "printer", false),
    ("code", "代码", "code", false),
    ("theirs", "平台显示", "theirs", false),
    ("hours", "小时", "hours", false),
    ("stage", "环节", "stage", false),
    ("since", "自", "since", true),
    ("due", "截止", "due", true),
    ("leave_by", "须在此前出库", "must leave by", true),
];

/// Places that every text may have: what happened in words, whose shop, what it is about, when, and the link.
pub const COMMON: &[&str] = &["title", "shop", "entity", "id", "time", "link"];

/// The words of a topic.
pub fn of(name: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|topic| topic.name == name)
}

/// What a topic is called; its own name where it has no words.
pub fn title(name: &str, language: &str) -> String {
    let words = of(name).map(|topic| if language == "en" { topic.en } else { topic.zh });
    words.unwrap_or(name).to_owned()
}

/// What a letter to a buyer is called; the topic's own title where there is none for buyers.
pub fn subject(name: &str, language: &str) -> String {
    let subject = of(name).map(|topic| topic.subject).unwrap_or_default();
    let [zh, en] = subject;
    let said = if language == "en" { en } else { zh };
    if said.is_empty() { title(name, language) } else { said.to_owned() }
}

/// Every place that a text may have.
pub fn fields() -> Vec<&'static str> {
    COMMON.iter().copied().chain(FIELDS.iter().map(|(name, ..)| *name)).collect()
}

/// Whether a list of wishes (`parcel.stalled`, `parcel.*`, `*`) takes a topic in.
pub fn wanted(takes: &[String], name: &str) -> bool {
    takes.iter().any(|wish| match wish.strip_suffix('*') {
        Some(begin) => name.starts_with(begin),
        None => wish == name,
    })
}

/// A buyer's phone as it can be reached: without what people put around the digits. `None` where it is masked, has an
/// extension of a platform, or is no mobile phone of China.
pub fn phone(written: &str) -> Option<String> {
    let digits: String = written.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    let bare = digits.strip_prefix("+86").or_else(|| digits.strip_prefix("0086")).unwrap_or(&digits);
    let mobile = bare.len() == 11 && bare.starts_with('1') && bare.bytes().all(|byte| byte.is_ascii_digit());
    mobile.then(|| bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_that_buyers_get_has_only_places_that_there_are() {
        for topic in TOPICS {
            assert!(!topic.zh.is_empty() && !topic.en.is_empty(), "{}", topic.name);
            for text in topic.buyer {
                assert_eq!(crate::text::check(text, &fields()), Ok(()), "{}", topic.name);
            }
            for (text, subject) in topic.buyer.into_iter().zip(topic.subject) {
                assert_eq!(text.is_empty(), subject.is_empty(), "{}: a text and its subject go together", topic.name);
            }
        }
    }

    #[test]
    fn a_letter_to_a_buyer_has_a_subject_in_its_language() {
        assert_eq!(subject("parcel.shipped", "zh"), "您的包裹已发出");
        assert_eq!(subject("parcel.shipped", "en"), "Your parcel is on its way");
        assert_eq!(subject("order.late", "en"), title("order.late", "en"), "what buyers have no words for");
        assert_eq!(subject("parcel.new", "zh"), "parcel.new", "nor we");
    }

    #[test]
    fn a_wish_takes_in_what_it_names() {
        let takes = |wishes: &[&str], name: &str| {
            wanted(&wishes.iter().map(|wish| (*wish).to_owned()).collect::<Vec<_>>(), name)
        };
        assert!(takes(&["*"], "parcel.stalled") && takes(&["parcel.*"], "parcel.stalled"));
        assert!(takes(&["order.late", "parcel.stalled"], "parcel.stalled"));
        assert!(!takes(&["parcel.stall"], "parcel.stalled") && !takes(&[], "parcel.stalled"));
        assert!(!takes(&["order.*"], "parcel.stalled"));
    }
}
