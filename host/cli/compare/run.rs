//! One run of comparisons: recordings are compared on all cores, and reported in the order in which they are selected.

use super::args::ComparisonArgs;
use super::selection::Selection;
use super::text;
use super::tuning::Tuner;
use crate::cli::Exit;
use crate::cli::abreast::{Abreast, Next};
use crate::cli::exit::Stop;
use crate::cli::interrupts::Interrupts;
use crate::cli::session::Session;
use crate::cli::settings;
use crate::cli::{left_out, list};
use anyhow::{Context, Result};
use jiff::civil::Date;
use jiff::{Timestamp, Zoned};
use playback_host::cassette::{Access, Cassette};
use playback_host::compare::report::{Comparison, Line, Run, Summary, Tally};
use playback_host::compare::{Accepted, Verdict};
use playback_host::recording::Category;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where accepted changes are looked for.
const ACCEPTED: &str = "playback-accepted.toml";

/// What a command compares.
pub(crate) struct Scope {
    /// The component of all categories, if the user named one.
    pub(crate) service: Option<PathBuf>,
    /// The recordings that the user named. Empty: those of the categories.
    pub(crate) ids: Vec<String>,
    /// The categories where the user named none. Empty: all of the cassette.
    pub(crate) categories: Vec<Category>,
}

/// Compares recordings, and reports.
pub(crate) async fn compare(scope: Scope, args: &ComparisonArgs, session: &mut Session) -> Result<Exit> {
    let Scope { service, ids, categories } = scope;
    let today = Zoned::now().date();
    let accepted = Arc::new(accepted(args, today, session)?);
    let cassette = args.cassette.open(session, Access::Read).await?;
    let categories = if args.category.is_empty() { categories } else { args.category.clone() };
    let selection = Selection::new(&cassette, &ids, categories.clone(), args).await?;
    let named = service.as_ref().map_or(String::new(), |service| format!(" {}", service.display()));
    let tuner = Tuner::new(service, args, cassette.clone(), accepted.clone(), today, session)?;
    let mut comparisons = Comparisons {
        args,
        cassette,
        service: named,
        categories,
        selection,
        tuner,
        tally: Tally::default(),
        failures: 0,
        accepted,
        interrupts: Interrupts::listen(),
    };
    comparisons.begin(session);
    comparisons.all(session).await?;
    comparisons.end(session).await
}

/// Reads the changes that were accepted.
fn accepted(args: &ComparisonArgs, today: Date, session: &Session) -> Result<Accepted> {
    let file = session.config.compare.accepted.as_deref();
    let named = session.settings.optional(settings::ACCEPTED, args.accepted.as_deref(), file);
    let path = named.unwrap_or(Path::new(ACCEPTED));
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => {
            Ok(Accepted::default())
        }
        text => {
            let text =
                text.with_context(|| format!("the accepted changes `{}` cannot be read", path.display()))?;
            Accepted::parse(&text, today)
                .with_context(|| format!("`{}` is no file of accepted changes", path.display()))
        }
    }
}

struct Comparisons<'a> {
    args: &'a ComparisonArgs,
    cassette: Cassette,
    /// The service as it stands on the command line, after a space; empty where the configuration names it.
    service: String,
    categories: Vec<Category>,
    selection: Selection,
    tuner: Tuner,
    tally: Tally,
    /// How many recordings failed or could not be compared.
    failures: usize,
    accepted: Arc<Accepted>,
    interrupts: Interrupts,
}

impl Comparisons<'_> {
    fn begin(&self, session: &mut Session) {
        let run = Run::new(self.cassette.location(), &self.categories, self.args.shard, Timestamp::now());
        if session.is_json() {
            session.terminal.json(&Line::Run(run));
        }
    }

    async fn all(&mut self, session: &mut Session) -> Result<()> {
        let mut running = Abreast::new(self.args.jobs);
        session.terminal.start_endless("compared");
        loop {
            while self.goes_on() && running.has_room() {
                let next = self.selection.next(&mut self.tuner, &mut self.tally, self.args, session).await?;
                let Some((id, equalizer)) = next else { break };
                running.begin(async move { equalizer.compare(id).await });
            }
            match running.next("the comparisons", &mut self.interrupts, session).await? {
                Next::Ended(comparison) => {
                    session.terminal.advance();
                    self.add(&comparison, session);
                }
                Next::None | Next::GivenUp => break,
            }
        }
        self.tally.skip(running.len() as u64);
        session.terminal.finish();
        Ok(())
    }

    fn goes_on(&self) -> bool {
        let is_failed_fast = self.args.fail_fast && self.tally.bad() > 0;
        let is_spent = self.args.max_failures.is_some_and(|most| self.failures >= most.get());
        self.interrupts.count() == 0 && !is_failed_fast && !is_spent
    }

    fn add(&mut self, comparison: &Comparison, session: &mut Session) {
        let is_failure = matches!(comparison.judgement.verdict, Verdict::Failed | Verdict::EqualizerFailure);
        self.failures += usize::from(is_failure && comparison.is_bad());
        self.tally.add(comparison);
        match session.is_json() {
            true => session.terminal.json(&Line::Comparison(Box::new(comparison.clone()))),
            false => text::comparison(comparison, session),
        }
    }

    async fn end(mut self, session: &mut Session) -> Result<Exit> {
        let (is_interrupted, goes_on) = (self.interrupts.count() > 0, self.goes_on());
        let (is_empty, taken) = (self.selection.is_empty(), self.selection.taken);
        if !goes_on {
            self.tally.skip(self.selection.rest().await?);
        }
        let summary = self.tally.finish(self.tuner.rule_summaries());
        if taken == 0 && !is_interrupted && summary.failed_categories.is_empty() {
            return Err(self::nothing(is_empty, &self.cassette, &self.categories, &summary).into());
        }
        match session.is_json() {
            true => session.terminal.json(&Line::Summary(summary.clone())),
            false => text::summary(&summary, &self.accepted, &self.service, session),
        }
        exit(&summary, is_interrupted)
    }
}

/// That there was nothing to compare, and why.
fn nothing(is_empty: bool, cassette: &Cassette, categories: &[Category], summary: &Summary) -> Stop {
    if is_empty {
        return list::nothing(cassette.location(), categories);
    }
    let left_out = summary.left_out.iter().map(|(name, count)| (name.clone(), *count as usize)).collect();
    left_out::nothing(cassette.location(), "the service", &left_out)
}

/// How the program exits after a run.
fn exit(summary: &Summary, is_interrupted: bool) -> Result<Exit> {
    let failures = summary.all.count(Verdict::EqualizerFailure);
    match () {
        () if is_interrupted => Ok(Exit::Interrupted),
        () if !summary.failed_categories.is_empty() => {
            let count = crate::cli::units::count(summary.failed_categories.len(), "category");
            Err(Stop::Failed(format!("{count} could not be compared")).into())
        }
        () if failures > 0 => {
            let all = crate::cli::units::count(summary.all.recordings as usize, "recording");
            Err(Stop::Failed(format!("{failures} of {all} could not be compared")).into())
        }
        () if summary.all.bad > 0 => Ok(Exit::Different),
        () => Ok(Exit::Success),
    }
}
