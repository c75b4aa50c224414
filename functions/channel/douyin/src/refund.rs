//! After-sales: what was asked back of a line, and how far that is.

use crate::order::{Line, id_of, word};
use huidan_domain::RefundState;
use huidan_exchange::json::{Object, Wrong};

/// One after-sale of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AfterSale {
    /// The line.
    line: String,
    /// Its status; empty or `0` for none.
    status: String,
    /// Its type.
    kind: String,
    /// How many of the line it is about.
    qty: u32,
}

impl AfterSale {
    /// As the line itself tells its newest.
    pub(crate) fn of_line(line: &str, qty: u32, info: &Object<'_>) -> Result<Self, Wrong> {
        let (status, kind) = (word(info, "after_sale_status")?, word(info, "after_sale_type")?);
        Ok(Self { line: line.to_owned(), status, kind, qty })
    }

    /// As its own document tells it, for each line that it is about.
    pub(crate) fn of_document(document: &Object<'_>) -> Result<Vec<Self>, Wrong> {
        let info = document.object("aftersale_info")?;
        let (status, kind) = (info.need("aftersale_status")?.id()?, info.need("aftersale_type")?.id()?);
        let about = |line: &Object<'_>| {
            // Where it is not said how many, it may be all of them.
            let qty = line.get("aftersale_item_num").map_or(Ok(u32::MAX), |qty| qty.whole())?;
            Ok(Self { line: id_of(line, &["sku_order_id"])?, status: status.clone(), kind: kind.clone(), qty })
        };
        let lines = document.object("order_info")?.list("related_order_info")?;
        lines.iter().map(|line| about(&line.object()?)).collect()
    }

    /// Whether there is one at all.
    pub(crate) fn exists(&self) -> bool {
        !matches!(self.status.as_str(), "" | "0")
    }

    /// How far it is; `None` for a word nobody here knows.
    fn state(&self) -> Option<RefundState> {
        // A compensation for a price that fell (6) asks no goods back, an exchange (3), a re-send (7) and a repair (8)
        // no money: whatever they end with, nothing is refunded.
        let money = !matches!(self.kind.as_str(), "3" | "6" | "7" | "8");
        match self.status.as_str() {
            // 28: closed, or taken back by the buyer; 3, 13, 14: the exchange is on its way or there.
            "" | "0" | "3" | "13" | "14" | "28" => Some(RefundState::None),
            "6" | "7" | "8" | "11" if self.kind == "6" => Some(RefundState::None),
            "6" => Some(RefundState::Requested),
            "7" | "8" => Some(RefundState::Agreed),
            "11" => Some(RefundState::ReturnInTransit),
            "27" | "29" => Some(RefundState::Refused),
            "12" | "51" | "53" if money => Some(RefundState::Refunded),
            "12" | "51" | "53" => Some(RefundState::None),
            _ => None,
        }
    }

    /// Whether it is about goods that never left: refunded unshipped (2), cancelled by the platform (4) or the buyer (5).
    fn before_shipping(&self) -> bool {
        matches!(self.kind.as_str(), "2" | "4" | "5")
    }
}

/// What all after-sales of a line come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refund {
    /// How far the line is.
    pub(crate) state: RefundState,
    /// How many of it need no shipping any more.
    pub(crate) removed: u32,
    /// How many of it were paid back, before or after they left.
    pub(crate) paid_back: u32,
    /// A status that nobody here knows.
    pub(crate) unknown: Option<String>,
}

/// Adds up a line's after-sales: those that were fetched, or else what the line says itself.
pub(crate) fn of(line: &Line, all: &[AfterSale]) -> Refund {
    if line.status == "4" {
        return Refund { state: RefundState::Refunded, removed: line.qty, paid_back: line.qty, unknown: None };
    }
    let mut own: Vec<&AfterSale> = all.iter().filter(|one| one.line == line.id).collect();
    // Without documents the line's own word is all there is; beside them it counts where it is open and they miss it.
    let missed = |one: &AfterSale| {
        let open = one.state().is_none_or(is_open);
        open && !own.iter().any(|other| (&other.status, &other.kind) == (&one.status, &one.kind))
    };
    if own.is_empty() || missed(&line.after_sale) {
        own.push(&line.after_sale);
    }
    let states: Vec<(Option<RefundState>, &AfterSale)> = own.iter().map(|one| (one.state(), *one)).collect();
    let sum = |of: &dyn Fn(&AfterSale) -> bool| {
        let them = states.iter().filter(|(state, one)| *state == Some(RefundState::Refunded) && of(one));
        them.fold(0_u32, |sum, (_, one)| sum.saturating_add(one.qty)).min(line.qty)
    };
    let (paid_back, removed) = (sum(&|_| true), sum(&AfterSale::before_shipping));
    let unknown = states.iter().find(|(state, _)| state.is_none()).map(|(_, one)| one.status.clone());
    // The furthest of those still open; one that nobody here can read stops the line like a request.
    let open = states.iter().map(|(state, _)| state.unwrap_or(RefundState::Requested)).filter(|state| is_open(*state));
    let refused = states.iter().any(|(state, _)| *state == Some(RefundState::Refused));
    let state = match open.max_by_key(|state| far(*state)) {
        Some(open) => open,
        None if paid_back >= line.qty && paid_back > 0 => RefundState::Refunded,
        None if refused => RefundState::Refused,
        None => RefundState::None,
    };
    Refund { state, removed, paid_back, unknown }
}

fn is_open(state: RefundState) -> bool {
    matches!(state, RefundState::Requested | RefundState::Agreed | RefundState::ReturnInTransit)
}

fn far(state: RefundState) -> u8 {
    match state {
        RefundState::ReturnInTransit => 2,
        RefundState::Agreed => 1,
        _ => 0,
    }
}
