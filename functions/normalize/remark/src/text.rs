//! A remark as it is looked at: one form of each character, cut into clauses.

/// A piece of a remark between two marks, as written and as compared; both have as many characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clause {
    /// As written.
    pub(crate) written: String,
    /// With full-width letters as plain ones, in lower case, in simplified characters.
    pub(crate) folded: String,
    /// The mark it ends with.
    pub(crate) mark: Option<char>,
}

/// Cuts at the marks that end a thought. 、 and blanks do not: they join as often as they part.
pub(crate) fn clauses(remark: &str) -> Vec<Clause> {
    let mut clauses = Vec::new();
    let mut written = String::new();
    let mut push = |written: &mut String, mark: Option<char>| {
        let trimmed = written.trim().to_owned();
        written.clear();
        if !trimmed.is_empty() {
            let folded = trimmed.chars().map(fold).collect();
            clauses.push(Clause { written: trimmed, folded, mark });
        }
    };
    for c in remark.chars() {
        if matches!(c, ',' | '，' | '。' | ';' | '；' | '!' | '！' | '?' | '？' | '\n' | '\r' | '~' | '～' | '…')
        {
            push(&mut written, Some(c));
        } else {
            written.push(c);
        }
    }
    push(&mut written, None);
    clauses
}

/// The simplified form of the traditional characters that our words are written with.
const SIMPLIFIED: [(char, char); 44] = [
    ('順', '顺'),
    ('豐', '丰'),
    ('圓', '圆'),
    ('韻', '韵'),
    ('達', '达'),
    ('極', '极'),
    ('發', '发'),
    ('別', '别'),
    ('請', '请'),
    ('單', '单'),
    ('電', '电'),
    ('話', '话'),
    ('貨', '货'),
    ('換', '换'),
    ('顏', '颜'),
    ('賀', '贺'),
    ('寫', '写'),
    ('緊', '紧'),
    ('儘', '尽'),
    ('盡', '尽'),
    ('開', '开'),
    ('個', '个'),
    ('東', '东'),
    ('遞', '递'),
    ('郵', '邮'),
    ('驛', '驿'),
    ('櫃', '柜'),
    ('門', '门'),
    ('價', '价'),
    ('時', '时'),
    ('聯', '联'),
    ('繫', '系'),
    ('趕', '赶'),
    ('優', '优'),
    ('選', '选'),
    ('務', '务'),
    ('須', '须'),
    ('給', '给'),
    ('紅', '红'),
    ('藍', '蓝'),
    ('綠', '绿'),
    ('錯', '错'),
    ('會', '会'),
    ('過', '过'),
];

fn fold(c: char) -> char {
    match c {
        // Full-width forms stand in the order of ASCII.
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c).to_ascii_lowercase(),
        '\u{3000}' => ' ',
        c if c.is_ascii() => c.to_ascii_lowercase(),
        c => SIMPLIFIED.iter().find(|(traditional, _)| *traditional == c).map_or(c, |(_, simplified)| *simplified),
    }
}

/// These end like a refusal and are none.
const NOT_REFUSALS: [&str; 15] = [
    "特别",
    "分别",
    "个别",
    "区别",
    "级别",
    "要不",
    "能不能",
    "可不可以",
    "可不可",
    "要不要",
    "是不是",
    "好不好",
    "不一定",
    "不得不",
    "差不",
];
/// Words of refusal.
const REFUSALS: [&str; 28] = [
    "不要",
    "不用",
    "不需要",
    "不必",
    "不想",
    "不能",
    "不可以",
    "不可",
    "不许",
    "不准",
    "不接受",
    "不收",
    "不",
    "别",
    "勿",
    "莫",
    "禁止",
    "拒绝",
    "谢绝",
    "无需",
    "无须",
    "避免",
    "避开",
    "don't",
    "dont",
    "not",
    "no",
    "never",
];

/// Whether `before`, without the verbs at its end, ends in a word of refusal: 不要, 千万别再用, don't use.
pub(crate) fn refuses(before: &str) -> bool {
    refusal(before).is_some()
}

/// The end of `before` from its word of refusal on, if it has one.
pub(crate) fn refusal(before: &str) -> Option<&str> {
    let core = without_verbs(before).0;
    if NOT_REFUSALS.iter().any(|word| core.ends_with(word)) {
        return None;
    }
    let letter = |c: char| c.is_ascii_alphanumeric();
    let ends_with = |word: &str| core.strip_suffix(word).filter(|rest| !(word.is_ascii() && rest.ends_with(letter)));
    let rest = REFUSALS.iter().find_map(|word| ends_with(word))?;
    before.get(rest.len()..)
}

/// What stands before the verbs at the end, and whether there are any: 麻烦给我发 → 麻烦, true.
pub(crate) fn without_verbs(before: &str) -> (&str, bool) {
    const VERBS: [&str; 30] = [
        "使用", "选择", "邮寄", "安排", "通过", "换成", "改成", "改为", "指定", "默认", "发货", "发", "走", "用", "寄",
        "选", "送", "要", "配", "派", "换", "改", "放", "投", "存", "using", "use", "ship", "send", "via",
    ];
    const FILLERS: [&str; 16] =
        ["给我", "帮我", "给", "再", "任何", "我", "都", "一律", "快递", "请", "带", "有", "到", "在", "进", "with"];
    let mut rest = before.trim_end();
    let mut verb = false;
    loop {
        let shorter = VERBS.iter().find_map(|word| rest.strip_suffix(word)).inspect(|_| verb = true);
        // 不要: the verb is part of the refusal, which ends in 不.
        let shorter = shorter.or_else(|| FILLERS.iter().find_map(|word| rest.strip_suffix(word)));
        match shorter {
            Some(shorter) => rest = shorter.trim_end(),
            None => return (rest, verb),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_end_at_marks_and_keep_their_writing() {
        let clauses = clauses("發順豐，ＡＢ、c d！ ?Ok\n");
        let written: Vec<_> = clauses.iter().map(|c| (c.written.as_str(), c.folded.as_str())).collect();
        assert_eq!(written, [("發順豐", "发顺丰"), ("ＡＢ、c d", "ab、c d"), ("Ok", "ok")]);
    }

    #[test]
    fn refusals_are_seen_through_verbs() {
        for (before, refused) in [
            ("不要", true),
            ("千万别再发", true),
            ("请勿使用", true),
            ("不想要", true),
            ("don't use ", true),
            ("no ", true),
            ("特别要", false),
            ("能不能发", false),
            ("要不发", false),
            ("不急发", false),
            ("casino ", false),
            ("", false),
        ] {
            assert_eq!(refuses(before), refused, "{before}");
        }
    }
}
