//! What was ready when it was asked for: the ready lists of `poll`, reads that had nothing yet, writes that had to wait.
//!
//! Every such question is numbered, and all of them together are hashed, so that a replay knows whether it still asks
//! what was asked. As long as it does it gets the recorded answers; from the first other question on whatever is there
//! counts as ready, in the order asked, and a timer only where nothing else is, the first to come due first.
//!
//! That the one thing that was waited for, read or written is ready is what a replay finds anyway: only other answers are
//! on the tape. But whether a timer had come due when `ready` asked nobody else knows, so each of its answers is.

use crate::recording::Readiness;
use std::collections::VecDeque;

/// A call that asks whether something is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Which of several are: `poll`.
    Poll = 1,
    /// Whether one is: `pollable.ready`.
    Ready = 2,
    /// Whether there is something to read: `input-stream.read` and its like.
    Read = 3,
    /// Whether something may be written: `output-stream.check-write` and its like.
    Write = 4,
    /// Whether a future has come: `future-incoming-response.get` and its like.
    Get = 5,
}

/// The questions of one operation so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Questions {
    asked: u64,
    hash: u64,
    /// The last one, and how many things it was about.
    last: Asks,
    about: usize,
}

impl Default for Questions {
    fn default() -> Self {
        Self { asked: 0, hash: FNV_OFFSET, last: Asks::Poll, about: 0 }
    }
}

/// FNV-1a with 64 bits: the hash stands in recordings, so it is one that never changes.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

impl Questions {
    /// One more, about these handles.
    pub(super) fn ask(&mut self, asks: Asks, about: &[u32]) {
        self.asked += 1;
        (self.last, self.about) = (asks, about.len());
        for number in [asks as u32, self.about as u32].iter().chain(about) {
            for byte in number.to_le_bytes() {
                self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
            }
        }
    }

    /// What a tape keeps of the answer to the last one; `None`: a replay knows it by itself.
    pub(super) fn answer(&self, ready: &[u32]) -> Option<Readiness> {
        let is_plain = self.last != Asks::Ready && self.about == 1 && ready == [0];
        (!is_plain).then(|| Readiness { question: self.asked, questions: self.hash, ready: ready.to_vec() })
    }
}

/// Whether a tape may be silent on the answer to this question.
fn is_plain(asks: Asks, about: &[u32]) -> bool {
    asks != Asks::Ready && about.len() == 1
}

/// The recorded answers of one replay.
#[derive(Debug, Default)]
pub(super) struct Answers {
    questions: Questions,
    /// Those still to come. Empty from the first question on that was not recorded.
    recorded: VecDeque<Readiness>,
    /// At which question it showed that others had been recorded, from 1.
    pub(super) parted: Option<u64>,
}

impl Answers {
    /// One more recorded answer.
    pub(super) fn add(&mut self, readiness: &Readiness) {
        self.recorded.push_back(readiness.clone());
    }

    /// The recorded answer, where there is one that is not plain.
    pub(super) fn ask(&mut self, asks: Asks, about: &[u32]) -> Option<Vec<u32>> {
        if self.recorded.is_empty() {
            return None;
        }
        self.questions.ask(asks, about);
        let Questions { asked, hash, .. } = self.questions;
        let next = self.recorded.front().filter(|next| next.question <= asked || !is_plain(asks, about))?;
        let is_same = next.question == asked && next.questions == hash;
        if !is_same {
            self.recorded.clear();
            self.parted = Some(asked);
        }
        self.recorded.pop_front().map(|next| next.ready)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was asked, about which handles, and what was ready.
    type Asked = (Asks, &'static [u32], &'static [u32]);

    const RECORDED: [Asked; 6] = [
        (Asks::Read, &[3], &[0]),
        (Asks::Read, &[3], &[]),
        (Asks::Poll, &[4, 5], &[1]),
        (Asks::Write, &[7], &[0]),
        (Asks::Get, &[9], &[]),
        (Asks::Ready, &[9], &[0]),
    ];

    fn answers(asked: &[Asked]) -> Answers {
        let mut questions = Questions::default();
        let recorded = asked.iter().filter_map(|(asks, about, ready)| {
            questions.ask(*asks, about);
            questions.answer(ready)
        });
        Answers { recorded: recorded.collect(), ..Answers::default() }
    }

    #[test]
    fn only_answers_that_are_not_plain_are_kept() {
        assert_eq!(answers(&RECORDED).recorded.len(), 4);
    }

    #[test]
    fn the_same_questions_get_the_recorded_answers() {
        let mut answers = answers(&RECORDED);
        for (asks, about, ready) in RECORDED {
            let plain = is_plain(asks, about) && ready == [0];
            assert_eq!(answers.ask(asks, about), (!plain).then(|| ready.to_vec()));
        }
        assert_eq!(answers.ask(Asks::Poll, &[1, 2]), None);
    }

    #[test]
    fn from_the_first_other_question_on_nothing_is_recorded() {
        for (at, asks, about) in [
            (0, Asks::Write, [3].as_slice()),
            (1, Asks::Read, &[4]),
            (2, Asks::Poll, &[5, 4]),
            (2, Asks::Poll, &[4]),
        ] {
            let mut answers = answers(&RECORDED);
            let other = RECORDED.iter().enumerate().map(|(place, recorded)| match place == at {
                true => (asks, about),
                false => (recorded.0, recorded.1),
            });
            let found: Vec<bool> = other.map(|(asks, about)| answers.ask(asks, about).is_some()).collect();
            let expected: Vec<bool> =
                (0..6).map(|place| [1, 2, 4, 5].contains(&place) && place < at).collect();
            assert_eq!(found, expected, "{at} {asks:?} {about:?}");
        }
    }

    #[test]
    fn a_question_that_is_left_out_is_noticed_at_the_next_recorded_answer() {
        let mut answers = answers(&RECORDED);
        assert_eq!(answers.ask(Asks::Read, &[3]), None);
        assert_eq!(answers.parted, None, "nobody can tell yet");
        assert_eq!(answers.ask(Asks::Poll, &[4, 5]), None);
        assert!(answers.recorded.is_empty());
        assert_eq!(answers.parted, Some(2));
    }
}
