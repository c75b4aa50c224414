//! Passwords, kept as argon2id with the parameters its authors recommend.

use crate::problem::Problem;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, PasswordHash};
use huidan_store::{Chance, StoreError};

/// The hash of a new password.
pub(crate) fn hash(chance: &dyn Chance, password: &str) -> Result<String, Problem> {
    if password.chars().count() < 8 {
        return Err(Problem::field("too_short", "password", "至少 8 个字符 / eight characters at least"));
    }
    let mut salt = [0_u8; 16];
    chance.fill(&mut salt);
    let hashed = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
    hashed.map(|hash| hash.to_string()).map_err(|error| StoreError::Unknown(error.to_string()).into())
}

/// Whether a password is the one that was hashed.
pub(crate) fn fits(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// As much work as [`fits`] for a name that nobody bears, so that the time tells nobody which names there are.
pub(crate) fn pretend(password: &str) {
    let _ = Argon2::default().hash_password_with_salt(password.as_bytes(), &[0; 16]);
}
