//! What this machine lacks is never told as what a service did: an operation waits for room, or is not recorded at all.

use crate::support::arguments;
#[cfg(target_os = "linux")]
use crate::support::command::{Folder, Ran, ran};
use playback_host::recording::Recording;
use playback_host::sandbox::{Engine, Limits, Options, Providers, Recorder, Replayer, Service};
use playback_host::value::Value;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinSet;

/// A component of so many parts, each with a memory and a table. It asks its provider, and then counts to `count`.
fn composed(parts: usize, count: u32) -> Vec<u8> {
    let parts = "(core instance (instantiate $part))".repeat(parts);
    let text = format!(
        r#"(component
            (import "ask" (func $ask (result u32)))
            (core func $lowered (canon lower (func $ask)))
            (core module $part (memory 1) (table 1 funcref))
            {parts}
            (core module $main
                (import "" "ask" (func $ask (result i32)))
                (func (export "run") (result i32) (local $n i32)
                    (local.set $n (i32.const {count}))
                    (loop $more (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                    (call $ask)))
            (core instance $main (instantiate $main (with "" (instance (export "ask" (func $lowered))))))
            (func (export "run") (result u32) (canon lift (core func $main "run"))))"#
    );
    wat::parse_str(text).unwrap()
}

fn service(instances: u32, component: &[u8]) -> Service {
    let engine = Engine::new(&Options { instances, ..Options::default() }).unwrap();
    Service::from_bytes(&engine, "composed", component).unwrap()
}

/// A provider that lets every other task run before it answers.
fn patient() -> Providers {
    Providers::default().async_function("ask", |_| async {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        Ok(Value::from(7u32))
    })
}

async fn record(recorder: Recorder) -> Arc<Recording> {
    let operation = recorder.service().operation(None).unwrap().clone();
    let recorded = recorder.record(&"test".parse().unwrap(), &operation, arguments(json!([]))).await;
    Arc::new(recorded.unwrap().recording.unwrap())
}

#[tokio::test]
async fn a_component_that_needs_more_than_the_whole_pool_runs_outside_of_it() {
    let service = service(4, &composed(40, 1));
    let recording = record(Recorder::builder(&service).providers(patient()).build().unwrap()).await;
    assert_eq!(recording.metadata.exception, None);
    let playback = Replayer::builder(&service).build().unwrap().replay(&recording).await.unwrap();
    assert!(playback.is_equal(), "{:?}", playback.ending);
}

#[tokio::test]
async fn operations_wait_until_the_pool_has_room_for_all_that_they_need() {
    // Two of them fit beside each other.
    let service = service(50, &composed(40, 1));
    let recorder = Recorder::builder(&service).providers(patient()).build().unwrap();
    let mut all = JoinSet::new();
    (0..10).for_each(|_| drop(all.spawn(record(recorder.clone()))));
    for recording in all.join_all().await {
        assert_eq!(recording.metadata.exception, None);
    }
}

#[tokio::test]
async fn a_component_with_several_memories_or_tables_or_a_large_table_is_recorded() {
    let component = |items: &str| {
        let text = format!(
            r#"(component
                (core module $m {items} (func (export "run") (result i32) (i32.const 7)))
                (core instance $i (instantiate $m))
                (func (export "run") (result u32) (canon lift (core func $i "run"))))"#
        );
        wat::parse_str(text).unwrap()
    };
    let many = "(table 1 funcref)".repeat(30);
    let large = Limits::default().table_elements(3_000_000);
    for (items, limits) in [
        ("(memory 1) (memory 1)", Limits::default()),
        ("(table 1 funcref) (table 1 externref)", Limits::default()),
        ("(table 300000 funcref)", Limits::default()),
        ("(table 2000000 funcref)", large),
        (&many, Limits::default()),
    ] {
        let service = service(100, &component(items));
        let recorder = Recorder::builder(&service).build().unwrap();
        let recording = record(recorder.to_builder().limits(limits).build().unwrap()).await;
        assert_eq!(recording.metadata.exception, None, "{items}");
        let replayer = Replayer::builder(&service).limits(limits).build().unwrap();
        assert!(replayer.replay(&recording).await.unwrap().is_equal(), "{items}");
    }
}

