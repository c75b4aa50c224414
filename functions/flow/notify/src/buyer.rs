//! What buyers are told, and how: by the way they asked for, else by the seller's first that can reach them, and not at
//! all where they said so. One piece of news goes to a buyer by one way. What a platform encrypts it can reach alone.

use crate::{known, sort};
use huidan_domain::{Mailbox, Receiver};
use huidan_notice::topic;
use huidan_store::notices::{self, Contact, Message, Unsorted, Way, Wish};
use huidan_store::{Keyring, StoreError};
use huidan_wire::api::NoticeRules;
use huidan_world::World;
use std::collections::HashMap;

/// The wish to be told nothing.
const NONE: &str = "none";
/// Why a message is not sent.
pub(crate) const NOBODY: &str = "没有收件人 / there is no receiver";
/// Why a message is not sent.
pub(crate) const UNWANTED: &str = "买家不要通知 / the buyer wants no notices";

/// What a buyer is told of, or why not.
pub(crate) struct Told<'a> {
    way: &'a Way,
    news: &'a Unsorted,
    skipped: Option<&'static str>,
}

impl<'a> Told<'a> {
    /// As a row.
    pub(crate) fn message<W: World>(&self, world: &W) -> Message<'a> {
        let message = sort::message(world, self.way, self.news, world.moment().now.0);
        match self.skipped {
            Some(reason) => Message { state: "skipped", reason, ..message },
            None => message,
        }
    }
}

/// The key that receivers are sealed with.
pub(crate) async fn receiver_keys<W: World>(world: &W) -> Result<Keyring, StoreError> {
    let text = world.variable("receiver_key").await.ok_or(StoreError::Sealed)?;
    Keyring::parse(&text).map_err(|_| StoreError::Sealed)
}

/// Where a buyer can be reached by us.
#[derive(Default)]
pub(crate) struct Reached {
    phone: Option<String>,
    mailbox: Option<Mailbox>,
    encrypted: bool,
}

impl Reached {
    /// Of a parcel's receiver. The phone of one that a platform encrypts is the platform's; a mailbox is never
    /// encrypted, since only channels that give it in the clear give one.
    pub(crate) fn of(receiver: &Receiver) -> Self {
        let encrypted = receiver.token.is_some();
        let phone = if encrypted { None } else { topic::phone(&receiver.phone) };
        Self { phone, mailbox: Mailbox::parse(&receiver.email), encrypted }
    }

    /// The address that a provider of that reach sends to.
    pub(crate) fn at(&self, reach: &str) -> Option<&str> {
        match reach {
            "phone" => self.phone.as_deref(),
            "mailbox" => self.mailbox.as_ref().map(Mailbox::as_str),
            _ => None,
        }
    }

    /// What providers that reach phones or mailboxes, whichever there are, would have needed.
    pub(crate) fn lacks(&self, phone: bool, mailbox: bool) -> &'static str {
        match (phone, mailbox, self.encrypted) {
            (true, false, true) => "收件人由平台加密 / the platform encrypts the receiver",
            (true, true, true) => {
                "收件人由平台加密，也没有邮箱 / the platform encrypts the receiver, and there is no mailbox"
            }
            (true, false, false) => "没有可用的手机号 / there is no phone that can be reached",
            (true, true, false) => {
                "没有可用的手机号，也没有邮箱 / there is neither a phone that can be reached nor a mailbox"
            }
            (false, true, _) => "没有可用的邮箱 / there is no mailbox that can be written to",
            (false, false, _) => "没有能发给买家的方式 / no way reaches a buyer",
        }
    }

    /// The keyed hashes, in hex, by which the buyer's wish is found.
    fn hashes(&self, keys: &Keyring) -> Vec<String> {
        let mailbox = self.mailbox.as_ref().map(Mailbox::folded);
        let contacts = self.phone.iter().chain(&mailbox);
        contacts.map(|contact| hex::encode(notices::contact_hash(keys, contact))).collect()
    }

    /// Whether the buyer said that they want nothing: somebody may say so while a message waits for the morning.
    pub(crate) async fn wants_none<W: World>(&self, world: &W, keys: &Keyring) -> Result<bool, StoreError> {
        let hashes = self.hashes(keys);
        let wishes = world.main(async |db| notices::wishes(db, &hashes).await).await?;
        Ok(wish_of(&hashes, &wishes) == Some(NONE))
    }
}

/// What a buyer wants who may be known by a phone and a mailbox: nothing, where they said so by either; else what they
/// said last.
fn wish_of<'w>(hashes: &[String], wishes: &'w HashMap<String, Wish>) -> Option<&'w str> {
    let said: Vec<&Wish> = hashes.iter().filter_map(|hash| wishes.get(hash)).collect();
    let none = said.iter().find(|wish| wish.way == NONE);
    none.or_else(|| said.iter().max_by_key(|wish| wish.at)).map(|wish| wish.way.as_str())
}

