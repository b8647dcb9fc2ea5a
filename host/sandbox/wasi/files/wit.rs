//! The types of `wasi:filesystem`, to and from ours.

use super::code;
use super::resolve::LastLink;
use cap_primitives::fs::SystemTimeSpec;
use playback_recording::{Entry, EntryKind, Sight};
use std::fs::FileTimes;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use twox_hash::XxHash3_128;
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorStat, DescriptorType, ErrorCode, MetadataHashValue, NewTimestamp, PathFlags,
};

/// What `stat` says of what was seen.
pub(super) fn stat_of(sight: &Sight) -> FsResult<DescriptorStat> {
    match sight {
        Sight::Entry(entry) => Ok(stat(entry)),
        Sight::Failed(code) => Err(code::parse(code).into()),
        _ => Err(ErrorCode::NoEntry.into()),
    }
}

pub(super) fn last_link(flags: PathFlags) -> LastLink {
    match flags.contains(PathFlags::SYMLINK_FOLLOW) {
        true => LastLink::Followed,
        false => LastLink::Itself,
    }
}

pub(super) fn type_of(kind: EntryKind) -> DescriptorType {
    match kind {
        EntryKind::File => DescriptorType::RegularFile,
        EntryKind::Folder => DescriptorType::Directory,
        EntryKind::Link => DescriptorType::SymbolicLink,
        EntryKind::Other => DescriptorType::Unknown,
    }
}

fn stat(entry: &Entry) -> DescriptorStat {
    let time = |nanoseconds: Option<u64>| {
        let time = Duration::from_nanos(nanoseconds?);
        Some(Datetime { seconds: time.as_secs(), nanoseconds: time.subsec_nanos() })
    };
    DescriptorStat {
        type_: type_of(entry.kind),
        link_count: entry.links,
        size: entry.size,
        data_access_timestamp: time(entry.accessed),
        data_modification_timestamp: time(entry.modified),
        status_change_timestamp: time(entry.created),
    }
}

/// The hash of what tells one file from another.
pub(super) fn hash(identity: &str) -> MetadataHashValue {
    let mut hasher = XxHash3_128::new();
    hasher.write(identity.as_bytes());
    let hash = hasher.finish_128();
    MetadataHashValue { lower: hash as u64, upper: (hash >> 64) as u64 }
}

/// The times to set, where now is `now`.
pub(super) fn times(accessed: NewTimestamp, modified: NewTimestamp, now: SystemTime) -> FsResult<FileTimes> {
    let mut times = FileTimes::new();
    if let Some(time) = time(accessed, now)? {
        times = times.set_accessed(time);
    }
    if let Some(time) = time(modified, now)? {
        times = times.set_modified(time);
    }
    Ok(times)
}

/// The same for a symbolic link itself.
pub(super) fn link_times(
    accessed: NewTimestamp,
    modified: NewTimestamp,
    now: SystemTime,
) -> FsResult<(Option<SystemTimeSpec>, Option<SystemTimeSpec>)> {
    let spec =
        |time: Option<SystemTime>| time.map(|time| cap_primitives::time::SystemTime::from_std(time).into());
    Ok((spec(time(accessed, now)?), spec(time(modified, now)?)))
}

fn time(time: NewTimestamp, now: SystemTime) -> FsResult<Option<SystemTime>> {
    match time {
        NewTimestamp::NoChange => Ok(None),
        NewTimestamp::Now => Ok(Some(now)),
        NewTimestamp::Timestamp(Datetime { seconds, nanoseconds }) => {
            let since = Duration::from_secs(seconds).checked_add(Duration::from_nanos(nanoseconds.into()));
            let time = since.and_then(|since| UNIX_EPOCH.checked_add(since));
            time.map(Some).ok_or_else(|| ErrorCode::Overflow.into())
        }
    }
}
