//! Kuaidi100's codes of carriers (<https://api.kuaidi100.com/document>) and ours. All of theirs are in small letters.

use crate::manifest::MANIFEST;
use huidan_exchange::{CallError, Credentials};

/// The first of several codes for one of our ids is the one that is sent.
const COMPANIES: &[(&str, &str)] = &[
    ("sf", "shunfeng"),
    ("yto", "yuantong"),
    ("zto", "zhongtong"),
    ("sto", "shentong"),
    ("yunda", "yunda"),
    ("jd-logistics", "jd"),
    ("jd", "jd"),
    ("jtexpress", "jtexpress"),
    ("ems", "ems"),
    ("china-post", "youzhengguonei"),
    ("deppon", "debangkuaidi"),
    ("deppon", "debangwuliu"),
    ("best", "huitongkuaidi"),
];

/// Their code of a carrier that is asked about. What this account itself booked is carried by the account's carrier.
pub(crate) fn watched<'a>(credentials: &'a Credentials, by: &str) -> Result<&'a str, CallError> {
    if by.is_empty() || by == MANIFEST.id {
        return booking(credentials);
    }
    theirs(by).ok_or_else(|| CallError::Rejected {
        code: "carrier_not_covered".to_owned(),
        remedy: format!("快递100 编码表没有 {by}，请查看该承运商自己的轨迹 / no code of Kuaidi100's is known for {by}"),
    })
}

/// Their code of the carrier at which the account books: the setting, in their spelling or as our id.
pub(crate) fn booking(credentials: &Credentials) -> Result<&str, CallError> {
    let set = credentials.need("kuaidicom")?;
    Ok(theirs(set).unwrap_or(set))
}

/// Our id for their code; their code where we have none.
pub(crate) fn ours(code: &str) -> String {
    let known = COMPANIES.iter().find(|(_, theirs)| *theirs == code).map(|(ours, _)| *ours);
    known.unwrap_or(code).to_owned()
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
        assert_eq!(ours("debangwuliu"), "deppon");
        assert_eq!(ours("zhaijisong"), "zhaijisong", "a code that we have no id for is kept");
        assert_eq!(theirs("nobody"), None);
    }
}
