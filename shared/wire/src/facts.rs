use crate::form::Form;
use huidan_domain as domain;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An amount: decimal text and currency code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Money {
    /// Decimal text in major units, such as `409.94`.
    pub amount: String,
    /// ISO 4217 code.
    pub currency: String,
}

impl Form for domain::Money {
    type Wire = Money;
    fn to_wire(&self) -> Money {
        let mut amount: Decimal = self.amount;
        if amount.scale() < self.currency.exponent() {
            amount.rescale(self.currency.exponent());
        }
        Money { amount: amount.to_string(), currency: self.currency.code().to_owned() }
    }
    fn from_wire(wire: Money) -> Result<Self, String> {
        let currency = domain::Currency::parse(&wire.currency).map_err(|e| format!("currency: {e}"))?;
        Self::parse(&wire.amount, currency).map_err(|e| format!("amount: {e}"))
    }
}

impl Form for domain::Millis {
    type Wire = i64;
    fn to_wire(&self) -> i64 {
        self.0
    }
    fn from_wire(wire: i64) -> Result<Self, String> {
        Ok(Self(wire))
    }
}

/// Declares a written struct with the same fields as a domain struct of plain texts and numbers.
macro_rules! same_fields {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident : $type:ty),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type),+ }

        impl Form for domain::$name {
            type Wire = $name;
            fn to_wire(&self) -> $name {
                $name { $($field: self.$field.clone()),+ }
            }
            fn from_wire(wire: $name) -> Result<Self, String> {
                Ok(Self { $($field: wire.$field),+ })
            }
        }
    };
}

same_fields! {
    /// Whom a parcel goes to.
    #[derive(Default)]
    Receiver {
        /// Name.
        name: String,
        /// Phone.
        phone: String,
        /// The buyer's mailbox; not written where it is unknown, and unknown in what was written before there was one.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        email: String,
        /// ISO 3166-1 alpha-2.
        country: String,
        /// Province or state.
        province: String,
        /// City.
        city: String,
        /// District.
        district: String,
        /// Everything below the district.
        street: String,
        /// Postal code.
        postcode: String,
        /// Official division code.
        division: Option<String>,
        /// The platform's handle of an encrypted receiver.
        token: Option<String>,
    }
}

impl std::fmt::Debug for Receiver {
    /// Shows where, never whom.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receiver").field("province", &self.province).field("city", &self.city).finish_non_exhaustive()
    }
}

same_fields! {
    /// Who sends.
    #[derive(Debug, Default)]
    Party {
        /// Name.
        name: String,
        /// Phone.
        phone: String,
        /// Province.
        province: String,
        /// City.
        city: String,
        /// District.
        district: String,
        /// Street and number.
        street: String,
    }
}

same_fields! {
    /// A number of one of our SKUs.
    #[derive(Debug)]
    SkuQty {
        /// Our code.
        sku: String,
        /// How many.
        qty: u32,
    }
}

same_fields! {
    /// A reason why an order waits.
    #[derive(Debug)]
    Hold {
        /// Who holds.
        handle: String,
        /// Stable code.
        reason: String,
        /// For a person.
        detail: String,
    }
}

same_fields! {
    /// A wish found in a remark.
    #[derive(Debug)]
    Intent {
        /// Stable code.
        code: String,
        /// What it is about.
        value: String,
        /// `buyer` or `seller`.
        by: String,
        /// The words it was read from.
        words: String,
    }
}

same_fields! {
    /// Something a step could not settle.
    #[derive(Debug)]
    Problem {
        /// Which field.
        field: String,
        /// Stable code.
        code: String,
        /// For a person.
        detail: String,
    }
}

/// One line of an order, as the channel gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The channel's id of the line.
    pub ext_line_id: String,
    /// The channel's id of the item.
    pub ext_item: String,
    /// The channel's id of the variant.
    pub ext_sku: String,
    /// The seller's code at the channel.
    pub outer_code: String,
    /// Title.
    pub title: String,
    /// Variant in words.
    pub spec: String,
    /// How many.
    pub qty: u32,
    /// Price of one.
    pub unit_price: Money,
    /// `sale`, `gift`, `virtual`.
    pub kind: String,
    /// Refund of this line, by name.
    pub refund: String,
    /// How many were refunded or removed before shipping.
    pub refunded_qty: u32,
}

impl Form for domain::LineFacts {
    type Wire = Line;
    fn to_wire(&self) -> Line {
        Line {
            ext_line_id: self.ext_line_id.clone(),
            ext_item: self.ext_item.clone(),
            ext_sku: self.ext_sku.clone(),
            outer_code: self.outer_code.clone(),
            title: self.title.clone(),
            spec: self.spec.clone(),
            qty: self.qty,
            unit_price: self.unit_price.to_wire(),
            kind: self.kind.name().to_owned(),
            refund: self.refund.name().to_owned(),
            refunded_qty: self.refunded_qty,
        }
    }
    fn from_wire(wire: Line) -> Result<Self, String> {
        Ok(Self {
            unit_price: domain::Money::from_wire(wire.unit_price)?,
            kind: domain::LineKind::parse(&wire.kind).map_err(|e| e.to_string())?,
            refund: domain::RefundState::parse(&wire.refund).map_err(|e| e.to_string())?,
            ext_line_id: wire.ext_line_id,
            ext_item: wire.ext_item,
            ext_sku: wire.ext_sku,
            outer_code: wire.outer_code,
            title: wire.title,
            spec: wire.spec,
            qty: wire.qty,
            refunded_qty: wire.refunded_qty,
        })
    }
}

