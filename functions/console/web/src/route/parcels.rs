use super::{Cx, Result, Shown};
use crate::page::{self, parcels::Parcels};
use crate::parts::segment;
use crate::visit::Said;
use crate::words::Word;
use huidan_wire::api::{
    BuyerLink, ClaimDraft, Incident, InterceptSaid, Me, NewParcelNote, Nothing, Page, ParcelException,
};
use huidan_world::World;

/// Parcels that a person should look at, and places where nothing moves.
pub(super) async fn list<W: World>(cx: &Cx<'_, W>) -> Result {
    shown(cx, None).await
}

async fn shown<W: World>(cx: &Cx<'_, W>, made: Option<(Word, String)>) -> Result {
    let asked = [cx.asked("kind"), cx.asked("incident")];
    let cursor = cx.asked("cursor");
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("state", "open");
    for (name, value) in [("kind", asked[0]), ("incident", asked[1]), ("cursor", cursor)] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    if asked[1].is_empty() {
        query.append_pair("alone", "true");
    }
    let incidents: Page<Incident> = cx.api.get("/incidents?state=open").await?;
    let parcels: Page<ParcelException> = cx.api.get(&format!("/parcel-exceptions?{}", query.finish())).await?;
    let (incidents, beyond) = (&incidents.items, !cursor.is_empty());
    Ok(page::parcels::list(&cx.visit, &Parcels { incidents, parcels: &parcels, asked, beyond, made }).into())
}

/// A deed about one of them.
pub(super) async fn act<W: World>(cx: &mut Cx<'_, W>) -> Result {
    let (deed, id) = (cx.deed(), segment(cx.sent("id")));
    let path = |what: &str| format!("/parcel-exceptions/{id}/{what}");
    let said = match cx.sent("act") {
        "close" => {
            cx.api.act(&path("close"), &deed, &Nothing {}).await?;
            Said::done(Word::SaidChanged)
        }
        "note" => {
            let text = cx.sent("text").to_owned();
            cx.api.act(&path("note"), &deed, &NewParcelNote { text }).await?;
            Said::done(Word::SaidChanged)
        }
        "close-incident" => {
            let incident = segment(cx.sent("incident"));
            cx.api.act(&format!("/incidents/{incident}/close"), &deed, &Nothing {}).await?;
            Said::done(Word::SaidChanged)
        }
        "intercept" => {
            let said: InterceptSaid = cx.api.post(&path("intercept"), &deed, &Nothing {}).await?;
            match said.state.as_str() {
                "accepted" => Said::done(Word::SaidIntercepted),
                _ if said.reason.is_empty() => Said::refused(Word::InterceptUnclear.both()),
                _ => Said::refused(said.reason),
            }
        }
        // What is made here is shown this once: the answer is the page itself.
        "ask-buyer" => {
            let link: BuyerLink = cx.api.post(&path("ask-buyer"), &deed, &Nothing {}).await?;
            cx.visit.me = Some(cx.api.get::<Me>("/session").await?);
            return shown(cx, Some((Word::BuyerLinkMade, link.url))).await;
        }
        "claim-draft" => {
            let claim: ClaimDraft = cx.api.post(&path("claim-draft"), &deed, &Nothing {}).await?;
            cx.visit.me = Some(cx.api.get::<Me>("/session").await?);
            return shown(cx, Some((Word::ClaimMade, claim.text))).await;
        }
        _ => return Ok(Shown::Goto("/parcels".to_owned(), None)),
    };
    Ok(Shown::Goto("/parcels".to_owned(), Some(said)))
}
