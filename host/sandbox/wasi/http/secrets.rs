//! Secret headers: their values never reach the tape. A token stands in, the same for equal values of one recording and
//! another in every other, so that a replay still tells whether the same secret was sent.
//!
//! What a header says besides its secret stays: the scheme of credentials, the names and attributes of cookies. A token
//! that comes back, as a cookie does, stands for itself. Values that can be guessed can be tried out by whoever has the
//! recording, as its seed is what tokens are made with; and a secret that is also in a URL or a body is there in full.

use hmac::{Hmac, Mac};
use playback_recording::value::{Hex, Value};
use sha2::Sha256;
use std::sync::OnceLock;

/// The headers that are secret wherever a service is recorded.
pub(crate) const ALWAYS: [&str; 5] =
    ["authorization", "cookie", "proxy-authorization", "set-cookie", "x-api-key"];

/// What every token begins with.
const PREFIX: &str = "secret-";

/// How many digits of a token stand for the value, and how many show that it is one of ours.
const DIGITS: (usize, usize) = (24, 8);

/// The schemes of credentials that are told apart from what follows: anything else may be part of the secret.
const SCHEMES: [&str; 13] = [
    "Basic",
    "Bearer",
    "Digest",
    "DPoP",
    "GNAP",
    "HOBA",
    "Mutual",
    "Negotiate",
    "OAuth",
    "PrivateToken",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "vapid",
];

/// The attributes of a cookie; whatever else follows its name is secret too.
const ATTRIBUTES: [&str; 9] =
    ["domain", "expires", "httponly", "max-age", "partitioned", "path", "priority", "samesite", "secure"];

/// Puts tokens in place of secrets, for one recording.
#[derive(Clone)]
pub(crate) struct Secrets {
    names: Vec<String>,
    seed: [u8; 32],
    key: OnceLock<[u8; 32]>,
}

impl Secrets {
    /// Makes tokens for these headers with a key derived from the recording's seed.
    pub(crate) fn new(seed: &[u8; 32], names: &[String]) -> Self {
        let names = names.iter().map(|name| name.to_ascii_lowercase()).collect();
        Self { names, seed: *seed, key: OnceLock::new() }
    }

