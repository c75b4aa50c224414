//! The one cipher in which platforms wrap their messages: AES in CBC mode.

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};

/// Opens AES-CBC with a key of 16, 24 or 32 bytes and takes the padding off: as many bytes as the last one says, each
/// of that value (PKCS #7), `block` at most. `None` when it is no such text.
///
/// CBC proves nothing: what it opens is trusted only where a signature over the sealed text was compared before.
pub fn open_cbc(key: &[u8], iv: &[u8; 16], sealed: &[u8], block: usize) -> Option<Vec<u8>> {
    if sealed.is_empty() || !sealed.len().is_multiple_of(16) {
        return None;
    }
    let mut open = match key.len() {
        16 => cbc::Decryptor::<aes::Aes128>::new_from_slices(key, iv).ok()?.decrypt_padded_vec::<NoPadding>(sealed),
        24 => cbc::Decryptor::<aes::Aes192>::new_from_slices(key, iv).ok()?.decrypt_padded_vec::<NoPadding>(sealed),
        32 => cbc::Decryptor::<aes::Aes256>::new_from_slices(key, iv).ok()?.decrypt_padded_vec::<NoPadding>(sealed),
        _ => return None,
    }
    .ok()?;
    let pad = *open.last()?;
    let keep = open.len().checked_sub(usize::from(pad))?;
    let padding = open.get(keep..)?;
    if pad == 0 || usize::from(pad) > block || padding.iter().any(|&byte| byte != pad) {
        return None;
    }
    open.truncate(keep);
    Some(open)
}

#[cfg(test)]
mod tests {
    use super::*;

    // NIST SP 800-38A, F.2.1 and F.2.5: the key, the vector, the first block of the text and of the cipher text. The
    // second block here is a whole block of padding, sealed by OpenSSL.
    const IV: &str = "000102030405060708090a0b0c0d0e0f";
    const TEXT: &str = "6bc1bee22e409f96e93d7e117393172a";

    fn bytes(text: &str) -> Vec<u8> {
        hex::decode(text).unwrap()
    }

    fn open(key: &str, sealed: &str) -> Option<Vec<u8>> {
        open_cbc(&bytes(key), &bytes(IV).try_into().unwrap(), &bytes(sealed), 16)
    }

    #[test]
    fn published_blocks_open() {
        for (key, sealed) in [
            ("2b7e151628aed2a6abf7158809cf4f3c", "7649abac8119b246cee98e9b12e9197d8964e0b149c10b7b682e6e39aaeb731c"),
            (
                "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
                "f58c4c04d6e5f1ba779eabfb5f7bfbd6485a5c81519cf378fa36d42b8547edc0",
            ),
        ] {
            assert_eq!(open(key, sealed), Some(bytes(TEXT)));
        }
    }

    #[test]
    fn what_is_cut_or_padded_otherwise_does_not_open() {
        let key = "2b7e151628aed2a6abf7158809cf4f3c";
        assert_eq!(open(key, ""), None);
        assert_eq!(open(key, "7649abac8119b246cee98e9b12e919"), None);
        assert_eq!(open(key, "7649abac8119b246cee98e9b12e9197d"), None, "the text does not end in padding");
        assert_eq!(open("00", "7649abac8119b246cee98e9b12e9197d"), None, "no key of AES");
    }
}
