//! Which operations of a category are recorded: all, unless somebody says otherwise.

use parking_lot::Mutex;
use playback_recording::{Category, Recording};
use playback_tape::Loss;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use twox_hash::XxHash3_128;

/// How much of one category is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Sampling {
    /// The share of the operations whose recording is kept, from 0 to 1. Less is 0, more is 1, and what is not a number is 0.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 1)))]
    pub rate: f64,
    /// Whether an operation can force that its recording is kept, whatever the rate.
    pub forced: bool,
    /// Whether none is recorded at all: operations run as if nobody recorded, and cannot force anything.
    pub skipped: bool,
}

impl Default for Sampling {
    /// Every operation.
    fn default() -> Self {
        Self { rate: 1.0, forced: true, skipped: false }
    }
}

/// Says of a recording how likely it is that it is kept.
#[derive(Clone)]
pub struct Sampler(Arc<Rate>);

type Rate =
    dyn Fn(Arc<Recording>) -> Pin<Box<dyn Future<Output = Result<f64, AnyError>> + Send>> + Send + Sync;

type AnyError = Box<dyn Error + Send + Sync>;

/// How much of each category is recorded. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Samplings {
    categories: BTreeMap<Category, Sampling>,
    samplers: BTreeMap<Category, Sampler>,
    seed: u64,
    /// How many operations of a category there were.
    counts: Arc<Mutex<HashMap<Category, u64>>>,
}

/// What is to become of an operation's recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sample {
    /// It is kept.
    Kept,
    /// It is kept if the operation forces that.
    IfForced,
    /// There is none.
    Left,
    /// There is none, and the category has none at all.
    Skipped,
}

/// The sample that an operation is in or not, and the number from 0 to 1 that was drawn for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Drawn {
    pub(super) sample: Sample,
    number: f64,
}

impl Drawn {
    /// For an operation that nobody samples.
    pub(super) const LEFT: Self = Self { sample: Sample::Left, number: 0.0 };
}

impl Sampler {
    /// A sampler that calls `rate` with each recording, before it is saved. The answer is a number from 0, never, to 1, always.
    pub fn new<F, E>(rate: impl Fn(Arc<Recording>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<f64, E>> + Send + 'static,
        E: Into<AnyError>,
    {
        Self(Arc::new(move |recording| {
            let rate = rate(recording);
            Box::pin(async { rate.await.map_err(Into::into) })
        }))
    }

    async fn rate(&self, recording: &Arc<Recording>) -> Result<f64, String> {
        match (self.0)(recording.clone()).await {
            Ok(rate) if (0.0..=1.0).contains(&rate) => Ok(rate),
            Ok(rate) => Err(format!("the rate {rate} is none from 0 to 1")),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl fmt::Debug for Sampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sampler")
    }
}

impl Samplings {
    /// Samples that are the same for the same seed: the n-th operation of a category is kept or is not.
    #[must_use]
    pub fn seeded(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Records so much of this category.
    #[must_use]
    pub fn with(mut self, category: Category, sampling: Sampling) -> Self {
        self.categories.insert(category, sampling);
        self
    }

    /// Asks `sampler` about each recording of this category that the [sampling](Self::with) keeps, after its operation. An operation
    /// that can force that its recording is kept goes before it.
    #[must_use]
    pub fn with_sampler(mut self, category: Category, sampler: Sampler) -> Self {
        self.samplers.insert(category, sampler);
        self
    }

    /// What is to become of the next operation of this category.
    pub(super) fn next(&self, category: &Category) -> Drawn {
        let sampling = self.categories.get(category);
        if sampling.is_none() && !self.samplers.contains_key(category) {
            return Drawn { sample: Sample::Kept, number: 0.0 };
        }
        let (sampling, number) = (sampling.copied().unwrap_or_default(), self.draw(category));
        let sample = match (sampling.skipped, number < sampling.rate, sampling.forced) {
            (true, ..) => Sample::Skipped,
            (false, true, _) => Sample::Kept,
            (false, false, true) => Sample::IfForced,
            (false, false, false) => Sample::Left,
        };
        Drawn { sample, number }
    }

    /// Asks the sampler of its category whether a recording is kept. Where that fails it is, and the reason is returned too. Of
    /// the rates of sampler and sampling, the smaller one counts, as one number is drawn for both.
    pub(super) async fn ask(
        &self,
        drawn: Drawn,
        recording: Recording,
        is_forced: bool,
    ) -> (Result<Recording, Loss>, Option<String>) {
        let category = recording.id().category();
        let is_forced = is_forced && self.categories.get(category).is_none_or(|sampling| sampling.forced);
        let sampler = self.samplers.get(category).filter(|_| !is_forced);
        let Some(sampler) = sampler else { return (Ok(recording), None) };
        let recording = Arc::new(recording);
        match sampler.rate(&recording).await {
            Ok(rate) if drawn.number >= rate => (Err(Loss::NotSampled), None),
            rate => (Ok(Arc::unwrap_or_clone(recording)), rate.err()),
        }
    }

    /// A number from 0 to 1, and never 1.
    fn draw(&self, category: &Category) -> f64 {
        let mut counts = self.counts.lock();
        let count = counts.entry(category.clone()).or_default();
        *count += 1;
        let drawn = format!("{category} {count}");
        let bits = XxHash3_128::oneshot_with_seed(self.seed, drawn.as_bytes()) as u64;
        // As many bits as a float holds exactly.
        (bits >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;

    fn samples(sampling: Sampling, seed: u64) -> Vec<Sample> {
        let category: Category = "quote".parse().unwrap();
        let samplings = Samplings::default().seeded(seed).with(category.clone(), sampling);
        (0..10_000).map(|_| samplings.next(&category).sample).collect()
    }

    fn kept(samples: &[Sample]) -> usize {
        samples.iter().filter(|sample| **sample == Sample::Kept).count()
    }

    #[test]
    fn a_share_is_kept_and_the_same_one_for_the_same_seed() {
        let sampling = Sampling { rate: 0.05, ..Sampling::default() };
        let first = samples(sampling, 1);
        assert!((400..600).contains(&kept(&first)), "{}", kept(&first));
        assert!(first == samples(sampling, 1) && first != samples(sampling, 2));
        assert!(first.contains(&Sample::IfForced));
    }

    #[test]
    fn all_none_and_skipped_are_what_they_say() {
        let of = |rate, forced, skipped| samples(Sampling { rate, forced, skipped }, 7);
        assert_eq!(kept(&of(1.0, true, false)), 10_000);
        assert_eq!(kept(&of(0.0, true, false)), 0);
        assert!(of(0.0, false, false).iter().all(|sample| *sample == Sample::Left));
        assert!(of(1.0, true, true).iter().all(|sample| *sample == Sample::Skipped));
        let other = "another".parse().unwrap();
        assert_eq!(Samplings::default().next(&other).sample, Sample::Kept);
    }
}
