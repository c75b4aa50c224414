//! Our carriers and WeChat's codes of them (`deliverycompanylist/new/get`).

/// Ours and WeChat's; the first of two of ours is the one we are told of.
pub(crate) const CARRIERS: &[(&str, &str)] = &[
    ("sf", "SF"),
    ("yto", "YTO"),
    ("zto", "ZTO"),
    ("sto", "STO"),
    ("yunda", "YUNDA"),
    ("jd", "JD"),
    ("jd-logistics", "JD"),
    ("jtexpress", "JTSD"),
    ("ems", "EMS"),
    ("deppon", "DBKD"),
];

/// WeChat's code of one of our carriers; what is missing here the seller maps himself.
pub(crate) fn theirs(ours: &str) -> Option<&'static str> {
    CARRIERS.iter().find(|(id, _)| *id == ours).map(|(_, code)| *code)
}

/// Our id of a carrier of WeChat's; a code nobody here knows, in small letters.
pub(crate) fn ours(theirs: &str) -> String {
    let known = CARRIERS.iter().find(|(_, code)| *code == theirs);
    known.map_or_else(|| theirs.to_ascii_lowercase(), |(id, _)| (*id).to_owned())
}
