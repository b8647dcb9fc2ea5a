//! Tapes of earlier builds.

use super::*;
use std::path::{Path, PathBuf};

/// The tapes of builds before this one, and what lookups see of them.
fn corpus() -> Vec<(Vec<u8>, Metadata)> {
    fn walk(directory: &Path, tapes: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => walk(&path, tapes),
                false if path.extension().is_some_and(|extension| extension == "tape") => tapes.push(path),
                false => {}
            }
        }
    }
    let mut tapes = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus"), &mut tapes);
    let read = |path: &PathBuf| {
        let metadata = path.to_str().unwrap().replace("/full/", "/metadata/").replace(".tape", ".json");
        (std::fs::read(path).unwrap(), Metadata::from_json(&std::fs::read(metadata).unwrap()).unwrap())
    };
    tapes.iter().map(read).collect()
}

#[test]
fn tapes_of_earlier_builds_are_written_byte_for_byte_as_they_were() {
    let tapes = corpus();
    assert!(tapes.len() > 20, "{}", tapes.len());
    for (stored, metadata) in tapes {
        let recording = decode(&stored, metadata, &Limits::default()).unwrap();
        let content = |stored: &[u8]| frame::unpack(stored, 1 << 30).unwrap();
        assert_eq!(content(&encoded(&recording)), content(&stored), "{}", recording.header.id);
    }
}
