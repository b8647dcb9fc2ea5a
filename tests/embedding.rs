//! The library's front page, run.

use crate::support::portfolio;
use std::process::Command;

#[test]
fn the_embedding_example_records_and_replays() {
    // Examples are built before the tests run, beside them.
    let tests = std::env::current_exe().unwrap();
    let example = tests.ancestors().nth(2).unwrap().join("examples/embed");
    let output = Command::new(example).arg(portfolio("service")).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("portfolio:valuation/outputs#append #1: []"), "{text}");
    assert!(text.ends_with("equal: true\n"), "{text}");
}
