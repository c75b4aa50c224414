/// A mailbox that a letter can be written to. What a platform starred out is none.
#[derive(Clone, PartialEq, Eq)]
pub struct Mailbox(String);

/// The most that the mail's own rules let an address have.
const MOST_BYTES: usize = 254;
/// What stands around addresses or between several of them, and the star that stands for what is hidden.
const NEVER: &[char] = &['<', '>', '(', ')', '[', ']', '\\', ',', ';', ':', '"', '*', '＊'];

impl Mailbox {
    /// Reads what somebody wrote; `None` where no letter can be sent there.
    pub fn parse(written: &str) -> Option<Self> {
        let text = written.trim();
        let (user, host) = text.split_once('@')?;
        let stray = |c: char| c == '@' || c.is_whitespace() || c.is_control() || NEVER.contains(&c);
        let whole = [user, host].iter().all(|part| !part.is_empty() && !part.contains(stray));
        (whole && text.len() <= MOST_BYTES).then(|| Self(text.to_owned()))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same for every way of writing one mailbox: people mix capitals, and hosts do not tell them apart.
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

impl std::fmt::Debug for Mailbox {
    /// Shows that it is one, never whose.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mailbox(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        Mailbox::parse(text).map(|mailbox| mailbox.as_str().to_owned())
    }

    #[test]
    fn a_mailbox_is_somebody_at_a_host_and_nothing_else() {
        for text in ["li@example.com", "Li.Wang+shop@mail.example.com", "李@例子.公司", "o'neil_1@example.com"] {
            assert_eq!(read(text).as_deref(), Some(text));
        }
        assert_eq!(read(" li@example.com\n").as_deref(), Some("li@example.com"), "what stands around it falls away");
        for none in [
            "",
            "@",
            "li",
            "li@",
            "@example.com",
            "li@example.com@example.com",
            "li wang@example.com",
            "li\u{3000}wang@example.com",
            "li\0@example.com",
            "li@exam\r\nbcc: x",
            "小李 <li@example.com>",
            "<li@example.com>",
            "li@example.com,wang",
            "l*@example.com",
            "l＊@example.com",
        ] {
            assert_eq!(read(none), None, "{none:?}");
        }
    }

    #[test]
    fn one_of_254_bytes_is_the_longest() {
        let of = |bytes: usize| format!("{}@example.com", "l".repeat(bytes - "@example.com".len()));
        assert!(read(&of(254)).is_some() && read(&of(255)).is_none());
    }

    #[test]
    fn capitals_make_no_other_mailbox_and_debug_shows_none() {
        let [one, other] = ["Li@Example.com", "li@example.COM"].map(|text| Mailbox::parse(text).unwrap());
        assert_eq!(one.folded(), other.folded());
        assert!(!format!("{one:?}").contains("xample"));
    }
}
