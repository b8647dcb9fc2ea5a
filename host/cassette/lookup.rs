//! Looking recordings up, one by one and in order of time, without ever holding more than a day of them.

use super::key::Half;
use super::keys::{keys, one_by_one};
use super::{Key, Store, StoreError};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use jiff::civil::Date;
use playback_recording::{Category, RecordingId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::pin::pin;
use std::sync::Arc;

/// Which recordings to look up. The default: all of them, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lookup {
    /// Only those of these categories; of all, if there is none.
    pub categories: Vec<Category>,
    /// Only those of this day, UTC, and later.
    pub since: Option<Date>,
    /// Only those of this day, UTC, and earlier.
    pub until: Option<Date>,
    /// Which to begin with.
    pub order: Order,
    /// How many at most. Recordings that cannot be read are reported beside them and do not count.
    pub limit: Option<usize>,
}

/// By the day in the id, then by its uuid, which begins with the time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// The last one recorded comes first.
    #[default]
    NewestFirst,
    /// The first one recorded comes first.
    OldestFirst,
}

/// Streams the ids that `lookup` asks for. Each day is listed when its first id is asked for. The stream ends after an error.
pub(super) fn ids(
    store: Arc<dyn Store>,
    lookup: Lookup,
) -> impl Stream<Item = Result<RecordingId, StoreError>> + Send {
    let limit = lookup.limit.unwrap_or(usize::MAX);
    let (lookup, unlisted) = (Arc::new(lookup), None::<VecDeque<Vec<Key>>>);
    let days = stream::try_unfold(unlisted, move |days| {
        let (store, lookup) = (Arc::clone(&store), Arc::clone(&lookup));
        async move {
            let mut days = match days {
                Some(days) => days,
                None => lookup.days(&*store).await?,
            };
            let Some(folders) = days.pop_front() else { return Ok(None) };
            Ok(Some((lookup.ids_of_day(store, folders).await?, Some(days))))
        }
    });
    one_by_one(days).take(limit)
}

impl Lookup {
    /// Looks up recordings of these categories only.
    pub fn categories(self, categories: impl IntoIterator<Item = Category>) -> Self {
        Self { categories: categories.into_iter().collect(), ..self }
    }

    /// Looks up recordings of this day, UTC, and later.
    pub fn since(self, day: Date) -> Self {
        Self { since: Some(day), ..self }
    }

    /// Looks up recordings of this day, UTC, and earlier.
    pub fn until(self, day: Date) -> Self {
        Self { until: Some(day), ..self }
    }

    /// Looks recordings up in this order.
    pub fn order(self, order: Order) -> Self {
        Self { order, ..self }
    }

    /// Limits the number of recordings. `None` lifts the limit.
    pub fn limit(self, limit: impl Into<Option<usize>>) -> Self {
        Self { limit: limit.into(), ..self }
    }

    /// Lists the days that have recordings, in order, each with its folders.
    async fn days(&self, store: &dyn Store) -> Result<VecDeque<Vec<Key>>, StoreError> {
        let root = Half::Metadata.folder();
        let categories: BTreeSet<String> = match self.categories.as_slice() {
            [] => store.folders(&root).await?.into_iter().collect(),
            categories => categories.iter().map(Category::to_string).collect(),
        };
        let mut days: BTreeMap<String, Vec<Key>> = BTreeMap::new();
        for category in categories {
            let Ok(folder) = root.join(&category) else { continue };
            for day in store.folders(&folder).await? {
                if self.wants(&day)
                    && let Ok(folder) = folder.join(&day)
                {
                    days.entry(day).or_default().push(folder);
                }
            }
        }
        let days = days.into_values();
        Ok(match self.order {
            Order::NewestFirst => days.rev().collect(),
            Order::OldestFirst => days.collect(),
        })
    }

    /// Lists the ids in the folders of one day, in order.
    async fn ids_of_day(
        &self,
        store: Arc<dyn Store>,
        folders: Vec<Key>,
    ) -> Result<Vec<RecordingId>, StoreError> {
        let mut ids = Vec::new();
        for folder in folders {
            let mut keys = pin!(keys(Arc::clone(&store), folder));
            while let Some(key) = keys.try_next().await? {
                ids.extend(Half::Metadata.id(&key));
            }
        }
        ids.sort_unstable_by(|a, b| by_time(a).cmp(&by_time(b)));
        if self.order == Order::NewestFirst {
            ids.reverse();
        }
        Ok(ids)
    }

    /// Returns true if recordings of this day are looked up. Days are text of one length here, as in ids: `20260131`.
    fn wants(&self, day: &str) -> bool {
        let text = |date: Date| date.strftime("%Y%m%d").to_string();
        self.since.is_none_or(|since| *day >= *text(since))
            && self.until.is_none_or(|until| *day <= *text(until))
    }
}

