//! A value that is a path: the file is kept with it, and is there again on replay.

use super::{Fill, Prepare, Restore};
use crate::host;
use crate::host::answer::Kept;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Keeps the file that a path names, in a folder that the service was granted, and puts it there on replay.
///
/// One larger than the host's limit (`--intercepted-file-size-limit`, 500 MB unless said otherwise) is kept as its size: a replay
/// that has to put it there ends.
#[derive(Debug, Clone, Copy)]
pub struct File;

/// What is on the tape of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FileContent {
    /// Where it was.
    pub path: String,
    /// The SHA-256 of its content, which the cassette has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// How many bytes it had, where they were more than are kept. With neither there was no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub too_large: Option<u64>,
}

fn keep(path: &str) -> Result<FileContent, String> {
    let kept = host::keep_file(path).map_err(|problem| format!("the file `{path}`: {problem}"))?;
    let (sha256, too_large) = match kept {
        Kept::Content(digest) => (Some(digest), None),
        Kept::TooLarge(size) => (None, Some(size)),
        Kept::Absent => (None, None),
    };
    Ok(FileContent { path: path.to_owned(), sha256, too_large })
}

/// Of a file that must be there.
fn keep_existing(path: &str) -> Result<FileContent, String> {
    match keep(path)? {
        FileContent { sha256: None, too_large: None, .. } => Err(format!("the file `{path}`: there is none")),
        content => Ok(content),
    }
}

fn restore(FileContent { path, sha256, too_large }: FileContent) -> Result<String, String> {
    match (sha256, too_large) {
        (Some(digest), _) => {
            host::restore_file(&path, Some(&digest))
                .map_err(|problem| format!("the file `{path}`: {problem}"))?;
            Ok(path)
        }
        (None, Some(size)) => Err(format!(
            "the file `{path}` was not kept: its {size} bytes are above the limit on recorded files"
        )),
        (None, None) => Err(format!("the file `{path}` was not there when it was recorded")),
    }
}

fn text(path: &Path) -> Result<&str, String> {
    path.to_str().ok_or_else(|| format!("the path `{}` is not UTF-8", path.display()))
}

macro_rules! prepare {
    ($($path:ty: $text:expr,)*) => {
        $(impl Prepare<$path> for File {
            type Recorded = FileContent;
            type Error = String;

            fn prepare(path: &$path) -> Result<FileContent, String> {
                let text: fn(&$path) -> Result<&str, String> = $text;
                keep_existing(text(path)?)
            }
        }

        impl Fill<$path> for File {
            /// A body that fails may leave none.
            fn left(path: &$path) -> Result<FileContent, String> {
                let text: fn(&$path) -> Result<&str, String> = $text;
                keep(text(path)?)
            }

            fn fill(recorded: FileContent, path: &$path) -> Result<(), String> {
                let text: fn(&$path) -> Result<&str, String> = $text;
                let path = text(path)?;
                match &recorded {
                    FileContent { sha256: None, too_large: None, .. } => host::restore_file(path, None),
                    _ => restore(FileContent { path: path.to_owned(), ..recorded }).map(drop),
                }
            }
        })*
    };
}

prepare! {
    Path: text,
    PathBuf: |path| text(path),
    str: |path| Ok(path),
    String: |path| Ok(path),
}

impl Restore<PathBuf> for File {
    fn restore(recorded: FileContent) -> Result<PathBuf, String> {
        restore(recorded).map(PathBuf::from)
    }
}

impl Restore<String> for File {
    fn restore(recorded: FileContent) -> Result<String, String> {
        restore(recorded)
    }
}
