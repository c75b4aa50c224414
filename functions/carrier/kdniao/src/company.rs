//! KDNiao's codes of carriers and ours.

use crate::manifest::MANIFEST;
use huidan_exchange::{CallError, Credentials};

/// The first of several codes for one of our ids is the one that is sent.
const COMPANIES: &[(&str, &str)] = &[
    ("sf", "SF"),
    ("yto", "YTO"),
    ("zto", "ZTO"),
    ("sto", "STO"),
    ("yunda", "YD"),
    ("jd-logistics", "JD"),
    ("jd", "JD"),
    ("jtexpress", "JTSD"),
    ("ems", "EMS"),
    ("china-post", "YZPY"),
    ("deppon", "DBL"),
    ("best", "HTKY"),
];

/// Carriers that tell of a parcel only to whom knows the end of a phone.
const ASK_FOR_PHONE: &[&str] = &["SF", "ZTO"];

/// Their code of a carrier that is asked about. What this account itself booked is carried by the account's carrier.
pub(crate) fn watched<'a>(credentials: &'a Credentials, by: &str) -> Result<&'a str, CallError> {
    if by.is_empty() || by == MANIFEST.id {
        return booking(credentials);
    }
    theirs(by).ok_or_else(|| CallError::Rejected {
        code: "carrier_not_covered".to_owned(),
        remedy: format!("快递鸟编码表没有 {by}，请查看该承运商自己的轨迹 / no code of KDNiao's is known for {by}"),
    })
}

/// Their code of the carrier at which the account books: the setting, in their spelling or as our id.
pub(crate) fn booking(credentials: &Credentials) -> Result<&str, CallError> {
    let set = credentials.need("shipper_code")?;
    Ok(theirs(set).unwrap_or(set))
}

/// Our id for their code; their code in small letters where we have none.
pub(crate) fn ours(code: &str) -> String {
    let known = COMPANIES.iter().find(|(_, theirs)| *theirs == code).map(|(ours, _)| (*ours).to_owned());
    known.unwrap_or_else(|| code.to_ascii_lowercase())
}

/// Whether the carrier wants the end of a phone with a question.
pub(crate) fn asks_for_phone(code: &str) -> bool {
    ASK_FOR_PHONE.contains(&code)
}

fn theirs(id: &str) -> Option<&'static str> {
    COMPANIES.iter().find(|(ours, _)| *ours == id).map(|(_, theirs)| *theirs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_leads_to_one_of_our_ids_and_back() {
        for id in
            ["sf", "yto", "zto", "sto", "yunda", "jd-logistics", "jtexpress", "ems", "china-post", "deppon", "best"]
        {
            assert_eq!(ours(theirs(id).unwrap()), id);
        }
        assert_eq!(ours("ZJS"), "zjs", "a code that we have no id for is kept");
        assert_eq!(theirs("nobody"), None);
    }
}
