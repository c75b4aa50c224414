use crate::parts::frame;
use crate::visit::Visit;
use crate::words::Word;
use maud::{Markup, html};

/// Signing in; `back` is where to go then, `refused` why the try before did not work.
pub(crate) fn sign_in(visit: &Visit, back: &str, name: &str, refused: Option<&str>) -> Markup {
    let again = refused.is_some();
    frame(
        visit,
        Word::SignIn,
        &html! {
            h1 { (visit.t(Word::SignIn)) }
            @if let Some(refused) = refused { p.said.bad #refused role="alert" { (visit.lang.half(refused)) } }
            form.narrow method="post" action="/sign-in" {
                input type="hidden" name="back" value=(back);
                label {
                    span { (visit.t(Word::Name)) }
                    input type="text" name="name" value=(name) required autocomplete="username" autocapitalize="none"
                        spellcheck="false" autofocus[!again] aria-describedby=[again.then_some("refused")];
                }
                label {
                    span { (visit.t(Word::Password)) }
                    input type="password" name="password" required autocomplete="current-password" autofocus[again];
                }
                button.main { (visit.t(Word::SignIn)) }
            }
        },
    )
}

/// A page about something that went wrong, with the way back.
pub(crate) fn wrong(visit: &Visit, title: Word, text: &str) -> Markup {
    frame(
        visit,
        title,
        &html! {
            h1 { (visit.t(title)) }
            @if !text.is_empty() { p.said.bad role="alert" { (visit.lang.half(text)) } }
            p { a.button href="/" { (visit.t(Word::GoBack)) } }
        },
    )
}
