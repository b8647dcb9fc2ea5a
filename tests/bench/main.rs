//! How fast recording and replaying are, as shares of what bare wasmtime does in the same run.
//!
//! `cargo bench` measures everything and prints the shares next to what is asked for.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark"
)]

mod bare;
mod compare;
mod files;
mod hosted;
mod sdk;
mod shares;
mod world;

use bare::Bare;
use criterion::{BenchmarkId, Criterion, Throughput};
use hosted::Hosted;
use sdk::Sdk;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;
use world::World;

/// As in `playback-host` itself, for bare wasmtime too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Operations of so many inputs and as many outputs, each with a record of 1 KiB.
const SIZES: [u32; 2] = [1, 100];

/// How many calls one measured operation of the per-call figures makes.
pub(crate) const CALLS: u32 = 1_000;

fn main() -> ExitCode {
    let guest = guest("bench");
    let output = target().join("criterion");
    let mut criterion = Criterion::default()
        .output_directory(&output)
        .measurement_time(Duration::from_secs(4))
        .warm_up_time(Duration::from_secs(1))
        .configure_from_args();
    let bare = Bare::new(&guest);
    let hosted = Hosted::new(&guest);
    operations(&mut criterion, &bare, &hosted);
    compare::measure(&mut criterion, &bare, &hosted);
    calls(&mut criterion, &bare, &hosted);
    of_the_service(&mut criterion);
    world(&mut criterion);
    files::measure(&mut criterion);
    criterion.final_summary();
    shares::print(&output)
}

/// Whole operations: fresh instance, tape, store.
fn operations(criterion: &mut Criterion, bare: &Bare, hosted: &Hosted) {
    for size in SIZES {
        let mut group = criterion.benchmark_group(format!("operation {size}+{size}"));
        group.throughput(Throughput::Elements(1));
        group.bench_function("bare", |b| b.iter(|| bare.operation(size)));
        for store in [&hosted.memory, &hosted.directory] {
            let recording = hosted.recorded(store, size);
            group.bench_function(BenchmarkId::new("record", &store.name), |b| {
                b.iter(|| hosted.record(store, size));
            });
            group.bench_function(BenchmarkId::new("replay", &store.name), |b| {
                b.iter(|| hosted.replay(store, &recording));
            });
        }
        group.finish();
    }
}

/// Single intercepted calls: a small one, and one with 1 MiB of bytes. Instances are fresh too, but so many
/// calls go over one that it does not show.
fn calls(criterion: &mut Criterion, bare: &Bare, hosted: &Hosted) {
    for (name, operation, count) in [("small call", "calls", CALLS), ("call with 1 MiB", "blob", 4)] {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(count.into()));
        group.sample_size(if count == CALLS { 100 } else { 10 });
        group.bench_function("bare", |b| b.iter(|| bare.calls(operation, count)));
        let recording = hosted.recorded_calls(operation, count);
        group.bench_function("record", |b| b.iter(|| hosted.record_calls(operation, count)));
        group.bench_function("replay", |b| b.iter(|| hosted.replay_loaded(&recording)));
        group.finish();
    }
}

/// Single calls of functions of the service itself, against the same functions without an attribute.
fn of_the_service(criterion: &mut Criterion) {
    let sdk = Sdk::new();
    for (name, plain, operation, count) in [
        ("sdk call", "plain", "calls", CALLS),
        ("sdk call with 1 MiB", "plain-blob", "blob", 4),
        ("sdk call with 2 vecs", "plain-vec", "vec", 4),
    ] {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(count.into()));
        group.sample_size(if count == CALLS { 100 } else { 10 });
        group.bench_function("plain", |b| b.iter(|| sdk.off(plain, count)));
        group.bench_function("off", |b| b.iter(|| sdk.off(operation, count)));
        let recording = sdk.record(operation, count);
        group.bench_function("record", |b| b.iter(|| sdk.record(operation, count)));
        group.bench_function("replay", |b| b.iter(|| sdk.replay(&recording)));
        group.finish();
    }
}

/// A service that makes 20 requests and reads 20 files, against itself with the tape off.
fn world(criterion: &mut Criterion) {
    // A server in the same rack, and, as the worst case there is, one that needs no time at all.
    for (name, latency) in [("20 requests of 1 ms", 1), ("20 requests of 0 ms", 0)] {
        let world = World::new(Duration::from_millis(latency));
        let mut group = criterion.benchmark_group(name);
        group.sample_size(50);
        group.bench_function("tape off", |b| b.iter(|| world.run()));
        group.bench_function("record", |b| b.iter(|| world.record()));
        let recording = world.record();
        group.bench_function("replay", |b| b.iter(|| world.replay(&recording)));
        group.finish();
    }
}

/// The folder that this program was built in.
fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in the target folder")
}

/// A guest, built.
fn guest(name: &str) -> Vec<u8> {
    let built = build("tests/guests", &["--example", name]).join("examples");
    std::fs::read(built.join(format!("{}.wasm", name.replace('-', "_")))).unwrap()
}

/// A component of an example, built.
fn example(folder: &str, name: &str) -> Vec<u8> {
    std::fs::read(build(&format!("examples/{folder}"), &[]).join(format!("{name}.wasm"))).unwrap()
}

/// Builds the components of a folder, and returns the directory they are in.
fn build(folder: &str, arguments: &[&str]) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--locked", "--quiet", "--target-dir"])
        .arg(target().join("guests"))
        .args(arguments)
        .current_dir(root.join(folder))
        .status()
        .expect("cargo runs");
    assert!(
        status.success(),
        "a component does not build; if the target is missing: rustup target add wasm32-wasip2"
    );
    target().join("guests/wasm32-wasip2/release")
}
