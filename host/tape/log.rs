//! The events of a recording that is being made, and the memory that they hold.

use crate::random::epochs::{self, Epochs};
use bytes::Bytes;
use playback_recording::{Content, Contents, Digest, Event, Interception};

/// The events and file contents of one recording. Past its limit it holds nothing: the recording is lost, and the
/// memory is free.
#[derive(Debug)]
pub(crate) struct Log {
    /// In the order in which they began, which is the order in which a replay meets them; `None` while a call is live.
    events: Vec<Option<Event>>,
    contents: Contents,
    /// Bytes of memory that the events and contents hold.
    weight: usize,
    limit: usize,
    pub(crate) epochs: Epochs,
}

impl Log {
    /// An empty log that is lost when it would hold more than `limit` bytes. It holds `weight` bytes from the start.
    pub(crate) fn new(weight: usize, limit: usize) -> Self {
        Self { events: Vec::new(), contents: Contents::new(), weight, limit, epochs: Epochs::default() }
    }

    /// The most bytes that it can hold.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Whether it has grown past its limit.
    pub(crate) fn is_lost(&self) -> bool {
        self.weight > self.limit
    }

    /// Frees everything, and holds nothing from now on.
    pub(crate) fn give_up(&mut self) {
        self.hold(usize::MAX);
    }

    /// Counts more bytes. Returns false if there is no room for them.
    pub(crate) fn hold(&mut self, weight: usize) -> bool {
        self.weight = self.weight.saturating_add(weight);
        if self.is_lost() {
            self.events = Vec::new();
            self.contents = Contents::new();
        }
        !self.is_lost()
    }

    /// The number of events that it has memory for.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.events.capacity()
    }

    /// The position of the next event.
    pub(crate) fn next_position(&self) -> usize {
        self.events.len()
    }

    /// Keeps a place for the event of a call that has begun. Returns its position.
    pub(crate) fn reserve(&mut self) -> usize {
        let position = self.next_position();
        if self.hold(size_of::<Event>()) {
            self.events.push(None);
        }
        position
    }

    /// Puts a call at the place that was reserved for it.
    pub(crate) fn fill(&mut self, position: usize, call: Interception) {
        if self.hold(call.weight())
            && let Some(place) = self.events.get_mut(position)
        {
            *place = Some(Event::Interception(call));
        }
    }

    /// Appends an event.
    pub(crate) fn push(&mut self, event: Event) {
        if self.hold(event.weight()) {
            self.events.push(Some(event));
        }
    }

    /// The last events, the latest first. `None` stands for a call that is live.
    pub(crate) fn latest(&mut self) -> impl Iterator<Item = Option<&mut Event>> {
        self.events.iter_mut().rev().map(Option::as_mut)
    }

    /// Keeps the bytes of a file once, and describes them.
    pub(crate) fn content(&mut self, bytes: &Bytes) -> Content {
        let (digest, size) = (Digest::of(bytes), bytes.len() as u64);
        if self.contents.contains_key(&digest) {
            return Content::Kept { digest, size };
        }
        // A file that is too large costs its content, not the recording.
        if self.weight.saturating_add(bytes.len()) > self.limit {
            return Content::TooLarge { size };
        }
        self.hold(bytes.len());
        self.contents.insert(digest, bytes.clone());
        Content::Kept { digest, size }
    }

    /// The events, then `more`, and the contents. A call that is still live was cut off and has no outcome to serve: it leaves
    /// no event, and the positions after it move.
    pub(crate) fn finish(self, more: impl Iterator<Item = Event>) -> (Vec<Event>, Contents) {
        let is_gap = |(position, event): (u64, &Option<Event>)| event.is_none().then_some(position);
        let gaps: Vec<u64> = (0..).zip(&self.events).filter_map(is_gap).collect();
        let mut events: Vec<Event> = self.events.into_iter().flatten().chain(more).collect();
        let shift = |position: &mut u64| *position -= gaps.partition_point(|gap| gap < position) as u64;
        for event in events.iter_mut().filter(|_| !gaps.is_empty()) {
            match event {
                Event::Ended(call) => shift(call),
                Event::Clock { epoch: Some(epoch), .. } => epochs::shift(epoch, shift),
                Event::Arrived(arrival) => {
                    arrival.sources.iter_mut().filter_map(|asked| asked.source.call_mut()).for_each(shift);
                }
                Event::Unready(unready) => unready.asked.source.call_mut().into_iter().for_each(shift),
                _ => {}
            }
        }
        (events, self.contents)
    }
}
