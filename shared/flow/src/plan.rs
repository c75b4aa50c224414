//! What stands against what should: the planner's decision about one order.

use huidan_domain::{ChannelState, Hold, LineKind, PackageStatus, PayState, RefundState, SkuQty};
use huidan_wire::step::ProposalLine;
use std::collections::BTreeMap;

/// The handle of the planner's own holds.
pub const HANDLE: &str = "flow-plan";

/// An order as the planner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Money.
    pub pay: PayState,
    /// Life at the channel; `Err` for a word nobody knows.
    pub state: Result<ChannelState, String>,
    /// Whether that it is shipped there is our own word: the channel was told of a parcel that stands here, and shows no
    /// number but ours.
    pub told: bool,
    /// Whether somebody other than a step or the planner holds it.
    pub held: bool,
    /// Whether its shop is `live`, so that packages go on to booking.
    pub live: bool,
    /// Whom it goes to, as a keyed hash.
    pub receiver: Vec<u8>,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Its packages that are not cancelled.
    pub packages: Vec<Package>,
}

/// A line as the planner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Our id.
    pub id: String,
    /// Bought.
    pub qty: u32,
    /// Refunded or removed before shipping.
    pub refunded_qty: u32,
    /// Sold, given or virtual.
    pub kind: LineKind,
    /// Refund.
    pub refund: RefundState,
    /// Our SKUs per piece; `None` while unmapped.
    pub skus: Option<Vec<SkuQty>>,
}

/// A package as the planner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Our id.
    pub id: String,
    /// Where it is on its way.
    pub status: PackageStatus,
    /// Whom it was planned for.
    pub receiver: Vec<u8>,
    /// What is in it: order line, SKU, pieces.
    pub lines: Vec<(String, String, u32)>,
    /// Whether it was planned in `shadow`: it shows what would have been done, holds no stock and is never booked.
    pub shadow: bool,
}

/// What the planner makes of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The planner's own hold, in place of its earlier one.
    pub hold: Option<Hold>,
    /// Packages to cancel, and why.
    pub cancel: Vec<(String, &'static str)>,
    /// What is to be put into a new package; empty: nothing.
    pub propose: Vec<ProposalLine>,
}

/// Compares what stands with what should. An unmapped line is proposed with an empty SKU, so that review can hold it.
pub fn decide(order: &Order) -> Verdict {
    let standing = || order.packages.iter().filter(|package| !package.status.left_the_house());
    let cancel_all = |why| standing().map(|package| (package.id.clone(), why)).collect::<Vec<_>>();
    let paid = matches!(order.pay, PayState::Paid | PayState::PartiallyRefunded);
    match &order.state {
        Err(word) => {
            let detail = format!("平台状态「{word}」未知 / the channel's state {word:?} is not known here");
            return held("channel_state_unknown", detail);
        }
        Ok(ChannelState::Cancelled) => return Verdict { cancel: cancel_all("order_cancelled"), ..Verdict::default() },
        // Told when its label came out, or shipped as a whole with its first parcel: the rest goes on as it was.
        Ok(ChannelState::Shipped | ChannelState::Completed) if order.told => {}
        Ok(ChannelState::Shipped | ChannelState::Completed) => {
            // What was only planned is over without a word; what may have paper is a person's.
            let unborn = |package: &&Package| package.shadow || package.status == PackageStatus::Planned;
            let (shown, real): (Vec<&Package>, Vec<&Package>) = standing().partition(unborn);
            let verdict = match real.is_empty() {
                true => Verdict::default(),
                false => held(
                    "shipped_elsewhere",
                    "平台显示已发货，本地包裹尚未出库 / the channel says shipped, the package here has not left".into(),
                ),
            };
            let cancel = shown.into_iter().map(|package| (package.id.clone(), "shipped_elsewhere")).collect();
            return Verdict { cancel, ..verdict };
        }
        Ok(ChannelState::Open | ChannelState::PartShipped) => {}
    }
    if !paid {
        return Verdict { cancel: cancel_all("not_paid"), ..Verdict::default() };
    }
    if order.lines.iter().any(|line| line.refund == RefundState::Requested) {
        return held(
            "refund_requested",
            "买家申请退款，处理后再发 / the buyer asks for a refund; settle it first".into(),
        );
    }
    let moved = standing().any(|package| package.receiver != order.receiver);
    let wanted = wanted(order);
    let for_show = order.live && standing().any(|package| package.shadow);
    let planned = contents(order.packages.iter());
    if !moved && !for_show && covers(&planned, &wanted) {
        return Verdict::default();
    }
    let why = match (moved, for_show) {
        (true, _) => "receiver_changed",
        (false, true) => "went_live",
        (false, false) => "lines_changed",
    };
    let gone = contents(order.packages.iter().filter(|package| package.status.left_the_house()));
    let propose = if order.held { Vec::new() } else { rest(wanted, &gone) };
    Verdict { hold: None, cancel: cancel_all(why), propose }
}

