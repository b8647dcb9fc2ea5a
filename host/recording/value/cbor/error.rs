//! Why bytes cannot be read as values.

use std::borrow::Cow;

/// Why bytes are no value. Boxed where it is returned, so that reading what is right moves less.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The bytes end in the middle of an item.
    #[error("the item at byte {offset} is cut off")]
    Truncated {
        /// Where the item begins.
        offset: usize,
    },
    /// Something that the format does not have.
    #[error("at byte {offset}: {reason}")]
    Invalid {
        /// Where the item begins.
        offset: usize,
        /// What is wrong with it.
        reason: Cow<'static, str>,
    },
    /// The values would take more memory than they may.
    #[error("at byte {offset}: the values so far need more than the {budget} bytes of memory they may take")]
    TooLarge {
        /// How far it was read.
        offset: usize,
        /// The limit, in bytes.
        budget: usize,
    },
}

pub(super) type Read<T> = Result<T, Box<ReadError>>;

#[cold]
pub(super) fn invalid(offset: usize, reason: impl Into<Cow<'static, str>>) -> Box<ReadError> {
    Box::new(ReadError::Invalid { offset, reason: reason.into() })
}

#[cold]
pub(super) fn truncated(offset: usize) -> Box<ReadError> {
    Box::new(ReadError::Truncated { offset })
}
