//! Ways to tell, what was told by them, and what is said: `notice-kinds`, `notice-ways`, `notices`, `notice-texts`,
//! `notice-rules`, `notice-wishes`.

use super::{by_id, one, page};
use crate::cx::{Cx, Reply};
use crate::known;
use crate::problem::Problem;
use crate::read::{beyond, cursor, filled, id, limit};
use crate::table::Route;
use http::Method;
use huidan_domain::Mailbox;
use huidan_notice::{text, topic};
use huidan_store::notices::{self, Text};
use huidan_wire::api::{
    Ask, AskNotices, Audience, Done, NewNoticeWay, Nothing, Notice, NoticeRules, NoticeText, NoticeWay, NoticeWish,
    Page, PatchNoticeWay, Role,
};
use huidan_wire::notice::NoticeManifest;
use huidan_world::{World, credentials, put_access};
use std::collections::BTreeMap;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    use Role::{Operator, Owner, Viewer};
    routes.push(Route::get("/api/v1/notice-kinds", Viewer, "The providers there are, and what a way needs", kinds));
    routes.push(Route::get("/api/v1/notice-ways", Viewer, "The ways to tell people", list));
    routes.push(Route::post("/api/v1/notice-ways", Owner, "Add a way to tell people", add));
    routes.push(Route::get("/api/v1/notice-ways/{id}", Viewer, "One way", show));
    routes.push(Route::new(Method::PATCH, "/api/v1/notice-ways/{id}", Owner, "Change a way", change));
    let says = "Send a test by a way; the answer is the message, which is sent in a moment";
    routes.push(Route::post("/api/v1/notice-ways/{id}/test", Operator, says, test));
    let says = "What was told and what waits, newest first";
    routes.push(Route::get("/api/v1/notices", Viewer, says, told));
    let says = "Send a message again that a person looked at";
    routes.push(Route::post("/api/v1/notices/{id}/resend", Operator, says, resend));
    routes.push(Route::get("/api/v1/notice-texts", Viewer, "What is said of each topic", texts));
    let says = "Write a text of your own in the place of ours";
    routes.push(Route::new(Method::PUT, "/api/v1/notice-texts", Operator, says, write));
    let says = "Take a text of your own back";
    routes.push(Route::new(
        Method::DELETE,
        "/api/v1/notice-texts/{topic}/{audience}/{language}",
        Operator,
        says,
        take_back,
    ));
    let says = "Quiet hours, storms, and what buyers are told";
    routes.push(Route::get("/api/v1/notice-rules", Viewer, says, rules));
    routes.push(Route::new(Method::PUT, "/api/v1/notice-rules", Owner, "Change all of them", set_rules));
    let says = "How a buyer wants to be told, or that they do not";
    routes.push(Route::new(Method::PUT, "/api/v1/notice-wishes", Operator, says, wish));
}

/// How long a message that a person sends again is tried, in milliseconds.
pub(super) const DAY_MS: i64 = 86_400_000;
const LANGUAGES: [&str; 2] = ["zh", "en"];

async fn kinds<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Page<NoticeManifest>>, Problem> {
    let mut items = Vec::new();
    for id in known::adapters("notify") {
        items.extend(known::provider(cx, &id).await.ok());
    }
    Ok(Page { items, next: None }.into())
}

async fn list<W: World>(cx: &Cx<'_, W>, ask: Ask) -> Result<Reply<Page<NoticeWay>>, Problem> {
    Ok(by_id(cx, &ask, async |db, part| notices::ways(db, part, false).await, |way| &way.id).await?.into())
}

async fn read<W: World>(cx: &Cx<'_, W>, id: &str) -> Result<NoticeWay, Problem> {
    one(cx, "通知方式 way", id, async |db, part| notices::ways(db, part, false).await).await
}

async fn show<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<NoticeWay>, Problem> {
    Ok(read(cx, cx.id()).await?.into())
}

pub(super) fn known_topics(takes: &[String]) -> Result<(), Problem> {
    let odd = takes.iter().find(|wish| {
        let begin = wish.strip_suffix('*').unwrap_or(wish);
        wish.is_empty() || begin.contains('*') || begin.chars().any(|c| !(c.is_ascii_lowercase() || "._".contains(c)))
    });
    odd.map_or(Ok(()), |odd| {
        let detail = format!(
            "{odd:?} 不是主题，可写 parcel.stalled、parcel.* 或 * / is no topic; write parcel.stalled, parcel.* or *"
        );
        Err(Problem::field("bad_value", "takes", detail))
    })
}

fn language(language: &str) -> Result<(), Problem> {
    if LANGUAGES.contains(&language) {
        return Ok(());
    }
    Err(Problem::field("unknown_value", "language", "language 只能是 zh, en / language can only be one of zh, en"))
}

