//! Unpacking what `content-encoding` says is packed, with bounds on what comes out.

use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::borrow::Cow;
use std::io::Read;

/// The largest body that is unpacked, in bytes.
const MAX_UNPACKED: usize = 64 << 20;
/// How many times larger than its packed form a body may be.
const MAX_RATIO: usize = 200;
/// Up to here any ratio is fine, in bytes.
const ANY_RATIO: usize = 1 << 20;
/// How many times a body may be packed.
const MAX_CODINGS: usize = 3;
/// The binary logarithm of the largest window for zstd, which decides what memory it takes.
const MAX_ZSTD_WINDOW_LOG: u32 = 26;

/// Unpacks a body. `codings` are in the order in which they were applied, separated by commas. `None`: one of them is not known, the
/// body is not in it, or it becomes too large.
pub(super) fn unpack<'b>(body: &'b [u8], codings: &str) -> Option<Cow<'b, [u8]>> {
    let limit = body.len().saturating_mul(MAX_RATIO).clamp(ANY_RATIO, MAX_UNPACKED);
    let codings = codings.split(',').map(|coding| coding.trim().to_ascii_lowercase());
    let codings: Vec<String> = codings.filter(|coding| !coding.is_empty() && coding != "identity").collect();
    if codings.len() > MAX_CODINGS {
        return None;
    }
    // What has no bytes is no packed nothing: such as the body of an answer to `HEAD`.
    let codings = if body.is_empty() { &[][..] } else { &codings };
    codings
        .iter()
        .rev()
        .try_fold(Cow::Borrowed(body), |body, coding| decode(&body, coding, limit).map(Cow::Owned))
}

fn decode(body: &[u8], coding: &str, limit: usize) -> Option<Vec<u8>> {
    match coding {
        "gzip" | "x-gzip" => read(MultiGzDecoder::new(body), limit),
        // Some senders leave out the zlib format that the name stands for.
        "deflate" => read(ZlibDecoder::new(body), limit).or_else(|| read(DeflateDecoder::new(body), limit)),
        "br" => read(brotli_decompressor::Decompressor::new(body, 4096), limit),
        "zstd" => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(body).ok()?;
            decoder.window_log_max(MAX_ZSTD_WINDOW_LOG).ok()?;
            read(decoder, limit)
        }
        _ => None,
    }
}

/// Everything that a reader has, unless it is more than `limit` bytes.
fn read(reader: impl Read, limit: usize) -> Option<Vec<u8>> {
    let mut unpacked = Vec::new();
    reader.take(limit as u64 + 1).read_to_end(&mut unpacked).ok()?;
    (unpacked.len() <= limit).then_some(unpacked)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use flate2::Compression;
    use flate2::bufread::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use playback_recording::value::Hex;

    const TEXT: &[u8] = br#"{"order": {"id": 1}}"#;

    /// [`TEXT`] as other programs packed it.
    const BROTLI: &[u8] = b"\x8b\x09\x80{\"order\": {\"id\": 1}}\x03";

    fn all(reader: impl Read) -> Vec<u8> {
        read(reader, usize::MAX - 1).unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        all(GzEncoder::new(bytes, Compression::best()))
    }

    #[test]
    fn every_coding_is_unpacked_and_several_in_turn() {
        let zstd = zstd::stream::encode_all(TEXT, 1).unwrap();
        let packed = [
            ("gzip", gzip(TEXT)),
            ("X-GZIP", gzip(TEXT)),
            ("deflate", all(ZlibEncoder::new(TEXT, Compression::fast()))),
            ("deflate", all(DeflateEncoder::new(TEXT, Compression::fast()))),
            ("br", BROTLI.to_vec()),
            ("zstd", zstd.clone()),
            ("zstd, gzip", gzip(&zstd)),
            ("identity", TEXT.to_vec()),
            ("", TEXT.to_vec()),
        ];
        for (coding, packed) in packed {
            assert_eq!(unpack(&packed, coding).as_deref(), Some(TEXT), "{coding}: {}", Hex(&packed));
        }
    }

    #[test]
    fn what_is_not_packed_as_it_says_stays_as_it_is() {
        for coding in ["gzip", "deflate", "br", "zstd", "compress", "gzip, gzip, gzip, gzip"] {
            assert_eq!(unpack(TEXT, coding), None, "{coding}");
            assert_eq!(
                unpack(b"", coding).is_some(),
                coding.len() < 10,
                "{coding}: no body, as after `HEAD`"
            );
        }
        let packed = gzip(TEXT);
        assert_eq!(unpack(&packed[..packed.len() - 9], "gzip"), None, "cut off");
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let zeros = std::io::repeat(0).take(80 << 20);
        let bomb = gzip(&all(zeros));
        assert!(bomb.len() < 100_000, "{}", bomb.len());
        assert_eq!(unpack(&bomb, "gzip"), None);
        let small = vec![0; 5 << 20];
        assert_eq!(unpack(&zstd::stream::encode_all(&small[..], 1).unwrap(), "zstd"), None, "for its ratio");
        let fair = vec![0; 1 << 20];
        assert_eq!(unpack(&gzip(&fair), "gzip").as_deref(), Some(&fair[..]));
        assert_eq!(unpack(&gzip(&gzip(&all(std::io::repeat(0).take(80 << 20)))), "gzip, gzip"), None);
    }
}
