use super::{Truth, same_region};
use huidan_wire::step::{Compare, Proposal, ProposalLine};
use rust_decimal::Decimal;
use serde_json::Value;
use std::cmp::Ordering;

/// One comparison, read: the fact exists, the operator fits it, the value is of its kind.
pub(super) struct Test<'a> {
    fact: &'a str,
    op: Op,
    want: Want,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    StartsWith,
    Contains,
}

enum Want {
    Texts(Vec<String>),
    Numbers(Vec<Decimal>),
    /// Amount and currency.
    Amounts(Vec<(Decimal, String)>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Amount,
}

/// A fact's kind, or none for a name nobody knows.
fn kind(fact: &str) -> Option<Kind> {
    Some(match fact {
        "shop" | "channel" | "country" | "province" | "city" | "district" | "sku" | "every_sku" | "tag"
        | "every_tag" | "buyer_remark" | "seller_remark" | "intent" => Kind::Text,
        "weight_g" | "qty" | "lines" => Kind::Number,
        "total" => Kind::Amount,
        _ => return None,
    })
}

impl Op {
    fn read(name: &str) -> Option<Self> {
        Some(match name {
            "eq" => Self::Eq,
            "ne" => Self::Ne,
            "lt" => Self::Lt,
            "le" => Self::Le,
            "gt" => Self::Gt,
            "ge" => Self::Ge,
            "in" => Self::In,
            "starts_with" => Self::StartsWith,
            "contains" => Self::Contains,
            _ => return None,
        })
    }

    fn fits(self, kind: Kind) -> bool {
        match self {
            Self::Eq | Self::Ne | Self::In => true,
            Self::Lt | Self::Le | Self::Gt | Self::Ge => kind != Kind::Text,
            Self::StartsWith | Self::Contains => kind == Kind::Text,
        }
    }

    fn accepts(self, ordering: Ordering) -> bool {
        match self {
            Self::Eq | Self::In => ordering.is_eq(),
            Self::Ne => ordering.is_ne(),
            Self::Lt => ordering.is_lt(),
            Self::Le => ordering.is_le(),
            Self::Gt => ordering.is_gt(),
            Self::Ge => ordering.is_ge(),
            Self::StartsWith | Self::Contains => false,
        }
    }
}

impl<'a> Test<'a> {
    /// Reads a comparison.
    pub(super) fn read(compare: &'a Compare) -> Result<Self, String> {
        let Compare { fact, op: op_name, value } = compare;
        let kind = kind(fact).ok_or_else(|| format!("no such fact: {fact}"))?;
        let op = Op::read(op_name).ok_or_else(|| format!("no such operator: {op_name}"))?;
        if !op.fits(kind) {
            return Err(format!("{op_name} does not compare {fact}"));
        }
        let values = match (op, value) {
            (Op::In, Value::Array(values)) => values.as_slice(),
            (Op::In, _) => return Err(format!("{fact} in: needs a list")),
            _ => std::slice::from_ref(value),
        };
        let want = match kind {
            Kind::Text => values.iter().map(text).collect::<Option<_>>().map(Want::Texts),
            Kind::Number => values.iter().map(number).collect::<Option<_>>().map(Want::Numbers),
            Kind::Amount => values.iter().map(amount).collect::<Option<_>>().map(Want::Amounts),
        };
        let want = want.ok_or_else(|| {
            let needs = match kind {
                Kind::Text => "text",
                Kind::Number => "a decimal as text or a whole number",
                Kind::Amount => "an amount with its currency, such as \"500 CNY\"",
            };
            format!("{fact} {op_name}: needs {needs}")
        })?;
        Ok(Self { fact, op, want })
    }

    /// The answer, and the comparison in words with the value seen.
    pub(super) fn run(&self, proposal: &Proposal) -> (Truth, String) {
        match &self.want {
            Want::Texts(want) => self.run_text(want, proposal),
            Want::Numbers(want) => self.run_number(want, proposal),
            Want::Amounts(want) => self.run_amount(want, proposal),
        }
    }

    fn run_text(&self, want: &[String], proposal: &Proposal) -> (Truth, String) {
        let line_fits = |line: &ProposalLine| match self.fact {
            "sku" | "every_sku" => self.text_fits(&line.sku, want),
            _ => self.set_fits(&line.tags, want),
        };
        let holds = match self.fact {
            "sku" | "tag" => proposal.lines.iter().any(line_fits),
            // With no line at all, "every line" promises nothing.
            "every_sku" | "every_tag" => !proposal.lines.is_empty() && proposal.lines.iter().all(line_fits),
            "intent" => self.set_fits(&wishes(proposal), want),
            _ => self.text_fits(single(self.fact, proposal), want),
        };
        let words = match self.fact {
            "buyer_remark" | "seller_remark" => format!("{} {} (not shown)", self.fact, self.op_name()),
            _ => format!("{} {} {}: {}", self.fact, self.op_name(), want.join("|"), shown(self.fact, proposal)),
        };
        (Truth::of(holds), words)
    }

