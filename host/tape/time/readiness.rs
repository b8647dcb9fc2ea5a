//! Answers to questions about readiness in recordings of older builds: the ready lists of `poll`, reads that found nothing,
//! writes that had to wait.
//!
//! Every question is numbered, and all of them together are hashed, so that a replay knows whether it still asks what was
//! asked. As long as it does it gets the recorded answers; from the first other question on whatever is there counts as ready,
//! in the order asked, and a timer only where nothing else is, the first to come due first. [`arrivals`](super::arrivals) has
//! taken the place of all this.
//!
//! An answer that says that the one source asked for is ready is not on the tape. But whether a timer had come due when `ready`
//! asked nobody else knows, so each of its answers is.

use crate::fnv::Fnv;
use playback_recording::Readiness;
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

/// Something that is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// The handle's number, which is the same on each run that makes the same handles.
    pub handle: u32,
    /// Of a timer, what it was asked to wait for, in nanoseconds: code that waits longer asks something else.
    pub timer: Option<u64>,
}

impl From<u32> for About {
    fn from(handle: u32) -> Self {
        Self { handle, timer: None }
    }
}

/// The questions of one operation so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Questions {
    asked: u64,
    hash: Fnv,
}

impl Questions {
    /// One more, about these handles.
    fn ask(&mut self, asks: Asks, about: &[About]) {
        self.asked += 1;
        self.hash.note(&(asks as u32).to_le_bytes());
        self.hash.note(&(about.len() as u32).to_le_bytes());
        for About { handle, timer } in about {
            self.hash.note(&handle.to_le_bytes());
            if let Some(asked) = timer {
                self.hash.note(&asked.to_le_bytes());
            }
        }
    }
}

/// Whether a tape may be silent on the answer to this question.
fn is_plain(asks: Asks, about: &[About]) -> bool {
    asks != Asks::Ready && about.len() == 1
}

/// The recorded answers of one replay.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    questions: Questions,
    /// Those still to come. Empty from the first question on that was not recorded.
    recorded: VecDeque<Readiness>,
    /// At which question it showed that others had been recorded, from 1.
    pub(crate) parted: Option<u64>,
}

impl Answers {
    /// One more recorded answer.
    pub(crate) fn add(&mut self, readiness: &Readiness) {
        self.recorded.push_back(readiness.clone());
    }

    /// Returns true if no recorded answer is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.recorded.is_empty()
    }

    /// The recorded answer, where there is one that is not plain.
    pub(crate) fn ask(&mut self, asks: Asks, about: &[About]) -> Option<Vec<u32>> {
        if self.is_empty() {
            return None;
        }
        self.questions.ask(asks, about);
        let Questions { asked, hash, .. } = self.questions;
        let next = self.recorded.front().filter(|next| next.question <= asked || !is_plain(asks, about))?;
        let is_same = next.question == asked && next.questions == hash.value();
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

    fn these(handles: &[u32]) -> Vec<About> {
        handles.iter().copied().map(About::from).collect()
    }

    /// What older builds kept of the answer to the last question.
    fn answer(questions: Questions, asks: Asks, about: &[About], ready: &[u32]) -> Option<Readiness> {
        let Questions { asked, hash } = questions;
        let kept = Readiness { question: asked, questions: hash.value(), ready: ready.to_vec() };
        (!is_plain(asks, about) || ready != [0]).then_some(kept)
    }

    fn answers(asked: &[Asked]) -> Answers {
        let mut questions = Questions::default();
        let recorded = asked.iter().filter_map(|(asks, about, ready)| {
            questions.ask(*asks, &these(about));
            answer(questions, *asks, &these(about), ready)
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
            let plain = is_plain(asks, &these(about)) && ready == [0];
            assert_eq!(answers.ask(asks, &these(about)), (!plain).then(|| ready.to_vec()));
        }
        assert_eq!(answers.ask(Asks::Poll, &these(&[1, 2])), None);
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
            let found: Vec<bool> =
                other.map(|(asks, about)| answers.ask(asks, &these(about)).is_some()).collect();
            let expected: Vec<bool> =
                (0..6).map(|place| [1, 2, 4, 5].contains(&place) && place < at).collect();
            assert_eq!(found, expected, "{at} {asks:?} {about:?}");
        }
    }

    #[test]
    fn a_question_that_is_left_out_is_noticed_at_the_next_recorded_answer() {
        let mut answers = answers(&RECORDED);
        assert_eq!(answers.ask(Asks::Read, &these(&[3])), None);
        assert_eq!(answers.parted, None, "nobody can tell yet");
        assert_eq!(answers.ask(Asks::Poll, &these(&[4, 5])), None);
        assert!(answers.recorded.is_empty());
        assert_eq!(answers.parted, Some(2));
    }

    #[test]
    fn a_timer_that_waits_for_longer_is_another_question() {
        let timer = |asked| [About { handle: 4, timer: Some(asked) }, About::from(5)];
        let mut questions = Questions::default();
        questions.ask(Asks::Poll, &timer(7));
        let recorded = answer(questions, Asks::Poll, &timer(7), &[1]);
        for (asked, found) in [(7, Some(vec![1])), (8, None)] {
            let mut answers =
                Answers { recorded: recorded.clone().into_iter().collect(), ..Answers::default() };
            assert_eq!(answers.ask(Asks::Poll, &timer(asked)), found);
        }
    }
}
