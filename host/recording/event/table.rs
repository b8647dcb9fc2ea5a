//! The table of events: each is listed once, with what weighs, writes, reads and shows it. An event that is not listed does not
//! compile.

use super::clock::ClockReadings;
use super::entry::{Decoder, Encoder, Entry, Listing};
use super::numbers::{Ended, Waiting};
use super::streams::{Stdin, Written};
use super::{Event, Interception, Put, Unknown};
use crate::error::{DecodeError, EncodeError};
use crate::{Arrival, Changed, Readiness, Refused, Seen, Unready};
use serde::ser::SerializeSeq;

macro_rules! events {
    ($($named:pat => $event:pat => $entry:ident($($field:ident),+);)+) => {
        #[allow(unused_parens, reason = "some events have one field, and others a tuple of them")]
        impl Event {
            /// The memory that it holds, in bytes, to a few percent.
            pub fn weight(&self) -> usize {
                size_of::<Self>() + match self {
                    $($event => $entry::weight(($($field),+)),)+
                    Event::Unknown(unknown) => Unknown::weight(unknown),
                }
            }

            /// The most that a reader charges for it, in bytes.
            pub(crate) fn charge(&self) -> usize {
                self.weight() + match self {
                    $($event => $entry::passing_weight(($($field),+)),)+
                    Event::Unknown(unknown) => Unknown::passing_weight(unknown),
                }
            }

            /// Appends it.
            ///
            /// # Errors
            ///
            /// It contradicts the recording's header, or is larger than a reader allows.
            #[inline]
            pub(crate) fn write(&self, encoder: &mut Encoder<'_>) -> Result<(), EncodeError> {
                match self {
                    $($event => $entry::write(($($field),+), encoder),)+
                    Event::Unknown(unknown) => Unknown::write(unknown, encoder),
                }
            }

            /// Reads what follows the sort of an array with this number of items. `None`: no event is called so.
            #[inline]
            pub(crate) fn read(
                sort: &str,
                items: usize,
                decoder: &mut Decoder<'_>,
            ) -> Result<Option<Self>, DecodeError> {
                match (sort, items) {
                    $($named => $entry::read(sort, items, decoder),)+
                    (_, 1..) if decoder.may_skip(sort) => Unknown::read(sort, items, decoder),
                    _ => return Ok(None),
                }
                .map(Some)
            }

            /// Adds it to a list in JSON.
            pub(super) fn show<'r, S: SerializeSeq>(
                &'r self,
                listing: &mut Listing<'r>,
                lines: &mut S,
            ) -> Result<(), S::Error> {
                match self {
                    $($event => $entry::show(($($field),+), listing, lines),)+
                    Event::Unknown(unknown) => Unknown::show(unknown, listing, lines),
                }
            }
        }
    };
}

// Its sort on the tape and the number of its items, the sort among them; the event; what handles it.
events! {
    ("input" | "output", 5 | 6) => Event::Interception(call) => Interception(call);
    ("wall" | "monotonic", 2..=4) => Event::Clock { clock, epoch, readings } => ClockReadings(clock, epoch, readings);
    ("arrived", 4) => Event::Arrived(arrival) => Arrival(arrival);
    ("unready", 3) => Event::Unready(unready) => Unready(unready);
    ("ready", 4) => Event::Ready(readiness) => Readiness(readiness);
    ("waiting", 2) => Event::Waiting(wait) => Waiting(wait);
    ("ended", 2) => Event::Ended(position) => Ended(position);
    ("seen", 5) => Event::Seen(seen) => Seen(seen);
    ("refused", 5) => Event::Refused(refused) => Refused(refused);
    ("changed", 3) => Event::Changed(changed) => Changed(changed);
    ("put", 3) => Event::Put(put) => Put(put);
    ("stdin", 2) => Event::Stdin(bytes) => Stdin(bytes);
    ("stdout" | "stderr", 2) => Event::Written(stream, bytes) => Written(stream, bytes);
}