    /// A set of words fits by any of them; "not equal" means that none is equal.
    fn set_fits(&self, words: &[String], want: &[String]) -> bool {
        match self.op {
            Op::Ne => words.iter().all(|word| self.text_fits(word, want)),
            _ => words.iter().any(|word| self.text_fits(word, want)),
        }
    }

    fn text_fits(&self, text: &str, want: &[String]) -> bool {
        let region = matches!(self.fact, "province" | "city" | "district");
        let same = |other: &String| text == other || (region && same_region(text, other));
        match self.op {
            Op::Eq | Op::In => want.iter().any(same),
            Op::Ne => !want.iter().any(same),
            Op::StartsWith => want.iter().any(|start| text.starts_with(start)),
            Op::Contains => want.iter().any(|part| text.contains(part)),
            Op::Lt | Op::Le | Op::Gt | Op::Ge => false,
        }
    }

    fn run_number(&self, want: &[Decimal], proposal: &Proposal) -> (Truth, String) {
        let seen = match self.fact {
            "weight_g" if proposal.weight_g == 0 => None,
            "weight_g" => Some(Decimal::from(proposal.weight_g)),
            "qty" => Some(proposal.lines.iter().map(|line| Decimal::from(line.qty)).sum()),
            _ => Some(Decimal::from(proposal.lines.len())),
        };
        let wanted = want.iter().map(ToString::to_string).collect::<Vec<_>>().join("|");
        let shown = seen.map_or_else(|| "unknown".to_owned(), |seen| seen.to_string());
        let words = format!("{} {} {wanted}: {shown}", self.fact, self.op_name());
        let truth =
            seen.map_or(Truth::Unknown, |seen| Truth::of(want.iter().any(|want| self.op.accepts(seen.cmp(want)))));
        (truth, words)
    }

    fn run_amount(&self, want: &[(Decimal, String)], proposal: &Proposal) -> (Truth, String) {
        let total = &proposal.total;
        let wanted = want.iter().map(|(amount, currency)| format!("{amount} {currency}")).collect::<Vec<_>>().join("|");
        let words = format!("total {} {wanted}: {} {}", self.op_name(), total.amount, total.currency);
        let Ok(seen) = Decimal::from_str_exact(total.amount.trim()) else { return (Truth::Unknown, words) };
        let mut comparable = want.iter().filter(|(_, currency)| *currency == total.currency).peekable();
        // Another currency is neither more nor less.
        if comparable.peek().is_none() {
            return (Truth::Unknown, words);
        }
        (Truth::of(comparable.any(|(want, _)| self.op.accepts(seen.cmp(want)))), words)
    }

    fn op_name(&self) -> &'static str {
        match self.op {
            Op::Eq => "=",
            Op::Ne => "≠",
            Op::Lt => "<",
            Op::Le => "≤",
            Op::Gt => ">",
            Op::Ge => "≥",
            Op::In => "in",
            Op::StartsWith => "starts with",
            Op::Contains => "contains",
        }
    }
}

fn single<'p>(fact: &str, proposal: &'p Proposal) -> &'p str {
    match fact {
        "shop" => &proposal.shop,
        "channel" => &proposal.channel,
        "country" => &proposal.country,
        "province" => &proposal.province,
        "city" => &proposal.city,
        "district" => &proposal.district,
        "buyer_remark" => &proposal.buyer_remark,
        "seller_remark" => &proposal.seller_remark,
        _ => "",
    }
}

/// Each wish by its code, and by its code with its value (`carrier_must:sf`).
fn wishes(proposal: &Proposal) -> Vec<String> {
    proposal.intents.iter().flat_map(|i| [i.code.clone(), format!("{}:{}", i.code, i.value)]).collect()
}

/// What a trace may show of a text fact; of wishes the codes only, since a card's words are the buyer's own.
fn shown(fact: &str, proposal: &Proposal) -> String {
    let each = |words: &mut dyn Iterator<Item = String>| words.collect::<Vec<_>>().join(", ");
    match fact {
        "sku" | "every_sku" => each(&mut proposal.lines.iter().map(|line| line.sku.clone())),
        "tag" | "every_tag" => each(&mut proposal.lines.iter().map(|line| format!("[{}]", line.tags.join(" ")))),
        "intent" => each(&mut proposal.intents.iter().map(|intent| intent.code.clone())),
        _ => single(fact, proposal).to_owned(),
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(ToOwned::to_owned)
}

/// A decimal text or a whole number: a fraction written as a JSON number has already been a float somewhere.
fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::String(text) => Decimal::from_str_exact(text.trim()).ok(),
        Value::Number(number) => number.as_i64().map(Decimal::from),
        _ => None,
    }
}

/// `"500 CNY"` or `{"amount": "500", "currency": "CNY"}`.
fn amount(value: &Value) -> Option<(Decimal, String)> {
    let (amount, currency) = match value {
        Value::String(text) => text.trim().split_once(' ')?,
        Value::Object(fields) => (fields.get("amount")?.as_str()?, fields.get("currency")?.as_str()?),
        _ => return None,
    };
    let currency = currency.trim();
    let known = huidan_domain::Currency::parse(currency).is_ok();
    Decimal::from_str_exact(amount.trim()).ok().filter(|_| known).map(|amount| (amount, currency.to_owned()))
}
