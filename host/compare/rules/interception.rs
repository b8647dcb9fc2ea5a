//! The rules of a function's interception that hold for comparing too: `normalise`.

use super::{Format, Indexed, Place, Rule};
use playback_tape::{Interceptor, Normalisation, Replaced};

/// The least index of such a rule. Reports count what the rules of `[[compare.rule]]` take away, and these are none of them.
const FIRST_INDEX: usize = usize::MAX / 2;

impl Indexed {
    /// The rules for the arguments of a function.
    pub(crate) fn of_interceptor(interceptor: &Interceptor) -> Vec<Self> {
        let parameters = &interceptor.signature.parameters;
        let json = interceptor.normalise.iter().filter_map(|it| it.json(parameters));
        let read = json.filter_map(|path| Some(Rule { format: Some(Format::Json), ..at(&path)? }));
        let replaced = interceptor.normalise.iter().filter_map(|normalisation| {
            let path = normalisation.path(parameters);
            Some(replacing(normalisation, at(path.as_deref().unwrap_or("/**"))?))
        });
        let indexed = |(number, rule)| Self { index: FIRST_INDEX + number, rule };
        read.chain(replaced).enumerate().map(indexed).collect()
    }

    /// Returns true if the rule with this index is one for the arguments of a function.
    pub(crate) fn is_of_interceptor(index: usize) -> bool {
        index >= FIRST_INDEX
    }
}

/// A rule for a place in the arguments. `None`: no place can be written so.
fn at(path: &str) -> Option<Rule> {
    path.parse::<Place>().ok().map(Rule::new)
}

fn replacing(normalisation: &Normalisation, rule: Rule) -> Rule {
    match normalisation.replaced() {
        Replaced::Texts(normalise) => Rule { normalise: vec![normalise.clone()], ..rule },
        // Any value is like any other there.
        _ => Rule { ignore: true, ..rule },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::rules::RuleSet;
    use crate::values::{Found, Scope};
    use playback_recording::value::{Field, Type, Value};
    use playback_tape::{OnExhausted, Rules, Signature};

    #[test]
    fn arguments_are_compared_without_what_the_interception_says_is_new() {
        let field = |(name, ty): (&str, Type)| Field { name: name.into(), ty };
        let headers = Type::List(Box::new(Type::Tuple(vec![Type::String, Type::String])));
        let signature = Signature {
            interface: None,
            name: "send".into(),
            parameters: [("headers", headers), ("body", Type::Bytes)].map(field).to_vec(),
            result: None,
            key: None,
            on_exhausted: OnExhausted::Repeat,
            sends: None,
        };
        let rules: Rules = toml::from_str(
            "[send]\nnormalise = [{ path = \"body:/id\", as = \"uuid\" }, { path = \"headers.nonce\", as = \"nonce\" }, \
             { pattern = \"run-[0-9]+\", as = \"<run>\" }]",
        )
        .unwrap();
        let boundary = rules.resolve(&[signature]).unwrap();
        let message = |id: &str, nonce: &str, n: u32| {
            let headers = [("nonce", Value::from(nonce)), ("content-length", nonce.len().to_string().into())];
            let body = format!(r#"{{"id": "0198b7a3-5d1e-7abc-8def-{id}", "run": "run-{nonce}", "n": {n}}}"#);
            Value::record([("headers", Value::record(headers)), ("body", Value::Bytes(body.into()))])
        };
        let of_function = Indexed::of_interceptor(&boundary.interceptors()[0]);
        let none = RuleSet::default();
        let scope = Scope::new(&none, &["send"]).with(&of_function);
        let told = |recorded: &Value, replayed: &Value| {
            let mut found = Found::default();
            scope.compare(recorded, replayed, &mut found);
            assert!(found.taken.keys().all(|rule| Indexed::is_of_interceptor(*rule)));
            found.differences.into_iter().map(|it| it.path).collect::<Vec<_>>()
        };
        let recorded = message("0123456789ab", "1", 1);
        assert_eq!(told(&recorded, &message("ba9876543210", "2", 1)), [""; 0]);
        assert_eq!(told(&recorded, &message("ba9876543210", "2", 2)), ["/body/n"]);
        let form_body = |id: &str| {
            let headers = [("content-type", Value::from("application/x-www-form-urlencoded"))];
            let body = format!("n=1&id=0198b7a3-5d1e-7abc-8def-{id}");
            Value::record([("headers", Value::record(headers)), ("body", Value::Bytes(body.into()))])
        };
        assert_eq!(told(&form_body("0123456789ab"), &form_body("ba9876543210")), [""; 0]);
        let form = |message: &Value| scope.canonical(message);
        assert_eq!(form(&recorded), form(&message("ba9876543210", "2", 1)));
    }
}
