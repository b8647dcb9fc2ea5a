//! The error codes of `wasi:filesystem` by their names, as tapes have them.

use crate::failure::{self, EngineFailure};
use playback_recording::Sight;
use std::io;
use wasmtime_wasi::p2::FsError;
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;

const NAMES: [(ErrorCode, &str); 37] = [
    (ErrorCode::Access, "access"),
    (ErrorCode::WouldBlock, "would-block"),
    (ErrorCode::Already, "already"),
    (ErrorCode::BadDescriptor, "bad-descriptor"),
    (ErrorCode::Busy, "busy"),
    (ErrorCode::Deadlock, "deadlock"),
    (ErrorCode::Quota, "quota"),
    (ErrorCode::Exist, "exist"),
    (ErrorCode::FileTooLarge, "file-too-large"),
    (ErrorCode::IllegalByteSequence, "illegal-byte-sequence"),
    (ErrorCode::InProgress, "in-progress"),
    (ErrorCode::Interrupted, "interrupted"),
    (ErrorCode::Invalid, "invalid"),
    (ErrorCode::Io, "io"),
    (ErrorCode::IsDirectory, "is-directory"),
    (ErrorCode::Loop, "loop"),
    (ErrorCode::TooManyLinks, "too-many-links"),
    (ErrorCode::MessageSize, "message-size"),
    (ErrorCode::NameTooLong, "name-too-long"),
    (ErrorCode::NoDevice, "no-device"),
    (ErrorCode::NoEntry, "no-entry"),
    (ErrorCode::NoLock, "no-lock"),
    (ErrorCode::InsufficientMemory, "insufficient-memory"),
    (ErrorCode::InsufficientSpace, "insufficient-space"),
    (ErrorCode::NotDirectory, "not-directory"),
    (ErrorCode::NotEmpty, "not-empty"),
    (ErrorCode::NotRecoverable, "not-recoverable"),
    (ErrorCode::Unsupported, "unsupported"),
    (ErrorCode::NoTty, "no-tty"),
    (ErrorCode::NoSuchDevice, "no-such-device"),
    (ErrorCode::Overflow, "overflow"),
    (ErrorCode::NotPermitted, "not-permitted"),
    (ErrorCode::Pipe, "pipe"),
    (ErrorCode::ReadOnly, "read-only"),
    (ErrorCode::InvalidSeek, "invalid-seek"),
    (ErrorCode::TextFileBusy, "text-file-busy"),
    (ErrorCode::CrossDevice, "cross-device"),
];

/// The name of the code that an error of the system is.
pub(super) fn name(error: &io::Error) -> String {
    let code = ErrorCode::from(error);
    NAMES.iter().find(|(known, _)| *known == code).map_or("io", |(_, name)| name).to_owned()
}

/// What stands on the tape for a look that failed.
///
/// # Errors
///
/// It failed as the machine lacks something, which is not an answer.
pub(super) fn failed(error: io::Error) -> io::Result<Sight> {
    if failure::is_lack_of_system(&error) { Err(error) } else { Ok(Sight::Failed(name(&error))) }
}

/// What a service gets where a call of the system failed. What the machine lacks ends the operation.
pub(super) fn returned(error: &io::Error) -> FsError {
    match failure::is_lack_of_system(error) {
        true => FsError::trap(EngineFailure::lack_of_system(error)),
        false => ErrorCode::from(error).into(),
    }
}

/// The code of this name; `io` where a recording was crafted and has another.
pub(super) fn parse(name: &str) -> ErrorCode {
    NAMES.iter().find(|(_, known)| *known == name).map_or(ErrorCode::Io, |(code, _)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_name_of_its_own() {
        for (code, name) in NAMES {
            assert_eq!(parse(name), code);
        }
        assert_eq!(name(&io::Error::from_raw_os_error(2)), "no-entry");
        assert_eq!(parse("crafted"), ErrorCode::Io);
    }
}
