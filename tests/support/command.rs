//! Runs the program as people do: in a folder of its own, with nothing in the environment but what a test gives it.

use super::{guest, portfolio, root, target};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A working directory, with the guests that a test names.
pub(crate) struct Folder(TempDir);

/// What came of a command.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    /// A folder that has these guests, as `<name>.wasm`.
    pub(crate) fn with(guests: &[&str]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for name in guests {
            std::fs::copy(guest(name), folder.path(&format!("{name}.wasm"))).unwrap();
        }
        folder
    }

    /// One with the shop, and what answers its calls.
    pub(crate) fn shop() -> Self {
        Self::with(&["shop", "shop_provider"])
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, and the folders that it is in.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// The program with these arguments. In single quotes they may have spaces.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_playback-host"));
        command.args(words(line)).current_dir(self.0.path()).stdin(Stdio::null());
        command.env_clear().env("PLAYBACK_CACHE", target().join("tests-cache"));
        command
    }

    pub(crate) fn run(&self, line: &str) -> Ran {
        ran(&self.command(line).output().unwrap())
    }

    /// Runs what must succeed, and returns what it prints.
    pub(crate) fn ok(&self, line: &str) -> String {
        let ran = self.run(line);
        assert_eq!(ran.code, 0, "{line}\n{}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    /// The lines that a command prints with `--format json`. Each must be JSON, whatever the command exits with.
    pub(crate) fn json(&self, line: &str) -> Vec<serde_json::Value> {
        let ran = self.run(&format!("{line} --format json"));
        ran.stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    /// Runs what must be refused with one message and change nothing in the folder. Returns what a person sees.
    pub(crate) fn refusals(&self, lines: &[&str]) -> String {
        let before = self.files();
        let told = lines.iter().map(|line| {
            let ran = self.run(line);
            ran.error();
            assert_eq!(ran.stdout, "", "{line}");
            assert_eq!(self.files().keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>(), "{line}");
            format!("$ {line}\n{}[{}]\n\n", ran.stderr, ran.code)
        });
        let told = told.collect();
        assert!(self.files() == before, "a file was changed");
        told
    }

    /// What a person sees who runs `lines`.
    pub(crate) fn session(&self, lines: &[&str]) -> String {
        let told = lines.iter().map(|line| {
            let Ran { code, stdout, stderr } = self.run(line);
            assert_clean(&stderr);
            format!("$ {line}\n{stderr}{stdout}[{code}]\n\n")
        });
        told.collect()
    }

    /// Every file below the folder, by its path. Folders end in a slash.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        add(self.0.path(), "", &mut files);
        files
    }
}

impl Ran {
    /// The one error that standard error is to hold.
    pub(crate) fn error(&self) -> &str {
        assert_clean(&self.stderr);
        assert_ne!(self.code, 0, "{}", self.stderr);
        assert_eq!(self.stderr.matches("error: ").count(), 1, "{}", self.stderr);
        self.stderr.strip_prefix("error: ").expect(&self.stderr).trim_end()
    }
}

/// The portfolio example: version 1 recorded on all requests, and the changed versions beside it.
pub(crate) fn portfolio_recorded() -> Folder {
    let folder = Folder::with(&[]);
    for name in ["service", "service_regression", "service_refactored", "provider"] {
        std::fs::copy(portfolio(name), folder.path(&format!("{name}.wasm"))).unwrap();
    }
    let example = root().join("examples/portfolio");
    for file in std::fs::read_dir(example.join("data")).unwrap() {
        let file = file.unwrap();
        folder.write(
            &format!("data/{}", file.file_name().to_str().unwrap()),
            std::fs::read(file.path()).unwrap(),
        );
    }
    std::fs::create_dir(folder.path("ledger")).unwrap();
    folder.write("requests.ndjson", std::fs::read(example.join("requests.ndjson")).unwrap());
    folder.ok("record service.wasm --from requests.ndjson --provider provider.wasm \
         --provider-dir data::/data::ro --provider-dir ledger::/ledger");
    folder
}

pub(crate) fn ran(output: &Output) -> Ran {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    // No code: a signal ended it.
    let code = output.status.code().unwrap_or(-1);
    Ran { code, stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// Nothing in it is for the people who wrote the program.
fn assert_clean(stderr: &str) {
    for trace in
        ["panicked at host", "stack backtrace", "Os {", "Custom {", "Some(", "Err(", "Error", "unwrap"]
    {
        assert!(!stderr.contains(trace), "`{trace}` in: {stderr}");
    }
}

fn words(line: &str) -> Vec<String> {
    let mut words = vec![];
    for (index, part) in line.split('\'').enumerate() {
        match index % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

fn add(folder: &Path, below: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().into_string().unwrap());
        let sort = entry.file_type().unwrap();
        if sort.is_symlink() {
            files.insert(name, b"a link".to_vec());
        } else if sort.is_dir() {
            add(&entry.path(), &format!("{name}/"), files);
            files.insert(name + "/", Vec::new());
        } else {
            files.insert(name, std::fs::read(entry.path()).unwrap());
        }
    }
}

/// Without what is another in each run.
pub(crate) fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "<uuid>");
    settings.add_filter(r"/\d{8}/<uuid>", "/<date>/<uuid>");
    settings.add_filter(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "<moment>");
    settings.add_filter(r"sha256:[0-9a-f]{64}", "<digest>");
    settings.add_filter(r#""accessed":\d+.*…"#, r#""accessed":<times>…"#);
    // With the spaces that align them in a table.
    settings.add_filter(r" +\d+(\.\d+)? (us|ms|s)\b", " <time>");
    settings.add_filter(r" +\d+(\.\d+)? (B|KiB)\b", " <size>");
    settings
}

/// Compares a text with a snapshot.
macro_rules! assert_told {
    ($told:expr) => {{
        let told = $told;
        $crate::support::command::settings().bind(|| insta::assert_snapshot!(told));
    }};
}
pub(crate) use assert_told;
