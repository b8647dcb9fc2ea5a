//! The guest SDK's page leads from nothing to a replay: whoever does what it says sees what it says.

use crate::support::{guest, root, target};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A fenced block.
struct Block<'p> {
    /// What follows its fence.
    info: &'p str,
    text: &'p str,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let fenced = page.split("\n```").skip(1).step_by(2);
    let blocks = fenced.filter_map(|block| block.split_once('\n'));
    blocks.map(|(info, text)| Block { info, text }).collect()
}

/// Somebody who follows the page.
struct Reader {
    folder: PathBuf,
    /// What the commands of the last block printed.
    told: String,
    /// All commands, and what they exited with.
    ran: Vec<(String, i32)>,
}

impl Reader {
    fn follow(&mut self, Block { info, text }: &Block<'_>) {
        match *info {
            "sh" => {
                self.told.clear();
                text.lines().for_each(|command| self.run(command));
            }
            "toml" | "wit" | "rust,ignore" => self.write(text),
            "diff" => self.change(text),
            "text" => {
                let told: Vec<&str> = self.told.lines().collect();
                for line in text.lines() {
                    assert!(told.contains(&line), "`{line}` is not in:\n{}", self.told);
                }
            }
            // It explains, and no command prints it.
            "text picture" => {}
            // The crate's own doctests.
            "rust" => {}
            other => panic!("what is to be done with a block of `{other}`?"),
        }
    }

    fn run(&mut self, command: &str) {
        if let Some(folder) = command.strip_prefix("cd ") {
            self.folder.push(folder);
            self.share();
            return;
        }
        let output = self.shell(command);
        let code = output.status.code().unwrap();
        assert!(code <= 1, "{command}\n{}", String::from_utf8_lossy(&output.stderr));
        self.told += &String::from_utf8(output.stdout).unwrap();
        self.ran.push((command.to_owned(), code));
    }

    fn shell(&self, command: &str) -> Output {
        let host = Path::new(env!("CARGO_BIN_EXE_playback-host"));
        let programs = [host, Path::new(env!("CARGO"))].map(|program| program.parent().unwrap().display());
        let path = format!("{}:{}:{}", programs[0], programs[1], std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).current_dir(&self.folder).env("PATH", path);
        shell.env("CARGO_INCREMENTAL", "0");
        shell.env("PLAYBACK_CACHE", target().join("tests-cache"));
        shell.env_remove("CARGO_TARGET_DIR").env_remove("CARGO_BUILD_TARGET").output().unwrap()
    }

    /// Builds where the other guests are built, and of what they are built.
    fn share(&self) {
        fs::create_dir_all(target().join("guests")).unwrap();
        symlink(target().join("guests"), self.folder.join("target")).unwrap();
        fs::copy(root().join("tests/guests/Cargo.lock"), self.folder.join("Cargo.lock")).unwrap();
    }

    /// Writes the file that the first line names, with the SDK of this checkout.
    fn write(&self, text: &str) {
        let name = text.lines().next().unwrap().trim_start_matches(['#', '/', ' ']);
        let sdk = root().join("guest-sdk").display().to_string();
        fs::write(self.folder.join(name), text.replace("../playback-host/guest-sdk", &sdk)).unwrap();
    }

    /// Changes the code: one line, which is there once.
    fn change(&self, diff: &str) {
        let line = |sign| diff.lines().find_map(|line| line.strip_prefix(sign)).unwrap();
        let path = self.folder.join("src/lib.rs");
        let code = fs::read_to_string(&path).unwrap();
        assert_eq!(code.matches(line('-')).count(), 1);
        fs::write(path, code.replace(line('-'), line('+'))).unwrap();
    }
}

#[test]
fn whoever_follows_the_page_of_the_sdk_gets_from_nothing_to_a_replay_that_differs() {
    // What the page needs is built with the other guests, and is there then.
    guest("sdk");
    let page = fs::read_to_string(root().join("guest-sdk/README.md")).unwrap();
    let temporary = tempfile::tempdir().unwrap();
    let mut reader = Reader { folder: temporary.path().to_owned(), told: String::new(), ran: vec![] };
    for block in blocks(&page) {
        reader.follow(&block);
    }
    let replays: Vec<_> = reader.ran.iter().filter(|(command, _)| command.contains(" replay ")).collect();
    assert_eq!(replays.iter().map(|(_, code)| *code).collect::<Vec<_>>(), [0, 1]);
    assert!(
        reader.ran.iter().all(|(command, code)| *code == 0 || command == &replays[1].0),
        "{:?}",
        reader.ran
    );
    assert!(reader.folder.join("playback.toml").exists());
    let output = reader.shell("playback-host list");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Each run is in another folder, and would leave another build.
    for built in ["", "--release --target wasm32-wasip2"] {
        assert!(reader.shell(&format!("cargo clean --quiet -p shop {built}")).status.success());
    }
}
