//! The `.tape` format, version 1.2.
//!
//! A `.tape` file is one zstd frame that states its content size and carries a content checksum. Its content
//! is a CBOR sequence ([RFC 8742](https://www.rfc-editor.org/rfc/rfc8742)); values in it follow the table in
//! [`crate::value`]. `zstd -dc x.tape` and any CBOR tool open it. The items, in order:
//!
//! 1. **The header**, a map with text keys:
//!    `format` (unsigned, 1), `id`, `operation` (a function), `arguments` (array of values), `component`, `host`,
//!    `functions` (array of functions), `seed` (32 bytes), `environment` (array of `[name, value]`),
//!    `program-arguments` (array of text), `folders` (array of `[name, "rw" or "ro"]`), `sockets` (boolean; true: what came
//!    through sockets is not on the tape), `secret-headers` (array of text, may be left out: the HTTP headers whose values
//!    are tokens), `file-limit` (unsigned, may be left out: the most bytes of a file whose content was kept). The `seed` is that of ChaCha20: what
//!    `wasi:random/random` draws is its stream 4n, and what `insecure` draws the one after it, each from its start. n is 0 at
//!    first, 2p + 2 after a call that is at position p among the events (from 0), 2p + 1 within its body, and, after a request
//!    was made or a file opened, 2^61 and the high 60 bits, the lowest cleared, of the FNV-1a hash of its name
//!    (`GET http://host/`, the path) and of how often that was (8 bytes, little-endian). The first 16 bytes of stream 2 are
//!    what `insecure-seed` returns. A function is `[name, [parameter, ...], signature]`.
//!    `format` comes first: the major version. `minor` (unsigned, may be left out: 0) is the minor version. A reader skips keys
//!    it does not know.
//! 2. **The events**, each an array that begins with its sort:
//!    - `["input", function, alias, [argument, ...], outcome]`; `function` is an index into `functions`;
//!      `alias` is text, or null where it is the name that the function has without a rule (see [`default_alias`])
//!    - `["output", function, alias, [argument, ...], outcome]`. Either has one item more where the guest SDK keeps a note with a
//!      call of a service's own function: an unsigned integer above 0 that means something to the SDK alone
//!    - `["wall", nanoseconds]` since the Unix epoch, `["monotonic", nanoseconds]`. Successive readings of one clock, with
//!      nothing but readings of the other in between, may be one event with one item more: the first reading, then a byte
//!      string of a number for each reading after it, which is by how much its distance from the reading before differs from
//!      the distance before (at first 0), modulo 2^64. The number is signed, in zigzag, then in LEB128 in as few bytes as it
//!      takes: `["monotonic", 1000, h'c801000a']` is 1000, 1100, 1200 and 1305. A reader never holds them unpacked. One more
//!      item, after a byte string that may be empty, is the epoch in which they were read, so that a replay shows them there:
//!      the n of the `seed`, where what a service waited for and found ready, which is at position p, counts as a call
//!    - `["arrived", nanoseconds, found, [source, ...]]`: the service found these sources ready, when the monotonic clock
//!      showed this. `found` is `asking`, by a call that does not wait; `waiting`, by one that does; or `among` others that
//!      were ready before
//!    - `["unready", nanoseconds, source]`: the service asked for this source and never found it ready, until it dropped the
//!      source or ended
//!    - `["ready", question, questions, [position, ...]]`, of older builds: the answer to a question about readiness, the
//!      question's number in the operation (from 1), and a hash of all questions so far
//!    - `["waiting", wait]`, of older builds: the call that may wait (`poll`, `block`, and the blocking calls of streams; from
//!      1) in which the operation reached its time limit
//!    - `["ended", position]`: the call that stands at this position among the events (from 0), and waited meanwhile, was over;
//!      of calls of a service's own `async` functions
//!    - `["seen", path, look, ordinal, sight]`: what the service saw in a granted folder. `look` is `entry`, `listing`,
//!      `content`, `kept` for the content of a file that a body left and a value names, or `own` for an entry that the service has made, changed or removed itself, also where nobody asks
//!      right after it was made or removed; `ordinal` is the first look of this sort at this path, from 1, that saw this.
//!      A sight is `"absent"`;
//!      `{failed: code}`; for an entry `{kind, target, size, links, accessed, modified, created}`, with `kind` one of `file`,
//!      `folder`, `link` and `other` and times in nanoseconds since the Unix epoch; for a listing
//!      `[{name: kind}, ...]`; for a content `{sha256, size}`, which the cassette keeps under that digest, or
//!      `{too-large: size}`
//!    - `["refused", call, path, attempt, code]`: the attempt of this call at this path, from 1, ended in an error
//!    - `["changed", path, change]`: what the service left at the end: `"removed"`, `"folder"`, `{link: target}`, or a
//!      content
//!    - `["put", key, value]`: the service kept this value; a later one of the same key takes its place
//!    - `["stdin", bytes]`, `["stdout", bytes]`, `["stderr", bytes]`
//!    - an event whose sort begins with `?`, of a newer minor version: a reader that does not know it skips it, says so, and
//!      counts it among the positions
//! 3. **The outcome** of the operation: `["outcome", outcome]`
//! 4. **The end**: `["end", count, digest]`, the number of events and the [`digest`] of every byte of the sequence
//!    before this item. Nothing follows.
//!
//! A source is an array: `["timer", in-vain, wait, ordinal]`, the ordinal-th timer (from 1) that waits so many nanoseconds, from
//! the last reading of the monotonic clock if it waits for an instant; `["response", in-vain, position]`, the response of the
//! exchange at this position among the events (from 0); `["body", in-vain, position, frames]`, so many frames of its body
//! (chunks, trailers and the end); `["trailers", in-vain, position]`, its trailers, waited for on their own;
//! `["request-body", request, in-vain, ordinal, writes]`, room to write to the ordinal-th request (from 1) with this method and
//! URL after so many writes and flushes, if it was ever missing. `in-vain` counts how often the service asked before and the
//! source was not ready.
//!
//! An `outcome` is `["returned", value]`, `["trapped", text]` or `["stopped", limit, text]`: the host ended it at a
//! limit, which is one of `memory`, `table-elements`, `instances`, `time`, `fuel`, `written`, `crossing` and
//! `recording`. The text says what the limit was set to; two operations that were stopped by one kind of limit ended
//! alike. A trap with the text `exited with status n` is not a trap: the program ended itself, with status 0 in success.
//! A call may also be `["abandoned"]`: nobody waited for it to the end.
//!
//! A sequence that stops after a whole item and before the end is a recording that is *incomplete*. A reader
//! refuses a newer major version, and reads all older ones. Of a newer minor version it reads what is on this page, skips what
//! is marked so, and refuses the rest as newer. It refuses anything else that does not fit this page.
//!
//! | version | adds |
//! |---|---|
//! | 1.0 | |
//! | 1.1 | `arrived` and `unready` in place of `ready` and `waiting`, several readings of a clock in one event, epochs |
//! | 1.2 | notes of the guest SDK of more than 32 bits |
//!
//! Version 1 readers hold at most [`Limits`] in memory, whatever the file claims.

