use crate::parts::{frame, money, segment};
use crate::visit::Visit;
use crate::words::Word;
use huidan_wire::api::{Package, Prices};
use maud::{Markup, html};

/// What every carrier account would ask for a package, or why it says nothing.
pub(crate) fn prices(visit: &Visit, package: &Package, prices: &Prices) -> Markup {
    frame(
        visit,
        Word::Prices,
        &html! {
            h1 { (visit.t(Word::Prices)) }
            p { a href={ "/packages/" (segment(&package.id)) } { (visit.t(Word::Package)) " "
                (package.waybill.as_deref().unwrap_or(visit.t(Word::NoWaybill))) } }
            p.help { (visit.t(Word::PricesHelp)) }
            table {
                thead { tr {
                    th scope="col" { (visit.t(Word::Carrier)) }
                    th scope="col" { (visit.t(Word::Product)) }
                    th.count scope="col" { (visit.t(Word::PriceAsked)) }
                    th.count scope="col" { (visit.t(Word::DaysOnTheWay)) }
                } }
                tbody {
                    @for account in &prices.accounts {
                        @for offer in &account.offers {
                            tr {
                                td { (account.name) br; code { (account.carrier) } }
                                td { (offer.title) " " code { (offer.service) } }
                                td.count { (money(&offer.price)) }
                                td.count { @if let Some(days) = offer.days { (days) } @else { "–" } }
                            }
                        }
                        @if account.offers.is_empty() {
                            tr {
                                td { (account.name) br; code { (account.carrier) } }
                                td colspan="3" { (visit.lang.half(&account.reason)) }
                            }
                        }
                    }
                }
            }
        },
    )
}