fn fits(manifest: &NoticeManifest, audience: Audience) -> Result<(), Problem> {
    let fits = match audience {
        Audience::Team => manifest.reach != "system",
        Audience::Buyer => matches!(manifest.reach.as_str(), "phone" | "mailbox"),
        Audience::System => false,
    };
    if fits {
        return Ok(());
    }
    let (id, audience) = (&manifest.id, audience.name());
    let detail = format!(
        "{id} 不能用于 {audience}：给买家用能发到手机或邮箱的，其他系统请用 webhooks / {id} cannot tell {audience}: buyers are reached by phone or mailbox, other systems stand at `webhooks`"
    );
    Err(Problem::field("not_for_this_provider", "audience", detail))
}

/// A way to the team says who that is, where its provider reaches anybody.
fn recipients(manifest: &NoticeManifest, audience: &str, values: &BTreeMap<String, String>) -> Result<(), Problem> {
    let name = &manifest.team;
    let named = values.get(name).is_some_and(|value| !value.trim().is_empty());
    if name.is_empty() || named || audience != Audience::Team.name() {
        return Ok(());
    }
    let detail =
        format!("发给团队时请填 {name}：通知发给谁 / a way to the team names who gets its messages: fill in {name}");
    Err(Problem::field("missing_credential", format!("credentials.{name}"), detail))
}

/// Writes what the provider's component needs to know of a way.
pub(super) async fn put<W: World>(
    cx: &Cx<'_, W>,
    way: &NoticeWay,
    values: &BTreeMap<String, String>,
) -> Result<(), Problem> {
    let keys = cx.keys("credential_key").await?;
    cx.world
        .edge(async |db| {
            let (id, provider, environment) = (&way.id, &way.provider, &way.environment);
            let address = way.address.as_deref();
            put_access(db, cx.moment(), &keys, "notice", id, provider, environment, address, values).await
        })
        .await?;
    Ok(())
}

/// The credentials of a way.
pub(super) async fn kept<W: World>(cx: &Cx<'_, W>, id: &str) -> Result<BTreeMap<String, String>, Problem> {
    let keys = cx.keys("credential_key").await?;
    Ok(cx.world.edge(async |db| credentials(db, &keys, "notice", id).await).await?.unwrap_or_default())
}

/// Whether there is a way of that id, to people or to a system.
pub(super) async fn must_be_new<W: World>(cx: &Cx<'_, W>, id: &str) -> Result<(), Problem> {
    match cx.look(async |db| notices::way(db, id).await).await? {
        Some(_) => Err(Problem::exists("通知方式 way", id)),
        None => Ok(()),
    }
}

async fn add<W: World>(cx: &Cx<'_, W>, new: NewNoticeWay) -> Result<Reply<NoticeWay>, Problem> {
    id("id", &new.id)?;
    filled("name", &new.name)?;
    language(&new.language)?;
    known_topics(&new.takes)?;
    let manifest = known::provider(cx, &new.provider).await?;
    fits(&manifest, new.audience)?;
    known::credentials(&manifest.credentials, &new.credentials)?;
    recipients(&manifest, new.audience.name(), &new.credentials)?;
    must_be_new(cx, &new.id).await?;
    let way = NoticeWay {
        id: new.id,
        provider: new.provider,
        name: new.name,
        audience: new.audience.name().to_owned(),
        environment: new.environment.name().to_owned(),
        address: None,
        takes: new.takes,
        shops: new.shops,
        language: new.language,
        position: new.position,
        active: true,
        trouble: String::new(),
        created_at: String::new(),
    };
    put(cx, &way, &new.credentials).await?;
    if !cx.change(async |db| notices::add(db, cx.moment(), cx.actor(), &way).await).await? {
        return Err(Problem::exists("通知方式 way", &way.id));
    }
    Ok(Reply::made(read(cx, &way.id).await?))
}

async fn change<W: World>(cx: &Cx<'_, W>, patch: PatchNoticeWay) -> Result<Reply<NoticeWay>, Problem> {
    let mut way = read(cx, cx.id()).await?;
    patch.name.as_deref().map_or(Ok(()), |name| filled("name", name))?;
    patch.language.as_deref().map_or(Ok(()), language)?;
    patch.takes.as_deref().map_or(Ok(()), known_topics)?;
    if patch.credentials.is_some() || patch.environment.is_some() {
        let mut values = kept(cx, &way.id).await?;
        values.extend(patch.credentials.clone().unwrap_or_default());
        let manifest = known::provider(cx, &way.provider).await?;
        known::credentials(&manifest.credentials, &values)?;
        recipients(&manifest, &way.audience, &values)?;
        if let Some(environment) = patch.environment {
            environment.name().clone_into(&mut way.environment);
        }
        put(cx, &way, &values).await?;
    }
    cx.change(async |db| notices::patch(db, cx.moment(), cx.actor(), &way.id, &patch, None).await).await?;
    Ok(read(cx, &way.id).await?.into())
}

