//! Tuning: what plays and judges the recordings of one category.

use super::args::ComparisonArgs;
use crate::cli::config::OfCategory;
use crate::cli::plugins::{Loaded, PlannedPlayer};
use crate::cli::session::Session;
use crate::cli::settings;
use anyhow::{Result, bail};
use jiff::civil::Date;
use playback_host::cassette::Cassette;
use playback_host::compare::cost::{MaxIncrease, Measure};
use playback_host::compare::report::RuleSummary;
use playback_host::compare::rules::{Rule, RuleSet};
use playback_host::compare::{Accepted, Equalizer, Judge, Loader, Player};
use playback_host::recording::{Category, Recording};
use playback_host::sandbox::{Engine, Metering, Replayer, Service};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use strum::IntoEnumIterator;

/// What compares the recordings of one category.
#[derive(Debug, Clone)]
pub(super) struct Tuned {
    pub(super) service: Service,
    pub(super) baseline: Option<Service>,
    pub(super) equalizer: Equalizer,
    /// How much its cost may increase, if that is measured.
    pub(super) max_increase: Option<MaxIncrease>,
    /// Returns true if a plugin says what is played, so that the service need not have the recorded operation.
    pub(super) is_planned: bool,
}

/// Makes what compares a category. A component is compiled once, whichever categories it is for.
#[derive(Debug)]
pub(super) struct Tuner {
    engine: Engine,
    cassette: Cassette,
    /// The component that all categories are compared on, if the user named one.
    service: Option<PathBuf>,
    baseline: Option<PathBuf>,
    accepted: Arc<Accepted>,
    strict: bool,
    cost: bool,
    rules: Vec<Rule>,
    comparator: Option<PathBuf>,
    plugins: Loaded,
    today: Date,
    replayers: BTreeMap<Option<PathBuf>, Replayer>,
}

impl Tuner {
    pub(super) fn new(
        service: Option<PathBuf>,
        args: &ComparisonArgs,
        cassette: Cassette,
        accepted: Arc<Accepted>,
        today: Date,
        session: &Session,
    ) -> Result<Self> {
        let cost = session.settings.switch(settings::COST, args.cost, session.config.compare.cost)?;
        let metering = args.limits.metering(session);
        let engine = args.cache.engine(session, if cost { Metering::Fuel } else { metering })?;
        let file = session.config.compare.baseline.as_deref();
        let baseline = session.settings.optional(settings::BASELINE, args.baseline.as_deref(), file);
        let baseline = baseline.map(Path::to_owned);
        let strict = session.settings.switch(settings::STRICT, args.strict, session.config.compare.strict)?;
        let rules = session.config.difference_rules();
        let plugin_limits = session.config.limits.plugins.unwrap_or_default().limits();
        Ok(Self {
            plugins: Loaded::new(&engine, plugin_limits),
            engine,
            cassette,
            service,
            baseline,
            accepted,
            strict,
            cost,
            rules,
            comparator: args.comparator.clone(),
            today,
            replayers: BTreeMap::new(),
        })
    }

    /// The rules, before any of them is used.
    pub(super) fn rule_summaries(&self) -> Vec<RuleSummary> {
        self.rules.iter().map(|rule| RuleSummary::new(rule, self.today)).collect()
    }

    /// Makes what compares `category`.
    ///
    /// # Errors
    ///
    /// The component of the category cannot be loaded, a rule does not fit it, or its cost cannot be held to a bound.
    pub(super) async fn tune(
        &mut self,
        category: &Category,
        args: &ComparisonArgs,
        session: &Session,
    ) -> Result<Tuned> {
        let own = self.of_category(category, session).await?;
        let component = self.service.clone().or_else(|| own.component.clone());
        let replayer = self.replayer(component, args, session)?;
        let baseline = match self.baseline.clone().or_else(|| own.baseline.clone()) {
            Some(baseline) => Some(self.replayer(Some(baseline), args, session)?),
            None => None,
        };
        let max_increase = self.cost.then(|| session.config.max_increase(&own));
        if let (Some(max_increase), None) = (&max_increase, &baseline) {
            check_recorded(max_increase)?;
        }
        let mut settings = own.comparison();
        settings.strict |= self.strict;
        let rules = RuleSet::new(&self.rules, &settings, category, self.today);
        let mut files = own.plugins();
        files.comparator = self.comparator.clone().or(files.comparator);
        let candidate = match &files.player {
            Some(file) => planned(self.plugins.player(file, &replayer)?),
            None => player(&replayer),
        };
        let mut equalizer = Equalizer::new(loader(&self.cassette), candidate, Judge::new(rules))
            .with_accepted(self.accepted.clone());
        if let Some(baseline) = &baseline {
            equalizer = equalizer.with_baseline(player(baseline));
        }
        if self.cost {
            equalizer = equalizer.with_cost();
        }
        let baseline = baseline.map(|baseline| baseline.service().clone());
        let equalizer = equalizer.with_plugins(self.plugins.plugins(&files)?);
        let is_planned = files.player.is_some();
        Ok(Tuned { service: replayer.service().clone(), baseline, equalizer, max_increase, is_planned })
    }

    /// What is particular to a category: what the configuration says, else what the tuner says.
    async fn of_category(&mut self, category: &Category, session: &Session) -> Result<OfCategory> {
        let own = session.config.of_category(category);
        let Some(file) = &session.config.compare.tuner else { return Ok(own) };
        let tuned = self.plugins.tune(file, category, &session.config).await?;
        let has_rules = own.ignored(category).next().is_some();
        let own = own.or(tuned);
        if !has_rules {
            self.rules.extend(own.ignored(category));
        }
        Ok(own)
    }

    fn replayer(
        &mut self,
        component: Option<PathBuf>,
        args: &ComparisonArgs,
        session: &Session,
    ) -> Result<Replayer> {
        if let Some(known) = self.replayers.get(&component) {
            return Ok(known.clone());
        }
        let service = session.service(&self.engine, component.as_deref())?;
        let replayer = Replayer::builder(&service)
            .rules(session.rules())
            .limits(args.limits.limits(session))
            .compared_streams(&args.streams.streams(session))
            .build()?;
        self.replayers.insert(component, replayer.clone());
        Ok(replayer)
    }
}

/// Checks that without a baseline only those numbers have a bound that a recording has.
fn check_recorded(max_increase: &MaxIncrease) -> Result<()> {
    let measure = Measure::iter().find(|it| max_increase.of(*it).is_some() && !it.is_recorded());
    match measure {
        Some(measure) => bail!(
            "`max-increase` bounds `{measure}`, which a recording does not have; compare with a baseline (`--baseline`), or leave out \
             this bound"
        ),
        None => Ok(()),
    }
}

fn loader(cassette: &Cassette) -> Loader {
    let cassette = cassette.clone();
    Loader::new(move |id| {
        let cassette = cassette.clone();
        async move { cassette.load(&id).await }
    })
}

fn planned(player: PlannedPlayer) -> Player {
    Player::new(move |recording: Arc<Recording>| {
        let player = player.clone();
        async move { player.play(&recording).await }
    })
}

fn player(replayer: &Replayer) -> Player {
    let replayer = replayer.clone();
    Player::new(move |recording: Arc<Recording>| {
        let replayer = replayer.clone();
        async move { replayer.replay(&recording).await }
    })
}