fn held(reason: &str, detail: String) -> Verdict {
    let hold = Hold { handle: HANDLE.to_owned(), reason: reason.to_owned(), detail };
    Verdict { hold: Some(hold), ..Verdict::default() }
}

/// Pieces per order line and SKU.
type Pieces = BTreeMap<(String, String), u32>;

fn wanted(order: &Order) -> Pieces {
    let mut wanted = Pieces::new();
    for line in order.lines.iter().filter(|line| line.kind != LineKind::Virtual && !line.refund.stops_shipping()) {
        let pieces = line.qty.saturating_sub(line.refunded_qty);
        if pieces == 0 {
            continue;
        }
        match &line.skus {
            None => *wanted.entry((line.id.clone(), String::new())).or_default() += pieces,
            Some(skus) => {
                for sku in skus {
                    let total = pieces.saturating_mul(sku.qty);
                    *wanted.entry((line.id.clone(), sku.sku.clone())).or_default() += total;
                }
            }
        }
    }
    wanted
}

fn contents<'a>(packages: impl Iterator<Item = &'a Package>) -> Pieces {
    let mut pieces = Pieces::new();
    for (line, sku, qty) in packages.flat_map(|package| &package.lines) {
        *pieces.entry((line.clone(), sku.clone())).or_default() += qty;
    }
    pieces
}

/// What stands is what should stand. What left the house may be more than what is wanted now.
fn covers(planned: &Pieces, wanted: &Pieces) -> bool {
    planned == wanted
}

fn rest(wanted: Pieces, gone: &Pieces) -> Vec<ProposalLine> {
    wanted
        .into_iter()
        .filter_map(|((line, sku), pieces)| {
            let left = gone.get(&(line.clone(), sku.clone())).copied().unwrap_or(0);
            let qty = pieces.saturating_sub(left);
            (qty > 0).then_some(ProposalLine { line, sku, qty, tags: Vec::new() })
        })
        .collect()
}

