//! The workflows of `examples/ci` are valid, and each of their commands does what it is for. Cargo and rustup are replaced: they
//! "build" a component by what the sources say.
#![cfg(unix)]

use crate::support::command::Folder;
use crate::support::command::portfolio_recorded;
use crate::support::root;
use serde_json::Value as Json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

fn workflow(name: &str) -> Json {
    let text = fs::read_to_string(root().join("examples/ci").join(name)).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

/// A repository whose base is version 1 of the portfolio and whose head is the one with a regression.
fn repository() -> Folder {
    let folder = portfolio_recorded();
    fs::rename(folder.path("cassette"), folder.path("recordings")).unwrap();
    let program = |name: &str, script: &str| {
        folder.write(&format!("bin/{name}"), format!("#!/bin/sh\nset -e\n{script}\n"));
        fs::set_permissions(folder.path(&format!("bin/{name}")), fs::Permissions::from_mode(0o755)).unwrap();
    };
    program("rustup", "exit 0");
    let wasm = folder.path("").display().to_string();
    program(
        "cargo",
        &format!(
            "test $1 = build || exit 0\nmkdir -p target/wasm32-wasip2/release\ncp {wasm}/$(cat source) target/wasm32-wasip2/release/service.wasm"
        ),
    );
    let git = "git -c user.name=test -c user.email=test@localhost -c init.defaultBranch=main";
    folder.write("source", "service.wasm");
    succeeds(&shell(
        folder.path("").as_path(),
        &format!("{git} init -q . && {git} add source && {git} commit -qm base"),
    ));
    folder.write("source", "service_regression.wasm");
    succeeds(&shell(folder.path("").as_path(), &format!("{git} commit -qam head")));
    folder
}

fn shell(folder: &Path, script: &str) -> Output {
    let host = Path::new(env!("CARGO_BIN_EXE_playback-host")).parent().unwrap();
    let path = format!("{}/bin:{}:{}", folder.display(), host.display(), std::env::var("PATH").unwrap());
    Command::new("bash").args(["-ec", script]).current_dir(folder).env("PATH", path).output().unwrap()
}

fn succeeds(output: &Output) -> &Output {
    let (told, problem) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{told}{problem}");
    output
}

/// The commands of the steps of a job of GitHub, with its expressions filled in.
fn steps(job: &Json, values: &[(&str, &str)]) -> Vec<String> {
    let steps = job["steps"].as_array().unwrap();
    let commands = steps.iter().filter_map(|step| {
        let mut command = step["run"].as_str()?.to_owned();
        for (name, value) in step["env"].as_object().into_iter().flatten() {
            command = format!("export {name}='{}'\n{command}", value.as_str().unwrap());
        }
        for (expression, value) in values {
            command = command.replace(&format!("${{{{ {expression} }}}}"), value);
        }
        Some(command)
    });
    commands.collect()
}

#[test]
fn the_workflow_for_github_finds_a_regression_in_shards_and_tells_it_once() {
    let workflow = workflow("github.yml");
    let folder = repository();
    let place = folder.path("");
    let shards = workflow["jobs"]["compare"]["strategy"]["matrix"]["shard"].as_array().unwrap();
    assert_eq!(shards.len(), 4);
    for shard in shards {
        let values = [("github.event.pull_request.base.sha", "HEAD~1"), ("matrix.shard", &shard.to_string())];
        for command in steps(&workflow["jobs"]["compare"], &values) {
            succeeds(&shell(&place, &command));
        }
        // Each shard begins on a fresh machine.
        succeeds(&shell(&place, "git worktree remove --force base && rm -rf target"));
    }
    let mut last = None;
    for command in steps(&workflow["jobs"]["report"], &[]) {
        last = Some(shell(
            &place,
            &format!("export GITHUB_STEP_SUMMARY={}/summary\n{command}", place.display()),
        ));
    }
    assert_eq!(last.unwrap().status.code(), Some(1), "the regression fails the job");
    let summary = fs::read_to_string(folder.path("summary")).unwrap();
    assert!(summary.contains("30 of 300 recordings changed"), "{summary}");
    for job in ["compare", "report"] {
        let steps = workflow["jobs"][job]["steps"].as_array().unwrap();
        assert!(steps.iter().all(|step| step["run"].is_string() != step["uses"].is_string()), "{job}");
    }
}

#[test]
fn the_workflow_for_gitlab_finds_a_regression_in_shards_and_tells_it_once() {
    let workflow = workflow("gitlab.yml");
    let folder = repository();
    let place = folder.path("");
    let script = |job: &str| {
        let lines = workflow[".playback"]["before_script"]
            .as_array()
            .into_iter()
            .chain(workflow[job]["script"].as_array());
        lines.flatten().map(|line| line.as_str().unwrap().to_owned()).collect::<Vec<_>>().join("\n")
    };
    let shards = workflow["compare"]["parallel"].as_u64().unwrap();
    for shard in 1..=shards {
        let variables = format!(
            "export CI_MERGE_REQUEST_DIFF_BASE_SHA=HEAD~1 CI_NODE_INDEX={shard} CI_NODE_TOTAL={shards}"
        );
        succeeds(&shell(&place, &format!("{variables}\n{}", script("compare"))));
        succeeds(&shell(&place, "git worktree remove --force base && rm -rf target"));
    }
    let report = shell(&place, &script("report"));
    assert_eq!(report.status.code(), Some(1), "{}", String::from_utf8_lossy(&report.stderr));
    assert!(String::from_utf8_lossy(&report.stdout).contains("270 equal, 30 different"));
    let junit = workflow["report"]["artifacts"]["reports"]["junit"].as_str().unwrap();
    assert!(folder.path(junit).is_file(), "{junit}");
}
