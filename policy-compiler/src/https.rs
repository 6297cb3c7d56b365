//! Addresses of web servers, as the files name them.

/// The authority of an `https://` address.
///
/// ```text
/// https:// HOST [ :PORT ] [ /PATH ] [ ?QUERY ]      (RFC 3986, sections 3.2 and 3.3)
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Authority<'u> {
    /// A name, an IPv4 address, or an IPv6 address in brackets.
    pub(crate) host: &'u str,
    /// The port that is connected to.
    pub(crate) port: u16,
}

const PORT: u16 = 443;

impl<'u> Authority<'u> {
    /// Reads an address. None: it is no `https://` address that every reader takes for the same one.
    /// User information would hide the host (`https://good.example@evil.example/`), and a fragment is
    /// never sent.
    pub(crate) fn of(uri: &'u str) -> Option<Self> {
        let rest = uri.strip_prefix("https://")?;
        let is_sound = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '#');
        if !rest.chars().all(is_sound) {
            return None;
        }
        let authority = rest.split(['/', '?']).next()?;
        let (host, port) = match authority.rsplit_once(':') {
            // A colon within brackets belongs to the address.
            Some((host, port)) if !port.ends_with(']') => (host, number(port)?),
            _ => (authority, PORT),
        };
        is_host(host).then_some(Self { host, port })
    }
}

fn number(port: &str) -> Option<u16> {
    let is_plain = port.chars().all(|c| c.is_ascii_digit());
    let port = port.parse().ok().filter(|port| *port != 0);
    port.filter(|_| is_plain)
}

/// `host` of RFC 3986, section 3.2.2, without what only a URI may hold.
fn is_host(host: &str) -> bool {
    if let Some(address) = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let is_label = |label: &str| !label.is_empty() && label.chars().all(fits);
    host.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::Authority;

    #[test]
    fn the_host_is_the_one_that_is_connected_to() {
        for (uri, host, port) in [
            ("https://i", "i", 443),
            ("https://idp.example.com/keys?v=1", "idp.example.com", 443),
            ("https://idp.example.com:8443", "idp.example.com", 8443),
            ("https://[2001:db8::1]:8443/k", "[2001:db8::1]", 8443),
            ("https://[2001:db8::1]/k", "[2001:db8::1]", 443),
            ("https://i?x=a@b:c", "i", 443),
        ] {
            assert_eq!(Authority::of(uri), Some(Authority { host, port }), "{uri}");
        }
        for uri in [
            "http://i/k",
            "https://",
            "https:///k",
            "https://good.example@evil.example/k",
            "https://good.example:443@evil.example/k",
            "https://i:0/",
            "https://i:+443/",
            "https://i:/",
            "https://i:99999/",
            "https://i/#k",
            "https://i/\"",
            "https://i\\@j/",
            "https://i..j/",
            "https://[::g]/",
            "https://i /",
        ] {
            assert_eq!(Authority::of(uri), None, "{uri}");
        }
    }
}
