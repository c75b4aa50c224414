use crate::candidate::Candidate;
use huidan_wire::Intent;

/// What the remarks want of carriers, the seller's note before the buyer's.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    /// One of these and no other; the first that can be.
    pub(crate) must: Vec<String>,
    /// Taken where what must be cannot be.
    otherwise: Vec<String>,
    never: Vec<String>,
    /// Rather these, the first first.
    pub(crate) prefer: Vec<String>,
}

/// The ids that accounts have, where they differ from what the remark step calls the carrier.
const OTHER_IDS: [(&str, &str); 2] = [("jd", "jd-logistics"), ("jt", "jtexpress")];

/// Whether a name means an account's carrier.
pub(crate) fn same_carrier(name: &str, carrier: &str) -> bool {
    name == carrier || OTHER_IDS.contains(&(name, carrier))
}

/// Those of a carrier.
pub(crate) fn of<'a>(able: &[&'a Candidate<'a>], carrier: &str) -> Vec<&'a Candidate<'a>> {
    able.iter().copied().filter(|candidate| same_carrier(carrier, &candidate.account.carrier)).collect()
}

impl Wishes {
    pub(crate) fn of(intents: &[Intent]) -> Self {
        let said = |code: &str, by: &str| {
            let said = intents.iter().filter(|intent| intent.code == code && intent.by == by);
            said.map(|intent| intent.value.clone()).collect::<Vec<_>>()
        };
        let seller = said("carrier_must", "seller");
        let seller_never = said("carrier_never", "seller");
        // The seller has spoken with the buyer: what the note says goes over what the buyer wrote before.
        let (must, by) = match seller.is_empty() {
            false => (seller, "seller"),
            true => {
                let buyer = said("carrier_must", "buyer");
                (buyer.into_iter().filter(|carrier| !seller_never.contains(carrier)).collect(), "buyer")
            }
        };
        let buyer_never =
            said("carrier_never", "buyer").into_iter().filter(|carrier| by == "buyer" || !must.contains(carrier));
        Self {
            otherwise: said("carrier_else", by),
            never: buyer_never.chain(seller_never).collect(),
            prefer: [said("carrier_prefer", "seller"), said("carrier_prefer", "buyer")].concat(),
            must,
        }
    }

    /// Whether a carrier is one that must be, or the second choice of one.
    pub(crate) fn wants(&self, carrier: &str) -> bool {
        !self.must.is_empty() && self.must.iter().chain(&self.otherwise).any(|wish| same_carrier(wish, carrier))
    }

    /// Whether a carrier is one that must not be.
    pub(crate) fn refuses(&self, carrier: &str) -> bool {
        self.never.iter().any(|wish| same_carrier(wish, carrier))
    }

    /// Those of the first carrier that must be and can be.
    pub(crate) fn first_met<'a>(&self, able: &[&'a Candidate<'a>]) -> Vec<&'a Candidate<'a>> {
        let in_turn = self.must.iter().chain(&self.otherwise);
        in_turn.map(|carrier| of(able, carrier)).find(|met| !met.is_empty()).unwrap_or_default()
    }
}
