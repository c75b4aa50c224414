//! Sealing what must not lie open on the disk: receivers, raw documents, credentials, labels.
//!
//! A sealed value is `version (1) · key id (4) · nonce (24) · ciphertext and tag`, XChaCha20-Poly1305, with the purpose
//! and the row it belongs to as associated data: a value moved to another row does not open.

use crate::StoreError;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce, aead::Aead, aead::Payload};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const FORMAT: u8 = 1;
const NONCE: usize = 24;
const HEAD: usize = 1 + 4 + NONCE;

/// Where the 24 bytes of a nonce come from: `getrandom` in a component, a seeded generator in a simulation.
pub trait Chance {
    /// Fills with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// The keys of one purpose: the first seals, all open, so that a key can be changed while old rows remain.
pub struct Keyring {
    keys: Vec<([u8; 4], Zeroizing<[u8; 32]>)>,
}

impl Keyring {
    /// Reads one or several keys of 32 bytes in base64, separated by commas, newest first.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the variable, never its content.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut keys = Vec::new();
        for (nth, part) in text.split(',').map(str::trim).filter(|part| !part.is_empty()).enumerate() {
            let bytes = Zeroizing::new(STANDARD.decode(part).map_err(|_| format!("key {} is no base64", nth + 1))?);
            let key = <[u8; 32]>::try_from(bytes.as_slice())
                .map_err(|_| format!("key {} has {} bytes, 32 are needed", nth + 1, bytes.len()))?;
            keys.push((id_of(&key), Zeroizing::new(key)));
        }
        if keys.is_empty() { Err("no key is set".to_owned()) } else { Ok(Self { keys }) }
    }

    /// Derives a key of its own for a purpose from any secret text.
    pub fn derived(secret: &str, purpose: &str) -> Self {
        let key = keyed_hash(&Sha256::digest(secret.as_bytes()), &[purpose.as_bytes()]);
        Self { keys: vec![(id_of(&key), Zeroizing::new(key))] }
    }

    /// Seals under the newest key. `belongs_to` names purpose and row, such as `receiver/01J…`.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] for texts longer than the cipher can take (256 GiB).
    pub fn seal(&self, chance: &dyn Chance, belongs_to: &str, open: &[u8]) -> Result<Vec<u8>, StoreError> {
        let (id, key) = self.keys.first().ok_or(StoreError::Sealed)?;
        let mut nonce = [0; NONCE];
        chance.fill(&mut nonce);
        let payload = Payload { msg: open, aad: belongs_to.as_bytes() };
        let shut = cipher(key)?.encrypt(&XNonce::from(nonce), payload).map_err(|_| StoreError::Sealed)?;
        let mut sealed = Vec::with_capacity(HEAD + shut.len());
        sealed.push(FORMAT);
        sealed.extend_from_slice(id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&shut);
        Ok(sealed)
    }

    /// Opens what was sealed for the same purpose and row.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] for a wrong key, another row, or bytes that were changed.
    pub fn open(&self, belongs_to: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let (head, shut) = sealed.split_at_checked(HEAD).ok_or(StoreError::Sealed)?;
        let (id, nonce) = head.split_at_checked(5).ok_or(StoreError::Sealed)?;
        let (format, id) = id.split_first().ok_or(StoreError::Sealed)?;
        if *format != FORMAT {
            return Err(StoreError::Sealed);
        }
        let (_, key) = self.keys.iter().find(|(known, _)| known == id).ok_or(StoreError::Sealed)?;
        let nonce = <[u8; NONCE]>::try_from(nonce).map_err(|_| StoreError::Sealed)?;
        let payload = Payload { msg: shut, aad: belongs_to.as_bytes() };
        cipher(key)?.decrypt(&XNonce::from(nonce), payload).map(Zeroizing::new).map_err(|_| StoreError::Sealed)
    }

    /// Whether a sealed value is under the newest key; `rekey` walks the rows where it is not.
    pub fn is_newest(&self, sealed: &[u8]) -> bool {
        self.keys.first().is_some_and(|(id, _)| sealed.get(1..5) == Some(id.as_slice()))
    }

    /// A keyed hash for telling whether two secrets are equal without opening them. The parts are length-prefixed.
    pub fn equality(&self, parts: &[&str]) -> Vec<u8> {
        let Some((_, key)) = self.keys.first() else { return Vec::new() };
        let key = keyed_hash(&key[..], &[b"equality"]);
        let parts: Vec<Vec<u8>> =
            parts.iter().map(|part| [&(part.len() as u64).to_le_bytes()[..], part.as_bytes()].concat()).collect();
        keyed_hash(&key, &parts.iter().map(Vec::as_slice).collect::<Vec<_>>()).to_vec()
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keyring({} keys)", self.keys.len())
    }
}

fn cipher(key: &[u8; 32]) -> Result<XChaCha20Poly1305, StoreError> {
    XChaCha20Poly1305::new_from_slice(key).map_err(|_| StoreError::Sealed)
}

fn id_of(key: &[u8; 32]) -> [u8; 4] {
    let hash = keyed_hash(key, &[b"key id"]);
    let mut id = [0; 4];
    for (to, from) in id.iter_mut().zip(hash) {
        *to = from;
    }
    id
}

fn keyed_hash(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of every length; the error of `new_from_slice` cannot occur.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);
    impl Chance for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn ring(seeds: &[u8]) -> Keyring {
        let texts: Vec<String> = seeds.iter().map(|seed| STANDARD.encode([*seed; 32])).collect();
        Keyring::parse(&texts.join(",")).unwrap()
    }

    #[test]
    fn a_sealed_value_opens_for_its_row_alone() {
        let keys = ring(&[1]);
        let sealed = keys.seal(&Fixed(7), "receiver/1", "王小明".as_bytes()).unwrap();
        assert_eq!(keys.open("receiver/1", &sealed).unwrap().as_slice(), "王小明".as_bytes());
        assert_eq!(keys.open("receiver/2", &sealed), Err(StoreError::Sealed));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(keys.open("receiver/1", &changed).is_err(), "byte {at}");
            assert!(keys.open("receiver/1", &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_new_key_seals_and_the_old_one_still_opens() {
        let old = ring(&[1]);
        let sealed = old.seal(&Fixed(7), "r", b"x").unwrap();
        let both = ring(&[2, 1]);
        assert_eq!(both.open("r", &sealed).unwrap().as_slice(), b"x");
        assert!(!both.is_newest(&sealed));
        let again = both.seal(&Fixed(7), "r", b"x").unwrap();
        assert!(both.is_newest(&again));
        assert_eq!(old.open("r", &again), Err(StoreError::Sealed));
    }

    #[test]
    fn a_bad_key_is_named_and_never_shown() {
        assert_eq!(Keyring::parse("").unwrap_err(), "no key is set");
        assert_eq!(Keyring::parse("c2hvcnQ=").unwrap_err(), "key 1 has 5 bytes, 32 are needed");
        assert!(!format!("{:?}", ring(&[1])).contains("1, 1"));
    }

    #[test]
    fn equality_tells_parts_apart() {
        let keys = ring(&[1]);
        assert_eq!(keys.equality(&["a", "bc"]), keys.equality(&["a", "bc"]));
        assert_ne!(keys.equality(&["a", "bc"]), keys.equality(&["ab", "c"]));
    }
}