async fn test<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Notice>, Problem> {
    let id = cx.id();
    let way = cx.look(async |db| notices::way(db, id).await).await?;
    let way = way.ok_or_else(|| Problem::unknown("通知方式 way", id))?;
    if way.audience == "buyer" {
        let detail = "给买家的方式没有固定收件人，不能测试 / a buyers' way has nobody of its own to test it with";
        return Err(Problem::conflict("no_recipient", detail));
    }
    if !way.active {
        return Err(Problem::conflict("off", "此方式已停用 / this way is off"));
    }
    let made = cx.change(async |db| notices::test(db, cx.moment(), cx.actor(), id).await).await?;
    cx.world.wake("flow-notify", &format!("way/{id}"));
    let message = cx.look(async |db| notices::one(db, &made).await).await?;
    Ok(Reply::made(message.ok_or_else(|| Problem::unknown("消息 message", &made))?))
}

async fn told<W: World>(cx: &Cx<'_, W>, ask: AskNotices) -> Result<Reply<Page<Notice>>, Problem> {
    messages(cx, &ask, false).await
}

/// A page of messages, to everybody or to systems only.
pub(super) async fn messages<W: World>(
    cx: &Cx<'_, W>,
    ask: &AskNotices,
    systems: bool,
) -> Result<Reply<Page<Notice>>, Problem> {
    let most = limit(ask.limit)?;
    let after: Option<(i64, String)> = beyond(ask.cursor.as_deref())?;
    let found = cx
        .look(async |db| {
            let after = after.as_ref().map(|(at, id)| (*at, id.as_str()));
            notices::page(db, ask.way.as_deref(), ask.state.as_deref(), systems, after, most + 1).await
        })
        .await?;
    let Page { items, next } = page(found, most, |(at, message)| cursor(&(at, &message.id)));
    Ok(Page { items: items.into_iter().map(|(_, message)| message).collect(), next }.into())
}

/// Sends a message again.
pub(super) async fn resend<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Notice>, Problem> {
    let id = cx.id();
    let message = cx.look(async |db| notices::one(db, id).await).await?;
    let message = message.ok_or_else(|| Problem::unknown("消息 message", id))?;
    let way = cx.change(async |db| notices::resend(db, cx.moment(), cx.actor(), id, DAY_MS).await).await?;
    let Some(way) = way else {
        let detail =
            format!("状态为 {} 的消息不能重发 / a message that is {} is not sent again", message.state, message.state);
        return Err(Problem::conflict("not_to_resend", detail));
    };
    cx.world.wake("flow-notify", &format!("way/{way}"));
    let message = cx.look(async |db| notices::one(db, id).await).await?;
    Ok(message.ok_or_else(|| Problem::unknown("消息 message", id))?.into())
}

async fn texts<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Page<NoticeText>>, Problem> {
    let own = cx.look(async |db| notices::texts(db).await).await?;
    let mut items: Vec<NoticeText> = own
        .into_iter()
        .map(|text| NoticeText {
            audience: if text.audience == "buyer" { Audience::Buyer } else { Audience::Team },
            topic: text.topic,
            language: text.language,
            title: text.title,
            body: text.body,
            code: text.code,
            by_itself: false,
        })
        .collect();
    let written: Vec<(String, Audience, String)> =
        items.iter().map(|text| (text.topic.clone(), text.audience, text.language.clone())).collect();
    for topic in topic::TOPICS {
        for (nth, language) in LANGUAGES.into_iter().enumerate() {
            let title = topic::title(topic.name, language);
            let buyer = topic.buyer.get(nth).copied().unwrap_or_default();
            for (audience, body) in [(Audience::Team, ""), (Audience::Buyer, buyer)] {
                let here = (topic.name.to_owned(), audience, language.to_owned());
                if written.contains(&here) || (audience == Audience::Buyer && body.is_empty()) {
                    continue;
                }
                items.push(NoticeText {
                    topic: topic.name.to_owned(),
                    audience,
                    language: language.to_owned(),
                    title: title.clone(),
                    body: body.to_owned(),
                    code: String::new(),
                    by_itself: true,
                });
            }
        }
    }
    items.sort_by(|a, b| (&a.topic, a.audience.name(), &b.language).cmp(&(&b.topic, b.audience.name(), &a.language)));
    Ok(Page { items, next: None }.into())
}

