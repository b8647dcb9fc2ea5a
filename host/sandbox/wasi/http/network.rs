//! Where a service may send HTTP requests to while it is recorded.

use http::Uri;
use http::uri::{Authority, Scheme};
use std::fmt;
use std::str::FromStr;

/// Which hosts a service may send HTTP requests to. A request to any other is refused, and that is recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Network {
    /// None.
    #[default]
    None,
    /// These, and no other.
    Hosts(Vec<Host>),
    /// Every one.
    All,
}

/// A host that requests may be sent to: `api.example.com`, or `api.example.com:8443` for one port only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// In lower case; an IPv6 address in brackets.
    name: String,
    /// `None`: any.
    port: Option<u16>,
}

/// A text that names no host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{}` is not a host; write its name or address, and a port if only that one is allowed: `api.example.com`, \
     `api.example.com:8443`, `[::1]:8080`", .0.escape_debug()
)]
pub struct InvalidHost(String);

impl Network {
    /// Whether a request to this URL may be sent.
    pub(super) fn allows(&self, url: &Uri) -> bool {
        match self {
            Self::None => false,
            Self::Hosts(hosts) => hosts.iter().any(|host| host.is_of(url)),
            Self::All => true,
        }
    }
}

impl Host {
    fn is_of(&self, url: &Uri) -> bool {
        let default = if url.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 };
        let is_port = self.port.is_none_or(|port| port == url.port_u16().unwrap_or(default));
        is_port && url.host().is_some_and(|host| host.eq_ignore_ascii_case(&self.name))
    }
}

impl FromStr for Host {
    type Err = InvalidHost;

    fn from_str(text: &str) -> Result<Self, InvalidHost> {
        let invalid = || InvalidHost(text.to_owned());
        let authority: Authority = text.parse().map_err(|_| invalid())?;
        let name = authority.host().to_ascii_lowercase();
        let port = match text.len() == name.len() {
            true => None,
            false => Some(authority.port_u16().filter(|port| *port > 0).ok_or_else(invalid)?),
        };
        let in_brackets = name.starts_with('[');
        let is_part =
            |c: char| c.is_ascii_alphanumeric() || "-._".contains(c) || in_brackets && "[:]".contains(c);
        // Whoever may log in is not part of a host, and no pattern is understood.
        if text.contains('@') || name.is_empty() || !name.chars().all(is_part) {
            return Err(invalid());
        }
        Ok(Self { name, port })
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_and_maybe_a_port() {
        for text in
            ["api.example.com", "api.example.com:8443", "127.0.0.1:80", "[::1]", "[::1]:8080", "localhost"]
        {
            assert_eq!(text.parse::<Host>().unwrap().to_string(), text);
        }
        let wrong = [
            "",
            " ",
            "http://example.com",
            "example.com/",
            "me@example.com",
            "*",
            "*.example.com",
            "example.com:",
            "example.com:0",
            "example.com:65536",
            "example.com:http",
            "a,b",
            "::1",
            "a b",
        ];
        for text in wrong {
            let error = text.parse::<Host>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{text}` is not a host")), "{error}");
        }
    }

    #[test]
    fn a_request_may_go_to_the_hosts_that_are_listed_and_to_no_other() {
        let hosts =
            ["api.example.com", "secure.example.com:443", "[::1]:8080"].map(|text| text.parse().unwrap());
        let network = Network::Hosts(hosts.to_vec());
        for (url, allowed) in [
            ("http://api.example.com/", true),
            ("https://API.example.com:9999/a?b", true),
            ("http://api.example.com.evil.example/", false),
            ("http://evil.example/api.example.com", false),
            ("http://api.example.com@evil.example/", false),
            ("https://secure.example.com/", true),
            ("http://secure.example.com/", false),
            ("http://[::1]:8080/", true),
            ("http://[::1]/", false),
        ] {
            let url: Uri = url.parse().unwrap();
            assert_eq!(network.allows(&url), allowed, "{url}");
            assert!(Network::All.allows(&url) && !Network::None.allows(&url));
        }
    }
}
