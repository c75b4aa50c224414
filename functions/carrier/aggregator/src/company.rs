//! What the services call our carriers. Where a service names none of them it finds out by itself; TrackingMore wants to
//! be told.

use huidan_domain::Millis;
use huidan_exchange::time;

/// One carrier: our id, and the names of EasyPost, AfterShip, 17TRACK and TrackingMore.
struct Named {
    ours: &'static str,
    easypost: &'static str,
    aftership: &'static str,
    track17: u32,
    trackingmore: &'static str,
}

const CARRIERS: &[Named] = &[
    named("sf", "SFExpress", "sf-express", 100_012, "sf-express"),
    named("yto", "", "yto", 0, "yto"),
    named("zto", "", "zto-express", 0, "zto"),
    named("sto", "", "sto", 0, "sto"),
    named("yunda", "", "yunda", 0, "yunda"),
    named("jd-logistics", "", "jd-express", 0, "jd"),
    named("jd", "", "jd-express", 0, "jd"),
    named("jtexpress", "", "jtexpress-cn", 0, "jtexpress"),
    named("deppon", "", "deppon", 0, "deppon"),
    named("ems", "", "china-ems", 3_013, "china-ems"),
    named("china-post", "", "china-post", 3_011, "china-post"),
    named("usps", "USPS", "usps", 21_051, "usps"),
    named("ups", "UPS", "ups", 100_002, "ups"),
    named("fedex", "FedEx", "fedex", 100_003, "fedex"),
    named("dhl", "DHLExpress", "dhl", 100_001, "dhl"),
];

/// Carriers of China, whose times are Beijing's where they bear no zone.
const CHINESE: &[&str] =
    &["sf", "yto", "zto", "sto", "yunda", "jd-logistics", "jd", "jtexpress", "deppon", "ems", "china-post"];

const fn named(
    ours: &'static str,
    easypost: &'static str,
    aftership: &'static str,
    track17: u32,
    trackingmore: &'static str,
) -> Named {
    Named { ours, easypost, aftership, track17, trackingmore }
}

/// EasyPost's name.
pub(crate) fn easypost(by: &str) -> Option<&'static str> {
    find(by).map(|carrier| carrier.easypost).filter(|name| !name.is_empty())
}

/// AfterShip's slug.
pub(crate) fn aftership(by: &str) -> Option<&'static str> {
    find(by).map(|carrier| carrier.aftership)
}

/// 17TRACK's number; 0 has it find out.
pub(crate) fn track17(by: &str) -> u32 {
    find(by).map_or(0, |carrier| carrier.track17)
}

/// TrackingMore's code.
pub(crate) fn trackingmore(by: &str) -> Option<&'static str> {
    find(by).map(|carrier| carrier.trackingmore)
}

/// Our id for AfterShip's slug or TrackingMore's code; theirs where we have none.
pub(crate) fn ours(code: &str) -> &str {
    let known = CARRIERS.iter().find(|carrier| carrier.aftership == code || carrier.trackingmore == code);
    known.map_or(code, |carrier| carrier.ours)
}

/// An instant as a service writes it: with an offset it is exact. Without one it is the carrier's own: Beijing's for
/// carriers of China, else nobody can tell, and it is taken for UTC. Seconds may be missing.
pub(crate) fn instant(text: &str, code: &str) -> Option<Millis> {
    let hours = if CHINESE.contains(&ours(code)) { time::CHINA } else { 0 };
    time::rfc3339(text).or_else(|| time::local(text, hours)).or_else(|| time::local(&format!("{text}:00"), hours))
}

fn find(by: &str) -> Option<&'static Named> {
    CARRIERS.iter().find(|carrier| carrier.ours == by)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_our_id() {
        for carrier in CARRIERS.iter().filter(|carrier| carrier.ours != "jd") {
            assert_eq!(ours(carrier.aftership), carrier.ours);
            assert_eq!(ours(carrier.trackingmore), carrier.ours);
        }
        assert_eq!(ours("pigeon-post"), "pigeon-post");
    }

    #[test]
    fn a_time_without_a_zone_is_its_carriers() {
        let eight = Millis(1_795_248_000_000);
        for (text, code) in [
            ("2026-11-21T08:00:00Z", "usps"),
            ("2026-11-21T03:00:00-05:00", "yto"),
            ("2026-11-21 08:00", "usps"),
            ("2026-11-21 16:00", "china-post"),
            ("2026-11-21T16:00:00", "zto-express"),
        ] {
            assert_eq!(instant(text, code), Some(eight), "{text} {code}");
        }
        assert_eq!(instant("soon", "usps"), None);
    }
}
