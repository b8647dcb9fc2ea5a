//! The outside of a `.tape` file: one zstd frame. What is inside is read and written elsewhere.
//!
//! Contexts of zstd are kept, one a thread: making one takes longer than packing a small recording.

use super::error::{DecodeError, corrupt};
use std::cell::Cell;
use std::io;
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe;

/// Level 1: recordings are written on the way of the service, and a cassette holds each for a while only.
const LEVEL: i32 = 1;
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// In the fifth byte of a frame, what is always so in ours: a checksum, no dictionary, reserved bits 0.
const FLAGS_MASK: u8 = 0b0001_1111;
const FLAGS: u8 = 0b0000_0100;

thread_local! {
    static COMPRESSOR: Cell<Option<Compressor<'static>>> = const { Cell::new(None) };
    static DECOMPRESSOR: Cell<Option<Decompressor<'static>>> = const { Cell::new(None) };
}

/// Compresses `content` into a frame that has its size and checksum.
pub(super) fn pack(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressor = match COMPRESSOR.take() {
        Some(compressor) => compressor,
        None => {
            let mut compressor = Compressor::new(LEVEL)?;
            compressor.include_checksum(true)?;
            compressor
        }
    };
    let mut frame = Vec::with_capacity(zstd_safe::compress_bound(content.len()));
    compressor.compress_to_buffer(content, &mut frame)?;
    COMPRESSOR.set(Some(compressor));
    frame.shrink_to_fit();
    Ok(frame)
}

/// Decompresses a frame that should hold a recording of at most `limit` bytes. Nothing is allocated for more,
/// and the output itself is the window, so that no frame can ask for one.
pub(super) fn unpack(frame: &[u8], limit: usize) -> Result<Vec<u8>, DecodeError> {
    let size = content_size(frame, limit)?;
    let end = zstd_safe::find_frame_compressed_size(frame).map_err(|_| corrupt("it is cut off"))?;
    if end < frame.len() {
        return Err(corrupt("something follows its end"));
    }
    let mut content = Vec::new();
    let allocated = content.try_reserve_exact(size);
    allocated.map_err(|error| corrupt(format!("cannot allocate {size} bytes for its content: {error}")))?;
    let mut decompressor = DECOMPRESSOR.take().unwrap_or_default();
    let written = decompressor.decompress_to_buffer(frame, &mut content);
    DECOMPRESSOR.set(Some(decompressor));
    match written {
        Ok(written) if written == size => Ok(content),
        Ok(written) => Err(corrupt(format!("it holds {written} bytes where it says {size}"))),
        Err(error) => Err(corrupt(error.to_string().to_lowercase())),
    }
}

/// What the frame says it holds. `None`: it says nothing.
pub(super) fn claimed_size(frame: &[u8]) -> Option<u64> {
    zstd_safe::get_frame_content_size(frame).ok().flatten()
}

/// What the frame says it holds, if it is one of ours and within `limit`. A lie is found out when it is decompressed.
fn content_size(frame: &[u8], limit: usize) -> Result<usize, DecodeError> {
    let not_ours = |reason: &str| DecodeError::NotARecording { reason: reason.to_owned() };
    match frame {
        [] => return Err(not_ours("it is empty")),
        _ if !frame.starts_with(&MAGIC) => return Err(not_ours("it does not begin like a zstd frame")),
        [_, _, _, _, flags, ..] if flags & FLAGS_MASK != FLAGS => {
            return Err(not_ours("its zstd frame has no checksum, or needs a dictionary"));
        }
        _ => {}
    }
    let size = zstd_safe::get_frame_content_size(frame).map_err(|_| corrupt("its beginning is cut off"))?;
    let size = size.ok_or_else(|| not_ours("its zstd frame does not say how much it holds"))?;
    match usize::try_from(size) {
        Ok(size) if size <= limit => Ok(size),
        _ => Err(DecodeError::TooLarge { limit: "content", size: Some(size), allowed: limit }),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn refused(frame: &[u8]) -> String {
        unpack(frame, 1 << 20).unwrap_err().to_string()
    }

    #[test]
    fn content_comes_back_whatever_its_size() {
        for size in [0, 1, 1000, 1 << 20] {
            let content: Vec<u8> = (0..size).map(|index: usize| (index * index) as u8).collect();
            assert_eq!(unpack(&pack(&content).unwrap(), 1 << 20).unwrap(), content);
        }
    }

    #[test]
    fn a_frame_that_claims_or_holds_too_much_is_refused() {
        let bomb = pack(&vec![0; (1 << 20) + 1]).unwrap();
        assert!(bomb.len() < 200);
        let over = "the recording is too large: its content takes 1048577 bytes, and the limit is 1048576";
        assert!(refused(&bomb).starts_with(over), "{}", refused(&bomb));

        // The same with a lie about its size: the four bytes after the flags and the window.
        let mut liar = bomb;
        let size = liar.windows(4).position(|bytes| bytes == (1 << 20 | 1u32).to_le_bytes()).unwrap();
        liar[size..size + 4].copy_from_slice(&100u32.to_le_bytes());
        assert!(matches!(unpack(&liar, 1 << 20), Err(DecodeError::Corrupt { .. })));
    }

    #[test]
    fn only_one_frame_of_our_kind_is_read() {
        let frame = pack(b"content").unwrap();
        assert_eq!(refused(b""), "not a recording: it is empty");
        assert_eq!(refused(b"{\"id\": 1}"), "not a recording: it does not begin like a zstd frame");
        assert!(refused(&frame.repeat(2)).contains("something follows its end"));
        assert!(refused(&[&frame[..], b"x"].concat()).contains("something follows its end"));
        assert!(refused(&frame[..frame.len() - 1]).contains("it is cut off"));
        assert!(refused(&zstd::bulk::compress(b"content", 1).unwrap()).contains("no checksum"));
        let mut streamed = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
        streamed.include_checksum(true).unwrap();
        io::copy(&mut &b"content"[..], &mut streamed).unwrap();
        assert!(refused(&streamed.finish().unwrap()).contains("does not say how much it holds"));
    }
}
