//! What the tests share: guests, built once, and short ways to record and replay.

pub(crate) mod command;
pub(crate) mod http;
pub(crate) mod schema;
pub(crate) mod server;
pub(crate) mod steps;

use playback_host::recording::{Category, LimitKind, Outcome, Recording};
use playback_host::sandbox::{
    Engine, Grants, Limits, Metering, Options, ProviderComponent, Providers, Recorded, Recorder, Replayer,
    Service,
};
use playback_host::tape::{Playback, Rules};
use playback_host::value::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock};

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder that this program was built in, below which all is built that the tests need.
pub(crate) fn target() -> &'static Path {
    target_with(Path::new(env!("CARGO_TARGET_TMPDIR")))
}

/// The folder that cargo builds in, by where it lets tests write.
fn target_with(scratch: &Path) -> &Path {
    scratch.parent().expect("it is in the target folder")
}

#[test]
fn guests_are_built_wherever_cargo_builds() {
    // As cargo sets it for `CARGO_TARGET_DIR=/elsewhere`.
    assert_eq!(target_with(Path::new("/elsewhere/tmp")), Path::new("/elsewhere"));
    assert!(guest("shop").starts_with(target().join("guests")), "{:?}", guest("shop"));
    assert!(Path::new(env!("CARGO_BIN_EXE_playback-host")).starts_with(target()));
}

/// Builds the wasm guests of a folder, and says where they are.
fn build(folder: &str, arguments: &[&str], built: &str) -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--release", "--locked", "--quiet"])
        .arg("--target-dir")
        .arg(target().join("guests"))
        .args(arguments)
        .current_dir(root().join(folder))
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "the guests in {folder} do not build; if the target is missing: rustup target add wasm32-wasip2\n{errors}"
    );
    target().join("guests/wasm32-wasip2").join(built)
}

static GUESTS: LazyLock<PathBuf> =
    LazyLock::new(|| build("tests/guests", &["--examples"], "release/examples"));

fn start(metering: Metering) -> Engine {
    let cache = Some(target().join("tests-cache"));
    Engine::new(&Options { cache, metering, ..Options::default() }).expect("the engine starts")
}

static ENGINE: LazyLock<Engine> = LazyLock::new(|| start(Metering::Off));

static METERED: LazyLock<Engine> = LazyLock::new(|| start(Metering::Fuel));

/// The engine of all tests.
pub(crate) fn engine() -> &'static Engine {
    &ENGINE
}

/// One that counts fuel, and keeps compiled code where the other does.
pub(crate) fn metered() -> &'static Engine {
    &METERED
}

/// Where a guest of `tests/guests` was built.
pub(crate) fn guest(name: &str) -> PathBuf {
    GUESTS.join(format!("{name}.wasm"))
}

static PORTFOLIO: LazyLock<PathBuf> = LazyLock::new(|| build("examples/portfolio", &[], "release"));

/// Where a component of `examples/portfolio` was built.
pub(crate) fn portfolio(name: &str) -> PathBuf {
    PORTFOLIO.join(format!("portfolio_{name}.wasm"))
}

static RATES: LazyLock<PathBuf> = LazyLock::new(|| build("examples/rates", &[], "release"));

/// Where a component of `examples/rates` was built.
pub(crate) fn rates(name: &str) -> PathBuf {
    RATES.join(format!("rates_{name}.wasm"))
}

static PLUGINS: LazyLock<PathBuf> = LazyLock::new(|| build("examples/plugins", &[], "release"));

/// Where a component of `examples/plugins` was built.
pub(crate) fn plugin(name: &str) -> PathBuf {
    PLUGINS.join(format!("{name}.wasm"))
}

/// A guest as a service.
pub(crate) fn service(name: &str) -> Service {
    service_on(engine(), name)
}

/// A guest as a service on an engine of its own.
pub(crate) fn service_on(engine: &Engine, name: &str) -> Service {
    Service::from_file(engine, guest(name)).expect("the guest loads")
}

/// A guest as a provider that is granted nothing.
pub(crate) fn provider(name: &str) -> Providers {
    provider_on(engine(), name)
}

/// The same on an engine of its own.
pub(crate) fn provider_on(engine: &Engine, name: &str) -> Providers {
    let component = ProviderComponent::from_file(engine, guest(name), Grants::default());
    Providers::default().component(component.expect("the provider loads"))
}

/// Values from JSON, one a parameter.
pub(crate) fn arguments(json: serde_json::Value) -> Vec<Value> {
    let serde_json::Value::Array(items) = json else { panic!("arguments are a list, not {json}") };
    items.into_iter().map(|item| json::from_json(item).unwrap()).collect()
}

/// Short time limits for guests that never end by themselves.
pub(crate) fn impatient() -> Limits {
    Limits::default().time(std::time::Duration::from_millis(500)).memory(64 << 20)
}

/// Records one call.
pub(crate) async fn record_with(recorder: &Recorder, operation: &str, values: Vec<Value>) -> Recorded {
    let service = recorder.service().clone();
    let operation = service.operation(Some(operation)).unwrap();
    let category: Category = "test".parse().unwrap();
    recorder.record(&category, operation, values).await.unwrap()
}

/// Records one call of `service` with `providers`, and gives its recording.
pub(crate) async fn record(
    service: &Service,
    providers: Providers,
    operation: &str,
    values: serde_json::Value,
) -> Arc<Recording> {
    let recorder = Recorder::builder(service).providers(providers).build().unwrap();
    let recorded = record_with(&recorder, operation, arguments(values)).await;
    Arc::new(recorded.recording.unwrap())
}

/// Replays a recording on `service` without any rule.
pub(crate) async fn replay(service: &Service, recording: &Arc<Recording>) -> Playback {
    replay_by(&Rules::default(), service, recording).await
}

/// Replays a recording on `service` by `rules`.
pub(crate) async fn replay_by(rules: &Rules, service: &Service, recording: &Arc<Recording>) -> Playback {
    Replayer::builder(service).rules(rules).build().unwrap().replay(recording).await.unwrap()
}

/// What an operation returned, as JSON.
pub(crate) fn returned(outcome: &Outcome) -> serde_json::Value {
    match outcome {
        Outcome::Returned(value) => json::to_json(value),
        ended => panic!("it did not return: {ended:?}"),
    }
}

/// How a trap reads.
pub(crate) fn trapped(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Trapped(reason) => reason,
        ended => panic!("it did not trap: {ended:?}"),
    }
}

/// The limit that ended an operation, and how that reads.
pub(crate) fn stopped(outcome: &Outcome) -> (LimitKind, &str) {
    match outcome {
        Outcome::Stopped(limit) => (limit.kind, &limit.text),
        ended => panic!("no limit ended it: {ended:?}"),
    }
}
