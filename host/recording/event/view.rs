//! The events of a recording as JSON.

use super::Event;
use super::entry::Listing;
use crate::Recording;
use serde::ser::{Serialize, SerializeSeq, Serializer};
use std::collections::HashMap;

/// The events of a recording, to be serialized as JSON from where they are: a list of objects. Calls are numbered from 1.
#[derive(Debug, Clone, Copy)]
pub struct EventsView<'r>(pub &'r Recording);

impl Serialize for EventsView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let recording = self.0;
        let mut listing = Listing {
            recording,
            calls: 0,
            numbers: Vec::with_capacity(recording.events.len()),
            calls_of_alias: HashMap::new(),
        };
        let mut lines = serializer.serialize_seq(None)?;
        for event in &recording.events {
            listing.calls += usize::from(matches!(event, Event::Interception(_)));
            listing.numbers.push(listing.calls);
            event.show(&mut listing, &mut lines)?;
        }
        lines.end()
    }
}
