//! What the file system takes of a recording in a directory: two small files, each written beside its place and moved
//! to it. No host of ours can record into a directory in less.
//!
//! It depends on the state of the disk. ext4 takes ten times as long to make a file where many were deleted within the
//! last minutes, which it must not take the place of; a run soon after another, or after the tests, shows that.

use criterion::Criterion;
use std::fs;
use tempfile::TempDir;

/// A folder for recordings. Below the build's own, as the system's for temporary files may be in memory.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

pub(crate) fn measure(criterion: &mut Criterion) {
    let folder = folder();
    let (partial, place) = (folder.path().join("partial"), folder.path().join("place"));
    fs::create_dir(&partial).unwrap();
    fs::create_dir(&place).unwrap();
    let content = [b'x'; 1024];
    let mut number = 0u64;
    let mut group = criterion.benchmark_group("file system");
    group.bench_function("two files", |b| {
        b.iter(|| {
            for _ in 0..2 {
                number += 1;
                let name = number.to_string();
                fs::write(partial.join(&name), content).unwrap();
                fs::rename(partial.join(&name), place.join(&name)).unwrap();
            }
        });
    });
    group.finish();
}
