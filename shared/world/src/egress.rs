use url::{Host, Url};

/// Which hosts a shop's own address may name. Components for shops on arbitrary hosts are granted every host, which
/// includes this machine's own; this is what keeps them from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Egress {
    allowed: Vec<String>,
}

/// Why a request was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EgressError {
    /// No absolute http(s) address.
    NotAnAddress,
    /// An address inside a private network that `allow_private_hosts` does not name.
    Private(String),
    /// Not encrypted.
    NotHttps(String),
}

impl std::fmt::Display for EgressError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotAnAddress => f.write_str("不是完整的 https 地址 / not an absolute https address"),
            Self::Private(origin) => write!(
                f,
                "{origin} 在内网，请将其加入 allow_private_hosts / is inside a private network; add it to allow_private_hosts"
            ),
            Self::NotHttps(origin) => {
                write!(f, "{origin} 未加密，请使用 https / is not encrypted; use https")
            }
        }
    }
}

impl Egress {
    /// From origins separated by commas or spaces: the platform's gateway as set, and `allow_private_hosts`.
    pub fn new<'a>(origins: impl IntoIterator<Item = &'a str>) -> Self {
        let allowed = origins
            .into_iter()
            .flat_map(|list| list.split([',', ' ']))
            .filter_map(|origin| Url::parse(origin.trim()).ok())
            .map(|url| url.origin().ascii_serialization())
            .collect();
        Self { allowed }
    }

    /// Lets an address through.
    ///
    /// # Errors
    /// [`EgressError`] naming the origin and the remedy.
    pub fn check(&self, address: &str) -> Result<(), EgressError> {
        let url = Url::parse(address).map_err(|_| EgressError::NotAnAddress)?;
        let origin = url.origin().ascii_serialization();
        if self.allowed.contains(&origin) {
            return Ok(());
        }
        let private = match url.host() {
            None => return Err(EgressError::NotAnAddress),
            Some(Host::Ipv4(ip)) => {
                let [a, b, ..] = ip.octets();
                ip.is_private()
                    || ip.is_loopback()
                    || ip.is_link_local()
                    || ip.is_unspecified()
                    || ip.is_multicast()
                    || ip.is_broadcast()
                    || a == 0
                    || (a == 100 && (64..128).contains(&b))
                    || (a == 198 && (18..20).contains(&b))
            }
            Some(Host::Ipv6(ip)) => {
                ip.is_loopback()
                    || ip.is_unspecified()
                    || ip.is_multicast()
                    || ip.is_unique_local()
                    || ip.is_unicast_link_local()
                    || ip.to_ipv4().is_some()
            }
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                !name.contains('.')
                    || [".internal", ".local", ".localhost", ".lan", ".home.arpa"].iter().any(|end| name.ends_with(end))
            }
        };
        match (private, url.scheme()) {
            (true, _) => Err(EgressError::Private(origin)),
            (false, "https") => Ok(()),
            (false, "http") => Err(EgressError::NotHttps(origin)),
            (false, _) => Err(EgressError::NotAnAddress),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_inside_the_house_are_refused() {
        let egress = Egress::default();
        for address in [
            "http://flow-plan.spin.internal/wake",
            "https://flow-plan.spin.internal./wake",
            "https://localhost/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://10.0.0.1/",
            "https://169.254.169.254/latest",
            "https://100.64.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[fd00::1]/",
            "https://nas/",
        ] {
            assert!(matches!(egress.check(address), Err(EgressError::Private(_))), "{address}");
        }
    }

    #[test]
    fn the_open_internet_is_reached_only_encrypted() {
        let egress = Egress::default();
        assert_eq!(egress.check("https://shop.example.com/wp-json"), Ok(()));
        assert!(matches!(egress.check("http://shop.example.com/"), Err(EgressError::NotHttps(_))));
        assert_eq!(egress.check("ftp://shop.example.com/"), Err(EgressError::NotAnAddress));
        assert_eq!(egress.check("shop"), Err(EgressError::NotAnAddress));
    }

    #[test]
    fn only_the_very_origin_that_is_allowed_passes() {
        let egress = Egress::new(["http://127.0.0.1:4001, http://192.168.1.5"]);
        assert_eq!(egress.check("http://127.0.0.1:4001/x"), Ok(()));
        assert_eq!(egress.check("http://192.168.1.5/x"), Ok(()));
        assert!(egress.check("http://127.0.0.1:4002/x").is_err());
        assert!(egress.check("http://192.168.1.5:3000/x").is_err());
    }
}