/// A way to buyers, and whom its provider reaches; `None` while the provider cannot be asked.
type Open<'a> = (&'a Way, Option<String>);

/// What buyers are told of some news.
pub(crate) async fn messages<'a, W: World>(
    world: &W,
    rules: &NoticeRules,
    ways: &'a [Way],
    news: &'a [Unsorted],
) -> Result<Vec<Told<'a>>, StoreError> {
    let news: Vec<&Unsorted> =
        news.iter().filter(|one| one.entity == "package" && topic::wanted(&rules.buyer_topics, &one.topic)).collect();
    let mut open: Vec<Open<'a>> = Vec::new();
    for way in ways.iter().filter(|way| way.audience == "buyer" && !news.is_empty()) {
        let manifest = known::manifest(world, &way.provider).await;
        open.push((way, manifest.ok().map(|manifest| manifest.reach.clone())));
    }
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let keys = receiver_keys(world).await?;
    let packages: Vec<&str> = news.iter().map(|one| one.id.as_str()).collect();
    let contacts = world.main(async |db| notices::contacts(db, &keys, &packages).await).await?;
    let contacts: HashMap<&str, Buyer> =
        contacts.iter().map(|contact| (contact.package.as_str(), Buyer::of(contact, &keys))).collect();
    let asked: Vec<String> = contacts.values().flat_map(|buyer| buyer.hashes.iter().cloned()).collect();
    let wishes = world.main(async |db| notices::wishes(db, &asked).await).await?;
    let told = news.into_iter().filter_map(|one| {
        let of_shop = |(way, _): &&Open<'a>| way.shops.is_empty() || way.shops.contains(&one.shop);
        let open: Vec<&Open<'a>> = open.iter().filter(of_shop).collect();
        let first = open.first()?.0;
        let (way, skipped) = match contacts.get(one.id.as_str()).map(|buyer| buyer.way(&open, &wishes)) {
            Some(Ok(way)) => (way, None),
            Some(Err(why)) => (first, Some(why)),
            None => (first, Some(NOBODY)),
        };
        Some(Told { way, news: one, skipped })
    });
    Ok(told.collect())
}

/// A parcel's buyer; nobody where the receiver does not open.
struct Buyer {
    reached: Option<Reached>,
    hashes: Vec<String>,
}

impl Buyer {
    fn of(contact: &Contact, keys: &Keyring) -> Self {
        let reached = contact.receiver.as_ref().map(Reached::of);
        let hashes = reached.as_ref().map(|reached| reached.hashes(keys)).unwrap_or_default();
        Self { reached, hashes }
    }

    /// The one way by which the buyer is told, or why by none.
    fn way<'a>(&self, open: &[&Open<'a>], wishes: &HashMap<String, Wish>) -> Result<&'a Way, &'static str> {
        let reached = self.reached.as_ref().ok_or(NOBODY)?;
        let wish = wish_of(&self.hashes, wishes);
        if wish == Some(NONE) {
            return Err(UNWANTED);
        }
        choose(open, reached, wish).ok_or_else(|| {
            let some = |reach: &str| open.iter().any(|(_, of)| of.as_deref() == Some(reach));
            reached.lacks(some("phone"), some("mailbox"))
        })
    }
}

