//! What may stand between and after names of divisions, so that 北京路 stays a road and 杭州市场 a market.

/// What follows a place's name where it is the name of something else: 南京 + 西路, 上海 + 大厦.
const THINGS: [&str; 74] = [
    "路", "街", "道", "巷", "弄", "胡同", "里", "村", "镇", "乡", "屯", "庄", "苑", "园", "城", "小区", "花园", "广场",
    "大厦", "公寓", "家园", "山庄", "桥", "站", "社区", "学校", "中学", "小学", "大学", "学院", "医院", "宾馆", "酒店",
    "饭店", "公司", "公园", "码头", "机场", "车站", "集团", "湾", "港", "岛", "湖", "山", "河", "江", "寺", "坡", "门",
    "口", "国际", "市场", "工业", "开发", "高新", "经济", "新区", "景区", "风景", "名胜", "文化", "银行", "商", "府",
    "楼", "塔", "派", "名", "人家", "印象", "会馆", "馆", "店",
];

/// What may stand between a place's name and such a thing: 南京 + 东 + 路, 北京 + 大 + 街.
const BETWEEN: &str = "东西南北中大小新老一二三四五六七八九十上下前后内外环支横纵";

/// What follows a full name where the two name a landmark: 西湖区 + 政府.
const LANDMARKS: [&str; 22] = [
    "政府",
    "人民政府",
    "法院",
    "人民法院",
    "检察院",
    "人民检察院",
    "医院",
    "人民医院",
    "中医院",
    "中医医院",
    "妇幼",
    "公安",
    "教育局",
    "税务局",
    "体育馆",
    "体育中心",
    "行政中心",
    "行政服务",
    "档案馆",
    "实验小学",
    "实验中学",
    "块",
];

/// What stands for a level that an address need not name.
const NOISE: [&str; 13] = [
    "自治区直辖县级行政区划",
    "省直辖县级行政区划",
    "自治区直辖县级行政单位",
    "省直辖县级行政单位",
    "直辖县级行政区划",
    "直辖县级行政单位",
    "自治区直辖县",
    "省直辖县",
    "直辖县",
    "市辖区",
    "市区",
    "其它区",
    "其他区",
];

/// What stands before an address.
const LABELS: [&str; 6] = ["收货地址", "收件地址", "详细地址", "地址", "中华人民共和国", "中国"];

/// Names of districts that are words of everyday: they count only where their city is known.
const COMMON_WORDS: [&str; 34] = [
    "东区",
    "西区",
    "城区",
    "郊区",
    "矿区",
    "市中区",
    "市南区",
    "市北区",
    "城中区",
    "城东区",
    "城西区",
    "城北区",
    "城南区",
    "城关区",
    "桥东区",
    "桥西区",
    "路南区",
    "路北区",
    "河东区",
    "河西区",
    "江北区",
    "江南区",
    "新城区",
    "新市区",
    "市中",
    "市南",
    "市北",
    "城东",
    "城西",
    "城北",
    "河东",
    "河西",
    "江北",
    "江南",
];

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, ',' | '，' | '、' | '/' | '\\' | '|' | '-' | '—' | '·' | '.' | ';' | '；' | ':' | '：' | '>')
}

/// Bytes of what stands before the next name, and the text from there.
pub(crate) fn skip(text: &str) -> (usize, &str) {
    let mut rest = text;
    loop {
        let trimmed = rest.trim_start_matches(is_separator);
        let unlabelled = LABELS.iter().find_map(|label| trimmed.strip_prefix(label)).unwrap_or(trimmed);
        if unlabelled.len() == rest.len() {
            return (text.len() - rest.len(), rest);
        }
        rest = unlabelled;
    }
}

/// Bytes of the words that stand for an unnamed level, right after a name.
pub(crate) fn noise(after: &str) -> usize {
    let (skipped, rest) = skip(after);
    NOISE.iter().find(|word| rest.starts_with(*word)).map_or(0, |word| skipped + word.len())
}

/// Whether a field holds nothing but a word for an unnamed level.
pub(crate) fn is_noise(field: &str) -> bool {
    NOISE.contains(&field) || matches!(field, "县" | "无" | "其它" | "其他" | "-" | "null")
}

/// Whether a name ends here: at a separator or at the end.
pub(crate) fn is_end(after: &str) -> bool {
    after.chars().next().is_none_or(is_separator)
}

/// Whether a short name may end before this.
pub(crate) fn short_may_end(after: &str) -> bool {
    if is_end(after) || noise(after) > 0 {
        return true;
    }
    if ["市中区", "市南区", "市北区"].iter().any(|district| after.starts_with(district)) {
        return true;
    }
    if after.starts_with(['省', '市', '区', '县', '州', '盟', '旗', '镇', '乡', '村']) {
        return false;
    }
    let mut rest = after;
    for _ in 0..3 {
        if THINGS.iter().any(|thing| rest.starts_with(thing)) {
            // 浙江江北区: a district that starts with such a word is still a district.
            return rest.len() == after.len() && starts_with_division(after);
        }
        let Some(next) = rest.strip_prefix(|c| BETWEEN.contains(c)) else { return true };
        rest = next;
    }
    true
}

fn starts_with_division(text: &str) -> bool {
    crate::gazetteer::gazetteer().at_start_of(text).any(|name| name.text.ends_with(['市', '区', '县', '州', '旗']))
}

/// Whether a full name may end before this: 杭州市场 is no 杭州市.
pub(crate) fn full_may_end(name: &str, after: &str) -> bool {
    noise(after) > 0 || !(name.ends_with('市') && after.starts_with(['场', '民', '政', '郊', '容', '区']))
}

/// Whether a full name and what follows are a landmark: 西湖区政府, 朝阳区第八中学; 朝阳区第三大道 is none.
pub(crate) fn is_landmark(after: &str) -> bool {
    let numbered = after.strip_prefix('第').map(|rest| rest.trim_start_matches(|c| "一二三四五六七八九十".contains(c)));
    LANDMARKS.iter().any(|word| after.starts_with(word))
        || numbered
            .is_some_and(|rest| ["中", "小", "高", "人民", "医", "实验"].iter().any(|word| rest.starts_with(word)))
}

/// Whether a district's name is a word of everyday.
pub(crate) fn is_common_word(name: &str) -> bool {
    COMMON_WORDS.contains(&name)
}
