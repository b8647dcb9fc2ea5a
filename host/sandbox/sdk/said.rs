//! What bodies say before they end in a panic. It is not on the tape, as nothing of theirs is; of a panic it is the reason.

use playback_tape::LastMessage;

/// How much is kept, in bytes: the message of a panic is the last that a body says.
const MOST: usize = 4 << 10;

/// The end of what was written to standard error.
#[derive(Default)]
pub(super) struct Said(Vec<u8>);

impl Said {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(&bytes[bytes.len().saturating_sub(MOST)..]);
        let over = self.0.len().saturating_sub(MOST);
        self.0.drain(..over);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// What a panic said, on one line: `panicked at src/lib.rs:7:5: no price`.
    pub(super) fn panic(&self) -> Option<String> {
        LastMessage::of_panic(&String::from_utf8_lossy(&self.0)).map(|message| message.one_line())
    }
}

#[cfg(test)]
mod tests {
    use super::Said;

    #[test]
    fn the_message_of_the_last_panic_is_told() {
        let mut said = Said::default();
        assert_eq!(said.panic(), None);
        said.add(b"a note\n\nthread 'main' panicked at src/a.rs:1:2:\nno");
        said.add(b" price\nnote: run with more\n");
        assert_eq!(said.panic().as_deref(), Some("panicked at src/a.rs:1:2: no price"));
        said.add(&[b'x'; 10_000]);
        assert_eq!((said.panic(), said.0.len()), (None, super::MOST));
    }
}
