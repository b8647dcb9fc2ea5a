//! Which recording people mean when they write `latest`, or a part of an id.

use super::key::Half;
use super::{Cassette, Lookup, StoreError};
use futures_util::{StreamExt, TryStreamExt, future};
use playback_recording::RecordingId;
use std::fmt;
use std::str::FromStr;

/// How many candidates an ambiguous selector is answered with.
const CANDIDATES: usize = 5;

/// Which one recording is meant: a full id, a part that only one id has, or `latest`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Selector {
    /// The newest of all categories.
    Latest,
    /// This one.
    Id(RecordingId),
    /// The one whose id has this in it.
    Part(String),
}

impl FromStr for Selector {
    type Err = InvalidSelector;

    fn from_str(text: &str) -> Result<Self, InvalidSelector> {
        if text == "latest" {
            return Ok(Self::Latest);
        }
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(id));
        }
        let shown = || text.chars().take(80).collect::<String>().escape_debug().to_string();
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
        match text {
            "" => Err(InvalidSelector::Empty),
            _ if !text.chars().all(allowed) || text.split('/').any(|part| matches!(part, "." | "..")) => {
                Err(InvalidSelector::Impossible(shown()))
            }
            _ => Ok(Self::Part(text.to_owned())),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Latest => "latest",
            Self::Id(id) => id.as_str(),
            Self::Part(part) => part,
        })
    }
}

/// The text is no [`Selector`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSelector {
    /// Nothing.
    #[error("a recording is named by its id, a unique part of it, or `latest`; this is empty")]
    Empty,
    /// No id has this in it.
    #[error(
        "no recording's id has `{0}` in it: ids look like `place-order/20260131/<uuid>`; \
         write one, a unique part, or `latest`"
    )]
    Impossible(String),
}

/// Why a selector means no one recording.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FindError {
    /// The cassette is empty.
    #[error("there is no recording in `{location}` yet; `playback-host record` makes one")]
    Empty {
        /// The cassette.
        location: String,
    },
    /// No recording is meant.
    #[error("no recording matches `{selector}` in `{location}`; `playback-host list` shows what is there")]
    None {
        /// What was looked for.
        selector: Selector,
        /// The cassette.
        location: String,
    },
    /// Several are meant.
    #[error(
        "`{selector}` matches several recordings in `{location}`; write more of the one you mean:{}",
        listed(.candidates, *.more)
    )]
    Ambiguous {
        /// What was looked for.
        selector: Selector,
        /// The cassette.
        location: String,
        /// The newest of those that match.
        candidates: Vec<RecordingId>,
        /// Whether there are others.
        more: bool,
    },
    /// The cassette cannot be listed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn listed(candidates: &[RecordingId], more: bool) -> String {
    let lines: String = candidates.iter().map(|id| format!("\n  {id}")).collect();
    if more { lines + "\n  and others" } else { lines }
}

pub(super) async fn find(cassette: &Cassette, selector: &Selector) -> Result<RecordingId, FindError> {
    let location = || cassette.location().to_owned();
    let none = || FindError::None { selector: selector.clone(), location: location() };
    match selector {
        Selector::Latest => cassette.latest().await?.ok_or_else(|| FindError::Empty { location: location() }),
        Selector::Id(id) => {
            // Half a recording is one too: whoever names it is told what it is.
            for half in [Half::Metadata, Half::Tape] {
                match cassette.store.size(&half.key(id)).await {
                    Err(StoreError::NotFound { .. }) => {}
                    size => return Ok(size.map(|_| id.clone())?),
                }
            }
            Err(none())
        }
        Selector::Part(part) => {
            let mut candidates = matching(cassette, part).await?;
            match candidates.len() {
                0 => Err(none()),
                1 => Ok(candidates.remove(0)),
                several => {
                    candidates.truncate(CANDIDATES);
                    let more = several > CANDIDATES;
                    Err(FindError::Ambiguous {
                        selector: selector.clone(),
                        location: location(),
                        candidates,
                        more,
                    })
                }
            }
        }
    }
}

