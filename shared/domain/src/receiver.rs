/// Whom a parcel goes to, as the channel gave it and the address step completed it.
///
/// Where a platform encrypts, `name`, `phone` and `street` hold its masked or encrypted text and `token` the text
/// (OAID, `open_address_id`) that its waybill service accepts instead; both travel unchanged.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Receiver {
    /// Name of a person or company.
    pub name: String,
    /// Phone, with country code where foreign.
    pub phone: String,
    /// The buyer's mailbox as the channel gave it; empty means unknown. It is for telling the buyer and for nothing
    /// else: it stands on no paper, and who has another one still lives at the same door.
    pub email: String,
    /// ISO 3166-1 alpha-2; empty means unknown.
    pub country: String,
    /// Province or state.
    pub province: String,
    /// City.
    pub city: String,
    /// District or county.
    pub district: String,
    /// Everything below the district.
    pub street: String,
    /// Postal code.
    pub postcode: String,
    /// Six-digit official division code of the district (China), once the address step found it.
    pub division: Option<String>,
    /// The platform's own handle of an encrypted receiver.
    pub token: Option<String>,
}

impl std::fmt::Debug for Receiver {
    /// Shows where, never whom: a receiver may end up in a log through a careless `{:?}`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receiver").field("province", &self.province).field("city", &self.city).finish_non_exhaustive()
    }
}

/// Who sends: a warehouse's name and address on the paper.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Party {
    /// Name.
    pub name: String,
    /// Phone.
    pub phone: String,
    /// Province.
    pub province: String,
    /// City.
    pub city: String,
    /// District.
    pub district: String,
    /// Street and number.
    pub street: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_personal_data() {
        let receiver = Receiver {
            name: "王小明".into(),
            phone: "13800138000".into(),
            email: "xiaoming@example.com".into(),
            street: "文三路 1 号".into(),
            city: "杭州市".into(),
            ..Receiver::default()
        };
        let shown = format!("{receiver:?}");
        assert!(shown.contains("杭州市"));
        for secret in ["王小明", "13800138000", "xiaoming", "文三路"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
