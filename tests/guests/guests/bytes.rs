//! Passes large byte lists over the boundary in both directions. The checksum is FNV-1a over 64 bits.

wit_bindgen::generate!({ path: "wit/bytes.wit", world: "bytes" });

use test::bytes::blobs;

struct Bytes;

impl Guest for Bytes {
    fn upload(size: u64) -> u64 {
        let data: Vec<u8> = (0..size).map(|n| n as u8).collect();
        blobs::send(&data)
    }

    fn download(size: u64) -> u64 {
        let data = blobs::fetch(size);
        data.iter()
            .fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
    }

    fn exchange(data: Vec<u8>) -> Vec<u8> {
        blobs::send(&data);
        blobs::fetch(data.len() as u64)
    }
}

export!(Bytes);
