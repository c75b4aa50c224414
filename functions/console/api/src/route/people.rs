//! Signing in; people; tokens for programs.

use super::{by_id, one};
use crate::cx::{Cx, Reply};
use crate::door::{COOKIE, cookie};
use crate::password;
use crate::problem::Problem;
use crate::read::{filled, sha};
use crate::table::Route;
use http::{HeaderValue, Method, StatusCode, header};
use huidan_store::console::people;
use huidan_wire::api::{Ask, Done, Me, NewPerson, NewToken, Nothing, Page, PatchPerson, Person, Role, SignIn, Token};
use huidan_world::{Outgoing, World, serve};

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    let says = "Sign in; the session is a cookie";
    routes.push(Route::post("/api/v1/session", Role::Viewer, says, sign_in).open());
    routes.push(Route::get("/api/v1/session", Role::Viewer, "Who asks", me));
    routes.push(Route::new(Method::DELETE, "/api/v1/session", Role::Viewer, "Sign out", sign_out));
    routes.push(Route::get("/api/v1/users", Role::Owner, "The people who sign in", list));
    routes.push(Route::post("/api/v1/users", Role::Owner, "Add somebody", add));
    routes.push(Route::new(Method::PATCH, "/api/v1/users/{id}", Role::Owner, "Change somebody", change));
    routes.push(Route::get("/api/v1/tokens", Role::Owner, "The tokens of programs", tokens));
    routes.push(Route::post("/api/v1/tokens", Role::Owner, "A token for a program; shown this once", add_token));
    routes.push(Route::new(Method::DELETE, "/api/v1/tokens/{id}", Role::Owner, "Take a token back", revoke));
}

/// How long a session lasts, in seconds: two weeks.
const LASTS_S: i64 = 14 * 86_400;

async fn sign_in<W: World>(cx: &Cx<'_, W>, ask: SignIn) -> Result<Reply<Me>, Problem> {
    // Names are kept as a hash, so that a password typed into the wrong field does not lie in the open.
    let who = hex::encode(sha(&ask.name));
    let now = cx.moment().now;
    if let Some(until) = cx.change(async |db| people::try_sign_in(db, now, &who).await).await? {
        let seconds = until.since(now) / 1000 + 1;
        let detail = format!("尝试过多，请 {seconds} 秒后再试 / too many tries; try again in {seconds} seconds");
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_tries", detail).again_after(seconds));
    }
    let known = cx.look(async |db| people::password_of(db, &ask.name).await).await?;
    let person = match known {
        Some((person, hash)) if password::fits(&ask.password, &hash) => person,
        Some(_) => return Err(wrong()),
        None => {
            password::pretend(&ask.password);
            return Err(wrong());
        }
    };
    let (secret, csrf) = (cx.moment().secret::<32>(), cx.moment().secret::<16>());
    let (kept, until) = (sha(&secret), now.plus_seconds(LASTS_S));
    cx.change(async |db| people::begin_session(db, cx.moment(), (&who, &person), &kept, &csrf, until).await).await?;
    let session = cx.look(async |db| people::session(db, now, &kept).await).await?.ok_or_else(wrong)?;
    let me = Me { name: session.name, role: session.role, csrf: Some(session.csrf), language: session.language };
    with_cookie(cx, serve::json(StatusCode::OK, &me), &secret, LASTS_S).await
}

fn wrong() -> Problem {
    let detail = "用户名或密码不对 / the name or the password is wrong";
    Problem::new(StatusCode::UNAUTHORIZED, "wrong_password", detail)
}

async fn with_cookie<W: World, A>(
    cx: &Cx<'_, W>,
    mut answer: Outgoing,
    secret: &str,
    seconds: i64,
) -> Result<Reply<A>, Problem> {
    let public = cx.world.variable("public_url").await.unwrap_or_default();
    let secure = if public.starts_with("https://") { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={secret}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(Reply::Whole(answer))
}

async fn me<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Me>, Problem> {
    Ok(match &cx.who.session {
        Some(session) => Me {
            name: session.name.clone(),
            role: session.role,
            csrf: Some(session.csrf.clone()),
            language: session.language.clone(),
        },
        None => Me { name: String::new(), role: cx.who.role, csrf: None, language: "zh-CN".to_owned() },
    }
    .into())
}

async fn sign_out<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Done>, Problem> {
    if let Some(secret) = cookie(&cx.headers) {
        let kept = sha(secret);
        cx.change(async |db| people::end_session(db, &kept).await).await?;
    }
    with_cookie(cx, serve::json(StatusCode::OK, &Done::YES), "", 0).await
}

async fn list<W: World>(cx: &Cx<'_, W>, ask: Ask) -> Result<Reply<Page<Person>>, Problem> {
    Ok(by_id(cx, &ask, async |db, part| people::people(db, part).await, |person| &person.id).await?.into())
}

async fn read<W: World>(cx: &Cx<'_, W>, id: &str) -> Result<Person, Problem> {
    one(cx, "用户 user", id, async |db, part| people::people(db, part).await).await
}

fn language(language: Option<&str>) -> Result<&str, Problem> {
    match language.unwrap_or("zh-CN") {
        known @ ("zh-CN" | "en") => Ok(known),
        _ => {
            let detail = "language 只能是 zh-CN 或 en / language is zh-CN or en";
            Err(Problem::field("unknown_value", "language", detail))
        }
    }
}

async fn add<W: World>(cx: &Cx<'_, W>, new: NewPerson) -> Result<Reply<Person>, Problem> {
    filled("name", &new.name)?;
    let language = language(new.language.as_deref())?;
    let hash = password::hash(cx.moment().chance, &new.password)?;
    let row = (new.name.as_str(), hash.as_str(), new.role, language);
    let id = cx.change(async |db| people::add_person(db, cx.moment(), cx.actor(), row).await).await?;
    let id = id.ok_or_else(|| Problem::conflict("name_taken", "此用户名已被使用 / the name is taken"))?;
    Ok(Reply::made(read(cx, &id).await?))
}

async fn change<W: World>(cx: &Cx<'_, W>, patch: PatchPerson) -> Result<Reply<Person>, Problem> {
    let person = read(cx, cx.id()).await?;
    language(patch.language.as_deref())?;
    let hash = patch.password.as_deref().map(|new| password::hash(cx.moment().chance, new)).transpose()?;
    let hash = hash.as_deref();
    cx.change(async |db| people::patch_person(db, cx.moment(), cx.actor(), &person.id, &patch, hash).await).await?;
    Ok(read(cx, &person.id).await?.into())
}

async fn tokens<W: World>(cx: &Cx<'_, W>, ask: Ask) -> Result<Reply<Page<Token>>, Problem> {
    Ok(by_id(cx, &ask, async |db, part| people::tokens(db, part).await, |token| &token.id).await?.into())
}

async fn add_token<W: World>(cx: &Cx<'_, W>, new: NewToken) -> Result<Reply<Token>, Problem> {
    filled("name", &new.name)?;
    let secret = format!("hd_{}", cx.moment().secret::<32>());
    let kept = sha(&secret);
    let id = cx.change(async |db| people::add_token(db, cx.moment(), cx.actor(), &new, &kept).await).await?;
    let token = one(cx, "令牌 token", &id, async |db, part| people::tokens(db, part).await).await?;
    Ok(Reply::made(Token { token: Some(secret), ..token }))
}

async fn revoke<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Done>, Problem> {
    if cx.change(async |db| people::revoke_token(db, cx.moment(), cx.actor(), cx.id()).await).await? {
        return Ok(Done::YES.into());
    }
    Err(Problem::unknown("令牌 token", cx.id()))
}
