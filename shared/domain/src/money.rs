use rust_decimal::Decimal;

/// An ISO 4217 code such as `CNY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Chinese yuan.
    pub const CNY: Self = Self(*b"CNY");

    /// Reads a three-letter code.
    ///
    /// # Errors
    /// [`MoneyError::Currency`] unless it is exactly three upper-case ASCII letters.
    pub fn parse(code: &str) -> Result<Self, MoneyError> {
        match code.as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err(MoneyError::Currency),
        }
    }

    /// The code, such as `CNY`.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many decimal places the minor unit has (ISO 4217, the cases where it is not 2).
    pub fn exponent(self) -> u32 {
        match &self.0 {
            b"JPY" | b"KRW" | b"VND" | b"CLP" | b"ISK" | b"UGX" | b"XAF" | b"XOF" | b"XPF" | b"PYG" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

/// An amount with its currency. Different currencies never mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// In major units (yuan, dollars).
    pub amount: Decimal,
    /// Its currency.
    pub currency: Currency,
}

/// Why an amount could not be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyError {
    /// Not a decimal number.
    Amount,
    /// Not a three-letter code.
    Currency,
    /// Two different currencies.
    Mixed,
    /// Finer than the currency's minor unit, or too large.
    Range,
}

impl std::fmt::Display for MoneyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Amount => "not a decimal amount",
            Self::Currency => "not a three-letter currency code",
            Self::Mixed => "amounts of different currencies",
            Self::Range => "finer than the currency's minor unit, or too large",
        })
    }
}

impl std::error::Error for MoneyError {}

impl Money {
    /// Reads a decimal text such as `199.00`.
    ///
    /// # Errors
    /// [`MoneyError::Amount`] when the text is no plain decimal.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self, MoneyError> {
        let amount = Decimal::from_str_exact(amount.trim()).map_err(|_| MoneyError::Amount)?;
        Ok(Self { amount, currency })
    }

    /// From minor units (fen, cents).
    pub fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { amount: Decimal::new(minor, currency.exponent()), currency }
    }

    /// In minor units (fen, cents).
    ///
    /// # Errors
    /// [`MoneyError::Range`] when the amount has a fraction of a minor unit or does not fit: rounding is never silent.
    pub fn minor(&self) -> Result<i64, MoneyError> {
        let scaled =
            self.amount.checked_mul(Decimal::from(10_i64.pow(self.currency.exponent()))).ok_or(MoneyError::Range)?;
        if !scaled.fract().is_zero() {
            return Err(MoneyError::Range);
        }
        scaled.trunc().mantissa().try_into().map_err(|_| MoneyError::Range).and_then(|mantissa: i64| {
            let scale = scaled.trunc().scale();
            10_i64.checked_pow(scale).map(|power| mantissa / power).ok_or(MoneyError::Range)
        })
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::Mixed`] for different currencies, [`MoneyError::Range`] on overflow.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Mixed);
        }
        let amount = self.amount.checked_add(other.amount).ok_or(MoneyError::Range)?;
        Ok(Self { amount, currency: self.currency })
    }

    /// `times` as much.
    ///
    /// # Errors
    /// [`MoneyError::Range`] on overflow.
    pub fn times(self, times: u32) -> Result<Self, MoneyError> {
        let amount = self.amount.checked_mul(Decimal::from(times)).ok_or(MoneyError::Range)?;
        Ok(Self { amount, currency: self.currency })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_do_not_mix() {
        let yuan = Money::from_minor(100, Currency::CNY);
        let dollars = Money::from_minor(100, Currency::parse("USD").unwrap());
        assert_eq!(yuan.plus(dollars), Err(MoneyError::Mixed));
    }

    #[test]
    fn minor_units_are_exact_in_both_directions() {
        for (text, code, minor) in
            [("409.94", "USD", 40994), ("0.01", "CNY", 1), ("1200", "JPY", 1200), ("-3.5", "CNY", -350)]
        {
            let money = Money::parse(text, Currency::parse(code).unwrap()).unwrap();
            assert_eq!(money.minor(), Ok(minor), "{text} {code}");
            assert_eq!(Money::from_minor(minor, money.currency).amount, money.amount);
        }
    }

    #[test]
    fn a_fraction_of_a_fen_is_refused_and_not_rounded() {
        assert_eq!(Money::parse("0.015", Currency::CNY).unwrap().minor(), Err(MoneyError::Range));
        assert_eq!(Money::parse("0.010", Currency::CNY).unwrap().minor(), Ok(1));
    }

    #[test]
    fn text_that_is_no_decimal_is_refused() {
        for text in ["", "12,5", "1e3", "NaN", "￥5"] {
            assert_eq!(Money::parse(text, Currency::CNY), Err(MoneyError::Amount), "{text}");
        }
    }
}