    /// Headers as they go on the tape.
    pub(super) fn headers(&self, headers: &http::HeaderMap) -> Value {
        let entry = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            let value = self.concealed(name.as_str(), value.as_bytes());
            Value::List(vec![name.as_str().into(), Value::Bytes(value)])
        };
        Value::List(headers.iter().map(entry).collect())
    }

    /// The value of a header as it goes on the tape.
    fn concealed(&self, name: &str, value: &[u8]) -> Vec<u8> {
        if !self.names.iter().any(|secret| secret == name) {
            return value.to_vec();
        }
        let Ok(text) = std::str::from_utf8(value) else { return self.token(value).into_bytes() };
        let concealed = match name {
            "authorization" | "proxy-authorization" => self.credentials(text),
            "cookie" => text.split("; ").map(|pair| self.pair(pair)).collect::<Vec<_>>().join("; "),
            "set-cookie" => self.cookie(text),
            _ => self.token(value),
        };
        concealed.into_bytes()
    }

    /// `Bearer <secret>`
    fn credentials(&self, text: &str) -> String {
        match text.split_once(' ') {
            Some((scheme, secret)) if is_one_of(&SCHEMES, scheme) => {
                format!("{scheme} {}", self.token(secret.as_bytes()))
            }
            _ => self.token(text.as_bytes()),
        }
    }

    /// `sid=<secret>; Path=/`
    fn cookie(&self, text: &str) -> String {
        let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
        let mut concealed = self.pair(pair);
        for attribute in attributes.split(';').filter(|_| text.contains(';')) {
            let name = attribute.split('=').next().unwrap_or_default().trim();
            concealed.push(';');
            match is_one_of(&ATTRIBUTES, name) {
                true => concealed.push_str(attribute),
                false => concealed.push_str(&self.pair(attribute)),
            }
        }
        concealed
    }

    /// `sid=<secret>`, the secret maybe in quotes.
    fn pair(&self, pair: &str) -> String {
        let Some((name, value)) = pair.split_once('=') else { return self.token(pair.as_bytes()) };
        match value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) {
            Some(value) => format!("{name}=\"{}\"", self.token(value.as_bytes())),
            None => format!("{name}={}", self.token(value.as_bytes())),
        }
    }

    /// The token of a value. An empty value is not a secret, and a token of this recording is its own.
    fn token(&self, value: &[u8]) -> String {
        match std::str::from_utf8(value) {
            Ok(text) if text.is_empty() || self.is_token(text) => text.to_owned(),
            _ => self.signed(&Hex(&mac(self.key(), &[b"value", value])[..DIGITS.0 / 2]).to_string()),
        }
    }

    fn is_token(&self, text: &str) -> bool {
        let digits = text.strip_prefix(PREFIX).and_then(|rest| rest.get(..DIGITS.0));
        digits.is_some_and(|digits| self.signed(digits) == text)
    }

    fn signed(&self, digits: &str) -> String {
        let check = mac(self.key(), &[b"token", digits.as_bytes()]);
        format!("{PREFIX}{digits}{}", Hex(&check[..DIGITS.1 / 2]))
    }

    /// What tokens are made with: derived when the first is, as most operations have no secret.
    fn key(&self) -> &[u8; 32] {
        self.key.get_or_init(|| mac(&self.seed, &[b"secret headers"]))
    }
}

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|one| one.eq_ignore_ascii_case(name))
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // A key of any length will do, so that this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(seed: u8) -> Secrets {
        Secrets::new(
            &[seed; 32],
            &[&ALWAYS[..], &["X-Tenant"]].concat().iter().map(|&it| it.into()).collect::<Vec<_>>(),
        )
    }

    fn concealed(name: &str, value: &str) -> String {
        String::from_utf8_lossy(&secrets(1).concealed(name, value.as_bytes())).into_owned()
    }

    #[test]
    fn what_is_no_secret_stays_and_everything_else_is_a_token() {
        let token = secrets(1).token(b"s3cr3t");
        assert_eq!(token.len(), PREFIX.len() + DIGITS.0 + DIGITS.1);
        for (name, value, expected) in [
            ("authorization", "Bearer s3cr3t", "Bearer TOKEN"),
            ("authorization", "bearer s3cr3t", "bearer TOKEN"),
            ("proxy-authorization", "Basic s3cr3t", "Basic TOKEN"),
            ("authorization", "s3cr3t", "TOKEN"),
            ("x-api-key", "s3cr3t", "TOKEN"),
            ("x-tenant", "s3cr3t", "TOKEN"),
            ("cookie", "sid=s3cr3t; empty=; quoted=\"s3cr3t\"", "sid=TOKEN; empty=; quoted=\"TOKEN\""),
            ("cookie", "s3cr3t", "TOKEN"),
            ("set-cookie", "sid=s3cr3t", "sid=TOKEN"),
            (
                "set-cookie",
                "sid=s3cr3t; Path=/; HttpOnly; max-age=9",
                "sid=TOKEN; Path=/; HttpOnly; max-age=9",
            ),
            ("set-cookie", "sid=; Path=/", "sid=; Path=/"),
            ("set-cookie", "sid=; note=s3cr3t", "sid=; note=TOKEN"),
            ("accept", "s3cr3t", "s3cr3t"),
        ] {
            assert_eq!(concealed(name, value).replace(&token, "TOKEN"), expected, "{name}: {value}");
        }
        for value in ["my s3cr3t word", "Bearer=s3cr3t", "s3cr3t Bearer"] {
            let concealed = concealed("authorization", value);
            assert!(secrets(1).is_token(&concealed), "{value} became {concealed}");
        }
        let bytes = secrets(1).concealed("x-api-key", b"\xffs3cr3t");
        assert!(secrets(1).is_token(&String::from_utf8_lossy(&bytes)));
    }

    #[test]
    fn a_token_is_its_own_and_belongs_to_one_recording() {
        let token = secrets(1).token(b"s3cr3t");
        assert_eq!(secrets(1).token(token.as_bytes()), token);
        assert_eq!(concealed("set-cookie", &format!("sid={token}; Path=/")), format!("sid={token}; Path=/"));
        assert_ne!(secrets(1).token(b"another"), token);
        assert_ne!(secrets(2).token(b"s3cr3t"), token);
        // To another recording it is a value like any other: a secret that looks like a token is still one.
        assert_ne!(secrets(2).token(token.as_bytes()), token);
        assert_ne!(secrets(1).token(format!("{token}0").as_bytes()), format!("{token}0"));
    }
}
