use super::{Cx, Result, Shown};
use crate::api::Trouble;
use crate::page;
use crate::page::shops::Adding;
use crate::parts::segment;
use crate::visit::Said;
use crate::words::Word;
use http::{Method, StatusCode};
use huidan_wire::api::{
    Authorisation, Environment, Me, Mode, NewShop, Nothing, Page, PairingCode, PatchPrinter, PatchShop, Shadow, Shop,
};
use huidan_wire::call::ChannelManifest;
use huidan_world::World;

async fn known<W: World>(cx: &Cx<'_, W>) -> std::result::Result<(Page<Shop>, Vec<ChannelManifest>), Trouble> {
    let shops = cx.api.get("/shops?limit=200").await?;
    let channels: Page<ChannelManifest> = cx.api.get("/channels").await?;
    Ok((shops, channels.items))
}

/// The shops, and the form of the channel that was picked.
pub(super) async fn shops<W: World>(cx: &Cx<'_, W>) -> Result {
    let (shops, channels) = known(cx).await?;
    let channel = channels.iter().find(|channel| channel.id == cx.asked("channel"));
    let adding = channel.map(|channel| Adding { channel, typed: None, refused: None });
    Ok(page::shops::shops(&cx.visit, &shops, &channels, adding, &cx.origin).into())
}

/// What would have been done in a shop in shadow. The id is taken over as it stands in the address.
pub(super) async fn shadow<W: World>(cx: &Cx<'_, W>, id: &str) -> Result {
    let shop: Shop = cx.api.get(&format!("/shops/{id}")).await?;
    let mut query = form_urlencoded::Serializer::new("limit=50".to_owned());
    let cursor = Some(cx.asked("cursor")).filter(|cursor| !cursor.is_empty());
    query.extend_pairs(cursor.map(|cursor| ("cursor", cursor)));
    let shadow: Shadow = cx.api.get(&format!("/shops/{id}/shadow?{}", query.finish())).await?;
    Ok(page::shadow::shadow(&cx.visit, &shop, &shadow, cursor.is_some()).into())
}

fn mode(name: &str) -> Mode {
    match name {
        "live" => Mode::Live,
        "shadow" => Mode::Shadow,
        _ => Mode::Observe,
    }
}

fn typed<W>(cx: &Cx<'_, W>) -> NewShop {
    let credentials = cx.form.iter().filter_map(|(name, value)| {
        let name = name.strip_prefix("credential.")?;
        (!value.trim().is_empty()).then(|| (name.to_owned(), value.trim().to_owned()))
    });
    NewShop {
        id: cx.sent("id").to_owned(),
        channel: cx.sent("channel").to_owned(),
        name: cx.sent("name").to_owned(),
        mode: mode(cx.sent("mode")),
        environment: if cx.sent("environment") == "sandbox" { Environment::Sandbox } else { Environment::Live },
        base_url: Some(cx.sent("base_url").to_owned()).filter(|url| !url.is_empty()),
        credentials: credentials.collect(),
    }
}

/// Adds a shop, or changes how far Huidan acts in one. What was typed stays when it is refused.
pub(super) async fn act<W: World>(cx: &mut Cx<'_, W>) -> Result {
    if cx.sent("act") == "mode" {
        let patch = PatchShop { mode: Some(mode(cx.sent("mode"))), ..PatchShop::default() };
        let path = format!("/shops/{}", segment(cx.sent("id")));
        cx.api.send(Method::PATCH, &path, &cx.deed(), &patch).await?;
        return Ok(Shown::Goto("/shops".to_owned(), Some(Said::done(Word::SaidChanged))));
    }
    if cx.sent("act") == "authorize" {
        let path = format!("/shops/{}/authorize", segment(cx.sent("id")));
        let begun: Authorisation = cx.api.post(&path, &cx.deed(), &Nothing {}).await?;
        cx.visit.me = Some(cx.api.get::<Me>("/session").await?);
        return Ok(page::shops::authorise(&cx.visit, &begun.page).into());
    }
    let new = typed(cx);
    match cx.api.post::<_, Shop>("/shops", &cx.deed(), &new).await {
        Ok(_) => Ok(Shown::Goto("/shops".to_owned(), Some(Said::done(Word::SaidShop)))),
        Err(Trouble::Refused(problem)) if problem.code != "csrf" => {
            cx.visit.me = Some(cx.api.get::<Me>("/session").await?);
            let (shops, channels) = known(cx).await?;
            let channel = channels.iter().find(|channel| channel.id == new.channel);
            let refused = Some(problem.detail.as_str());
            let adding = channel.map(|channel| Adding { channel, typed: Some(&new), refused });
            let page = page::shops::shops(&cx.visit, &shops, &channels, adding, &cx.origin);
            Ok(Shown::Page(StatusCode::UNPROCESSABLE_ENTITY, page))
        }
        Err(trouble) => Err(trouble),
    }
}

/// The printers.
pub(super) async fn printers<W: World>(cx: &Cx<'_, W>) -> Result {
    let printers = cx.api.get("/printers?limit=200").await?;
    Ok(page::print::printers(&cx.visit, &printers, None, "").into())
}

/// Makes a pairing code, which is shown on the answer itself as it is shown only once; or turns a printer on or off.
pub(super) async fn act_on_printers<W: World>(cx: &mut Cx<'_, W>) -> Result {
    if let act @ ("on" | "off") = cx.sent("act") {
        let patch = PatchPrinter { active: Some(act == "on") };
        let path = format!("/printers/{}", segment(cx.sent("id")));
        cx.api.send(Method::PATCH, &path, &cx.deed(), &patch).await?;
        return Ok(Shown::Goto("/print".to_owned(), Some(Said::done(Word::SaidChanged))));
    }
    let code: PairingCode = cx.api.post("/printers/pairing-codes", &cx.deed(), &Nothing {}).await?;
    cx.visit.me = Some(cx.api.get::<Me>("/session").await?);
    let printers = cx.api.get("/printers?limit=200").await?;
    Ok(page::print::printers(&cx.visit, &printers, Some(&code), &cx.origin).into())
}