fn by_time(id: &RecordingId) -> (&str, uuid::Uuid, &str) {
    (id.date(), id.uuid(), id.as_str())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::samples::{recording_at, saved};
    use crate::{Access, Cassette, DirectoryStore};
    use jiff::civil::date;

    const DAY: i64 = 24 * 60 * 60;

    async fn ids(cassette: &Cassette, lookup: Lookup) -> Vec<RecordingId> {
        cassette.ids(lookup).try_collect().await.unwrap()
    }

    #[tokio::test]
    async fn a_thousand_recordings_come_in_the_order_of_time_whatever_their_category() {
        let folder = tempfile::tempdir().unwrap();
        let directory = DirectoryStore::open(folder.path(), Access::Write).unwrap();
        for cassette in [Cassette::memory(), Cassette::new(Arc::new(directory))] {
            // Saved in another order than recorded: 7919 has no factor in common with 1,000.
            let mut recorded = Vec::new();
            for n in (0..1_000).map(|n| n * 7_919 % 1_000) {
                let category = ["a", "a-b", "b"][n as usize % 3];
                recorded.push((n, saved(&cassette, category, &[n * 600]).await.remove(0)));
            }
            recorded.sort();
            let mut expected: Vec<_> = recorded.into_iter().map(|(_, id)| id).collect();

            let oldest_first = Lookup { order: Order::OldestFirst, ..Lookup::default() };
            assert_eq!(ids(&cassette, oldest_first).await, expected);
            expected.reverse();
            assert_eq!(ids(&cassette, Lookup::default()).await, expected);
            assert_eq!(cassette.latest().await.unwrap().as_ref(), expected.first());
            let three = Lookup { limit: Some(3), ..Lookup::default() };
            assert_eq!(ids(&cassette, three).await, expected[..3]);
            let named: Vec<_> =
                cassette.categories().await.unwrap().iter().map(Category::to_string).collect();
            assert_eq!(named, ["a", "a-b", "b"]);
        }
    }

    #[tokio::test]
    async fn a_lookup_has_the_category_and_the_days_that_it_asks_for() {
        let cassette = Cassette::memory();
        let days: Vec<i64> = (0..5).map(|day| day * DAY).collect();
        let a = saved(&cassette, "a", &days).await;
        let b = saved(&cassette, "b", &days).await;
        let oldest = Lookup { order: Order::OldestFirst, ..Lookup::default() };
        let only_a = Lookup { categories: vec!["a".parse().unwrap()], ..oldest.clone() };

        assert_eq!(ids(&cassette, only_a.clone()).await, a);
        let second_to_third =
            Lookup { since: Some(date(2026, 1, 2)), until: Some(date(2026, 1, 3)), ..only_a };
        assert_eq!(ids(&cassette, second_to_third).await, a[1..3]);
        let since = Lookup { since: Some(date(2026, 1, 5)), ..oldest.clone() };
        assert_eq!(ids(&cassette, since).await.len(), [&a[4], &b[4]].len());
        let other = Lookup { categories: vec!["other".parse().unwrap()], ..oldest.clone() };
        assert_eq!(ids(&cassette, other).await, []);
        // Each recording once, however often its category is named.
        let named = ["b", "a", "b", "other"].map(|name| name.parse().unwrap()).to_vec();
        let both = ids(&cassette, Lookup { categories: named, ..oldest.clone() }).await;
        assert_eq!(both, a.iter().zip(&b).flat_map(|(a, b)| [a.clone(), b.clone()]).collect::<Vec<_>>());
        let reversed =
            Lookup { since: Some(date(2026, 1, 3)), until: Some(date(2026, 1, 2)), ..oldest.clone() };
        assert_eq!(ids(&cassette, reversed).await, []);
        let none = Lookup { limit: Some(0), ..oldest };
        assert_eq!(ids(&cassette, none).await, []);
    }

    #[tokio::test]
    async fn what_was_not_committed_or_is_no_recording_is_not_listed() {
        let cassette = Cassette::memory();
        let id = saved(&cassette, "a", &[0]).await.remove(0);
        let orphan = recording_at("orphan", 1).header.id;
        let text = b"{}".to_vec();
        for key in [
            Half::Tape.key(&orphan),
            "metadata/README.md".parse().unwrap(),
            "metadata/a/notes.json".parse().unwrap(),
            "metadata/a/20260101/notes.json".parse().unwrap(),
            "metadata/a/20260102/notes.json".parse().unwrap(),
            "metadata/b/c/d/e.json".parse().unwrap(),
            format!("{}.bak", Half::Metadata.key(&id)).parse().unwrap(),
        ] {
            cassette.store.put(&key, text.clone().into()).await.unwrap();
        }
        assert_eq!(ids(&cassette, Lookup::default()).await, std::slice::from_ref(&id));
        assert_eq!(cassette.latest().await.unwrap(), Some(id));
    }
}
