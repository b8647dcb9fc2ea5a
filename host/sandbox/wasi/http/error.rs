//! The errors of `wasi:http` as values: on the tape they are the cases of its `error-code`, and one more for an answer that
//! never came.

use super::record_type::record;
use playback_recording::value::{Name, Type, Value};
use std::io::ErrorKind;
use wasmtime_wasi_http::Error;

/// The case for a service that stopped waiting, or was stopped, before there was an answer.
pub(super) const NO_ANSWER: &str = "no-answer";

const U8: Type = Type::Int { signed: false, bits: 8 };
const U16: Type = Type::Int { signed: false, bits: 16 };
const U32: Type = Type::Int { signed: false, bits: 32 };
const U64: Type = Type::Int { signed: false, bits: 64 };

/// The cases that are alike, by what they carry. Those that are not alike are written out below.
macro_rules! cases {
    (
        plain { $($plain:literal $of_plain:ident,)* }
        numbers { $($number:literal $of_number:ident $bits:ident,)* }
        texts { $($text:literal $of_text:ident,)* }
        sizes { $($size:literal $of_size:ident,)* }
    ) => {
        fn alike() -> Vec<(Name, Option<Type>)> {
            let mut cases = vec![$(($plain.into(), None),)*];
            $(cases.push(($number.into(), Some(option($bits))));)*
            $(cases.push(($text.into(), Some(option(Type::String))));)*
            $(cases.push(($size.into(), Some(field_size())));)*
            cases
        }

        /// An error as it is on the tape. Those of the libraries below are what wasmtime makes of them.
        pub(super) fn to_value(error: &Error) -> Value {
            match error {
                $(Error::$of_plain => Value::case($plain, Value::Null),)*
                $(Error::$of_number(number) => Value::case($number, Value::from(*number)),)*
                $(Error::$of_text(text) => Value::case($text, Value::from(text.clone())),)*
                $(Error::$of_size { field_name, field_size } => {
                    let name = Value::from(field_name.clone());
                    let size = [("field-name", name), ("field-size", Value::from(*field_size))];
                    Value::case($size, Value::record(size))
                })*
                other => unlike_to_value(other),
            }
        }

        /// The error that a value of [`ty`] stands for; `None` for an answer that never came.
        pub(super) fn from_value(value: &Value) -> Option<Error> {
            let Value::Map(case) = value else { return None };
            let (name, payload) = case.first()?;
            Some(match &**name {
                $($plain => Error::$of_plain,)*
                $($number => Error::$of_number(number(payload)),)*
                $($text => Error::$of_text(text(payload)),)*
                $($size => Error::$of_size {
                    field_name: text_of(payload, "field-name"),
                    field_size: number_of(payload, "field-size"),
                },)*
                "DNS-error" => {
                    Error::DnsError { rcode: text_of(payload, "rcode"), info_code: number_of(payload, "info-code") }
                }
                "TLS-alert-received" => Error::TlsAlertReceived {
                    alert_id: number_of(payload, "alert-id"),
                    alert_message: text_of(payload, "alert-message"),
                },
                _ => return None,
            })
        }
    };
}

cases! {
    plain {
        "DNS-timeout" DnsTimeout,
        "destination-not-found" DestinationNotFound,
        "destination-unavailable" DestinationUnavailable,
        "destination-IP-prohibited" DestinationIpProhibited,
        "destination-IP-unroutable" DestinationIpUnroutable,
        "connection-refused" ConnectionRefused,
        "connection-terminated" ConnectionTerminated,
        "connection-timeout" ConnectionTimeout,
        "connection-read-timeout" ConnectionReadTimeout,
        "connection-write-timeout" ConnectionWriteTimeout,
        "connection-limit-reached" ConnectionLimitReached,
        "TLS-protocol-error" TlsProtocolError,
        "TLS-certificate-error" TlsCertificateError,
        "HTTP-request-denied" HttpRequestDenied,
        "HTTP-request-length-required" HttpRequestLengthRequired,
        "HTTP-request-method-invalid" HttpRequestMethodInvalid,
        "HTTP-request-URI-invalid" HttpRequestUriInvalid,
        "HTTP-request-URI-too-long" HttpRequestUriTooLong,
        "HTTP-response-incomplete" HttpResponseIncomplete,
        "HTTP-response-timeout" HttpResponseTimeout,
        "HTTP-upgrade-failed" HttpUpgradeFailed,
        "HTTP-protocol-error" HttpProtocolError,
        "loop-detected" LoopDetected,
        "configuration-error" ConfigurationError,
    }
    numbers {
        "HTTP-request-body-size" HttpRequestBodySize U64,
        "HTTP-request-header-section-size" HttpRequestHeaderSectionSize U32,
        "HTTP-request-trailer-section-size" HttpRequestTrailerSectionSize U32,
        "HTTP-response-header-section-size" HttpResponseHeaderSectionSize U32,
        "HTTP-response-body-size" HttpResponseBodySize U64,
        "HTTP-response-trailer-section-size" HttpResponseTrailerSectionSize U32,
    }
    texts {
        "HTTP-response-transfer-coding" HttpResponseTransferCoding,
        "HTTP-response-content-coding" HttpResponseContentCoding,
        "internal-error" InternalError,
    }
    sizes {
        "HTTP-request-header-size" HttpRequestHeaderSize,
        "HTTP-request-trailer-size" HttpRequestTrailerSize,
        "HTTP-response-header-size" HttpResponseHeaderSize,
        "HTTP-response-trailer-size" HttpResponseTrailerSize,
    }
}

