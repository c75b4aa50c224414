//! Access and refresh tokens as platforms give them out: they end, and where the platform says so a refresh token works
//! once.

use crate::ledger::TokenSeen;
use crate::order::Platform;
use crate::world::World;
use serde::Serialize;
use std::collections::BTreeMap;

const CODE_MS: i64 = 10 * 60_000;

/// A shop and the tokens it starts with.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct ShopTokens {
    /// The shop, as the platform calls it.
    pub shop: String,
    /// Opens calls.
    pub access_token: String,
    /// Gets a new pair.
    pub refresh_token: String,
}

impl ShopTokens {
    /// Made-up tokens of a shop.
    pub(crate) fn made_up(prefix: &str, shop: &str) -> ShopTokens {
        ShopTokens {
            shop: shop.to_owned(),
            access_token: format!("{prefix}-access-{shop}-0"),
            refresh_token: format!("{prefix}-refresh-{shop}-0"),
        }
    }
}

#[derive(Clone, Debug)]
struct Pair {
    tokens: ShopTokens,
    access_until_ms: i64,
    refresh_until_ms: i64,
    /// The refresh token was used, where it works once.
    used: bool,
}

/// How a platform's tokens live.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    /// An access token's, seconds.
    pub(crate) access_s: i64,
    /// A refresh token's, seconds.
    pub(crate) refresh_s: i64,
    /// Whether a refresh gives a new refresh token and ends the pair before.
    pub(crate) single_use: bool,
}

/// What an access token opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// This shop.
    Shop(String),
    /// Nothing any more.
    Expired,
    /// Nothing ever.
    Unknown,
}

/// Why there is no new pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Nobody gave it out.
    Unknown,
    /// It has ended.
    Expired,
    /// It was used before.
    Used,
}

/// The tokens of one platform.
#[derive(Debug)]
pub(crate) struct Tokens {
    prefix: &'static str,
    life: Life,
    pairs: Vec<Pair>,
    codes: BTreeMap<String, (String, i64)>,
    made: u64,
}

impl Tokens {
    /// The platform's book with the shops it starts with.
    pub(crate) fn new(prefix: &'static str, life: Life, shops: &[ShopTokens], now_ms: i64) -> Tokens {
        let mut book = Tokens { prefix, life, pairs: Vec::new(), codes: BTreeMap::new(), made: 0 };
        for tokens in shops {
            book.keep(tokens.clone(), now_ms);
        }
        book
    }

    fn keep(&mut self, tokens: ShopTokens, now_ms: i64) {
        self.pairs.push(Pair {
            tokens,
            access_until_ms: now_ms + self.life.access_s * 1_000,
            refresh_until_ms: now_ms + self.life.refresh_s * 1_000,
            used: false,
        });
    }

    fn give(&mut self, shop: &str, refresh_token: Option<String>, now_ms: i64) -> ShopTokens {
        self.made += 1;
        let (prefix, made) = (self.prefix, self.made);
        let tokens = ShopTokens {
            shop: shop.to_owned(),
            access_token: format!("{prefix}-access-{shop}-{made}"),
            refresh_token: refresh_token.unwrap_or_else(|| format!("{prefix}-refresh-{shop}-{made}")),
        };
        self.keep(tokens.clone(), now_ms);
        tokens
    }

    /// How long an access token given out now lives, seconds.
    pub(crate) fn access_seconds(&self) -> i64 {
        self.life.access_s
    }

    /// The seller agrees: a code that works once, for ten minutes.
    pub(crate) fn agree(&mut self, shop: &str, now_ms: i64) -> Option<String> {
        if !self.pairs.iter().any(|p| p.tokens.shop == shop) {
            return None;
        }
        self.made += 1;
        let code = format!("{}-code-{}", self.prefix, self.made);
        self.codes.insert(code.clone(), (shop.to_owned(), now_ms + CODE_MS));
        Some(code)
    }

