//! The platform's codes of carriers (`common.getExpressCompanyList`), which its waybill service uses too.

/// The platform's code, our id.
const COMPANIES: &[(&str, &str)] = &[
    ("shunfeng", "sf"),
    ("SF", "sf"),
    ("yuantong", "yto"),
    ("zto", "zto"),
    ("shentong", "sto"),
    ("yunda", "yunda"),
    ("jd", "jd"),
    ("jd", "jd-logistics"),
    ("jtexpress", "jtexpress"),
    ("ems", "ems"),
    ("debangwuliu", "deppon"),
];

/// Numbers that say by their first letters whose they are.
const HEADS: &[(&str, &str)] = &[("SF", "shunfeng"), ("YT", "yuantong"), ("JT", "jtexpress"), ("JD", "jd")];

/// The platform's code of the carrier of a number.
pub(crate) fn code(carrier: &str, waybill: &str) -> Option<&'static str> {
    let known = COMPANIES.iter().find(|(_, ours)| *ours == carrier).map(|(code, _)| *code);
    known.or_else(|| HEADS.iter().find(|(head, _)| waybill.starts_with(head)).map(|(_, code)| *code))
}

/// Our id of the carrier with that code; the code itself where we know none.
pub(crate) fn ours(code: &str) -> String {
    let known = COMPANIES.iter().find(|(theirs, _)| *theirs == code);
    known.map_or_else(|| code.to_ascii_lowercase(), |(_, ours)| (*ours).to_owned())
}
