//! Which recordings are compared: category by category, each newest first, or those that were named.

use super::args::ComparisonArgs;
use super::tuning::{Tuned, Tuner};
use crate::cli::cassette::selector;
use crate::cli::exit;
use crate::cli::session::Session;
use anyhow::Result;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use playback_host::cassette::{Cassette, Lookup};
use playback_host::compare::report::Tally;
use playback_host::compare::{Equalizer, Shard};
use playback_host::recording::{Category, Metadata, RecordingId};
use playback_host::sandbox::{OperationError, Service};
use std::collections::{BTreeMap, VecDeque};

/// What operations that were stopped are called among what is left out.
const INCOMPLETE: &str = "(incomplete)";

type Ids = BoxStream<'static, Result<RecordingId>>;

/// Recordings that are taken one by one. Memory is needed for none but the next.
pub(super) struct Selection {
    cassette: Cassette,
    categories: VecDeque<(Category, Ids)>,
    current: Option<(Tuned, Ids)>,
    shard: Option<Shard>,
    takes_incomplete: bool,
    /// How many were taken.
    pub(super) taken: u64,
    /// How many are in other shards.
    pub(super) in_other_shards: u64,
    /// How many were looked at.
    seen: u64,
}

impl Selection {
    /// Selects recordings of these categories; if there is none, of all in the cassette. `ids` select alone.
    pub(super) async fn new(
        cassette: &Cassette,
        ids: &[String],
        mut categories: Vec<Category>,
        args: &ComparisonArgs,
    ) -> Result<Self> {
        let categories = if ids.is_empty() {
            if categories.is_empty() {
                categories = cassette.categories().await?;
            }
            categories.sort_unstable();
            categories.dedup();
            let of = |category: Category| (category.clone(), of_category(cassette, category, args));
            categories.into_iter().map(of).collect()
        } else {
            named(cassette, ids).await?
        };
        Ok(Self {
            cassette: cassette.clone(),
            categories,
            current: None,
            shard: args.shard,
            takes_incomplete: args.incomplete,
            taken: 0,
            in_other_shards: 0,
            seen: 0,
        })
    }

    /// Takes the next recording with what compares it. A category that cannot be compared is noted in `tally`, as are recordings
    /// that are left out.
    pub(super) async fn next(
        &mut self,
        tuner: &mut Tuner,
        tally: &mut Tally,
        args: &ComparisonArgs,
        session: &Session,
    ) -> Result<Option<(RecordingId, Equalizer)>> {
        loop {
            let Some((tuned, ids)) = &mut self.current else {
                match self.categories.pop_front() {
                    None => return Ok(None),
                    Some((category, ids)) => match tuner.tune(&category, args, session) {
                        Ok(tuned) => self.current = Some((tuned, ids)),
                        Err(error) => tally.fail_category(category.as_str(), exit::message(&error)),
                    },
                }
                continue;
            };
            let Some(id) = ids.try_next().await? else {
                self.current = None;
                continue;
            };
            self.seen += 1;
            if self.shard.is_some_and(|shard| !shard.has(&id)) {
                self.in_other_shards += 1;
                continue;
            }
            let (service, equalizer) = (tuned.service.clone(), tuned.equalizer.clone());
            // What cannot be read is compared, and fails with the reason.
            if let Ok(metadata) = self.cassette.metadata(&id).await
                && let Some(reason) = self.left_out(&metadata, &service)
                && self.cassette.verify(&id).await.is_ok()
            {
                tally.leave_out(&reason, 1);
                continue;
            }
            self.taken += 1;
            return Ok(Some((id, equalizer)));
        }
    }

    /// Counts the recordings that were not taken.
    pub(super) async fn rest(mut self) -> Result<u64> {
        let current = self.current.map(|(_, ids)| ids);
        let rest = current.into_iter().chain(self.categories.drain(..).map(|(_, ids)| ids));
        let mut count = 0;
        for mut ids in rest {
            while let Some(id) = ids.try_next().await? {
                count += u64::from(self.shard.is_none_or(|shard| shard.has(&id)));
            }
        }
        Ok(count)
    }

    /// Returns true if there was no recording to choose from.
    pub(super) fn is_empty(&self) -> bool {
        self.seen == 0
    }

    fn left_out(&self, metadata: &Metadata, service: &Service) -> Option<String> {
        if metadata.incomplete && !self.takes_incomplete {
            return Some(INCOMPLETE.to_owned());
        }
        let found = service.operation(Some(&metadata.operation));
        matches!(found, Err(OperationError::Unknown { .. })).then(|| metadata.operation.clone())
    }
}

fn of_category(cassette: &Cassette, category: Category, args: &ComparisonArgs) -> Ids {
    let mut lookup = Lookup::default().categories([category]).limit(args.limit.map(usize::from));
    if let Some(day) = args.since {
        lookup = lookup.since(day);
    }
    if let Some(day) = args.until {
        lookup = lookup.until(day);
    }
    cassette.ids(lookup).map_err(Into::into).boxed()
}

/// The recordings that were named, by their categories, each in the order in which they were named, and once.
async fn named(cassette: &Cassette, names: &[String]) -> Result<VecDeque<(Category, Ids)>> {
    let mut by_category: BTreeMap<Category, Vec<RecordingId>> = BTreeMap::new();
    for name in names {
        let id = cassette.find(&selector(name)?).await?;
        let of_category = by_category.entry(id.category().parse()?).or_default();
        if !of_category.contains(&id) {
            of_category.push(id);
        }
    }
    Ok(by_category.into_iter().map(|(category, ids)| (category, stream::iter(ids).map(Ok).boxed())).collect())
}
