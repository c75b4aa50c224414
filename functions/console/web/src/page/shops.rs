use crate::codes::{ENVIRONMENT, MODE};
use crate::parts::{badge, clock, field, form, frame, pair, segment};
use crate::visit::Visit;
use crate::words::Word;
use huidan_wire::api::{NewShop, Page, Role, Shop};
use huidan_wire::call::{ChannelManifest, CredentialField};
use maud::{Markup, html};

/// A shop being added: what was typed so far, and why it was refused.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Adding<'a> {
    /// Its channel.
    pub(crate) channel: &'a ChannelManifest,
    /// What was typed.
    pub(crate) typed: Option<&'a NewShop>,
    /// Why that was refused.
    pub(crate) refused: Option<&'a str>,
}

/// The shops, and the form for another one; `hub` is where the visitor reached us.
pub(crate) fn shops(
    visit: &Visit,
    shops: &Page<Shop>,
    channels: &[ChannelManifest],
    adding: Option<Adding<'_>>,
    hub: &str,
) -> Markup {
    frame(
        visit,
        Word::Shops,
        &html! {
            h1 { (visit.t(Word::Shops)) }
            @if shops.items.is_empty() { p.said.going { (visit.t(Word::NoShops)) } }
            ul.plain {
                @for shop in &shops.items { li { (one(visit, shop, hub)) } }
            }
            section #add {
                h2 { (visit.t(Word::AddShop)) }
                @if visit.may(Role::Owner) {
                    @match adding {
                        Some(adding) => (add(visit, adding)),
                        None => {
                            p { (visit.t(Word::PickChannel)) }
                            p.choices {
                                @for channel in channels {
                                    a.button href={ "/shops?channel=" (segment(&channel.id)) "#add" } {
                                        (visit.lang.pick(&channel.zh, &channel.en))
                                    }
                                }
                            }
                        }
                    }
                } @else { p.help { (visit.t(Word::NeedsOwner)) } }
            }
        },
    )
}

fn one(visit: &Visit, shop: &Shop, hub: &str) -> Markup {
    // Without a public address the API knows the path only.
    let hub = if shop.webhook.starts_with('/') { hub } else { "" };
    html! {
        article {
            h3 {
                (shop.name) " " (badge(visit, MODE, &shop.mode))
                @if shop.mode == "shadow" {
                    " " a.button.small href={ "/shops/" (segment(&shop.id)) "/shadow" } { (visit.t(Word::ShadowLink)) }
                }
                @if shop.environment != "live" { " " (badge(visit, ENVIRONMENT, &shop.environment)) }
                @if !shop.active { " " span.badge.quiet { (visit.t(Word::Inactive)) } }
            }
            @for trouble in [&shop.trouble, &shop.pull_trouble, &shop.compare_trouble] {
                @if !trouble.is_empty() { p.said.bad { (visit.lang.half(trouble)) } }
            }
            @for alarm in &shop.alarms {
                p.said.bad { (visit.lang.half(&alarm.detail)) " · " (clock(visit.lang, &alarm.since)) }
            }
            dl.facts {
                (pair(visit, Word::Channel, &html! { (shop.channel) " · " (shop.id) }))
                @if let Some(url) = &shop.base_url { (pair(visit, Word::BaseUrl, &html! { (url) })) }
                (pair(visit, Word::Webhook, &html! { code { (hub) (shop.webhook) } }))
                @if let Some(at) = &shop.pulled_to {
                    (pair(visit, Word::PulledTo, &html! { (clock(visit.lang, at)) }))
                }
                @if let Some(at) = &shop.compared_at {
                    (pair(visit, Word::ComparedAt, &html! { (clock(visit.lang, at)) }))
                }
            }
            @if visit.may(Role::Owner) {
                (form(visit, "/shops", &html! {
                    input type="hidden" name="id" value=(shop.id);
                    div.inline {
                        label {
                            span { (visit.t(Word::Mode)) }
                            select name="mode" { (modes(visit, &shop.mode)) }
                        }
                        button name="act" value="mode" { (visit.t(Word::Change)) }
                        button name="act" value="authorize" { (visit.t(Word::Authorise)) }
                    }
                }))
            }
        }
    }
}

/// The way to the platform's page. A link, since a form may lead nowhere but here.
pub(crate) fn authorise(visit: &Visit, to: &str) -> Markup {
    frame(
        visit,
        Word::Authorise,
        &html! {
            h1 { (visit.t(Word::Authorise)) }
            p { (visit.t(Word::AuthoriseHelp)) }
            p { a.button href=(to) rel="noreferrer" { (visit.t(Word::Authorise)) } }
            p { a href="/shops" { (visit.t(Word::GoBack)) } }
        },
    )
}

fn modes(visit: &Visit, chosen: &str) -> Markup {
    html! {
        @for (value, word) in [
            ("observe", Word::ModeObserve),
            ("shadow", Word::ModeShadow),
            ("live", Word::ModeLive),
        ] {
            option value=(value) selected[value == chosen] { (visit.t(word)) }
        }
    }
}

fn add(visit: &Visit, adding: Adding<'_>) -> Markup {
    let Adding { channel, typed, refused } = adding;
    let had = |get: fn(&NewShop) -> &str| typed.map(get).unwrap_or_default();
    let help = html! { small { (visit.t(Word::ShopIdHelp)) } };
    form(
        visit,
        "/shops",
        &html! {
            h3 { (visit.lang.pick(&channel.zh, &channel.en)) }
            @if let Some(refused) = refused { p.said.bad role="alert" { (visit.lang.half(refused)) } }
            input type="hidden" name="channel" value=(channel.id);
            div.fields {
                (field(visit, "id", Word::ShopId, had(|shop| &shop.id), &help))
                (field(visit, "name", Word::ShopName, had(|shop| &shop.name), &html! {}))
                @if channel.own_host {
                    label {
                        span { (visit.t(Word::BaseUrl)) }
                        input type="url" name="base_url" placeholder="https://" autocomplete="off"
                            value=(had(|shop| shop.base_url.as_deref().unwrap_or_default()));
                    }
                }
                label {
                    span { (visit.t(Word::Mode)) }
                    select name="mode" { (modes(visit, typed.map_or("observe", |shop| shop.mode.name()))) }
                }
                label {
                    span { (visit.t(Word::Environment)) }
                    select name="environment" {
                        option value="live" { (visit.t(Word::EnvLive)) }
                        option value="sandbox" selected[typed.is_some_and(|shop| shop.environment.name() == "sandbox")] {
                            (visit.t(Word::EnvSandbox))
                        }
                    }
                }
            }
            @if !channel.credentials.is_empty() {
                fieldset {
                    legend { (visit.t(Word::Credentials)) }
                    p.help { (visit.t(Word::CredentialsHelp)) }
                    @for credential in &channel.credentials { (secret(visit, credential, typed)) }
                }
            }
            button.main name="act" value="add" { (visit.t(Word::AddShop)) }
        },
    )
}

fn secret(visit: &Visit, credential: &CredentialField, typed: Option<&NewShop>) -> Markup {
    let had = typed.and_then(|shop| shop.credentials.get(&credential.name)).map(String::as_str).unwrap_or_default();
    html! {
        label {
            span {
                code { (credential.name) }
                @if !credential.needed { " (" (visit.t(Word::Optional)) ")" }
            }
            small { (visit.lang.pick(&credential.zh, &credential.en)) }
            input type="text" name={ "credential." (credential.name) } value=(had) required[credential.needed]
                autocomplete="off" autocapitalize="none" spellcheck="false";
        }
    }
}
