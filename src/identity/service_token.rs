//! Service tokens: what satellites show in `X-Service-Token` (contract A019).
//!
//! A token is random or chosen by the operator, so a plain SHA-256 is enough to keep it in the database.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The token as it is stored: SHA-256 in 64 lower-case hex digits.
pub fn hash(token: &str) -> String {
    Sha256::digest(token)
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// Whether the two tokens are the same. Hashing first makes the comparison take the same time for any length.
pub fn matches(given: &str, expected: &str) -> bool {
    Sha256::digest(given)
        .as_slice()
        .ct_eq(Sha256::digest(expected).as_slice())
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a019_only_the_same_token_matches() {
        assert!(matches(
            "messenger-service-token-dev",
            "messenger-service-token-dev"
        ));
        for other in [
            "",
            "messenger-service-token-de",
            "messenger-service-token-dev ",
            "MESSENGER-SERVICE-TOKEN-DEV",
        ] {
            assert!(!matches(other, "messenger-service-token-dev"), "{other:?}");
        }
    }

    #[test]
    fn the_hash_is_sha_256_in_hex() {
        assert_eq!(
            hash("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
