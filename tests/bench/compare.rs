//! Comparisons: recordings are loaded, replayed and judged, by the built-in comparison and by a comparator component.

use crate::bare::Bare;
use crate::hosted::{Hosted, Stored};
use criterion::{BenchmarkId, Criterion, Throughput};
use futures_util::{StreamExt, stream};
use playback_host::compare::plugins::{Exhibit, Function, Opinion, Plugins, ResultValue};
use playback_host::compare::{AnyError, Equalizer, Judge, Loader, Player, Verdict};
use playback_host::recording::{Recording, RecordingId};
use playback_host::sandbox::{Engine, Options, Plugin, Service};
use playback_host::value::Value;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};

const COMPARE: &str = "playback:plugin/comparator#compare";

/// How many recordings one batch compares.
const BATCH: usize = 200;

pub(crate) fn measure(criterion: &mut Criterion, bare: &Bare, hosted: &Hosted) {
    let plugin = plugin();
    for size in crate::SIZES {
        let mut group = criterion.benchmark_group(format!("compare {size}+{size}"));
        group.throughput(Throughput::Elements(1));
        group.bench_function("bare", |b| b.iter(|| bare.operation(size)));
        let one = Builder::new_current_thread().enable_time().build().unwrap();
        for store in [&hosted.memory, &hosted.directory] {
            let (id, equalizer) = (hosted.recorded(store, size), equalizer(hosted, store));
            group.bench_function(BenchmarkId::new("built-in", &store.name), |b| {
                b.iter(|| compare(&one, &equalizer, &id));
            });
        }
        let id = hosted.recorded(&hosted.memory, size);
        let by_plugin = equalizer(hosted, &hosted.memory).with_plugins(plugin.clone());
        group.bench_function("plugin", |b| b.iter(|| compare(&one, &by_plugin, &id)));
        group.finish();
        on_cores(criterion, hosted, size);
    }
}

/// A batch of comparisons on one core, and on two.
fn on_cores(criterion: &mut Criterion, hosted: &Hosted, size: u32) {
    let mut group = criterion.benchmark_group(format!("compare {size}+{size} on cores"));
    group.throughput(Throughput::Elements(BATCH as u64));
    group.sample_size(20);
    let (id, equalizer) = (hosted.recorded(&hosted.memory, size), equalizer(hosted, &hosted.memory));
    for (name, cores) in [("one", 1), ("two", 2)] {
        let runtime = Builder::new_multi_thread().worker_threads(cores).enable_time().build().unwrap();
        group.bench_function(name, |b| b.iter(|| batch(&runtime, &equalizer, &id, 2 * cores)));
    }
    group.finish();
}

fn equalizer(hosted: &Hosted, store: &Stored) -> Equalizer {
    let (cassette, replayer) = (store.cassette.clone(), hosted.replayer.clone());
    let load = move |id: RecordingId| {
        let cassette = cassette.clone();
        async move { cassette.load(&id).await }
    };
    let play = move |recording: Arc<Recording>| {
        let replayer = replayer.clone();
        async move { replayer.replay(&recording).await }
    };
    Equalizer::new(Loader::new(load), Player::new(play), Judge::default())
}

fn compare(runtime: &Runtime, equalizer: &Equalizer, id: &RecordingId) {
    let comparison = runtime.block_on(equalizer.compare(id.clone()));
    assert_eq!(comparison.judgement.verdict, Verdict::Equal, "{comparison:?}");
}

fn batch(runtime: &Runtime, equalizer: &Equalizer, id: &RecordingId, jobs: usize) {
    let compare = |_| {
        let (equalizer, id) = (equalizer.clone(), id.clone());
        tokio::spawn(async move { equalizer.compare(id).await })
    };
    runtime.block_on(async {
        let mut compared = stream::iter(0..BATCH).map(compare).buffered(jobs);
        while let Some(comparison) = compared.next().await {
            assert_eq!(comparison.unwrap().judgement.verdict, Verdict::Equal);
        }
    });
}

/// The comparator of the examples, called as the command line does.
fn plugin() -> Plugins {
    let engine = Engine::new(&Options::default()).unwrap();
    let component =
        Service::from_bytes(&engine, "money", &crate::example("plugins", "money_comparator")).unwrap();
    let plugin = Plugin::new(&component, Plugin::default_limits()).unwrap();
    let mut plugins = Plugins::default();
    plugins.comparator = Some(Function::new(move |exhibit: Exhibit| ask(plugin.clone(), exhibit)));
    plugins
}

async fn ask(plugin: Plugin, exhibit: Exhibit) -> Result<Opinion, AnyError> {
    let about = Value::record([
        ("id", Value::from(exhibit.about.id.as_str())),
        ("category", exhibit.about.id.category().as_str().into()),
        ("operation", exhibit.about.operation.as_str().into()),
        ("recorded-at", exhibit.about.recorded_at_ms.into()),
        ("metadata", exhibit.about.metadata.to_string().into()),
    ]);
    let result = |result: &ResultValue| match result {
        ResultValue::Returned(value) => Value::case("returned", value.to_string().into()),
        other => unreachable!("the operation returns: {other:?}"),
    };
    let arguments =
        vec![about, result(&exhibit.recorded), result(&exhibit.replayed), exhibit.data.to_string().into()];
    let answer = plugin.call(COMPARE, arguments).await?;
    assert_eq!(answer.at("/ok/verdict"), Some(&Value::from("equal")));
    Ok(Opinion { verdict: Verdict::Equal, message: None, differences: Vec::new() })
}
