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
use playback_host::compare::report::{Build, Tally};
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
    /// What comes, category by category. Each has what compares it from [`tune`](Self::tune) on.
    categories: VecDeque<(Category, Option<Tuned>, Ids)>,
    shard: Option<Shard>,
    takes_incomplete: bool,
    /// How many were taken.
    pub(super) taken: u64,
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
            let of = |category: Category| (category.clone(), None, of_category(cassette, category, args));
            categories.into_iter().map(of).collect()
        } else {
            named(cassette, ids).await?
        };
        Ok(Self {
            cassette: cassette.clone(),
            categories,
            shard: args.shard,
            takes_incomplete: args.incomplete,
            taken: 0,
            seen: 0,
        })
    }

    /// Makes what compares each category. One that cannot be compared is noted in `tally`, and left out.
    pub(super) async fn tune(
        mut self,
        tuner: &mut Tuner,
        tally: &mut Tally,
        args: &ComparisonArgs,
        session: &Session,
    ) -> Self {
        for (category, _, ids) in std::mem::take(&mut self.categories) {
            match tuner.tune(&category, args, session).await {
                Ok(tuned) => {
                    if let Some(max_increase) = &tuned.max_increase {
                        tally.measure(category.as_str(), max_increase);
                    }
                    self.categories.push_back((category, Some(tuned), ids));
                }
                Err(error) => tally.fail_category(category.as_str(), exit::message(&error)),
            }
        }
        self
    }

    /// The builds that are judged and the builds that they are compared with, each once.
    pub(super) fn builds(&self) -> (Vec<Build>, Vec<Build>) {
        let tuned = || self.categories.iter().filter_map(|(_, tuned, _)| tuned.as_ref());
        (
            distinct(tuned().map(|tuned| &tuned.service)),
            distinct(tuned().filter_map(|tuned| tuned.baseline.as_ref())),
        )
    }

    /// Takes the next recording with what compares it. Recordings that are left out are counted in `tally`.
    pub(super) async fn next(&mut self, tally: &mut Tally) -> Result<Option<(RecordingId, Equalizer)>> {
        while let Some((_, Some(tuned), ids)) = self.categories.front_mut() {
            let Some(id) = ids.try_next().await? else {
                self.categories.pop_front();
                continue;
            };
            self.seen += 1;
            if self.shard.is_some_and(|shard| !shard.has(&id)) {
                continue;
            }
            let equalizer = tuned.equalizer.clone();
            let service = (!tuned.is_planned).then(|| tuned.service.clone());
            // What cannot be read is compared, and fails with the reason.
            if let Ok(metadata) = self.cassette.metadata(&id).await
                && let Some(reason) = self.left_out(&metadata, service.as_ref())
                && self.cassette.verify(&id).await.is_ok()
            {
                tally.leave_out(&reason, 1);
                continue;
            }
            self.taken += 1;
            return Ok(Some((id, equalizer)));
        }
        Ok(None)
    }

    /// Counts the recordings that were not taken.
    pub(super) async fn rest(&mut self) -> Result<u64> {
        let mut count = 0;
        for (_, _, ids) in &mut self.categories {
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

    /// Why a recording is left out. `service` must have its operation.
    fn left_out(&self, metadata: &Metadata, service: Option<&Service>) -> Option<String> {
        if metadata.incomplete && !self.takes_incomplete {
            return Some(INCOMPLETE.to_owned());
        }
        let found = service?.operation(Some(&metadata.operation));
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
async fn named(cassette: &Cassette, names: &[String]) -> Result<VecDeque<(Category, Option<Tuned>, Ids)>> {
    let mut by_category: BTreeMap<Category, Vec<RecordingId>> = BTreeMap::new();
    for name in names {
        let id = cassette.find(&selector(name)?).await?;
        let of_category = by_category.entry(id.category().parse()?).or_default();
        if !of_category.contains(&id) {
            of_category.push(id);
        }
    }
    Ok(by_category
        .into_iter()
        .map(|(category, ids)| (category, None, stream::iter(ids).map(Ok).boxed()))
        .collect())
}

fn distinct<'s>(services: impl Iterator<Item = &'s Service>) -> Vec<Build> {
    let mut builds: Vec<Build> = Vec::new();
    for service in services {
        if !builds.iter().any(|build| build.digest == service.digest()) {
            builds.push(Build { name: service.name().to_owned(), digest: service.digest().to_owned() });
        }
    }
    builds
}
