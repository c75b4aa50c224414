use super::{Cx, Result, Shown, set_cookie};
use crate::api::{Deed, Trouble};
use crate::page;
use crate::visit::{LANGUAGE, Said, local};
use crate::words::{Lang, Word};
use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use huidan_wire::api::{Nothing, SignIn};
use huidan_world::{Outgoing, World};

/// A year, in seconds.
const YEAR_S: u32 = 31_536_000;

/// The page to sign in on.
pub(super) fn page<W>(cx: &Cx<'_, W>) -> Shown {
    page::sign::sign_in(&cx.visit, local(cx.asked("back")), "", None).into()
}

/// Signs in: the API's cookie goes to the visitor as it is.
pub(super) async fn sign_in<W: World>(cx: &Cx<'_, W>) -> Result {
    let password = cx.form.iter().find_map(|(name, value)| (name == "password").then(|| value.clone()));
    let body = SignIn { name: cx.sent("name").to_owned(), password: password.unwrap_or_default() };
    let back = local(cx.sent("back"));
    match cx.api.send(Method::POST, "/session", &Deed::default(), &body).await {
        Ok(answer) => Ok(Shown::Whole(moved(back, &answer, None))),
        Err(Trouble::SignIn) => Err(Trouble::Away("登录出错 / signing in failed".to_owned())),
        Err(trouble) => {
            let page = page::sign::sign_in(&cx.visit, back, cx.sent("name"), Some(&trouble.text()));
            Ok(Shown::Page(trouble.status(), page))
        }
    }
}

/// Signs out.
pub(super) async fn sign_out<W: World>(cx: &Cx<'_, W>) -> Result {
    let answer = cx.api.send(Method::DELETE, "/session", &cx.deed(), &Nothing {}).await?;
    Ok(Shown::Whole(moved("/sign-in", &answer, Some(&Said::done(Word::SignedOut)))))
}

/// Chooses the language.
pub(super) fn language<W>(cx: &Cx<'_, W>) -> Shown {
    let mut answer = moved(local(cx.sent("back")), &Outgoing::new(Bytes::new()), None);
    if let Some(lang) = Lang::parse(cx.sent("to")) {
        set_cookie(answer.headers_mut(), LANGUAGE, lang.tag(), YEAR_S);
    }
    Shown::Whole(answer)
}

/// Elsewhere, with the cookies of an answer of the API.
fn moved(to: &str, answer: &Outgoing, said: Option<&Said>) -> Outgoing {
    let mut moved = super::goto(to, said);
    *moved.status_mut() = StatusCode::SEE_OTHER;
    for cookie in answer.headers().get_all(header::SET_COOKIE) {
        moved.headers_mut().append(header::SET_COOKIE, HeaderValue::clone(cookie));
    }
    moved
}
