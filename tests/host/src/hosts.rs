//! `allowed_outbound_hosts`: which origins a component may call, by Spin's rules.

use std::net::IpAddr;

use url::Host;

/// The suffix of components' own names.
pub(crate) const INTERNAL_SUFFIX: &str = ".spin.internal";

/// One component's list.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllowedHosts(Vec<Pattern>);

#[derive(Clone, Debug)]
struct Pattern {
    scheme: Option<String>,
    host: HostPattern,
    ports: Ports,
}

#[derive(Clone, Debug)]
enum HostPattern {
    Any,
    Under(String),
    /// The application itself (`http://self`), which this host does not serve that way.
    Itself,
    Exactly(Host),
    Network(IpAddr, u8),
}

#[derive(Clone, Debug)]
enum Ports {
    Any,
    One(u16),
    /// From, to (exclusive), as Spin reads `8000..8010`.
    Range(u16, u16),
}

impl AllowedHosts {
    /// Whether no host at all is allowed.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads the list; its templates are already filled. A template that came out empty grants nothing, as with Spin.
    ///
    /// # Errors
    /// A sentence that names the entry.
    pub(crate) fn parse(entries: &[String]) -> Result<Self, String> {
        let meant = entries.iter().filter(|e| !matches!(e.as_str(), "" | "http://" | "https://"));
        meant.map(|entry| Pattern::parse(entry)).collect::<Result<_, _>>().map(Self)
    }

    /// Whether `uri` may be called.
    pub(crate) fn allow(&self, uri: &http::Uri) -> bool {
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else { return false };
        let Ok(host) = Host::parse(host) else { return false };
        let port = uri.port_u16().or_else(|| default_port(scheme));
        self.0.iter().any(|p| p.allows(scheme, &host, port))
    }
}

impl Pattern {
    fn parse(entry: &str) -> Result<Self, String> {
        let bad = |why: &str| format!("allowed_outbound_hosts {entry:?}: {why}");
        let (scheme, rest) = entry.trim().split_once("://").ok_or_else(|| bad("needs a scheme, e.g. https://"))?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = split_port(rest);
        if !scheme.chars().all(char::is_alphabetic) && scheme != "*" {
            return Err(bad("a scheme is letters only, or *"));
        }
        let ports = match port {
            "" => Ports::One(default_port(scheme).ok_or_else(|| bad("needs a port for this scheme"))?),
            "*" => Ports::Any,
            range if range.contains("..") => {
                let (from, to) = range.split_once("..").ok_or_else(|| bad("bad port range"))?;
                let number = |text: &str| text.parse().map_err(|_| bad("a port is a number"));
                Ports::Range(number(from)?, number(to)?)
            }
            one => Ports::One(one.parse().map_err(|_| bad("a port is a number, a range or *"))?),
        };
        let scheme = (scheme != "*").then(|| scheme.to_owned());
        Ok(Self { scheme, host: HostPattern::parse(host).map_err(|why| bad(&why))?, ports })
    }

    fn allows(&self, scheme: &str, host: &Host, port: Option<u16>) -> bool {
        self.scheme.as_deref().is_none_or(|s| s == scheme)
            && self.host.allows(host)
            && match (&self.ports, port) {
                (Ports::Any, _) => true,
                (_, None) => false,
                (Ports::One(one), Some(port)) => *one == port,
                (Ports::Range(from, to), Some(port)) => (*from..*to).contains(&port),
            }
    }
}

/// `host:port` apart; an IPv6 address keeps its brackets, `10.0.0.0/8` its length.
fn split_port(rest: &str) -> (&str, &str) {
    match rest.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (rest, ""),
    }
}

impl HostPattern {
    fn parse(host: &str) -> Result<Self, String> {
        match host {
            "*" => return Ok(Self::Any),
            "self" | "self.alt" => return Ok(Self::Itself),
            _ => {}
        }
        if let Some((address, length)) = host.split_once('/') {
            let address: IpAddr = address.parse().map_err(|_| "a path is not allowed here".to_owned())?;
            let length: u8 = length.parse().map_err(|_| "a network's length is a number".to_owned())?;
            return Ok(Self::Network(address, length));
        }
        if let Some(domain) = host.strip_prefix("*.") {
            return match Host::parse(domain) {
                Ok(Host::Domain(domain)) if !domain.contains('*') => Ok(Self::Under(format!(".{domain}"))),
                _ => Err("a wildcard stands before a domain".into()),
            };
        }
        if host.contains('*') {
            return Err("a wildcard stands only in front".into());
        }
        Host::parse(host).map(Self::Exactly).map_err(|e| e.to_string())
    }

