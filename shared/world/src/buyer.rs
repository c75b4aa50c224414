//! Codes of links that buyers open without signing in. A code is chance (or, for a message's link, what nobody else can
//! work out), and a proof that this house made it: what is guessed or altered is told apart before any database is asked.
//! Only its digest is kept.

use crate::World;
use huidan_exchange::sign;

/// Hex digits of chance.
const CHANCE: usize = 32;
/// Hex digits of proof.
const PROOF: usize = 32;

/// A new code and its digest; `None` in a house without the internal token.
pub async fn new_code<W: World>(world: &W) -> Option<(String, Vec<u8>)> {
    let chance = world.moment().secret::<{ CHANCE / 2 }>();
    whole(world, &chance).await
}

/// The code of a message's link and its digest: the same at every try, since a provider that knows a message by its id
/// takes no other words under it. Nobody can guess it who has not the internal token.
pub async fn code_of<W: World>(world: &W, message: &str) -> Option<(String, Vec<u8>)> {
    let token = world.variable("internal_token").await?;
    let chance = sign::hex(&sign::hmac_sha256(token.as_bytes(), &[b"buyer-link-of/1/", message.as_bytes()]));
    whole(world, chance.get(..CHANCE)?).await
}

async fn whole<W: World>(world: &W, chance: &str) -> Option<(String, Vec<u8>)> {
    let code = format!("{chance}{}", proof(world, chance).await?);
    let digest = sign::sha256(&[code.as_bytes()]);
    Some((code, digest))
}

/// The digest of a code that this house made; `None` for any other text.
pub async fn digest<W: World>(world: &W, code: &str) -> Option<Vec<u8>> {
    if code.len() != CHANCE + PROOF || !code.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let (chance, given) = code.split_at_checked(CHANCE)?;
    sign::same(&proof(world, chance).await?, given)?;
    Some(sign::sha256(&[code.as_bytes()]))
}

async fn proof<W: World>(world: &W, chance: &str) -> Option<String> {
    let token = world.variable("internal_token").await?;
    let proof = sign::hex(&sign::hmac_sha256(token.as_bytes(), &[b"buyer-link/1/", chance.as_bytes()]));
    proof.get(..PROOF).map(str::to_owned)
}