/// What a channel says of an order. Instants are milliseconds since 1970 in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFacts {
    /// The channel's id.
    pub ext_id: String,
    /// The number that people see.
    pub number: String,
    /// Last change at the channel.
    pub updated_at: i64,
    /// When the buyer ordered.
    pub placed_at: i64,
    /// When the buyer paid.
    pub paid_at: Option<i64>,
    /// Ship by.
    pub ship_by: Option<i64>,
    /// Pay state by name.
    pub pay: String,
    /// Channel state by name; a word nobody knows where `state_known` is false.
    pub state: String,
    /// Whether `state` is one of our names.
    pub state_known: bool,
    /// The channel's own reason to wait.
    pub must_wait: Option<String>,
    /// Lines.
    pub lines: Vec<Line>,
    /// What the buyer pays in all.
    pub total: Money,
    /// To whom.
    pub receiver: Receiver,
    /// The buyer's words.
    pub buyer_remark: String,
    /// The seller's note at the channel.
    pub seller_remark: String,
    /// Numbers the channel knows.
    pub waybills: Vec<String>,
}

impl Form for domain::OrderFacts {
    type Wire = OrderFacts;
    fn to_wire(&self) -> OrderFacts {
        OrderFacts {
            ext_id: self.ext_id.clone(),
            number: self.number.clone(),
            updated_at: self.updated_at.0,
            placed_at: self.placed_at.0,
            paid_at: self.paid_at.map(|at| at.0),
            ship_by: self.ship_by.map(|at| at.0),
            pay: self.pay.name().to_owned(),
            state: self.state.as_ref().map_or_else(Clone::clone, |state| state.name().to_owned()),
            state_known: self.state.is_ok(),
            must_wait: self.must_wait.clone(),
            lines: self.lines.to_wire(),
            total: self.total.to_wire(),
            receiver: self.receiver.to_wire(),
            buyer_remark: self.buyer_remark.clone(),
            seller_remark: self.seller_remark.clone(),
            waybills: self.waybills.clone(),
        }
    }
    fn from_wire(wire: OrderFacts) -> Result<Self, String> {
        let state = match wire.state_known {
            true => Ok(domain::ChannelState::parse(&wire.state).map_err(|e| e.to_string())?),
            false => Err(wire.state),
        };
        Ok(Self {
            state,
            pay: domain::PayState::parse(&wire.pay).map_err(|e| e.to_string())?,
            lines: Vec::from_wire(wire.lines)?,
            total: domain::Money::from_wire(wire.total)?,
            receiver: domain::Receiver::from_wire(wire.receiver)?,
            ext_id: wire.ext_id,
            number: wire.number,
            updated_at: domain::Millis(wire.updated_at),
            placed_at: domain::Millis(wire.placed_at),
            paid_at: wire.paid_at.map(domain::Millis),
            ship_by: wire.ship_by.map(domain::Millis),
            must_wait: wire.must_wait,
            buyer_remark: wire.buyer_remark,
            seller_remark: wire.seller_remark,
            waybills: wire.waybills,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{ChannelState, Currency, LineFacts, LineKind, Millis, PayState, RefundState};

    fn order(state: Result<ChannelState, String>) -> domain::OrderFacts {
        let price = domain::Money::from_minor(19_900, Currency::CNY);
        domain::OrderFacts {
            ext_id: "9007199254740993123".into(),
            number: "#1".into(),
            updated_at: Millis(5),
            placed_at: Millis(1),
            paid_at: Some(Millis(2)),
            ship_by: None,
            pay: PayState::Paid,
            state,
            must_wait: None,
            lines: vec![LineFacts {
                ext_line_id: "1".into(),
                ext_item: "2".into(),
                ext_sku: "3".into(),
                outer_code: String::new(),
                title: "茶".into(),
                spec: String::new(),
                qty: 2,
                unit_price: price,
                kind: LineKind::Sale,
                refund: RefundState::None,
                refunded_qty: 0,
            }],
            total: price,
            receiver: domain::Receiver { token: Some("oaid".into()), ..Default::default() },
            buyer_remark: "发顺丰".into(),
            seller_remark: String::new(),
            waybills: vec![],
        }
    }

    #[test]
    fn an_order_comes_back_as_it_was_written() {
        for state in [Ok(ChannelState::Open), Err("NEW_WORD".to_owned())] {
            let order = order(state);
            let text = serde_json::to_string(&order.to_wire()).unwrap();
            let back = domain::OrderFacts::from_wire(serde_json::from_str(&text).unwrap()).unwrap();
            assert_eq!(back, order);
        }
    }

    #[test]
    fn a_receiver_written_before_there_were_mailboxes_still_opens() {
        let before = domain::Receiver { phone: "13800138000".into(), ..Default::default() };
        let written = serde_json::to_string(&before.to_wire()).unwrap();
        assert!(!written.contains("email"), "what is unknown is not written: {written}");
        let back = domain::Receiver::from_wire(serde_json::from_str(&written).unwrap()).unwrap();
        assert_eq!(back, before);
        let with = domain::Receiver { email: "li@example.com".into(), ..before };
        let written = serde_json::to_string(&with.to_wire()).unwrap();
        assert_eq!(domain::Receiver::from_wire(serde_json::from_str(&written).unwrap()).unwrap(), with);
        assert!(!format!("{:?} {:?}", with, with.to_wire()).contains("li@"), "and Debug shows none");
    }

    #[test]
    fn amounts_are_written_with_all_their_places() {
        let written = domain::Money::from_minor(19_900, Currency::CNY).to_wire();
        assert_eq!((written.amount.as_str(), written.currency.as_str()), ("199.00", "CNY"));
    }

    #[test]
    fn an_unknown_name_is_refused_and_not_guessed() {
        let mut wire = order(Ok(ChannelState::Open)).to_wire();
        wire.pay = "maybe".into();
        assert!(domain::OrderFacts::from_wire(wire).unwrap_err().contains("maybe"));
    }
}
