//! Codes of buyers' links.
#![allow(clippy::unwrap_used, reason = "a test may fail so")]

use huidan_testkit::world::{TestWorld, block_on};
use huidan_world::buyer;

#[test]
fn a_code_is_told_from_a_guess_before_any_database_is_asked() {
    block_on(async {
        let house = TestWorld::new(1);
        let (code, sha) = buyer::new_code(&house).await.unwrap();
        assert_eq!(buyer::digest(&house, &code).await, Some(sha));
        for (at, digit) in code.char_indices() {
            let other = if digit == '0' { "1" } else { "0" };
            let altered = [&code[..at], other, &code[at + 1..]].concat();
            assert_eq!(buyer::digest(&house, &altered).await, None, "digit {at}");
        }
        for none in ["", &code[1..], &format!("{code}0"), &code.to_uppercase(), &"0".repeat(code.len())] {
            assert_eq!(buyer::digest(&house, none).await, None, "{none}");
        }
        house.set("internal_token", "another house's");
        assert_eq!(buyer::digest(&house, &code).await, None, "another house did not make it");
    });
}
