//! What buyers are told, and how: by the first way that can reach them, or the one they asked for, and not at all where
//! they said so. A platform's encrypted receiver can be reached by the platform alone.

use crate::{known, sort};
use huidan_domain::Receiver;
use huidan_notice::topic;
use huidan_store::notices::{self, Contact, Message, Unsorted, Way};
use huidan_store::{Keyring, StoreError};
use huidan_wire::api::NoticeRules;
use huidan_world::World;
use std::collections::HashMap;

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

/// A buyer's phone, where it can be reached by us: what a platform encrypts cannot.
pub(crate) fn phone(receiver: &Receiver) -> Option<String> {
    if receiver.token.is_some() { None } else { topic::phone(&receiver.phone) }
}

/// The keyed hash by which a buyer's wish is found.
pub(crate) fn contact_hash(keys: &Keyring, phone: &str) -> Vec<u8> {
    keys.equality(&["notice", phone])
}

/// What buyers are told of some news.
pub(crate) async fn messages<'a, W: World>(
    world: &W,
    rules: &NoticeRules,
    ways: &'a [Way],
    news: &'a [Unsorted],
) -> Result<Vec<Told<'a>>, StoreError> {
    let ways: Vec<&Way> = ways.iter().filter(|way| way.audience == "buyer").collect();
    let news: Vec<&Unsorted> =
        news.iter().filter(|one| one.entity == "package" && topic::wanted(&rules.buyer_topics, &one.topic)).collect();
    if ways.is_empty() || news.is_empty() {
        return Ok(Vec::new());
    }
    let keys = receiver_keys(world).await?;
    let packages: Vec<&str> = news.iter().map(|one| one.id.as_str()).collect();
    let contacts = world.main(async |db| notices::contacts(db, &keys, &packages).await).await?;
    let hashes: HashMap<&str, String> = contacts
        .iter()
        .filter_map(|contact| {
            let phone = phone(contact.receiver.as_ref()?)?;
            Some((contact.package.as_str(), hex::encode(contact_hash(&keys, &phone))))
        })
        .collect();
    let asked: Vec<&str> = hashes.values().map(String::as_str).collect();
    let wishes = world.main(async |db| notices::wishes(db, &asked).await).await?;
    let contacts: HashMap<&str, &Contact> =
        contacts.iter().map(|contact| (contact.package.as_str(), contact)).collect();
    let mut told = Vec::new();
    for one in news {
        let of_shop = |way: &&&Way| way.shops.is_empty() || way.shops.contains(&one.shop);
        let open: Vec<&Way> = ways.iter().filter(of_shop).copied().collect();
        let Some(first) = open.first().copied() else { continue };
        let contact = contacts.get(one.id.as_str()).copied();
        let hash = hashes.get(one.id.as_str());
        let wish = hash.and_then(|hash| wishes.get(hash)).map(String::as_str);
        let (way, skipped) = match (contact, hash, wish) {
            (None, ..) => (first, Some("没有收件人 / there is no receiver")),
            (Some(contact), None, _) if contact.encrypted => {
                (first, Some("收件人由平台加密 / the platform encrypts the receiver"))
            }
            (Some(_), None, _) => (first, Some("没有可用的手机号 / there is no phone that can be reached")),
            (_, _, Some("none")) => (first, Some("买家不要通知 / the buyer wants no notices")),
            (_, Some(_), wish) => match reaching(world, &open, wish).await {
                Some(way) => (way, None),
                None => (first, Some("没有能发到手机的方式 / no way reaches a phone")),
            },
        };
        told.push(Told { way, news: one, skipped });
    }
    Ok(told)
}

/// The way that the buyer asked for, else the first that reaches a phone.
async fn reaching<'a, W: World>(world: &W, ways: &[&'a Way], wish: Option<&str>) -> Option<&'a Way> {
    let mut reach = Vec::new();
    for way in ways {
        if known::manifest(world, &way.provider).await.is_ok_and(|manifest| manifest.reach == "phone") {
            reach.push(*way);
        }
    }
    let wanted = reach.iter().find(|way| Some(way.provider.as_str()) == wish || Some(way.id.as_str()) == wish);
    wanted.or_else(|| reach.first()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_phone_that_rings_is_one() {
        let phone = |text: &str, token: Option<&str>| {
            phone(&Receiver { phone: text.into(), token: token.map(str::to_owned), ..Receiver::default() })
        };
        for text in ["13800138000", "+86 138-0013-8000", "008613800138000"] {
            assert_eq!(phone(text, None).as_deref(), Some("13800138000"), "{text}");
        }
        for text in ["138****8000", "0571-88888888", "13800138000转1234", "", "+44 7700 900123"] {
            assert_eq!(phone(text, None), None, "{text}");
        }
        assert_eq!(phone("13800138000", Some("OAID")), None, "what a platform encrypts is not called");
    }
}