    /// A new pair for a code.
    pub(crate) fn by_code(&mut self, code: &str, now_ms: i64) -> Result<ShopTokens, Refused> {
        let (shop, until_ms) = self.codes.remove(code).ok_or(Refused::Unknown)?;
        if now_ms > until_ms {
            return Err(Refused::Expired);
        }
        Ok(self.give(&shop, None, now_ms))
    }

    /// A new pair for a refresh token.
    pub(crate) fn refresh(&mut self, refresh_token: &str, now_ms: i64) -> Result<ShopTokens, Refused> {
        let single_use = self.life.single_use;
        let pair = self.pairs.iter_mut().rev().find(|p| p.tokens.refresh_token == refresh_token);
        let pair = pair.ok_or(Refused::Unknown)?;
        if pair.used {
            return Err(Refused::Used);
        }
        if now_ms > pair.refresh_until_ms {
            return Err(Refused::Expired);
        }
        let shop = pair.tokens.shop.clone();
        if single_use {
            pair.used = true;
            pair.access_until_ms = pair.access_until_ms.min(now_ms);
        }
        Ok(self.give(&shop, (!single_use).then(|| refresh_token.to_owned()), now_ms))
    }

    /// What an access token opens now.
    pub(crate) fn open(&self, access_token: &str, now_ms: i64) -> Access {
        match self.pairs.iter().rev().find(|p| p.tokens.access_token == access_token) {
            None => Access::Unknown,
            Some(pair) if now_ms >= pair.access_until_ms => Access::Expired,
            Some(pair) => Access::Shop(pair.tokens.shop.clone()),
        }
    }

    /// Every other access token of this shop ends by then.
    pub(crate) fn end_older(&mut self, newest: &ShopTokens, until_ms: i64) {
        let older = |p: &&mut Pair| p.tokens.shop == newest.shop && p.tokens.access_token != newest.access_token;
        for pair in self.pairs.iter_mut().filter(older) {
            pair.access_until_ms = pair.access_until_ms.min(until_ms);
        }
    }

    /// The newest pair of a shop while its access token lives, and for how many seconds more.
    pub(crate) fn living(&self, shop: &str, now_ms: i64) -> Option<(ShopTokens, i64)> {
        let newest = self.pairs.iter().rev().find(|p| p.tokens.shop == shop)?;
        (newest.access_until_ms > now_ms).then(|| (newest.tokens.clone(), (newest.access_until_ms - now_ms) / 1_000))
    }

    /// Every access token given out so far ends now.
    pub(crate) fn expire(&mut self) {
        for pair in &mut self.pairs {
            pair.access_until_ms = i64::MIN;
        }
    }

    /// The newest pair of a shop.
    pub(crate) fn current(&self, shop: &str) -> Option<ShopTokens> {
        self.pairs.iter().rev().find(|p| p.tokens.shop == shop).map(|p| p.tokens.clone())
    }
}

/// The book of a platform that has one.
pub(crate) fn of(world: &mut World, platform: Platform) -> Option<&mut Tokens> {
    match platform {
        Platform::Jd => Some(&mut world.jd.tokens),
        Platform::Pinduoduo => Some(&mut world.pinduoduo.tokens),
        Platform::Amazon => Some(&mut world.amazon.tokens),
        Platform::Douyin => Some(&mut world.douyin.tokens),
        Platform::Kuaishou => Some(&mut world.kuaishou.tokens),
        Platform::Xiaohongshu => Some(&mut world.xiaohongshu.tokens),
        Platform::WechatShop => Some(&mut world.wechat_shop.tokens),
        _ => None,
    }
}

/// A token call's outcome, kept for the ledger.
pub(crate) fn note(world: &mut World, platform: Platform, how: &'static str, outcome: &Result<ShopTokens, Refused>) {
    let (shop, how) = match outcome {
        Ok(tokens) => (tokens.shop.clone(), how),
        Err(Refused::Used) => (String::new(), "refresh_again"),
        Err(_) => (String::new(), "refused"),
    };
    let at_ms = world.now(platform);
    world.tokens.push(TokenSeen { platform, shop, how, at_ms });
}
