//! What happened to an order since a platform last told of it, and how long it goes on telling.

use crate::fiction::Receiver;
use crate::order::{Order, Refund, Stage};
use crate::push::Next;
use crate::world::{Event, World};
use std::collections::BTreeMap;
use std::time::Duration;

/// One thing that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    Created,
    Paid,
    Cancelled,
    Completed,
    /// Everything is on its way.
    Shipped,
    /// A part of it is.
    PartShipped,
    /// A parcel has another number.
    Renumbered,
    /// Another receiver.
    Receiver,
    /// Another remark of the seller's, or of the buyer's.
    Remark,
    /// A line's refund went to this.
    Refund(i64, Refund),
    /// Nothing new: the present state is told again.
    Again,
}

#[derive(Clone, Debug)]
struct Seen {
    stage: Stage,
    pieces: i64,
    numbers: Vec<String>,
    receiver: Receiver,
    remarks: (String, String),
    refunds: Vec<(i64, Refund)>,
}

impl Seen {
    fn of(order: &Order) -> Seen {
        Seen {
            stage: order.stage,
            pieces: order.lines.iter().map(|l| l.shipped).sum(),
            numbers: order.shipments.iter().map(|s| s.number.clone()).collect(),
            receiver: order.receiver.clone(),
            remarks: (order.seller_remark.clone(), order.buyer_remark.clone()),
            refunds: order.lines.iter().map(|l| (l.id, l.refund)).collect(),
        }
    }
}

/// Every order as it was last told of.
#[derive(Debug, Default)]
pub(crate) struct Told(BTreeMap<i64, Seen>);

impl Told {
    /// What is new, in the order in which it is told; never empty.
    pub(crate) fn news(&mut self, order: &Order, event: Event) -> Vec<News> {
        let now = Seen::of(order);
        if event == Event::Created {
            // An order paid at once is told of twice: as it was placed and as it was paid.
            self.0.insert(order.id, Seen { stage: Stage::Unpaid, ..now });
            return vec![News::Created];
        }
        let before = self.0.insert(order.id, now.clone());
        // An order nobody was told of: whatever happened first is news.
        let before = before.unwrap_or(Seen {
            stage: if event == Event::Paid { Stage::Unpaid } else { Stage::Paid },
            pieces: 0,
            numbers: Vec::new(),
            refunds: Vec::new(),
            ..now.clone()
        });
        let news = difference(&before, &now, order);
        if news.is_empty() { vec![News::Again] } else { news }
    }
}

fn difference(before: &Seen, now: &Seen, order: &Order) -> Vec<News> {
    let mut news = Vec::new();
    let refund_before = |id: i64| before.refunds.iter().find(|r| r.0 == id).map(|r| r.1).unwrap_or_default();
    if before.stage == Stage::Unpaid && matches!(now.stage, Stage::Paid | Stage::Completed) {
        news.push(News::Paid);
    }
    if before.receiver != now.receiver {
        news.push(News::Receiver);
    }
    if before.remarks != now.remarks {
        news.push(News::Remark);
    }
    let changed = now.refunds.iter().filter(|(id, refund)| refund_before(*id) != *refund);
    news.extend(changed.map(|(id, refund)| News::Refund(*id, *refund)));
    if now.pieces > before.pieces || now.numbers.len() > before.numbers.len() {
        news.push(if order.fully_shipped() { News::Shipped } else { News::PartShipped });
    } else if now.numbers != before.numbers {
        news.push(News::Renumbered);
    }
    if before.stage != now.stage {
        match now.stage {
            Stage::Cancelled => news.push(News::Cancelled),
            Stage::Completed => news.push(News::Completed),
            Stage::Unpaid | Stage::Paid => {}
        }
    }
    news
}

/// Whether the attempt after this one is made, and when: gaps in seconds of life, shortened by the simulators' speed.
pub(crate) fn again(world: &World, gaps_s: &[u64], attempt: u32) -> Next {
    let nth = usize::try_from(attempt).unwrap_or(usize::MAX).saturating_sub(1);
    match gaps_s.get(nth) {
        Some(gap) => {
            let ms = gap.saturating_mul(1_000) / u64::from(world.options.speed.max(1));
            Next::Retry(Duration::from_millis(ms.max(50)))
        }
        None => Next::GiveUp,
    }
}
