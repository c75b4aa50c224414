//! The platform's codes of carriers (`order.logisticsCompanyList`) and ours. What is missing here the seller maps.

/// Ours and theirs; of two of ours with one code the last is what that code is read as.
pub(crate) const COMPANIES: &[(&str, &str)] = &[
    ("sf", "shunfeng"),
    ("yto", "yuantong"),
    ("zto", "zhongtong"),
    ("sto", "shentong"),
    ("yunda", "yunda"),
    ("jd", "jd"),
    ("jd-logistics", "jd"),
    ("jtexpress", "jtexpress"),
    ("ems", "ems"),
    ("deppon", "debangwuliu"),
];

/// Numbers that say by their first letters whose they are.
const HEADS: &[(&str, &str)] =
    &[("SF", "shunfeng"), ("YT", "yuantong"), ("JDV", "jd"), ("JT", "jtexpress"), ("DPK", "debangwuliu")];

/// The platform's code of our carrier, or of the carrier whose letters the number bears.
pub(crate) fn code(carrier: &str, number: &str) -> Option<&'static str> {
    let known = COMPANIES.iter().find(|(ours, _)| *ours == carrier);
    known.or_else(|| HEADS.iter().find(|(head, _)| number.starts_with(head))).map(|(_, theirs)| *theirs)
}

/// Our id of the carrier that the platform calls so; its own code where we have none.
pub(crate) fn ours(code: &str) -> String {
    let known = COMPANIES.iter().rev().find(|(_, theirs)| *theirs == code);
    known.map_or_else(|| code.to_ascii_lowercase(), |(ours, _)| (*ours).to_owned())
}
