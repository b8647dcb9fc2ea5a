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

/// The times that a service sets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    accessed: Option<Time>,
    modified: Option<Time>,
}

#[derive(Debug, Clone, Copy)]
enum Time {
    /// What the clock of the machine shows when the time is set: a replay sets none, and reads no clock.
    Now,
    At(SystemTime),
}

impl Times {
    pub(super) fn new(accessed: NewTimestamp, modified: NewTimestamp) -> FsResult<Self> {
        Ok(Self { accessed: Time::new(accessed)?, modified: Time::new(modified)? })
    }

    /// For a file or a directory.
    pub(super) fn of_file(self) -> FileTimes {
        let mut times = FileTimes::new();
        if let Some(time) = self.accessed {
            times = times.set_accessed(time.get());
        }
        if let Some(time) = self.modified {
            times = times.set_modified(time.get());
        }
        times
    }

    /// For a symbolic link itself.
    pub(super) fn of_link(self) -> (Option<SystemTimeSpec>, Option<SystemTimeSpec>) {
        let spec = |time: Time| cap_primitives::time::SystemTime::from_std(time.get()).into();
        (self.accessed.map(spec), self.modified.map(spec))
    }
}

impl Time {
    /// `None`: the time stays as it is.
    fn new(time: NewTimestamp) -> FsResult<Option<Self>> {
        match time {
            NewTimestamp::NoChange => Ok(None),
            NewTimestamp::Now => Ok(Some(Self::Now)),
            NewTimestamp::Timestamp(Datetime { seconds, nanoseconds }) => {
                let since =
                    Duration::from_secs(seconds).checked_add(Duration::from_nanos(nanoseconds.into()));
                let time = since.and_then(|since| UNIX_EPOCH.checked_add(since));
                time.map(|time| Some(Self::At(time))).ok_or_else(|| ErrorCode::Overflow.into())
            }
        }
    }

    fn get(self) -> SystemTime {
        match self {
            Self::Now => SystemTime::now(),
            Self::At(time) => time,
        }
    }
}