#[tokio::test]
async fn a_table_grows_as_far_in_the_pool_as_outside_of_it() {
    // It grows by 250,000 elements at a time, up to what it may have at most, and returns how often it could.
    let component = |most: &str, more: &str| {
        let text = format!(
            r#"(component
                (core module $m (table $t 0 {most} funcref) {more}
                    (func (export "run") (result i32) (local $n i32)
                        (loop $more
                            (local.set $n (i32.add (local.get $n) (i32.const 1)))
                            (br_if $more (i32.ge_s (table.grow $t (ref.null func) (i32.const 250000)) (i32.const 0))))
                        (local.get $n)))
                (core instance $i (instantiate $m))
                (func (export "run") (result u32) (canon lift (core func $i "run"))))"#
        );
        wat::parse_str(text).unwrap()
    };
    // More tables than the small pool has.
    let outside = "(table 0 funcref)".repeat(50);
    for (most, ended) in
        [("900000", "Returned(Int(4))"), ("", "stopped at the limit of 1000000 table elements")]
    {
        for more in ["", &outside] {
            let service = service(4, &component(most, more));
            let recording = record(Recorder::builder(&service).build().unwrap()).await;
            assert!(format!("{:?}", recording.outcome).contains(ended), "{most}: {:?}", recording.outcome);
        }
    }
}

#[tokio::test]
async fn an_operation_that_asked_a_provider_is_not_run_again() {
    // It asks, and then needs a larger table than the pool has.
    let text = r#"(component
        (import "ask" (func $ask (result u32)))
        (core func $lowered (canon lower (func $ask)))
        (core module $m (import "" "ask" (func $ask (result i32))) (table $t 0 funcref)
            (func (export "run") (result i32)
                (drop (call $ask))
                (table.grow $t (ref.null func) (i32.const 2000000))))
        (core instance $i (instantiate $m (with "" (instance (export "ask" (func $lowered))))))
        (func (export "run") (result u32) (canon lift (core func $i "run"))))"#;
    let service = service(1_000, &wat::parse_str(text).unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let provider = Providers::default().function("ask", move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(Value::from(7u32))
    });
    let limits = Limits::default().table_elements(3_000_000);
    let recorder = Recorder::builder(&service).providers(provider).limits(limits).build().unwrap();
    let operation = service.operation(None).unwrap();
    let failed = recorder.record(&"test".parse().unwrap(), operation, Vec::new()).await.unwrap_err();
    let told = "`composed` could not go on running: this engine has room for 1000000 elements in a table; ";
    assert!(failed.to_string().starts_with(told), "{failed}");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

/// A folder with a component of one part, one of forty that does the same, and seventy recordings.
#[cfg(target_os = "linux")]
fn recorded() -> Folder {
    let folder = Folder::with(&["misbehave"]);
    let text = |parts: usize| {
        let parts = "(core instance (instantiate $part))".repeat(parts);
        // Long enough that others begin before it ends.
        format!(
            r#"(component
                (core module $part (memory 1) (table 1 funcref))
                {parts}
                (core module $main (func (export "run") (result i32) (local $n i32)
                    (local.set $n (i32.const 20000000))
                    (loop $more (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                    (i32.const 7)))
                (core instance $main (instantiate $main))
                (func (export "run") (result u32) (canon lift (core func $main "run"))))"#
        )
    };
    folder.write("one.wasm", wat::parse_str(text(1)).unwrap());
    folder.write("forty.wasm", wat::parse_str(text(40)).unwrap());
    folder.write("requests.ndjson", "[]\n".repeat(70));
    folder.ok("record one.wasm --from requests.ndjson");
    folder
}

/// Runs the program within a limit of the shell.
#[cfg(target_os = "linux")]
fn within(limit: &str, folder: &Folder, line: &str) -> Ran {
    let program = folder.command(line);
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &format!("ulimit {limit} && exec \"$0\" \"$@\"")]);
    shell.arg(program.get_program()).args(program.get_args());
    shell.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.current_dir(program.get_current_dir().unwrap());
    ran(&shell.output().unwrap())
}

/// Kibibytes, as `ulimit` counts: room for the program, and for the 4 GiB that each memory reserves, if any.
#[cfg(target_os = "linux")]
const fn room_for(memories: u64) -> u64 {
    (3 << 20) + memories * (4 << 20)
}

#[test]
#[cfg(target_os = "linux")]
fn fewer_operations_run_at_once_where_the_machine_has_no_room_for_all() {
    let folder = recorded();
    let limit = format!("-v {}", room_for(2));
    let replays = within(&limit, &folder, "replay --all one.wasm --jobs 64");
    assert_eq!(replays.code, 0, "{}{}", replays.stdout, replays.stderr);
    assert_eq!(replays.stdout, "70 equal, 0 different, 0 diverged\n");
    let verified = within(&limit, &folder, "verify --replay one.wasm --jobs 64");
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
}

#[test]
#[cfg(target_os = "linux")]
fn many_replays_of_a_component_of_many_parts_are_equal() {
    let folder = recorded();
    let replays = folder.run("replay --all forty.wasm --jobs 64");
    assert_eq!((replays.code, &*replays.stdout), (0, "70 equal, 0 different, 0 diverged\n"));
}

