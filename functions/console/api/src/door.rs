//! Who asks, and whether they may.

use crate::problem::Problem;
use crate::read::sha;
use http::{HeaderMap, Method, StatusCode, header};
use huidan_exchange::sign;
use huidan_store::console::people::{self, Session};
use huidan_wire::api::Role;
use huidan_world::{Incoming, World};

/// The cookie that holds a session.
pub(crate) const COOKIE: &str = "huidan_session";
/// The header that proves that a request with the cookie comes from our own page.
const CSRF: &str = "huidan-csrf";

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Who {
    /// For the log: a person's id, `token:<id>`, `owner` for the settings' token, empty for anybody.
    pub(crate) actor: String,
    /// The role.
    pub(crate) role: Role,
    /// The session, for who came with a cookie.
    pub(crate) session: Option<Session>,
}

/// Lets a request in, or says why not. Routes for anybody (`least` is `None`) ask for nothing.
pub(crate) async fn enter<W: World>(world: &W, request: &Incoming, least: Option<Role>) -> Result<Who, Problem> {
    let Some(least) = least else {
        return Ok(Who { actor: String::new(), role: Role::Viewer, session: None });
    };
    let who = match bearer(request.headers()) {
        Some(token) => by_token(world, token).await?,
        None => by_cookie(world, request).await?,
    };
    if who.role < least {
        let (least, role) = (least.name(), who.role.name());
        let detail = format!("需要 {least} 权限，当前为 {role} / this needs the role {least}; yours is {role}");
        return Err(Problem::new(StatusCode::FORBIDDEN, "role", detail));
    }
    Ok(who)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn by_token<W: World>(world: &W, token: &str) -> Result<Who, Problem> {
    let admin = world.variable("admin_token").await.unwrap_or_default();
    if !admin.is_empty() && sign::same(&admin, token).is_some() {
        return Ok(Who { actor: "owner".to_owned(), role: Role::Owner, session: None });
    }
    let (now, sha) = (world.moment().now, sha(token));
    let known = world.main(async |db| people::token(db, now, &sha).await).await?;
    let (id, role) = known.ok_or_else(|| {
        let detail = "令牌无效或已收回 / the token is wrong or was taken back";
        Problem::new(StatusCode::UNAUTHORIZED, "token", detail)
    })?;
    Ok(Who { actor: format!("token:{id}"), role, session: None })
}

async fn by_cookie<W: World>(world: &W, request: &Incoming) -> Result<Who, Problem> {
    let sign_in = || {
        let detail = "请登录，或带上 Authorization: Bearer / sign in, or send Authorization: Bearer";
        Problem::new(StatusCode::UNAUTHORIZED, "sign_in", detail)
    };
    let sha = cookie(request.headers()).map(sha).ok_or_else(sign_in)?;
    let now = world.moment().now;
    let session = world.main(async |db| people::session(db, now, &sha).await).await?.ok_or_else(sign_in)?;
    let said = request.headers().get(CSRF).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && sign::same(&session.csrf, said).is_none() {
        let detail =
            format!("请求头 {CSRF} 缺失或不符，请刷新页面 / the header {CSRF} is missing or wrong; reload the page");
        return Err(Problem::new(StatusCode::FORBIDDEN, "csrf", detail));
    }
    Ok(Who { actor: session.person.clone(), role: session.role, session: Some(session) })
}

/// The session's secret.
pub(crate) fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE).then_some(value))
}