/// The newest recordings whose ids have `part` in them; one more than are shown, to know whether there are.
async fn matching(cassette: &Cassette, part: &str) -> Result<Vec<RecordingId>, StoreError> {
    let matching = cassette.ids(Lookup::default()).try_filter(|id| future::ready(id.as_str().contains(part)));
    matching.take(CANDIDATES + 1).try_collect().await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::samples::{recording, saved};

    async fn find(cassette: &Cassette, text: &str) -> Result<RecordingId, String> {
        cassette.find(&text.parse().unwrap()).await.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn a_recording_is_found_by_its_id_by_a_part_of_it_and_by_being_the_latest() {
        let cassette = Cassette::memory();
        let orders = saved(&cassette, "place-order", &[0, 2 * 24 * 60 * 60]).await;
        let refund = saved(&cassette, "refund", &[24 * 60 * 60]).await.remove(0);
        let uuid = refund.uuid().to_string();
        for part in
            [refund.as_str(), &uuid, &uuid[uuid.len() - 12..], "refund", "fun", "refund/2026", "/20260102/"]
        {
            assert_eq!(find(&cassette, part).await.as_ref(), Ok(&refund), "{part}");
        }
        assert_eq!(find(&cassette, "latest").await.as_ref(), Ok(&orders[1]));
    }

    #[tokio::test]
    async fn nothing_found_says_where_and_how_to_see_what_is_there() {
        let cassette = Cassette::memory();
        let latest = find(&cassette, "latest").await.unwrap_err();
        assert_eq!(latest, "there is no recording in `memory:` yet; `playback-host record` makes one");
        saved(&cassette, "place-order", &[0]).await;
        let none = find(&cassette, "refund").await.unwrap_err();
        assert_eq!(
            none,
            "no recording matches `refund` in `memory:`; `playback-host list` shows what is there"
        );
        let other = recording().header.id;
        let none = find(&cassette, other.as_str()).await.unwrap_err();
        assert!(none.starts_with(&format!("no recording matches `{other}` in")), "{none}");
    }

    #[tokio::test]
    async fn half_a_recording_is_found_by_its_id_alone() {
        let cassette = Cassette::memory();
        let ids = saved(&cassette, "place-order", &[0, 1]).await;
        cassette.store.delete(&Half::Metadata.key(&ids[0])).await.unwrap();
        cassette.store.delete(&Half::Tape.key(&ids[1])).await.unwrap();
        for id in &ids {
            assert_eq!(find(&cassette, id.as_str()).await.as_ref(), Ok(id));
        }
        assert_eq!(find(&cassette, "place").await.as_ref(), Ok(&ids[1]), "a tape alone is not listed");
    }

    #[tokio::test]
    async fn an_ambiguous_part_names_the_newest_that_it_could_mean() {
        let cassette = Cassette::memory();
        let ids = saved(&cassette, "place-order", &[0, 1, 2, 3, 4]).await;
        let error = find(&cassette, "order").await.unwrap_err();
        let lines: Vec<&str> = error.lines().map(str::trim).collect();
        let first = "`order` matches several recordings in `memory:`; write more of the one you mean:";
        assert_eq!(lines[0], first);
        assert_eq!(lines[1..], ids.iter().rev().map(RecordingId::as_str).collect::<Vec<_>>());

        saved(&cassette, "place-order", &[5]).await;
        let error = find(&cassette, "order").await.unwrap_err();
        assert!(error.ends_with("\n  and others"), "{error}");
        assert_eq!(error.lines().count(), 1 + CANDIDATES + 1);
    }

    #[test]
    fn what_no_id_has_in_it_is_refused_before_anything_is_listed() {
        for text in ["../x", "a/../b", "..", ".", "a b", "a\\b", "*", "ä", "a\n", "\u{1b}[31m"] {
            let error = text.parse::<Selector>().unwrap_err().to_string();
            assert!(
                error.starts_with("no recording's id has `") && !error.contains(['\n', '\u{1b}']),
                "{error}"
            );
        }
        assert_eq!("".parse::<Selector>(), Err(InvalidSelector::Empty));
        assert_eq!("abc".parse(), Ok(Selector::Part("abc".to_owned())));
    }

    #[test]
    fn a_selector_is_shown_as_it_was_written() {
        for text in ["latest", "abc", recording().header.id.as_str()] {
            assert_eq!(text.parse::<Selector>().unwrap().to_string(), text);
        }
    }
}