    fn allows(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Any, _) => true,
            (Self::Under(suffix), Host::Domain(domain)) => domain.ends_with(suffix.as_str()),
            (Self::Exactly(exactly), host) => exactly == host,
            (Self::Network(IpAddr::V4(net), length), Host::Ipv4(ip)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(*length).min(32)).unwrap_or(0);
                net.to_bits() & mask == ip.to_bits() & mask
            }
            (Self::Network(IpAddr::V6(net), length), Host::Ipv6(ip)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(*length).min(128)).unwrap_or(0);
                net.to_bits() & mask == ip.to_bits() & mask
            }
            (Self::Itself | Self::Under(_) | Self::Network(..), _) => false,
        }
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "redis" => Some(6379),
        "postgres" => Some(5432),
        "mysql" => Some(3306),
        "mqtt" => Some(1883),
        _ => None,
    }
}

/// The component that `uri` names, if it is one of `http://<component>.spin.internal`.
pub(crate) fn chained_component(uri: &http::Uri) -> Option<&str> {
    uri.host()?.strip_suffix(INTERNAL_SUFFIX).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(entries: &[&str], uri: &str) -> bool {
        let entries: Vec<String> = entries.iter().map(|e| (*e).to_owned()).collect();
        AllowedHosts::parse(&entries).expect("entries").allow(&uri.parse().expect("uri"))
    }

    #[test]
    fn scheme_host_and_port_must_all_match() {
        assert!(allows(&["https://api.example.com"], "https://api.example.com/x"));
        assert!(!allows(&["https://api.example.com"], "http://api.example.com/x"));
        assert!(!allows(&["https://api.example.com"], "https://api.example.com:8443/x"));
        assert!(allows(&["http://127.0.0.1:3001"], "http://127.0.0.1:3001/"));
        assert!(!allows(&["http://127.0.0.1:3001"], "http://127.0.0.1:3002/"));
        assert!(!allows(&["https://example.com"], "https://evil-example.com/"));
        assert!(!allows(&[], "https://example.com/"));
    }

    #[test]
    fn wildcards_cover_subdomains_but_not_the_domain_itself() {
        assert!(allows(&["https://*.myshopify.com"], "https://a.myshopify.com/"));
        assert!(!allows(&["https://*.myshopify.com"], "https://myshopify.com/"));
        assert!(!allows(&["https://*.myshopify.com"], "https://amyshopify.com/"));
    }

    #[test]
    fn any_host_also_means_the_other_components() {
        assert!(allows(&["http://*:*"], "http://flow-intake.spin.internal/"));
        assert!(allows(&["http://*.spin.internal"], "http://flow-intake.spin.internal/"));
        assert!(allows(&["http://flow-intake.spin.internal"], "http://flow-intake.spin.internal/"));
        assert!(!allows(&["http://flow-clock.spin.internal"], "http://flow-intake.spin.internal/"));
    }

    #[test]
    fn networks_and_port_ranges_are_read() {
        assert!(allows(&["http://10.0.0.0/8:8000..8010"], "http://10.2.3.4:8009/"));
        assert!(!allows(&["http://10.0.0.0/8:8000..8010"], "http://10.2.3.4:8010/"));
        assert!(!allows(&["http://10.0.0.0/8:*"], "http://11.0.0.1/"));
        assert!(allows(&["http://[::1]:80"], "http://[::1]/"));
    }

    #[test]
    fn an_empty_template_grants_nothing_and_a_broken_entry_is_named() {
        assert!(!allows(&["https://", ""], "https://example.com/"));
        for bad in ["example.com", "https://a.com/path", "https://a.*.com", "https://a.com:x", "*"] {
            assert!(AllowedHosts::parse(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_chained_name_is_the_part_before_the_suffix() {
        let of = |uri: &str| chained_component(&uri.parse().expect("uri")).map(str::to_owned);
        assert_eq!(of("http://flow-clock.spin.internal/x").as_deref(), Some("flow-clock"));
        assert_eq!(of("http://spin.internal/x"), None);
        assert_eq!(of("http://example.com/x"), None);
    }
}
