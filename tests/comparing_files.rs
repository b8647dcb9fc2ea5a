//! What a service leaves in its directories is an output: it is compared by name, content and type, under rules.

use crate::files::{changed, folder, record};
use playback_host::compare::rules::{Rule, RuleSet, Settings};
use playback_host::compare::{Judge, Judgement, Verdict};
use playback_host::recording::Recording;
use serde::Deserialize;
use serde_json::{Value as Json, json};

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    rule: Vec<Rule>,
}

fn write(path: &str, text: &str) -> Json {
    json!([{ "write": [path, text] }])
}

/// The judgement of code that does other steps than recorded.
async fn judged(rules: &str, recording: &Recording, steps: Json) -> Judgement {
    let File { rule } = toml::from_str(rules).unwrap();
    let today = "2026-06-01".parse().unwrap();
    let rules = RuleSet::new(&rule, &Settings::default(), recording.id().category(), today);
    Judge::new(rules).judge(&changed(recording, steps).await)
}

fn causes(judgement: &Judgement) -> Vec<String> {
    judgement.changes.iter().map(|change| change.cause.to_string()).collect()
}

#[tokio::test]
async fn a_file_that_is_missing_new_or_another_is_a_change_unless_a_rule_ignores_it() {
    let folder = folder();
    let (_, recording) = record(folder.path(), write("/data/out.txt", "one\ntwo")).await;
    assert_eq!(judged("", &recording, write("/data/out.txt", "one\ntwo")).await.verdict, Verdict::Equal);
    let judgement = judged("", &recording, write("/data/out.txt", "one\n2")).await;
    assert_eq!(
        (judgement.verdict, causes(&judgement)),
        (Verdict::Different, vec!["file /data/out.txt as a whole".into()])
    );
    let judgement = judged("", &recording, write("/data/other.log", "x")).await;
    let expected =
        ["file /data/other.log: was not recorded", "file /data/out.txt: was recorded, and not made"];
    assert_eq!(causes(&judgement), expected);
    let rule = "[[rule]]\nat = \"file /data/*.log\"\nignore = true\n[[rule]]\nat = \"file /data/out.txt\"\nignore = true";
    let judgement = judged(rule, &recording, write("/data/other.log", "x")).await;
    assert_eq!((judgement.verdict, judgement.ignored.len()), (Verdict::Equal, 2));
}

#[tokio::test]
async fn files_are_compared_as_what_a_rule_says_they_are() {
    let folder = folder();
    let (_, recording) = record(folder.path(), write("/data/out.json", r#"{"id":1,"at":"now"}"#)).await;
    let json = "[[rule]]\nat = \"file /data/*.json\"\nas = \"json\"\n";
    let same = write("/data/out.json", r#"{"at": "now", "id": 1}"#);
    assert_eq!(judged(json, &recording, same).await.verdict, Verdict::Equal);
    let other = write("/data/out.json", r#"{"at": "then", "id": 1}"#);
    assert_eq!(causes(&judged(json, &recording, other.clone()).await), ["file /data/out.json /at"]);
    let ignoring = format!("{json}[[rule]]\nat = \"file /data/out.json /at\"\nignore = true");
    assert_eq!(judged(&ignoring, &recording, other).await.verdict, Verdict::Equal);
}

#[tokio::test]
async fn a_name_with_a_fresh_part_is_found_by_what_stays() {
    let folder = folder();
    let [old, new] = ["0198b7a3-5d1e-7abc-8def-0123456789ab", "0198b7a3-5d1e-7abc-8def-0123456789ac"]
        .map(|id| format!("/data/report-{id}.txt"));
    let (_, recording) = record(folder.path(), write(&old, "x")).await;
    let rule = "[[rule]]\nat = \"file /data/report-*\"\nnormalise = [\"uuid\"]";
    assert_eq!(judged("", &recording, write(&new, "x")).await.changes.len(), 2);
    let judgement = judged(rule, &recording, write(&new, "x")).await;
    assert_eq!((judgement.verdict, judgement.ignored.len()), (Verdict::Equal, 1));
    let judgement = judged(rule, &recording, write(&new, "y")).await;
    assert_eq!(judgement.changes.len(), 1, "the content is compared");
}