async fn write<W: World>(cx: &Cx<'_, W>, new: NoticeText) -> Result<Reply<NoticeText>, Problem> {
    filled("topic", &new.topic)?;
    known_topics(std::slice::from_ref(&new.topic))?;
    language(&new.language)?;
    filled("body", &new.body)?;
    if new.audience == Audience::System {
        let detail = "其他系统收到的是数据，没有文字 / other systems get data, not texts";
        return Err(Problem::field("bad_value", "audience", detail));
    }
    let fields = topic::fields();
    for (name, said) in [("title", &new.title), ("body", &new.body)] {
        text::check(said, &fields).map_err(|slip| {
            let known = fields.join(", ");
            Problem::field("unknown_place", name, format!("{slip}；可用 / there are: {known}"))
        })?;
    }
    let text = Text {
        topic: new.topic.clone(),
        audience: new.audience.name().to_owned(),
        language: new.language.clone(),
        title: new.title.clone(),
        body: new.body.clone(),
        code: new.code.clone(),
    };
    cx.change(async |db| notices::put_text(db, cx.moment(), cx.actor(), &text).await).await?;
    Ok(NoticeText { by_itself: false, ..new }.into())
}

async fn take_back<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Done>, Problem> {
    let which = [cx.part(0), cx.part(1), cx.part(2)];
    if !cx.change(async |db| notices::drop_text(db, cx.moment(), cx.actor(), which).await).await? {
        return Err(Problem::unknown("文字 text", &which.join("/")));
    }
    Ok(Done { ok: true }.into())
}

async fn rules<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<NoticeRules>, Problem> {
    Ok(cx.look(async |db| notices::rules(db).await).await?.into())
}

async fn set_rules<W: World>(cx: &Cx<'_, W>, rules: NoticeRules) -> Result<Reply<NoticeRules>, Problem> {
    let clock = |text: &str| {
        text.split_once(':').is_some_and(|(hours, minutes)| {
            hours.len() == 2
                && minutes.len() == 2
                && hours.parse::<u8>().is_ok_and(|hours| hours < 24)
                && minutes.parse::<u8>().is_ok_and(|minutes| minutes < 60)
        })
    };
    let zone = rules.zone.strip_prefix(['+', '-']).is_some_and(clock);
    for (name, fits) in [("zone", zone), ("quiet_from", clock(&rules.quiet_from)), ("quiet_to", clock(&rules.quiet_to))]
    {
        if !fits {
            let detail = "时刻写 22:00，时区写 +08:00 / write times as 22:00 and zones as +08:00";
            return Err(Problem::field("bad_value", name, detail));
        }
    }
    if rules.bundle_over == 0 || !(60..=86_400).contains(&rules.bundle_window_s) || rules.gather_s > 600 {
        let detail = "bundle_over 至少 1，窗口 60 到 86400 秒，等待至多 600 秒 / bundle_over is 1 or more, the window 60 to 86400 s, the wait 600 s at most";
        return Err(Problem::field("bad_value", "bundle_over", detail));
    }
    known_topics(&rules.urgent)?;
    known_topics(&rules.buyer_topics)?;
    cx.change(async |db| notices::put_rules(db, cx.moment(), cx.actor(), &rules).await).await?;
    Ok(rules.into())
}

async fn wish<W: World>(cx: &Cx<'_, W>, wish: NoticeWish) -> Result<Reply<Done>, Problem> {
    if wish.by != "none" {
        let manifest = known::provider(cx, &wish.by).await?;
        if fits(&manifest, Audience::Buyer).is_err() {
            let detail = format!(
                "{0} 发不到买家，可填短信或邮件的方式，或 none / {0} reaches no buyer: name a provider of short messages or mail, or `none`",
                wish.by
            );
            return Err(Problem::field("not_for_buyers", "by", detail));
        }
    }
    let contacts = contacts(&wish)?;
    let keys = cx.keys("receiver_key").await?;
    cx.change(async |db| {
        for contact in &contacts {
            let hash = notices::contact_hash(&keys, contact);
            notices::put_wish(db, cx.moment(), cx.actor(), &hash, &wish.by).await?;
        }
        Ok(())
    })
    .await?;
    Ok(Done { ok: true }.into())
}

/// By what the buyer is known who has a wish; the words of an error never repeat it.
fn contacts(wish: &NoticeWish) -> Result<Vec<String>, Problem> {
    let bad = |field: &str, detail: &str| Problem::field("bad_value", field, detail);
    let phone = wish.phone.as_deref().map(|phone| {
        topic::phone(phone).ok_or_else(|| bad("phone", "不是能收到消息的手机号 / no phone that can be reached"))
    });
    let mailbox = wish.email.as_deref().map(|email| {
        let mailbox = Mailbox::parse(email).map(|mailbox| mailbox.folded());
        mailbox
            .ok_or_else(|| bad("email", "不是邮箱地址，应如 li@example.com / no e-mail address such as li@example.com"))
    });
    let contacts = phone.into_iter().chain(mailbox).collect::<Result<Vec<String>, _>>()?;
    if contacts.is_empty() {
        return Err(bad("phone", "请填写买家的手机号或邮箱 / give the buyer's phone or e-mail address"));
    }
    Ok(contacts)
}
