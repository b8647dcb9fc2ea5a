//! The fuzz targets of `tests/fuzz`, each for a second or so on samples with changes.

#[path = "fuzz/mutations.rs"]
mod mutations;
#[path = "fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "the fuzz targets are programs of their own")]
mod targets;

use crate::support::root;
use std::path::{Path, PathBuf};

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// The files of the corpus with this extension.
fn corpus(extension: &str) -> Vec<Vec<u8>> {
    fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut paths = Vec::new();
    walk(&root().join("tests/corpus"), &mut paths);
    paths.retain(|path| path.extension().is_some_and(|of| of == extension));
    // In whatever order a file system lists them, the changes are the same.
    paths.sort();
    let files: Vec<_> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    assert!(files.len() > 20, "{}", files.len());
    files
}

/// What is in the smaller tapes of the corpus.
fn contents() -> Vec<Vec<u8>> {
    let contents = corpus("tape").into_iter().map(|tape| zstd::decode_all(&*tape).unwrap());
    contents.filter(|content| content.len() < 10_000).collect()
}

#[test]
fn changed_tapes_are_refused_or_read_back_as_they_are_written() {
    mutations::run(&[contents(), corpus("tape")].concat(), 10_000, targets::tape);
}

#[test]
fn changed_values_in_cbor_are_refused_or_read_back_as_they_are_written() {
    mutations::run(&contents(), 50_000, targets::cbor);
}

#[test]
fn changed_values_in_json_are_refused_or_read_back_as_they_are_written() {
    let values = texts(&[
        r#"{"sku": "apple", "price": 1.5, "tags": ["a", null, true], "raw": {"$bytes": "AAEC"}}"#,
        r#"[-0.0, 1e300, 18446744073709551615, -9223372036854775808, "NaN", {"$handle": 7}, {"some": null}]"#,
        "\"\\u0000\\ud83d\\ude00\"",
    ]);
    mutations::run(&[values, corpus("json")].concat(), 50_000, targets::json);
}

#[test]
fn changed_metadata_are_refused_or_read_back_as_they_are_written() {
    let fields = corpus("json").into_iter().map(|file| file[..file.len() - 45].to_vec()).collect();
    mutations::run(&[fields, corpus("json")].concat(), 100_000, targets::metadata);
}

#[test]
fn changed_arguments_are_refused_or_read() {
    let calls = [
        r#"order({sku: "a\u{1f600}", count: -5}, price(1.5), {fast, fragile}, red, [('x', 1), ('\n', 255)], some("b"))"#,
        r#"order({sku: "", count: 0}, free, {}, blue, [], none)"#,
        r#"order({count: 1, sku: "a"}, price(nan), {fast}, red, [], "note")"#,
    ];
    for call in calls {
        assert!(targets::SERVICE.invocation(call).is_ok(), "{call}");
    }
    mutations::run(&texts(&calls), 200_000, targets::arguments);
}

#[test]
fn changed_names_are_refused_or_read_back_as_they_are_written() {
    let names = texts(&[
        "place-order/20260102/019b7a3c-5d1e-7abc-8def-0123456789ab",
        "latest",
        "latest:place-order",
        "./cassette/of orders",
        "file:/var/cassette",
        "s3://bucket/prefix?region=eu-central-1&endpoint=http://127.0.0.1:9000",
        "memory:",
        "metadata/place-order/20260102/019b7a3c-5d1e-7abc-8def-0123456789ab.json",
    ]);
    mutations::run(&names, 100_000, targets::names);
}
