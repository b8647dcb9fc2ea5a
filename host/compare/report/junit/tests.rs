#![allow(clippy::panic, clippy::unwrap_used, reason = "tests panic where a promise is broken")]
#![allow(clippy::print_stdout, reason = "says why a test is skipped")]

use super::*;
use crate::report::samples::{self, equal};
use roxmltree::{Document, Node};
use std::io::Write as _;
use std::process::{Command, Stdio};

fn written(report: &[Line]) -> String {
    samples::written(report, |to| JunitWriter::new(to).unwrap())
}

/// The children that are elements.
fn elements<'d>(node: Node<'d, 'd>) -> Vec<Node<'d, 'd>> {
    node.children().filter(Node::is_element).collect()
}

/// Checks that the element has these attributes and no others.
fn assert_attributes(node: Node<'_, '_>, expected: &[&str]) {
    let mut names: Vec<&str> = node.attributes().map(|attribute| attribute.name()).collect();
    let mut expected = expected.to_vec();
    names.sort_unstable();
    expected.sort_unstable();
    assert_eq!(names, expected, "{node:?}");
}

/// Checks the elements, their order and their attributes against what CI servers read, and each count against what it counts.
fn assert_valid(xml: &str) {
    let document = Document::parse(xml).unwrap();
    let root = document.root_element();
    let number = |node: Node<'_, '_>, name: &str| node.attribute(name).unwrap().parse::<usize>().unwrap();
    let count =
        |node: Node<'_, '_>, name: &str| node.descendants().filter(|inner| inner.has_tag_name(name)).count();
    let assert_counts = |node: Node<'_, '_>| {
        for (attribute, name) in [("tests", "testcase"), ("failures", "failure"), ("errors", "error")] {
            assert_eq!(number(node, attribute), count(node, name), "{attribute}");
        }
        assert!(node.attribute("time").unwrap().parse::<f64>().unwrap() >= 0.0);
    };
    assert!(root.has_tag_name("testsuites"));
    assert_attributes(root, &["name", "tests", "failures", "errors", "time"]);
    assert_counts(root);
    for suite in elements(root) {
        assert!(suite.has_tag_name("testsuite"));
        assert_attributes(suite, &["name", "tests", "failures", "errors", "time", "timestamp"]);
        assert_counts(suite);
        for case in elements(suite) {
            assert!(case.has_tag_name("testcase"));
            assert_attributes(case, &["name", "classname", "time"]);
            assert_eq!(case.attribute("classname"), suite.attribute("name"));
            match elements(case)[..] {
                [] => {}
                [inner] if inner.has_tag_name("system-out") => assert_attributes(inner, &[]),
                [inner] if ["failure", "error"].contains(&inner.tag_name().name()) => {
                    assert_attributes(inner, &["message", "type"]);
                    assert!(elements(inner).is_empty());
                }
                ref other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn a_report_is_valid_and_has_a_suite_for_each_category_and_a_case_for_each_recording() {
    let xml = written(&samples::report());
    assert_valid(&xml);
    let document = Document::parse(&xml).unwrap();
    let counts = ["name", "tests", "failures", "errors"];
    let suites: Vec<_> = elements(document.root_element())
        .into_iter()
        .map(|suite| counts.map(|name| suite.attribute(name).unwrap()).join(" "))
        .collect();
    assert_eq!(suites, ["orders 4 2 1", "payments 4 1 0"]);
    let message = |number| {
        let id = samples::id("orders", number);
        let case = document.descendants().find(|node| node.attribute("name") == Some(id.as_str())).unwrap();
        let inner = elements(case)[0];
        let attribute = |name| inner.attribute(name).unwrap().to_owned();
        (attribute("type"), attribute("message"), inner.text().unwrap().to_owned())
    };
    let id = samples::id("orders", 2);
    assert_eq!(
        message(2),
        (
            "different".into(),
            "outcome /ok/total, and 1 more".into(),
            format!(
                "outcome /ok/total: recorded 900, replayed 9007199254740993\n\
                 shop:orders/outputs#notify /text, call 1: recorded \"2 × tea: 9.00 EUR\", replayed \"2 × tea: 90.0 EUR\"\n\
                 playback-host replay {id}\n"
            )
        )
    );
    assert_eq!(message(3).0, "failed");
    assert!(message(3).2.starts_with("recorded: returned; replayed: trapped\n"));
    assert!(message(8).1.starts_with("cannot be read: </script>") && message(8).0 == "equalizer-failure");
}

#[test]
fn what_is_accepted_or_stale_passes_and_says_so() {
    let xml = written(&samples::report());
    for said in ["every change is accepted", "stale: the baseline already differs", "<system-out>fixed"] {
        assert_eq!(xml.matches(said).count(), 1, "{said}");
    }
    assert!(xml.contains("(accepted: the new rounding)"));
}

#[test]
fn a_category_that_could_not_be_compared_is_an_error() {
    let mut report = samples::report_of(vec![equal("orders", 1)]);
    let Some(Line::Summary(summary)) = report.last_mut() else { panic!("{report:?}") };
    summary.failed_categories.insert("payments".into(), format!("no component: {}", samples::HOSTILE));
    let xml = written(&report);
    assert!(xml.contains("<testsuite name=\"payments\" tests=\"1\" failures=\"0\" errors=\"1\""), "{xml}");
    assert_valid(&xml);
}

#[test]
fn cases_of_many_interleaved_categories_are_put_together() {
    let comparisons =
        (0..6_000).map(|number| equal(["orders", "payments", "refunds"][number as usize % 3], number));
    let xml = written(&samples::report_of(comparisons.collect()));
    assert!(xml.len() > 3 * (64 << 10), "several blocks of each category");
    assert_valid(&xml);
    let document = Document::parse(&xml).unwrap();
    let ids: Vec<_> = document.descendants().filter(|node| node.has_tag_name("testcase")).collect();
    let ids: Vec<&str> = ids.iter().map(|case| case.attribute("name").unwrap()).collect();
    assert_eq!(ids.len(), 6_000);
    assert!(ids.is_sorted(), "each suite keeps the order in which its recordings came");
}

#[test]
fn the_text_of_a_recording_is_limited() {
    let long = "\u{1b}&".repeat(100_000);
    let changes = (0..50).map(|number| samples::changed(&long, &format!("/{number}"), long.clone(), 1));
    let mut comparison = samples::different("orders", 1, changes.collect());
    comparison.judgement.message = Some(long);
    let xml = written(&samples::report_of(vec![comparison]));
    assert!(xml.len() < 256 << 10, "{} bytes", xml.len());
    assert_valid(&xml);
}

#[test]
fn a_schema_validator_accepts_the_report() {
    for report in [samples::report(), samples::report_of(Vec::new())] {
        let schema = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("report/junit/junit.xsd");
        let mut validator = Command::new("xmllint");
        validator.args(["--noout", "--nonet", "--schema"]).arg(schema).arg("-");
        let validator = validator.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let Ok(mut validator) = validator else {
            println!("skipped: install xmllint to run this test");
            return;
        };
        validator.stdin.take().unwrap().write_all(written(&report).as_bytes()).unwrap();
        let output = validator.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
