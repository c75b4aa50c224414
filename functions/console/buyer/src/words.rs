//! Every text that buyers read, in both languages.

/// A language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lang {
    /// Simplified Chinese.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Its tag.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// A language of a tag such as `zh-TW` or `en-GB`.
    pub(crate) fn parse(tag: &str) -> Option<Self> {
        match tag.split('-').next().unwrap_or_default() {
            primary if primary.eq_ignore_ascii_case("zh") => Some(Self::Zh),
            primary if primary.eq_ignore_ascii_case("en") => Some(Self::En),
            _ => None,
        }
    }

    /// The other one.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Zh => Self::En,
            Self::En => Self::Zh,
        }
    }

    /// A text.
    pub(crate) const fn t(self, word: Word) -> &'static str {
        let (zh, en) = word.both();
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// A text by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    Title,
    Other,
    CarriedBy,
    NumberEnds,
    NoScans,
    Question,
    Send,
    OnceOnly,
    Taken,
    Before,
    Nothing,
    YouChose,
    MovedOn,
    Gone,
    TooOften,
    Foreign,
}

impl Word {
    const fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::Title => ("您的包裹", "Your parcel"),
            Self::Other => ("中文", "English"),
            Self::CarriedBy => ("承运", "Carried by"),
            Self::NumberEnds => ("运单尾号", "Number ends in"),
            Self::NoScans => ("暂无物流记录。", "Nothing was scanned yet."),
            Self::Question => ("您希望我们怎么做？", "What would you like us to do?"),
            Self::Send => ("提交", "Send"),
            Self::OnceOnly => (
                "只能选择一次。提交后由客服人工处理，不会自动扣款或改址。",
                "You can choose once. A person takes it from there; nothing is charged or changed by itself.",
            ),
            Self::Taken => ("已收到您的选择，客服会尽快处理。", "Thank you. A person will see to it soon."),
            Self::Before => ("您之前已经选择过，以第一次为准。", "You chose before; the first choice stands."),
            Self::Nothing => ("现在没有需要选择的事项。", "There is nothing to choose at present."),
            Self::YouChose => ("您的选择", "Your choice"),
            Self::MovedOn => ("包裹状态已更新，无需再选择。", "The parcel has moved on; no choice is needed any more."),
            Self::Gone => ("链接无效或已过期。", "This link is wrong or has ended."),
            Self::TooOften => ("打开过于频繁，请一分钟后再试。", "Opened too often; please try again in a minute."),
            Self::Foreign => ("此请求无效。", "This request cannot be taken."),
        }
    }
}

/// A text of a table by its code, else the fallback.
fn of(lang: Lang, table: &'static [(&str, &str, &str)], code: &str) -> &'static str {
    let found = table.iter().find(|row| row.0 == code).or(table.last());
    found.map_or("", |(_, zh, en)| match lang {
        Lang::Zh => zh,
        Lang::En => en,
    })
}

/// Where a package is.
pub(crate) fn status(lang: Lang, code: &str) -> &'static str {
    const STATUS: &[(&str, &str, &str)] = &[
        ("handed_over", "已交给快递", "Handed to the carrier"),
        ("in_transit", "运输中", "On its way"),
        ("delivered", "已签收", "Delivered"),
        ("returned", "已退回", "Returned"),
        ("lost", "查找中", "Being looked for"),
        ("cancelled", "已取消", "Cancelled"),
        ("", "准备中", "Being prepared"),
    ];
    of(lang, STATUS, code)
}

/// What was scanned.
pub(crate) fn scan(lang: Lang, code: &str) -> &'static str {
    const SCAN: &[(&str, &str, &str)] = &[
        ("picked_up", "已揽收", "Picked up"),
        ("out_for_delivery", "派送中", "Out for delivery"),
        ("problem", "派送遇到问题", "A problem on the way"),
        ("refused", "拒收", "Refused"),
        ("signed", "已签收", "Signed for"),
        ("returning", "退回中", "On its way back"),
        ("returned", "已退回", "Back with the seller"),
        ("", "运输中", "On its way"),
    ];
    of(lang, SCAN, code)
}

/// What is wrong, as a buyer is told.
pub(crate) fn trouble(lang: Lang, code: &str) -> &'static str {
    const TROUBLE: &[(&str, &str, &str)] = &[
        ("not_picked_up", "快递还没有取走您的包裹。", "The carrier has not picked your parcel up yet."),
        ("stalled", "您的包裹停留时间比平时长。", "Your parcel has been lying longer than usual."),
        ("problem", "快递派送时遇到了问题。", "The carrier met a problem delivering it."),
        ("refused", "快递说包裹被拒收。", "The carrier says that the parcel was refused."),
        ("returned", "您的包裹正被退回。", "Your parcel is on its way back to us."),
        ("signed_too_fast", "显示已签收，请确认是否收到。", "It is said to be delivered. Please tell us if it is not."),
        ("other_city", "显示在其他城市签收，请确认是否收到。", "It was signed for in another city. Did you get it?"),
        ("customs_stop", "您的包裹被海关查验。", "The customs are looking at your parcel."),
        ("", "您的包裹出现异常。", "Something is wrong with your parcel."),
    ];
    of(lang, TROUBLE, code)
}

/// A choice.
pub(crate) fn choice(lang: Lang, code: &str) -> &'static str {
    const CHOICE: &[(&str, &str, &str)] = &[
        ("wait", "继续等待", "Wait for it"),
        ("resend", "重新寄一份", "Send it again"),
        ("redirect", "改寄其他地址", "Send it to another address"),
        ("refund", "退款", "Refund"),
        ("", "", ""),
    ];
    of(lang, CHOICE, code)
}