/// The major version of the format that this build writes, and the newest it reads.
pub const VERSION: u64 = 1;

/// The minor version of the format that this build writes.
pub const MINOR: u64 = 2;

/// The alias of the function that stands for HTTP exchanges.
const HTTP_EXCHANGE: &str = "wasi:http/outgoing-handler#handle";

/// What the sort of an event begins with that a reader may skip.
pub(crate) const SKIPPABLE: char = '?';

/// What a reader will hold of one recording. A writer keeps within the same limits, so that whatever was
/// written can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Largest `.tape` file, in bytes.
    pub stored: usize,
    /// Largest content of the zstd frame, in bytes.
    pub content: usize,
    /// Most memory for the decoded values, in bytes.
    pub decoded: usize,
    /// Most bytes that the contents of its files have together.
    pub contents: u64,
}

impl Default for Limits {
    /// 256 MiB stored, 512 MiB of content, 1 GiB decoded: under 3 GiB in all while one is read, as the list of events
    /// takes its room twice while it grows. 1 GiB more of files.
    fn default() -> Self {
        Self { stored: 256 << 20, content: 512 << 20, decoded: 1 << 30, contents: 1 << 30 }
    }
}

impl Limits {
    /// The same limits with this one on the `.tape` file, in bytes.
    pub fn stored(self, bytes: usize) -> Self {
        Self { stored: bytes, ..self }
    }

    /// The same limits with this one on the content of the zstd frame, in bytes.
    pub fn content(self, bytes: usize) -> Self {
        Self { content: bytes, ..self }
    }

    /// The same limits with this one on the memory of the decoded values, in bytes.
    pub fn decoded(self, bytes: usize) -> Self {
        Self { decoded: bytes, ..self }
    }

    /// The same limits with this one on the contents of all files of a recording, in bytes.
    pub fn contents(self, bytes: u64) -> Self {
        Self { contents: bytes, ..self }
    }
}

/// What tells damage: XXH3 with 128 bits and seed 0, its bytes as the XXH3 specification writes them (big-endian).
///
/// Every reader checks it, which is why it is not a slower hash. It proves nothing about who wrote the recording:
/// a digest that lies beside what it covers never does, whatever the hash, as whoever changes one can change both.
pub fn digest(content: &[u8]) -> [u8; 16] {
    twox_hash::XxHash3_128::oneshot(content).to_be_bytes()
}

/// The alias of a function that no rule names: its WIT name without the version of the package, so that
/// recordings outlive a new version. `shop:orders/inputs@1.2.0#price-of` is `shop:orders/inputs#price-of`.
pub fn default_alias(function: &str) -> String {
    match (function.find('@'), function.find('#')) {
        (Some(at), Some(hash)) if at < hash => format!("{}{}", &function[..at], &function[hash..]),
        _ => function.to_owned(),
    }
}

/// Whether the function of this full WIT name stands for HTTP exchanges on the tape.
pub fn is_http_exchange(function: &str) -> bool {
    default_alias(function) == HTTP_EXCHANGE
}