/// The way that the buyer asked for, else the first that reaches them. A provider that cannot be asked just now may reach
/// whoever can be reached at all: its way waits for it and looks again.
fn choose<'a>(open: &[&Open<'a>], reached: &Reached, wish: Option<&str>) -> Option<&'a Way> {
    let somewhere = reached.phone.is_some() || reached.mailbox.is_some();
    let reaching = |known: bool| {
        open.iter().map(|(way, reach)| (*way, reach)).filter_map(move |(way, reach)| {
            let reaches = reach.as_ref().map_or(!known && somewhere, |reach| known && reached.at(reach).is_some());
            reaches.then_some(way)
        })
    };
    let wanted = |way: &&Way| Some(way.provider.as_str()) == wish || Some(way.id.as_str()) == wish;
    let asked_for = reaching(true).find(wanted).or_else(|| reaching(false).find(wanted));
    asked_for.or_else(|| reaching(true).next()).or_else(|| reaching(false).next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use huidan_domain::Millis;

    fn reached(phone: &str, email: &str, token: Option<&str>) -> Reached {
        let (phone, email) = (phone.to_owned(), email.to_owned());
        Reached::of(&Receiver { phone, email, token: token.map(str::to_owned), ..Receiver::default() })
    }

    #[test]
    fn only_a_phone_that_rings_is_one() {
        for text in ["13800138000", "+86 138-0013-8000", "008613800138000"] {
            assert_eq!(reached(text, "", None).at("phone"), Some("13800138000"), "{text}");
        }
        for text in ["138****8000", "0571-88888888", "13800138000转1234", "", "+44 7700 900123"] {
            assert_eq!(reached(text, "", None).at("phone"), None, "{text}");
        }
        assert_eq!(
            reached("13800138000", "", Some("OAID")).at("phone"),
            None,
            "what a platform encrypts is not called"
        );
    }

    #[test]
    fn a_mailbox_in_the_clear_is_one_also_beside_what_a_platform_encrypts() {
        assert_eq!(reached("", " Li@example.com ", None).at("mailbox"), Some("Li@example.com"));
        assert_eq!(reached("", "relay@platform.example", Some("OAID")).at("mailbox"), Some("relay@platform.example"));
        for none in ["", "l***@example.com", "~AgAAAAJ1n0tA~", "li"] {
            assert_eq!(reached("", none, None).at("mailbox"), None, "{none}");
        }
        assert_eq!(reached("13800138000", "li@example.com", None).at("room"), None);
    }

    fn way(id: &str) -> Way {
        Way {
            id: id.to_owned(),
            provider: format!("{id}-provider"),
            audience: "buyer".to_owned(),
            takes: Vec::new(),
            shops: Vec::new(),
            language: "zh".to_owned(),
            active: true,
            trouble: String::new(),
        }
    }

    #[test]
    fn the_way_asked_for_goes_before_the_first_that_reaches() {
        let (sms, mail, away) = (way("sms"), way("mail"), way("away"));
        let all = [(&sms, Some("phone".to_owned())), (&mail, Some("mailbox".to_owned())), (&away, None)];
        let all: Vec<&Open<'_>> = all.iter().collect();
        let chosen = |phone, email, wish| choose(&all, &reached(phone, email, None), wish).map(|way| way.id.as_str());
        let (phone, email) = ("13800138000", "li@example.com");
        assert_eq!(chosen(phone, email, None), Some("sms"));
        assert_eq!(chosen("", email, None), Some("mail"), "the first that reaches");
        assert_eq!(chosen(phone, email, Some("mail-provider")), Some("mail"));
        assert_eq!(chosen(phone, email, Some("mail")), Some("mail"), "by its own id too");
        assert_eq!(chosen(phone, "", Some("mail-provider")), Some("sms"), "what was asked for cannot reach");
        assert_eq!(chosen(phone, email, Some("fax")), Some("sms"));
        assert_eq!(chosen("", "", Some("mail-provider")), None);
        assert_eq!(chosen(phone, email, Some("away")), Some("away"), "it may reach, and is waited for");
        let only: Open<'_> = (&away, None);
        assert_eq!(choose(&[&only], &reached(phone, "", None), None).map(|way| way.id.as_str()), Some("away"));
        assert!(choose(&[&only], &reached("", "", None), None).is_none(), "whoever can be reached nowhere");
    }

    #[test]
    fn what_is_missing_is_named() {
        let (sms, mail) = (way("sms"), way("mail"));
        let [sms, mail] = [(&sms, Some("phone".to_owned())), (&mail, Some("mailbox".to_owned()))];
        let why = |open: &[&Open<'_>], token| {
            let buyer = Buyer { reached: Some(reached("0571-1", "no", token)), hashes: Vec::new() };
            buyer.way(open, &HashMap::new()).unwrap_err().rsplit(" / ").next().unwrap().to_owned()
        };
        assert_eq!(why(&[&sms], None), "there is no phone that can be reached");
        assert_eq!(why(&[&mail], None), "there is no mailbox that can be written to");
        assert_eq!(why(&[&sms, &mail], None), "there is neither a phone that can be reached nor a mailbox");
        assert_eq!(why(&[&sms], Some("OAID")), "the platform encrypts the receiver");
        assert_eq!(why(&[&sms, &mail], Some("OAID")), "the platform encrypts the receiver, and there is no mailbox");
        assert_eq!(why(&[&mail], Some("OAID")), "there is no mailbox that can be written to");
    }

    #[test]
    fn no_notices_by_either_contact_are_none_else_the_last_word_counts() {
        let wish = |way: &str, at| Wish { way: way.to_owned(), at: Millis(at) };
        let hashes = ["phone", "mailbox"].map(str::to_owned);
        let of = |phone: Option<Wish>, mailbox: Option<Wish>| {
            let said = [("phone", phone), ("mailbox", mailbox)];
            let said = said.into_iter().filter_map(|(name, wish)| Some((name.to_owned(), wish?))).collect();
            wish_of(&hashes, &said).map(str::to_owned)
        };
        assert_eq!(of(None, None), None);
        assert_eq!(of(Some(wish("sms", 1)), None).as_deref(), Some("sms"));
        assert_eq!(of(Some(wish("sms", 1)), Some(wish("email", 2))).as_deref(), Some("email"));
        assert_eq!(of(Some(wish("sms", 3)), Some(wish("email", 2))).as_deref(), Some("sms"));
        assert_eq!(of(Some(wish("sms", 3)), Some(wish("none", 2))).as_deref(), Some("none"));
    }
}