/// Gives stock to whoever comes first: answers for each package, in order, whether all of its pieces could be promised.
/// `available` holds every SKU and warehouse where stock is counted; what is not in it is not counted and never short.
pub fn allot(available: &mut BTreeMap<(String, String), i64>, packages: &[(String, Vec<SkuQty>)]) -> Vec<bool> {
    packages
        .iter()
        .map(|(warehouse, skus)| {
            let key = |sku: &SkuQty| (sku.sku.clone(), warehouse.clone());
            let enough = skus.iter().all(|sku| available.get(&key(sku)).is_none_or(|have| *have >= i64::from(sku.qty)));
            if enough {
                for sku in skus {
                    if let Some(have) = available.get_mut(&key(sku)) {
                        *have -= i64::from(sku.qty);
                    }
                }
            }
            enough
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str, qty: u32) -> Line {
        Line {
            id: id.into(),
            qty,
            refunded_qty: 0,
            kind: LineKind::Sale,
            refund: RefundState::None,
            skus: Some(vec![SkuQty { sku: "TEA".into(), qty: 2 }]),
        }
    }

    fn order() -> Order {
        Order {
            pay: PayState::Paid,
            state: Ok(ChannelState::Open),
            told: false,
            held: false,
            live: true,
            receiver: vec![1],
            lines: vec![line("l1", 3)],
            packages: vec![],
        }
    }

    fn package(status: PackageStatus, qty: u32) -> Package {
        let lines = vec![("l1".into(), "TEA".into(), qty)];
        Package { id: "p1".into(), status, receiver: vec![1], lines, shadow: false }
    }

    fn pieces(verdict: &Verdict) -> Vec<(&str, u32)> {
        verdict.propose.iter().map(|line| (line.sku.as_str(), line.qty)).collect()
    }

    #[test]
    fn a_paid_order_is_proposed_in_our_own_pieces() {
        assert_eq!(pieces(&decide(&order())), [("TEA", 6)]);
    }

    #[test]
    fn what_stands_as_it_should_is_left_alone() {
        let mut order = order();
        order.packages = vec![package(PackageStatus::Printed, 6)];
        assert_eq!(decide(&order), Verdict::default());
    }

    #[test]
    fn a_changed_receiver_or_quantity_cancels_what_has_not_left() {
        for (receiver, qty, why) in [(vec![2], 3, "receiver_changed"), (vec![1], 2, "lines_changed")] {
            let mut order = order();
            order.packages = vec![package(PackageStatus::Printed, 6)];
            (order.receiver, order.lines[0].qty) = (receiver, qty);
            let verdict = decide(&order);
            assert_eq!(verdict.cancel, [("p1".to_owned(), why)]);
            assert_eq!(pieces(&verdict), [("TEA", qty * 2)]);
        }
    }

    #[test]
    fn what_left_the_house_is_never_sent_again() {
        let mut order = order();
        order.packages = vec![package(PackageStatus::InTransit, 4)];
        let verdict = decide(&order);
        assert!(verdict.cancel.is_empty());
        assert_eq!(pieces(&verdict), [("TEA", 2)]);
    }

    #[test]
    fn a_cancelled_or_unpaid_order_keeps_no_package() {
        for (pay, state) in [(PayState::Paid, ChannelState::Cancelled), (PayState::Refunded, ChannelState::Open)] {
            let mut order = order();
            (order.pay, order.state) = (pay, Ok(state));
            order.packages = vec![package(PackageStatus::Numbered, 6)];
            let verdict = decide(&order);
            assert_eq!(verdict.cancel.len(), 1, "{pay} {state}");
            assert!(verdict.propose.is_empty());
        }
    }

    #[test]
    fn a_refund_that_is_asked_for_holds_and_one_agreed_to_removes() {
        let mut order = order();
        order.lines.push(line("l2", 1));
        order.lines[1].refund = RefundState::Requested;
        assert_eq!(decide(&order).hold.unwrap().reason, "refund_requested");
        order.lines[1].refund = RefundState::Agreed;
        assert_eq!(pieces(&decide(&order)), [("TEA", 6)]);
        order.lines[1].refund = RefundState::Refused;
        assert_eq!(pieces(&decide(&order)), [("TEA", 6), ("TEA", 2)]);
    }

    #[test]
    fn an_unmapped_line_is_proposed_without_a_sku_and_a_virtual_one_not_at_all() {
        let mut order = order();
        order.lines[0].skus = None;
        order.lines.push(Line { kind: LineKind::Virtual, ..line("l2", 1) });
        assert_eq!(pieces(&decide(&order)), [("", 3)]);
    }

    #[test]
    fn what_was_planned_for_show_is_planned_anew_once_it_counts_and_is_over_when_shipped_by_hand() {
        let mut order = order();
        order.live = false;
        order.packages = vec![Package { shadow: true, ..package(PackageStatus::Planned, 6) }];
        assert_eq!(decide(&order), Verdict::default());
        order.live = true;
        let verdict = decide(&order);
        assert_eq!(verdict.cancel, [("p1".to_owned(), "went_live")]);
        assert_eq!(pieces(&verdict), [("TEA", 6)]);
        for live in [false, true] {
            (order.live, order.state) = (live, Ok(ChannelState::Shipped));
            let cancel = vec![("p1".to_owned(), "shipped_elsewhere")];
            assert_eq!(decide(&order), Verdict { cancel, ..Verdict::default() });
        }
    }

    #[test]
    fn what_may_have_paper_and_was_shipped_elsewhere_is_a_persons() {
        let mut order = order();
        order.state = Ok(ChannelState::Shipped);
        order.packages = vec![package(PackageStatus::Printed, 6)];
        let verdict = decide(&order);
        assert_eq!(verdict.hold.unwrap().reason, "shipped_elsewhere");
        assert!(verdict.cancel.is_empty());
    }

    #[test]
    fn what_was_shipped_elsewhere_and_has_no_number_yet_never_gets_one() {
        let mut order = order();
        order.state = Ok(ChannelState::Shipped);
        order.packages = vec![package(PackageStatus::Planned, 6)];
        let cancel = vec![("p1".to_owned(), "shipped_elsewhere")];
        assert_eq!(decide(&order), Verdict { cancel, ..Verdict::default() });
    }

    #[test]
    fn what_the_channel_shows_as_shipped_by_our_own_word_goes_on() {
        let mut order = order();
        (order.state, order.told) = (Ok(ChannelState::Shipped), true);
        order.packages = vec![package(PackageStatus::HandedOver, 4), package(PackageStatus::Printed, 2)];
        assert_eq!(decide(&order), Verdict::default(), "the second parcel of a channel that ships whole orders");
        order.packages = vec![package(PackageStatus::Printed, 6)];
        order.receiver = vec![2];
        assert_eq!(decide(&order).cancel.len(), 1, "a parcel told with its label is planned anew as ever");
    }

    #[test]
    fn a_held_order_gets_no_new_package() {
        let mut order = order();
        order.held = true;
        assert!(decide(&order).propose.is_empty());
    }

    #[test]
    fn the_last_piece_goes_to_one_package_alone() {
        let mut available = BTreeMap::from([(("TEA".to_owned(), "w".to_owned()), 5)]);
        let want = |sku: &str, qty| ("w".to_owned(), vec![SkuQty { sku: sku.into(), qty }]);
        let won = allot(&mut available, &[want("TEA", 3), want("TEA", 3), want("TEA", 2), want("FREE", 99)]);
        assert_eq!(won, [true, false, true, true]);
        assert_eq!(available.values().copied().collect::<Vec<_>>(), [0]);
    }
}
