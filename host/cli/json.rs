//! Lists as JSON. Nothing here holds a document: each part is written while it is gone through, so that a report needs no more
//! memory than what it is of.

use serde::{Serialize, Serializer};

pub(crate) use playback_host::recording::json::{
    Bytes, Ended, Entries, Shown, arguments, recorded_arguments,
};

/// A list of what the function gives, each time it is asked.
pub(crate) struct Items<F>(pub(crate) F);

impl<I: IntoIterator<Item: Serialize>, F: Fn() -> I> Serialize for Items<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}