/// The type of an error on the tape.
pub(super) fn ty() -> Type {
    let dns = record([("rcode", option(Type::String)), ("info-code", option(U16))]);
    let tls = record([("alert-id", option(U8)), ("alert-message", option(Type::String))]);
    let mut cases = alike();
    cases.push(("DNS-error".into(), Some(dns)));
    cases.push(("TLS-alert-received".into(), Some(tls)));
    cases.push((NO_ANSWER.into(), None));
    Type::Variant(cases)
}

fn unlike_to_value(error: &Error) -> Value {
    match error {
        Error::DnsError { rcode, info_code } => dns(rcode.clone(), *info_code),
        Error::TlsAlertReceived { alert_id, alert_message } => {
            let message = Value::from(alert_message.clone());
            let alert = [("alert-id", Value::from(*alert_id)), ("alert-message", message)];
            Value::case("TLS-alert-received", Value::record(alert))
        }
        Error::Hyper(_) => to_value(&Error::HttpProtocolError),
        Error::Connect(error) if is_of_lookup(error) => dns(Some("address not available".to_owned()), None),
        Error::Connect(_) => to_value(&Error::ConnectionRefused),
        Error::Tls(_) => to_value(&Error::TlsProtocolError),
        Error::InvalidDnsNameError(_) => dns(Some("invalid dns name".to_owned()), None),
        other => to_value(&Error::InternalError(Some(other.to_string()))),
    }
}

/// Whether a connection failed because its host has no address.
fn is_of_lookup(error: &std::io::Error) -> bool {
    error.kind() == ErrorKind::AddrNotAvailable
        || error.to_string().starts_with("failed to lookup address information")
}

fn dns(rcode: Option<String>, info_code: Option<u16>) -> Value {
    let details = [("rcode", Value::from(rcode)), ("info-code", Value::from(info_code))];
    Value::case("DNS-error", Value::record(details))
}

fn option(ty: Type) -> Type {
    Type::Option(Box::new(ty))
}

fn field_size() -> Type {
    record([("field-name", option(Type::String)), ("field-size", option(U32))])
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn number<T: TryFrom<i128>>(value: &Value) -> Option<T> {
    match value {
        Value::Int(number) => T::try_from(*number).ok(),
        _ => None,
    }
}

fn text_of(value: &Value, field: &str) -> Option<String> {
    value.get(field).and_then(text)
}

fn number_of<T: TryFrom<i128>>(value: &Value, field: &str) -> Option<T> {
    value.get(field).and_then(number)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests panic where a promise is broken")]

    use super::*;
    use playback_recording::value::fit::{self, Source};

    /// Values of a payload: with everything there, and with nothing.
    fn samples(ty: Option<&Type>) -> Vec<Value> {
        match ty {
            None => vec![Value::Null],
            Some(Type::Option(some)) => [samples(Some(&**some)), vec![Value::Null]].concat(),
            Some(Type::String) => vec![Value::from("why")],
            Some(Type::Int { bits, .. }) => vec![Value::from(*bits)],
            Some(Type::Record(fields)) => {
                let at = |index: usize| {
                    let fields = fields.iter().map(|field| {
                        let samples = samples(Some(&field.ty));
                        (field.name.clone(), samples[index.min(samples.len() - 1)].clone())
                    });
                    Value::record(fields)
                };
                vec![at(0), at(1)]
            }
            Some(other) => panic!("no error carries a {other}"),
        }
    }

    #[test]
    fn every_error_of_wasi_http_goes_on_the_tape_and_comes_back_as_it_was() {
        let Type::Variant(cases) = ty() else { panic!("errors are cases") };
        let (no_answer, errors): (Vec<_>, Vec<_>) = cases.iter().partition(|(name, _)| **name == *NO_ANSWER);
        assert_eq!((no_answer.len(), errors.len()), (1, 39));
        for (name, payload) in errors {
            for sample in samples(payload.as_ref()) {
                let value = Value::case(name.clone(), sample);
                assert_eq!(fit::fit(value.clone(), &ty(), Source::Json).unwrap().value, value);
                assert_eq!(to_value(&from_value(&value).unwrap()), value);
            }
        }
        assert!(from_value(&Value::case(NO_ANSWER, Value::Null)).is_none());
        assert!(from_value(&Value::case("something-else", Value::Null)).is_none());
    }

    #[test]
    fn errors_of_the_machine_are_what_wasmtime_makes_of_them() {
        let connect =
            |kind: ErrorKind, text: &str| to_value(&Error::Connect(std::io::Error::new(kind, text)));
        let refused = Value::case("connection-refused", Value::Null);
        assert_eq!(connect(ErrorKind::ConnectionRefused, "refused"), refused);
        let unknown = dns(Some("address not available".to_owned()), None);
        assert_eq!(connect(ErrorKind::Other, "failed to lookup address information: none"), unknown);
        assert_eq!(connect(ErrorKind::AddrNotAvailable, ""), unknown);
    }
}
