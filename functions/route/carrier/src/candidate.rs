use crate::wish::{Wishes, same_carrier};
use huidan_flow::rules::same_region;
use huidan_wire::step::{CarrierAccount, Facts, Proposal, Rule};

/// An account and why it cannot take the package, if it cannot.
pub(crate) struct Candidate<'a> {
    pub(crate) account: &'a CarrierAccount,
    pub(crate) refusals: Vec<Refusal>,
}

/// Why an account cannot take a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It does not take the encrypted receivers of that channel.
    Tokens(String),
    /// It does not go there.
    Region,
    /// The parcel is too heavy: the limit in grams.
    Weight(u32),
    /// One of the seller's rules forbids it: the rule's id.
    Forbidden(String),
    /// A remark does not want that carrier.
    Unwanted,
    /// Its calls fail at present.
    Ailing,
}

impl Refusal {
    /// In Chinese and in English.
    pub(crate) fn words(&self) -> (String, String) {
        match self {
            Self::Tokens(channel) => {
                (format!("不支持 {channel} 的加密收件人"), format!("takes no encrypted receivers of {channel}"))
            }
            Self::Region => ("不到该地区".to_owned(), "does not serve the region".to_owned()),
            Self::Weight(limit) => (format!("超过限重 {limit} 克"), format!("takes no more than {limit} g")),
            Self::Forbidden(rule) => (format!("被规则 {rule} 禁止"), format!("is forbidden by rule {rule}")),
            Self::Unwanted => ("备注不要该快递".to_owned(), "is not wanted by a remark".to_owned()),
            Self::Ailing => ("接口暂时故障".to_owned(), "fails at present".to_owned()),
        }
    }
}

impl Candidate<'_> {
    pub(crate) fn fits(&self) -> bool {
        self.refusals.is_empty()
    }

    /// Whether a rule means it: by the account's id or by the carrier.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.account.id == name || same_carrier(name, &self.account.carrier)
    }

    /// For the trace.
    pub(crate) fn seen(&self, proposal: &Proposal) -> String {
        let why: Vec<_> = self.refusals.iter().map(|refusal| refusal.words().1).collect();
        let why = if why.is_empty() { "can take it".to_owned() } else { why.join(", ") };
        format!("{}, {}: {why}", self.account.carrier, words(price(self.account, proposal.weight_g)))
    }
}

/// Every account with what speaks against it.
pub(crate) fn candidates<'a>(
    proposal: &Proposal,
    facts: &'a Facts,
    wishes: &Wishes,
    forbidden: &[&Rule],
) -> Vec<Candidate<'a>> {
    let of = |account: &'a CarrierAccount| {
        let mut refusals = Vec::new();
        if proposal.encrypted && !account.takes_tokens_of.contains(&proposal.channel) {
            refusals.push(Refusal::Tokens(proposal.channel.clone()));
        }
        if !serves(account, proposal) {
            refusals.push(Refusal::Region);
        }
        if account.max_weight_g > 0 && proposal.weight_g > account.max_weight_g {
            refusals.push(Refusal::Weight(account.max_weight_g));
        }
        let names = |rule: &&&Rule| rule.value == account.id || same_carrier(&rule.value, &account.carrier);
        refusals.extend(forbidden.iter().find(names).map(|rule| Refusal::Forbidden(rule.id.clone())));
        if wishes.refuses(&account.carrier) {
            refusals.push(Refusal::Unwanted);
        }
        // What must be waits for the carrier to be well again: it is not exchanged for another.
        if account.ailing && !wishes.wants(&account.carrier) {
            refusals.push(Refusal::Ailing);
        }
        Candidate { account, refusals }
    };
    facts.carriers.iter().map(of).collect()
}

fn serves(account: &CarrierAccount, proposal: &Proposal) -> bool {
    let country = if proposal.country.is_empty() { "CN" } else { &proposal.country };
    let here = |region: &String| region == country || (country == "CN" && same_region(region, &proposal.province));
    account.serves.is_empty() || account.serves.iter().any(here)
}

/// Fen for a parcel: the first kilogram, then each one begun; an unknown weight counts as the first. None without a price.
pub(crate) fn price(account: &CarrierAccount, weight_g: u32) -> Option<i64> {
    let more = i64::from(weight_g.div_ceil(1000).max(1)) - 1;
    (account.price_first_fen > 0).then(|| account.price_first_fen + account.price_more_fen * more)
}

/// A price in yuan.
pub(crate) fn words(fen: Option<i64>) -> String {
    fen.map_or_else(|| "price unknown".to_owned(), |fen| format!("{}.{:02} CNY", fen / 100, fen % 100))
}
