//! Provinces as shops abroad write them.

/// Pinyin or English name, second part of ISO 3166-2, the name on the list.
const PROVINCES: [(&str, &str, &str); 38] = [
    ("beijing", "bj", "北京市"),
    ("tianjin", "tj", "天津市"),
    ("hebei", "he", "河北省"),
    ("shanxi", "sx", "山西省"),
    ("inner mongolia", "nm", "内蒙古自治区"),
    ("nei mongol", "nm", "内蒙古自治区"),
    ("neimenggu", "nm", "内蒙古自治区"),
    ("liaoning", "ln", "辽宁省"),
    ("jilin", "jl", "吉林省"),
    ("heilongjiang", "hl", "黑龙江省"),
    ("shanghai", "sh", "上海市"),
    ("jiangsu", "js", "江苏省"),
    ("zhejiang", "zj", "浙江省"),
    ("anhui", "ah", "安徽省"),
    ("fujian", "fj", "福建省"),
    ("jiangxi", "jx", "江西省"),
    ("shandong", "sd", "山东省"),
    ("henan", "ha", "河南省"),
    ("hubei", "hb", "湖北省"),
    ("hunan", "hn", "湖南省"),
    ("guangdong", "gd", "广东省"),
    ("guangxi", "gx", "广西壮族自治区"),
    ("hainan", "hi", "海南省"),
    ("chongqing", "cq", "重庆市"),
    ("sichuan", "sc", "四川省"),
    ("guizhou", "gz", "贵州省"),
    ("yunnan", "yn", "云南省"),
    ("tibet", "xz", "西藏自治区"),
    ("xizang", "xz", "西藏自治区"),
    ("shaanxi", "sn", "陕西省"),
    ("gansu", "gs", "甘肃省"),
    ("qinghai", "qh", "青海省"),
    ("ningxia", "nx", "宁夏回族自治区"),
    ("xinjiang", "xj", "新疆维吾尔自治区"),
    ("hong kong", "hk", "香港特别行政区"),
    ("macao", "mo", "澳门特别行政区"),
    ("macau", "mo", "澳门特别行政区"),
    ("taiwan", "tw", "台湾省"),
];

/// The Chinese name of a province in Latin letters (`Zhejiang`, `Zhejiang Province`, `CN-ZJ`); anything else unchanged.
pub(crate) fn province(text: &str) -> String {
    if !text.is_ascii() {
        return text.to_owned();
    }
    let lower = text.to_ascii_lowercase();
    let word = [" province", " sheng", " municipality", " shi", " sar", " autonomous region"]
        .iter()
        .find_map(|last| lower.strip_suffix(last))
        .unwrap_or(&lower);
    let code = word.strip_prefix("cn-").unwrap_or(word);
    let found = PROVINCES.iter().find(|(name, iso, _)| *name == word || *iso == code);
    found.map_or_else(|| text.to_owned(), |(_, _, chinese)| (*chinese).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_provinces_are_known_and_nothing_else_is_touched() {
        for (given, read_as) in [
            ("Zhejiang", "浙江省"),
            ("ZHEJIANG PROVINCE", "浙江省"),
            ("CN-SN", "陕西省"),
            ("BJ", "北京市"),
            ("浙江", "浙江"),
            ("Ohio", "Ohio"),
        ] {
            assert_eq!(province(given), read_as);
        }
    }
}