#[test]
#[cfg(target_os = "linux")]
fn a_component_that_the_machine_has_no_room_for_is_neither_recorded_nor_replayed() {
    let folder = recorded();
    let limit = format!("-v {}", room_for(0));
    let before = folder.files();
    let why = "`one.wasm` could not be instantiated: Cannot allocate memory (os error 12); free some memory, \
               raise the limits of this process, or run fewer operations at once";
    for (line, told) in [
        ("record one.wasm --invoke run()", why.to_owned()),
        ("record one.wasm --verify --from requests.ndjson", why.to_owned()),
        ("replay latest one.wasm", format!("cannot be replayed: {why}")),
        ("replay --all one.wasm --jobs 64", "70 of 70 recordings could not be replayed".to_owned()),
        ("verify --replay one.wasm", "70 of 70 recordings in `./cassette` could not be replayed".to_owned()),
    ] {
        let ran = within(&limit, &folder, line);
        assert_eq!(ran.code, 3, "{line}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.error().ends_with(&told), "{line}: {}", ran.stderr);
    }
    assert!(folder.files() == before, "nothing was recorded");
}

#[test]
#[cfg(target_os = "linux")]
fn a_thread_that_cannot_be_started_ends_the_program_with_a_message() {
    let folder = Folder::with(&["misbehave"]);
    // No stack is so small that it finds a place.
    let mut command = folder.command("inspect misbehave.wasm");
    let ran = ran(&command.env("RUST_MIN_STACK", (1u64 << 46).to_string()).output().unwrap());
    let told = "a thread cannot be started: this process can have no more threads; free some memory, or raise the \
                limits of this process";
    assert_eq!((ran.code, ran.error()), (3, told));
}

#[test]
#[cfg(target_os = "linux")]
fn the_first_failure_of_the_engine_is_told_with_its_line_after_what_was_recorded() {
    let folder = Folder::with(&["misbehave"]);
    folder.write(
        "requests.ndjson",
        "{\"operation\":\"fine\"}\n{\"operation\":\"eat\"}\n{\"operation\":\"fine\"}\n",
    );
    let record = within("-d 700000", &folder, "record misbehave.wasm --from requests.ndjson --jobs 1");
    assert_eq!(record.code, 3, "{}{}", record.stdout, record.stderr);
    assert_eq!(record.stdout, "1 operation recorded as `fine` in `./cassette`\n2 requests not run\n");
    let told =
        "stopped at requests.ndjson:2: `misbehave.wasm` could not go on running: Cannot allocate memory";
    assert!(record.error().starts_with(told), "{}", record.stderr);
}

#[test]
#[cfg(target_os = "linux")]
fn what_a_service_gets_of_its_files_does_not_depend_on_how_many_files_may_be_open() {
    let folder = Folder::with(&["files"]);
    folder.write("data/a.txt", "hello");
    let mut failed = 0;
    for limit in 5..40 {
        let line =
            r#"record files.wasm --dir data::/data --invoke 'run([read("/data/a.txt"), %list("/data")])'"#;
        let ran = within(&format!("-n {limit}"), &folder, line);
        match ran.code {
            0 => assert!(ran.stdout.starts_with(r#"returned ["hello","a.txt"]"#), "{limit}: {}", ran.stdout),
            code => assert_eq!((code, ran.error().is_empty()), (3, false), "{limit}"),
        }
        failed += usize::from(ran.stderr.contains("could not go on running"));
    }
    assert!(failed > 0, "no limit stops the service at its files");
}

#[test]
#[cfg(target_os = "linux")]
fn a_memory_that_the_machine_does_not_let_grow_is_no_verdict() {
    let folder = Folder::with(&["misbehave"]);
    // Growing is what takes of this limit; reserving does not.
    let limit = "-d 700000";
    let record = within(limit, &folder, "record misbehave.wasm --invoke eat()");
    assert_eq!(record.code, 3, "{}{}", record.stdout, record.stderr);
    let told = "`misbehave.wasm` could not go on running: Cannot allocate memory (os error 12); ";
    assert!(record.error().starts_with(told), "{}", record.stderr);
    assert_eq!(folder.run("list").code, 4, "nothing was recorded");

    let ended = folder.ok("record misbehave.wasm --max-memory 900MiB --invoke eat()");
    assert!(ended.starts_with("memory limit: stopped at the memory limit of 900 MiB"), "{ended}");
    let replay = within(limit, &folder, "replay latest misbehave.wasm --max-memory 900MiB");
    assert_eq!(replay.code, 3, "{}{}", replay.stdout, replay.stderr);
    assert!(replay.error().contains(told), "{}", replay.stderr);
}
