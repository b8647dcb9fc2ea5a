//! Answers `bytes`: sums what is sent, and makes up bytes that count from 0 to 255 over and over.

wit_bindgen::generate!({ path: "wit/bytes.wit", world: "provider" });

use exports::test::bytes::blobs;

struct Provider;

impl blobs::Guest for Provider {
    fn send(data: Vec<u8>) -> u64 {
        data.iter()
            .fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
    }

    fn fetch(size: u64) -> Vec<u8> {
        (0..size).map(|n| n as u8).collect()
    }
}

export!(Provider);
