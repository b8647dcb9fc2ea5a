//! `host/ARCHITECTURE.md` names files, functions and tests that exist, and the imports that the crates have.

use crate::support::root;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

fn page() -> String {
    fs::read_to_string(root().join("host/ARCHITECTURE.md")).unwrap()
}

/// What stands in backticks in a text.
fn code(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The rows of the table whose first heading this is, one text for each cell.
fn table<'p>(page: &'p str, heading: &str) -> Vec<Vec<&'p str>> {
    let lines = page.lines().skip_while(|line| !line.starts_with(&format!("| {heading} |")));
    let rows = lines.skip(2).take_while(|line| line.starts_with('|'));
    let rows: Vec<Vec<&str>> = rows.map(|row| row.trim_matches(['|', ' ']).split(" | ").collect()).collect();
    assert!(rows.len() > 3, "the table `{heading}` has {} rows", rows.len());
    rows
}

/// The functions that none of the files defines.
fn missing<'f>(files: &str, functions: &'f str) -> Vec<&'f str> {
    let sources: Vec<String> =
        code(files).into_iter().map(|file| fs::read_to_string(root().join(file)).unwrap()).collect();
    let defines = |name: &str| {
        let starts = [format!("fn {name}("), format!("fn {name}<")];
        sources.iter().any(|source| starts.iter().any(|start| source.contains(start)))
    };
    code(functions).into_iter().filter(|name| !defines(name)).collect()
}

#[test]
fn every_path_on_the_page_exists() {
    let page = page();
    // Outside of the tables, the picture of the layers names paths without backticks.
    let words =
        page.split_whitespace().map(|word| word.trim_matches(['`', ',', '.', ';', ':', '(', ')', '|']));
    let paths: BTreeSet<&str> =
        words.filter(|word| ["host/", "tests/"].iter().any(|top| word.starts_with(top))).collect();
    assert!(paths.len() > 40, "{paths:?}");
    let lost: Vec<_> = paths.into_iter().filter(|path| !root().join(path).exists()).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn every_function_and_test_on_the_page_exists() {
    let page = page();
    for row in table(&page, "step") {
        assert_eq!(missing(row[3], row[4]), Vec::<&str>::new(), "{row:?}");
    }
    for row in table(&page, "invariant") {
        assert!(!code(row[2]).is_empty(), "{row:?} names no test");
        assert_eq!(missing(row[1], row[2]), Vec::<&str>::new(), "{row:?}");
    }
}

#[test]
fn the_crates_import_what_the_page_lists() {
    let page = page();
    for row in table(&page, "crate") {
        let folder = code(row[0]).first().copied().unwrap_or("");
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let dependencies = manifest.split("\n[dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap();
        let imports = dependencies.lines().filter_map(|line| line.strip_prefix("playback-"));
        let imports: Vec<_> = imports.filter_map(|line| line.split(['.', ' ']).next()).collect();
        assert_eq!(imports, code(row[1]), "{folder}/Cargo.toml");
        assert_eq!(dependencies.contains("\nwasmtime"), folder == "host/sandbox", "{folder}/Cargo.toml");
    }
}

/// What cargo builds for these packages: each one with its version and features.
fn built(arguments: &[&str]) -> BTreeSet<String> {
    let tree = ["tree", "--locked", "--prefix", "none", "--format", "{p} [{f}]"];
    let output = Command::new(env!("CARGO")).args(tree).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
}

#[test]
fn the_tests_share_every_dependency_that_the_command_line_has_built() {
    let first = built(&["--package", "playback-host", "--edges", "normal,build"]);
    assert!(first.len() > 100, "{first:?}");
    let all = built(&["--workspace", "--edges", "normal,build,dev"]);
    // With other features a crate is built again, and so is all that uses it.
    assert_eq!(first.difference(&all).collect::<Vec<_>>(), Vec::<&String>::new());
}
