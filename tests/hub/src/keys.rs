//! The keys of a deployment: made once, kept in the state folder, readable by its owner alone.

use std::path::{Path, PathBuf};

use base64::Engine as _;

use crate::env_file::{self, Variables};
use crate::error::{Error, Result};
use crate::say;
use crate::state;

/// The token that has the owner's rights.
pub(crate) const ADMIN_TOKEN: &str = "SPIN_VARIABLE_ADMIN_TOKEN";

/// Encryption keys: 32 bytes, base64.
const ENCRYPTION_KEYS: [&str; 3] =
    ["SPIN_VARIABLE_RECEIVER_KEY", "SPIN_VARIABLE_CREDENTIAL_KEY", "SPIN_VARIABLE_LABEL_KEY"];
/// Bearer tokens: 32 bytes, lower-case hex, so that they need no quoting anywhere.
const TOKENS: [&str; 2] = ["SPIN_VARIABLE_INTERNAL_TOKEN", ADMIN_TOKEN];

/// The keys of a state folder.
#[derive(Debug)]
pub(crate) struct Keys {
    /// Where they are kept.
    pub(crate) file: PathBuf,
    /// Variable names with their values.
    pub(crate) variables: Variables,
    /// Whether they were made just now.
    pub(crate) new: bool,
}

/// `cargo hub keys`: a new set on standard output, ready for an `--env-file`.
pub(crate) fn print_new() -> Result<()> {
    print!("{}", as_lines(&generate()?));
    Ok(())
}

/// The keys in `state/keys.env`, made if the file is not there.
pub(crate) fn load_or_make(state: &Path) -> Result<Keys> {
    let file = state.join("keys.env");
    if file.exists() {
        return Ok(Keys { variables: env_file::read(&file)?, file, new: false });
    }
    let variables = generate()?;
    let text = format!(
        "# 请另存一份：丢失后收件人和凭据无法解密。\n\
         # Keep a copy elsewhere: without these keys, receivers and credentials cannot be read again.\n{}",
        as_lines(&variables)
    );
    state::write_private(&file, &text)?;
    say::line(
        format!("已生成密钥 {}，请另存一份：丢失后收件人和凭据无法解密", file.display()),
        "keys made: keep a copy elsewhere, without them receivers and credentials cannot be read again",
    );
    Ok(Keys { file, variables, new: true })
}

fn generate() -> Result<Variables> {
    let encryption = ENCRYPTION_KEYS.iter().map(|name| Ok(((*name).to_owned(), random(to_base64)?)));
    let tokens = TOKENS.iter().map(|name| Ok(((*name).to_owned(), random(to_hex)?)));
    encryption.chain(tokens).collect()
}

/// A new secret of 64 hex digits.
pub(crate) fn secret() -> Result<String> {
    random(to_hex)
}

/// 32 random bytes from the operating system, written as `encode` does.
fn random(encode: fn(&[u8]) -> String) -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::new(format!("系统没有给出随机数：{error}"), format!("the system gave no random bytes: {error}"))
    })?;
    Ok(encode(&bytes))
}

fn to_base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn to_hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

fn as_lines(variables: &Variables) -> String {
    variables.iter().map(|(name, value)| format!("{name}={value}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let first = load_or_make(folder.path()).unwrap();
        let second = load_or_make(folder.path()).unwrap();
        assert!(first.new);
        assert!(!second.new);
        assert_eq!(first.variables, second.variables);
        assert_eq!(first.variables.len(), 5);
    }

    #[test]
    fn a_key_is_32_bytes_and_no_two_are_equal() {
        let keys = generate().unwrap();
        for name in ENCRYPTION_KEYS {
            let decoded = base64::engine::general_purpose::STANDARD.decode(&keys[name]).unwrap();
            assert_eq!(decoded.len(), 32, "{name}");
        }
        for name in TOKENS {
            assert_eq!(hex::decode(&keys[name]).unwrap().len(), 32, "{name}");
        }
        let distinct: std::collections::BTreeSet<&String> = keys.values().collect();
        assert_eq!(distinct.len(), keys.len());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_them() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let keys = load_or_make(folder.path()).unwrap();
        assert_eq!(std::fs::metadata(keys.file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
