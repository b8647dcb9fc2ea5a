//! Works with files as it is told, and says what came of it.

wit_bindgen::generate!({ path: "wit/files.wit", world: "files", generate_all });

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::time::{Duration, UNIX_EPOCH};
use wasi::clocks::wall_clock::Datetime;
use wasi::filesystem::preopens;
use wasi::filesystem::types::{DescriptorFlags, ErrorCode, NewTimestamp, OpenFlags, PathFlags};

struct Files;

impl Guest for Files {
    fn run(steps: Vec<Step>) -> Vec<String> {
        let run = |step| done(step).unwrap_or_else(|error: io::Error| format!("error: {error}"));
        steps.into_iter().map(run).collect()
    }
}

fn called(call: Call) -> Result<String, ErrorCode> {
    let folders = preopens::get_directories();
    let (folder, _) = &folders[0];
    let (itself, ok) = (PathFlags::empty(), |()| "ok".to_owned());
    match call {
        Call::SymlinkAt((to, path)) => folder.symlink_at(&to, &path).map(ok),
        Call::LinkAt((from, to)) => folder.link_at(itself, &from, folder, &to).map(ok),
        Call::Shorten(path) => {
            let file = folder.open_at(itself, &path, OpenFlags::empty(), DescriptorFlags::READ)?;
            file.set_size(1).map(ok)
        }
        Call::SetLinkTimes((path, seconds)) => {
            let time = NewTimestamp::Timestamp(Datetime { seconds, nanoseconds: 0 });
            folder.set_times_at(itself, &path, NewTimestamp::NoChange, time).map(ok)
        }
        Call::Hash(path) => {
            let hash = folder.metadata_hash_at(PathFlags::SYMLINK_FOLLOW, &path)?;
            Ok(format!("{:x}{:x}", hash.upper, hash.lower))
        }
    }
}

fn done(step: Step) -> io::Result<String> {
    let ok = |()| "ok".to_owned();
    match step {
        Step::Read(path) => fs::read_to_string(path),
        Step::Write((path, text)) => fs::write(path, text).map(ok),
        Step::Append((path, text)) => {
            OpenOptions::new().append(true).create(true).open(path)?.write_all(text.as_bytes()).map(ok)
        }
        Step::Patch((path, offset, text)) => {
            let mut file = OpenOptions::new().write(true).open(path)?;
            file.seek(SeekFrom::Start(offset))?;
            file.write_all(text.as_bytes()).map(ok)
        }
        Step::Truncate((path, size)) => OpenOptions::new().write(true).open(path)?.set_len(size).map(ok),
        Step::List(path) => {
            let name = |entry: io::Result<fs::DirEntry>| {
                let entry = entry?;
                let slash = if entry.file_type()?.is_dir() { "/" } else { "" };
                Ok(entry.file_name().to_string_lossy().into_owned() + slash)
            };
            Ok(fs::read_dir(path)?.map(name).collect::<io::Result<Vec<_>>>()?.join(" "))
        }
        Step::Stat(path) => fs::metadata(path).map(shown),
        Step::StatLink(path) => fs::symlink_metadata(path).map(shown),
        Step::ReadLink(path) => Ok(fs::read_link(path)?.to_string_lossy().into_owned()),
        Step::Rename((from, to)) => fs::rename(from, to).map(ok),
        Step::Link((from, to)) => fs::hard_link(from, to).map(ok),
        Step::Remove(path) => fs::remove_file(path).map(ok),
        Step::MakeFolder(path) => fs::create_dir(path).map(ok),
        Step::RemoveFolder(path) => fs::remove_dir(path).map(ok),
        Step::MakeFolders(path) => fs::create_dir_all(path).map(ok),
        Step::Variable(name) => Ok(std::env::var(name).unwrap_or_else(|_| "unset".to_owned())),
        Step::Draw => Ok(uuid::Uuid::new_v4().to_string()),
        Step::ReadSlowly((path, size, pause)) => {
            let (mut file, mut text) = (File::open(path)?, String::new());
            loop {
                std::thread::sleep(Duration::from_millis(pause));
                if (&mut file).take(size).read_to_string(&mut text)? == 0 {
                    return Ok(text);
                }
            }
        }
        Step::RemoveOpen(path) => {
            let mut file = File::open(&path)?;
            fs::remove_file(path)?;
            let mut text = String::new();
            file.read_to_string(&mut text)?;
            Ok(text)
        }
        Step::Extend((path, text)) => extend(OpenOptions::new().read(true).write(true), &path, &text),
        Step::MakeOrExtend((path, text)) => {
            extend(OpenOptions::new().read(true).write(true).create(true), &path, &text)
        }
        Step::Call(call) => Ok(called(call).unwrap_or_else(|error| error.name().to_owned())),
        Step::Fill((path, size)) => fs::write(path, vec![b'x'; size as usize]).map(ok),
    }
}

fn extend(how: &OpenOptions, path: &str, text: &str) -> io::Result<String> {
    let (mut file, mut found) = (how.open(path)?, String::new());
    file.read_to_string(&mut found)?;
    file.write_all(text.as_bytes())?;
    Ok(found)
}

fn shown(metadata: Metadata) -> String {
    let kind = match metadata.file_type() {
        kind if kind.is_dir() => "folder",
        kind if kind.is_symlink() => "link",
        _ => "file",
    };
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    format!("{kind} {} {}", metadata.len(), modified.map_or(0, |time| time.as_nanos()))
}

export!(Files);
