//! Ctrl-C in the middle of a recording: what is done is kept and counted.

#![cfg(unix)]

use crate::support::command::{Folder, Ran, ran};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A recording of so many operations that each sleep for `milliseconds`, as it starts.
fn start(folder: &Folder, operations: usize, milliseconds: u64) -> Child {
    folder.write("requests.ndjson", format!("[{milliseconds}]\n").repeat(operations));
    let mut command = folder.command("record ambient.wasm --operation sleep-for --from requests.ndjson");
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
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

fn is_listed(folder: &Folder) -> bool {
    folder.files().keys().any(|name| name.starts_with("cassette/metadata/") && name.ends_with(".json"))
}

fn end(child: Child) -> Ran {
    ran(&child.wait_with_output().unwrap())
}

#[test]
fn the_first_ctrl_c_ends_a_recording_after_the_operation_that_runs_and_counts_what_is_done() {
    let folder = Folder::with(&["ambient"]);
    // Half a minute, if nobody stopped it.
    let child = start(&folder, 300, 100);
    wait_for("the first recording", || is_listed(&folder));
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

#[test]
fn the_second_ctrl_c_gives_up_the_operation_that_runs_and_leaves_nothing_of_it() {
    let folder = Folder::with(&["ambient"]);
    let mut child = start(&folder, 3, 50_000);
    // Made before the first operation runs.
    wait_for("the cassette", || folder.path("cassette/.partial").is_dir());
    let mut notes = BufReader::new(child.stderr.take().unwrap()).lines();
    wait_for("the answer to ctrl-C", || {
        interrupt(&child);
        notes
            .next()
            .is_some_and(|note| note.unwrap().starts_with("stopping after the operation that is running"))
    });
    interrupt(&child);
    let Ran { code, stdout, .. } = end(child);
    assert_eq!(code, 130, "{stdout}");
    assert_eq!(
        stdout,
        "0 operations recorded as `sleep-for` in `./cassette`: 0 returned, 0 ended in an exception\n\
         1 operation given up while it ran, and not recorded\n2 requests not run\n"
    );
    assert!(folder.files().keys().all(|name| !name.starts_with("cassette/") || name.ends_with('/')));
}
