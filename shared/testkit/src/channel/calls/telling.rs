//! What the manifest says of telling shipments is what the adapter does: the conductor relies on the data alone.

use super::Suite;
use crate::rejected;
use huidan_channel::{Channel, ConfirmRules, Confirmed, Numbers, Others, Shipment};
use huidan_exchange::Call;

/// The data make sense by themselves.
pub(in crate::channel) fn sane(rules: ConfirmRules) {
    assert!(rules.per_call >= 1, "a call tells at least one parcel");
    let known: std::collections::BTreeSet<&str> = rules.carriers.codes.iter().map(|(ours, _)| *ours).collect();
    assert_eq!(known.len(), rules.carriers.codes.len(), "a carrier has two codes");
    let blank = rules.carriers.codes.iter().any(|(ours, theirs)| ours.is_empty() || theirs.trim().is_empty());
    assert!(!blank, "a carrier's code is empty");
    assert!(rules.after_print_s >= 0 && rules.picked_up_s.is_none_or(|s| s > 0), "the times run backwards");
}

impl<C: Channel> Suite<'_, C> {
    /// Every carrier with a code is taken; one without is named or refused, as the manifest says; and the seller's own
    /// code goes before both.
    pub(super) fn carriers_are_taken_as_the_manifest_says(&self, rules: ConfirmRules, shipment: &Shipment) {
        let tell = |shipment: &Shipment| {
            self.run(|call: &Call<'_>| self.channel.confirm(call, shipment), (self.platform.fresh)())
        };
        for (ours, _) in rules.carriers.codes {
            let outcome = tell(&Shipment { carrier: (*ours).into(), ..shipment.clone() });
            let code = rejected(&outcome);
            assert_ne!(code, Some("carrier_unmapped"), "{ours} has a code and is not taken");
        }
        // A number whose first letters are nobody's.
        let stranger = Shipment {
            carrier: "no-such-carrier".into(),
            waybill: "990000123456".into(),
            carrier_code: None,
            ..shipment.clone()
        };
        let refused = rejected(&tell(&stranger)) == Some("carrier_unmapped");
        assert_eq!(refused, rules.carriers.others == Others::Refused, "a carrier without a code");
        if let Some((_, code)) = rules.carriers.codes.first() {
            let mapped = Shipment { carrier_code: Some((*code).into()), ..stranger };
            assert_ne!(rejected(&tell(&mapped)), Some("carrier_unmapped"), "the seller's own code is not taken");
        }
    }

    /// A number told is changed where the manifest says that it may be, and the channel then shows the new one alone.
    pub(super) fn a_number_changes_as_the_manifest_says(&self, rules: ConfirmRules, shipment: &Shipment) {
        let mut answer = (self.platform.fresh)();
        let mut tell = |shipment: &Shipment| self.run(|call| self.channel.confirm(call, shipment), &mut answer);
        assert_eq!(tell(shipment), Ok(Confirmed::Told));
        let other: String = shipment.waybill.chars().rev().collect();
        let changed = Shipment {
            // The letters that some platforms know a carrier by stay in front.
            waybill: match shipment.waybill.find(|c: char| c.is_ascii_digit()) {
                Some(at) => format!("{}{}", &shipment.waybill[..at], other.trim_end_matches(char::is_alphabetic)),
                None => other,
            },
            replaces: Some(shipment.waybill.clone()),
            ..shipment.clone()
        };
        let outcome = tell(&changed);
        match rules.change {
            Some(_) => {
                assert_eq!(outcome, Ok(Confirmed::Told), "a changed number is not taken");
                assert_eq!(tell(&changed), Ok(Confirmed::AlreadyThere), "the changed number is not known");
            }
            None => assert!(rejected(&outcome).is_some(), "{outcome:?}: a number that may not be changed was"),
        }
        let several = !matches!(rules.numbers, Numbers::PerOrder(_));
        assert!(several || rules.per_call == 1, "one number per order, and several parcels in a call");
    }
}
