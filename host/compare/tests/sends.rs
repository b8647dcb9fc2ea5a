//! What an input sends beside its key is compared as an output.

use super::*;
use crate::Verdict;
use playback_tape::Sends;

/// A client of which every call but a `GET` sends something. A call is found by its method and its URL.
fn client() -> Boundary {
    let parameters = [("method", Type::String), ("url", Type::String), ("body", Type::String)];
    let request = function("client#request", &parameters, Some(U32));
    boundary(&[Signature {
        key: Some(vec![0, 1]),
        sends: Some(Sends { parameter: 0, except: &["GET"] }),
        ..request
    }])
}

fn request(method: &str, url: &str, body: &str) -> (&'static str, Vec<Value>) {
    ("request", vec![method.into(), url.into(), body.into()])
}

fn sent(toml: &str, recorded: Calls<'_>, replayed: Calls<'_>) -> Judgement {
    let client = client();
    judge(toml).judge(&replay(&record(&client, recorded, ok()), &client, replayed, ok()))
}

#[test]
fn a_body_that_changed_is_a_change_of_what_sends_and_a_note_of_what_asks() {
    let judgement = sent("", &[request("POST", "/orders", "1")], &[request("POST", "/orders", "2")]);
    assert_eq!(
        (judgement.verdict, causes(&judgement)),
        (Verdict::Different, vec!["shop:orders/client#request /body".into()])
    );
    let judgement = sent("", &[request("GET", "/orders", "1")], &[request("GET", "/orders", "2")]);
    assert_eq!((judgement.verdict, judgement.notes.len()), (Verdict::Equal, 1));
    let ignoring = "[[compare]]\nat = \"shop:orders/client#request /body\"\nignore = true";
    assert_eq!(
        sent(ignoring, &[request("POST", "/o", "1")], &[request("POST", "/o", "2")]).verdict,
        Verdict::Equal
    );
}

#[test]
fn a_request_that_is_dropped_or_doubled_is_a_change() {
    let (one, two) = ([request("PUT", "/a", "")], [request("PUT", "/a", ""), request("PUT", "/a", "")]);
    assert_eq!(causes(&sent("", &two, &one)), ["shop:orders/client#request: was recorded, and not made"]);
    assert_eq!(causes(&sent("", &one, &two)), ["shop:orders/client#request: was not recorded"]);
    assert_eq!(sent("", &two, &two).verdict, Verdict::Equal);
}

#[test]
fn requests_to_different_places_have_no_order() {
    let [a, b] = ["/a", "/b"].map(|url| request("POST", url, "x"));
    assert_eq!(sent("", &[a.clone(), b.clone()], &[b, a]).verdict, Verdict::Equal);
}
