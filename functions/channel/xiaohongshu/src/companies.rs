//! The platform's codes of carriers (`common.getExpressCompanyList`), which its waybill service uses too.

/// Our id, the platform's code.
pub(crate) const COMPANIES: &[(&str, &str)] = &[
    ("sf", "shunfeng"),
    ("yto", "yuantong"),
    ("zto", "zto"),
    ("sto", "shentong"),
    ("yunda", "yunda"),
    ("jd", "jd"),
    ("jd-logistics", "jd"),
    ("jtexpress", "jtexpress"),
    ("ems", "ems"),
    ("deppon", "debangwuliu"),
];

/// Codes that it shows too and does not ask for.
const ALSO_SHOWN: &[(&str, &str)] = &[("sf", "SF")];

/// Numbers that say by their first letters whose they are.
const HEADS: &[(&str, &str)] = &[("SF", "shunfeng"), ("YT", "yuantong"), ("JT", "jtexpress"), ("JD", "jd")];

/// The platform's code of the carrier of a number.
pub(crate) fn code(carrier: &str, waybill: &str) -> Option<&'static str> {
    let known = COMPANIES.iter().find(|(ours, _)| *ours == carrier).map(|(_, code)| *code);
    known.or_else(|| HEADS.iter().find(|(head, _)| waybill.starts_with(head)).map(|(_, code)| *code))
}

/// Our id of the carrier with that code; the code itself where we know none.
pub(crate) fn ours(code: &str) -> String {
    let known = COMPANIES.iter().chain(ALSO_SHOWN).find(|(_, theirs)| *theirs == code);
    known.map_or_else(|| code.to_ascii_lowercase(), |(ours, _)| (*ours).to_owned())
}
