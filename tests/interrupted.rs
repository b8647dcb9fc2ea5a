//! A recording that ends before its requests do, by ctrl-C or because the cassette fails: what is done is kept and
//! counted, and nothing more is run.

#![cfg(unix)]

use crate::support::command::{Folder, Ran, ran};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A recording of operations that sleep for so many milliseconds each, as it starts.
fn start(folder: &Folder, milliseconds: &[u64]) -> Child {
    folder
        .write("requests.ndjson", milliseconds.iter().map(|time| format!("[{time}]\n")).collect::<String>());
    let mut command =
        folder.command("record ambient.wasm --operation sleep-for --from requests.ndjson --jobs 1");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for("the first recording", || folder.run("list").code == 0);
    child
}

fn interrupt(child: &Child) {
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
}

/// Waits for something that will come, unless the program is broken.
fn wait_for(what: &str, mut there: impl FnMut() -> bool) {
    for _ in 0..3000 {
        if there() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{what} does not come");
}

fn end(child: Child) -> Ran {
    ran(&child.wait_with_output().unwrap())
}

#[test]
fn the_first_ctrl_c_ends_a_recording_after_the_operation_that_runs_and_counts_what_is_done() {
    let folder = Folder::with(&["ambient"]);
    // Half a minute, if nobody stopped it.
    let child = start(&folder, &[100; 300]);
    interrupt(&child);
    let Ran { code, stdout, stderr } = end(child);
    assert_eq!(code, 130, "{stdout}{stderr}");
    let listed = folder.json("list").len();
    assert!((1..300).contains(&listed), "{listed}");
    assert!(stdout.contains(&format!("{listed} operation")), "{stdout}");
    let left = 300 - listed;
    assert!(stdout.ends_with(&format!("\n{left} requests not run\n")), "{stdout}");
    assert_eq!(folder.run("verify").code, 0);
    assert_eq!(folder.json("replay --all ambient.wasm").pop().unwrap()["summary"]["equal"], listed);
}

/// A recording that was interrupted once while its second operation runs, of three.
fn interrupted() -> (Folder, Child) {
    for _ in 0..20 {
        let folder = Folder::with(&["ambient"]);
        let mut child = start(&folder, &[1, 50_000, 50_000]);
        interrupt(&child);
        let told = BufReader::new(child.stderr.take().unwrap()).lines().next();
        if told
            .is_some_and(|told| told.unwrap().starts_with("stopping after the operations that are running"))
        {
            return (folder, child);
        }
        // It came between two operations, and ended the recording there.
        assert_eq!(end(child).code, 130);
    }
    panic!("no operation is running for as long as it should");
}

#[test]
fn the_second_ctrl_c_gives_up_the_operation_that_runs_and_leaves_nothing_of_it() {
    let (folder, child) = interrupted();
    interrupt(&child);
    let Ran { code, stdout, .. } = end(child);
    assert_eq!(code, 130, "{stdout}");
    assert_eq!(
        stdout,
        "1 operation recorded as `sleep-for` in `./cassette`\n\
         1 operation given up while it ran, and not recorded\n1 request not run\n"
    );
    assert_eq!(folder.ok("verify"), "1 recording whole, 0 broken\n");
    let files = folder.files();
    let recorded = files.keys().filter(|name| name.starts_with("cassette/") && !name.ends_with('/'));
    assert_eq!(recorded.count(), 2, "{:?}", files.keys());
}

#[test]
fn of_operations_that_run_side_by_side_those_that_have_ended_are_kept_when_the_others_are_given_up() {
    let folder = Folder::with(&["ambient"]);
    // The second and the fourth never end in time, and the third ends behind the second.
    folder.write("requests.ndjson", "[1]\n[500000]\n[1]\n[500000]\n[500000]\n");
    let mut command = folder
        .command("record ambient.wasm --operation sleep-for --from requests.ndjson --jobs 3 --timeout 10m");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for("two recordings", || folder.json("list").len() == 2);
    interrupt(&child);
    let told = BufReader::new(child.stderr.take().unwrap()).lines().next().unwrap().unwrap();
    assert!(told.starts_with("stopping after the operations that are running"), "{told}");
    interrupt(&child);
    let Ran { code, stdout, .. } = end(child);
    assert_eq!(code, 130, "{stdout}");
    assert!(stdout.starts_with("2 operations recorded as `sleep-for` in `./cassette`\n"), "{stdout}");
    let numbers: Vec<usize> =
        stdout.lines().filter_map(|line| line.split(' ').next()?.parse().ok()).collect();
    assert_eq!(numbers.iter().sum::<usize>(), 5, "recorded, given up and not run: {stdout}");
    assert_eq!(folder.ok("verify"), "2 recordings whole, 0 broken\n");
}

#[test]
fn a_cassette_that_fails_in_the_middle_ends_a_recording_and_keeps_what_is_done() {
    let folder = Folder::with(&["ambient"]);
    // Before the second ends there is a file where its folder was.
    let child = start(&folder, &[1, 3_000, 3_000, 3_000]);
    let (full, kept) = (folder.path("cassette/full"), folder.path("cassette/kept"));
    std::fs::rename(&full, &kept).unwrap();
    std::fs::write(&full, "mine").unwrap();
    let ran = end(child);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let error = ran.error();
    assert!(error.starts_with("requests.ndjson:2: recording `sleep-for/"), "{error}");
    assert!(error.ends_with("; the rest was not run"), "{error}");
    assert_eq!(error.matches("was not saved").count() + ran.stdout.matches("was not saved").count(), 1);
    assert_eq!(
        ran.stdout,
        "1 of 2 operations recorded as `sleep-for` in `./cassette`\n\
         2 requests not run\n"
    );
    std::fs::remove_file(&full).unwrap();
    std::fs::rename(&kept, &full).unwrap();
    assert_eq!(folder.ok("verify"), "1 recording whole, 0 broken\n");
}

#[test]
fn ctrl_c_ends_replays_after_those_that_run_and_tells_what_is_done() {
    let folder = Folder::with(&["ambient"]);
    folder.write("requests.ndjson", "[1]\n".repeat(400));
    folder.ok("record ambient.wasm --operation sleep-for --from requests.ndjson");
    let mut command = folder.command("replay --all ambient.wasm --jobs 1 -v");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It waits for its reader, which has seen the first report.
    let mut stdout = child.stdout.take().unwrap();
    let mut told = vec![0];
    stdout.read_exact(&mut told).unwrap();
    interrupt(&child);
    stdout.read_to_end(&mut told).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let told = String::from_utf8(told).unwrap();
    let summary = told.lines().last().unwrap();
    let numbers: Vec<usize> = summary.split(' ').filter_map(|word| word.parse().ok()).collect();
    let [equal, 0, 0, left] = numbers[..] else { panic!("{summary}") };
    assert!(summary.ends_with(" not replayed") && equal > 0 && left > 0 && equal + left == 400, "{summary}");
}

#[test]
fn ctrl_c_ends_a_verification_after_the_replays_that_run() {
    let folder = Folder::with(&["ambient"]);
    // What it tells of so many is more than a pipe holds.
    folder.write("requests.ndjson", "[0]\n".repeat(1_000));
    folder.ok("record ambient.wasm --operation sleep-for --from requests.ndjson");
    let mut command = folder.command("verify --replay ambient.wasm --jobs 2 --format json");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It waits for its reader, which has seen the beginning.
    let mut stdout = child.stdout.take().unwrap();
    let mut told = vec![0];
    stdout.read_exact(&mut told).unwrap();
    interrupt(&child);
    stdout.read_to_end(&mut told).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let told = String::from_utf8(told).unwrap();
    let summary: serde_json::Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    let equal = summary["summary"]["equal"].as_u64().unwrap();
    assert!((1..1_000).contains(&equal), "{summary}");
    assert_eq!(told.lines().count() as u64, equal + 1);
}
