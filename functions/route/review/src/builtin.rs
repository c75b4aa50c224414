//! What no package passes with, whatever the seller's rules say.

use crate::NAME;
use huidan_flow::reason::{hold, note};
use huidan_wire::Problem;
use huidan_wire::step::Proposal;

/// A wish that only a person can settle, and what the person is told. What the remark says is not repeated.
const FOR_A_PERSON: [(&str, &str); 3] = [
    ("address_change", "备注可能要求改地址，请看备注 / a remark may ask for another address: read it"),
    ("sku_change", "备注可能要求换款换色或改数量，请看备注 / a remark may ask for other goods: read it"),
    ("do_not_ship", "备注可能要求暂缓发货，请看备注 / a remark may ask to wait: read it"),
];

/// Looks at everything, and holds.
pub(crate) fn review(proposal: &mut Proposal) {
    goods(proposal);
    destination(proposal);
    problems(proposal);
    for (code, detail) in FOR_A_PERSON {
        wish(proposal, code, detail);
    }
}

/// Nothing can be packed that we do not know, approved or not.
fn goods(proposal: &mut Proposal) {
    let unmapped = proposal.lines.iter().filter(|line| line.sku.is_empty()).count();
    let told = proposal.problems.iter().filter(|problem| problem.code == "sku_unmapped").count();
    let seen = format!("{} lines, {} without a SKU", proposal.lines.len(), unmapped.max(told));
    let applies = unmapped.max(told) > 0;
    note(proposal, NAME, "sku_unmapped", seen, applies, if applies { "hold sku_unmapped" } else { "" });
    if applies {
        let suggested = proposal.problems.iter().find(|problem| problem.code == "sku_unmapped");
        let detail =
            suggested.map_or("有商品还没有对应的 SKU / a line has no SKU", |problem| &problem.detail).to_owned();
        hold(proposal, NAME, "sku_unmapped", "sku_unmapped", detail);
    }
}

/// Nothing can be sent to nowhere, approved or not. Of an encrypted receiver the platform knows where.
fn destination(proposal: &mut Proposal) {
    let abroad = !matches!(proposal.country.as_str(), "" | "CN");
    let nowhere = proposal.province.is_empty() && proposal.city.is_empty() && !abroad;
    let no_street = proposal.problems.iter().any(|problem| is_missing(problem, "receiver.street"));
    let applies = !proposal.encrypted && (nowhere || no_street);
    let seen = format!("country {}, province {}, city {}", proposal.country, proposal.province, proposal.city);
    note(proposal, NAME, "address_missing", seen, applies, if applies { "hold address_incomplete" } else { "" });
    if applies {
        let detail = "没有可发货的地址 / there is no address to send to".to_owned();
        hold(proposal, NAME, "address_missing", "address_incomplete", detail);
    }
}

fn is_missing(problem: &Problem, field: &str) -> bool {
    problem.code == "address_incomplete" && problem.field == field
}

/// What normalizing could not settle holds until a person approves: one hold per kind, with every sentence in it.
fn problems(proposal: &mut Proposal) {
    let mut kinds: Vec<String> = Vec::new();
    for problem in &proposal.problems {
        if problem.code != "sku_unmapped" && !kinds.contains(&problem.code) {
            kinds.push(problem.code.clone());
        }
    }
    if kinds.is_empty() {
        return note(proposal, NAME, "problems", "none".to_owned(), false, "");
    }
    for kind in kinds {
        let of_kind: Vec<_> = proposal.problems.iter().filter(|problem| problem.code == kind).collect();
        let detail = of_kind.iter().map(|problem| problem.detail.as_str()).collect::<Vec<_>>().join("；");
        let seen = of_kind.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>().join(", ");
        settle(proposal, &kind, seen, detail);
    }
}

fn wish(proposal: &mut Proposal, code: &str, detail: &str) {
    let mut by: Vec<&str> = proposal.intents.iter().filter(|i| i.code == code).map(|i| i.by.as_str()).collect();
    by.dedup();
    let seen = if by.is_empty() { "none".to_owned() } else { format!("by {}", by.join(", ")) };
    match by.is_empty() {
        true => note(proposal, NAME, code, seen, false, ""),
        false => settle(proposal, code, seen, detail.to_owned()),
    }
}

/// Holds what a person may approve, and notes it either way.
fn settle(proposal: &mut Proposal, code: &str, seen: String, detail: String) {
    let then = if proposal.approved { "approved by a person".to_owned() } else { format!("hold {code}") };
    note(proposal, NAME, code, seen, true, &then);
    if !proposal.approved {
        hold(proposal, NAME, code, code, detail);
    }
}
