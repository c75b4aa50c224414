//! Yuan that the platform writes as floating numbers.

use huidan_domain::{Currency, Money};
use huidan_exchange::json::{Json, Wrong};
use rust_decimal::{Decimal, RoundingStrategy};

/// What a double may be beside the fen it means: its noise on amounts of up to a thousand million yuan is a tenth of
/// this.
const NOISE: Decimal = Decimal::from_parts(1, 0, 0, false, 6);

/// An amount in yuan, exact to the fen: `29.9`, `29.990000000000002` and `1.234567899E7` are amounts, as a sender who
/// prints doubles writes them; `0.015` is none.
pub(crate) fn yuan(value: &Json<'_>) -> Result<Money, Wrong> {
    let text = value.decimal()?;
    let text = text.trim();
    let read = match text.contains(['e', 'E']) {
        true => Decimal::from_scientific(text),
        false => text.parse(),
    };
    let written = read.map_err(|_| value.wrong("is no amount"))?;
    let mut fen = written.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    let beside = written.checked_sub(fen).ok_or_else(|| value.wrong("is too large"))?;
    if beside.abs() > NOISE {
        return Err(value.wrong("is finer than a fen"));
    }
    fen.rescale(2);
    let money = Money { amount: fen, currency: Currency::CNY };
    money.minor().map_err(|error| value.wrong(format!("is {error}")))?;
    Ok(money)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fen(text: &str) -> Result<i64, String> {
        let money = Json::parse(text.as_bytes()).and_then(|json| yuan(&json));
        money.map(|money| money.minor().unwrap()).map_err(|wrong| wrong.detail)
    }

    #[test]
    fn doubles_are_read_as_the_fen_they_mean() {
        for (written, meant) in [
            ("1.0", 100),
            ("0", 0),
            ("29.9", 2990),
            ("29.990000000000002", 2999),
            ("29.989999999999998", 2999),
            ("4.35", 435),
            ("1.15", 115),
            ("\"19.90\"", 1990),
            ("1.234567899E7", 1_234_567_899),
            ("1.0E-2", 1),
            ("9.999999999E7", 9_999_999_999),
            ("-0.5", -50),
        ] {
            assert_eq!(fen(written), Ok(meant), "{written}");
        }
    }

    #[test]
    fn what_is_no_number_of_fen_is_refused_and_not_rounded() {
        for written in ["0.015", "1.001", "-1.5e400", "\"\"", "\"王小明\"", "true", "1e30"] {
            assert!(fen(written).is_err(), "{written}");
        }
    }

    #[test]
    fn every_fen_survives_a_double() {
        for whole in (0..200_000_i64).chain(9_999_999_000..9_999_999_999) {
            let yuan = Decimal::new(whole, 2).to_string();
            let double: f64 = yuan.parse().unwrap();
            assert_eq!(fen(&format!("{double:?}")), Ok(whole), "{double:?}");
        }
    }
}
