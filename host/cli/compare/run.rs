//! One run of comparisons: recordings are compared on all cores, and reported in the order in which they are selected.

use super::args::ComparisonArgs;
use super::reports::{self, Reports};
use super::selection::Selection;
use super::text;
use super::tuning::Tuner;
use crate::cli::Exit;
use crate::cli::abreast::{Abreast, Next};
use crate::cli::accept::ACCEPTED;
use crate::cli::exit::Stop;
use crate::cli::interrupts::Interrupts;
use crate::cli::session::Session;
use crate::cli::settings;
use crate::cli::{left_out, list};
use anyhow::{Context, Result};
use jiff::civil::Date;
use jiff::{Timestamp, Zoned};
use playback_host::cassette::{Access, Cassette};
use playback_host::compare::report::{Comparison, Line, Run, RunVerdict, Summary, Tally};
use playback_host::compare::{Accepted, Verdict};
use playback_host::recording::Category;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
    let named = service.as_ref().map_or(String::new(), |service| format!(" {}", service.display()));
    let mut tally = Tally::default();
    let mut tuner = Tuner::new(service, args, cassette.clone(), accepted.clone(), today, session)?;
    let selection = Selection::new(&cassette, &ids, categories.clone(), args).await?;
    let selection = selection.tune(&mut tuner, &mut tally, args, session).await;
    let config = &session.config.compare;
    let earlier = session.settings.optional(
        settings::SINCE_REPORT,
        args.since_report.as_deref(),
        config.since_report.as_deref(),
    );
    if let Some(earlier) = earlier {
        tally = tally.since(reports::summary(earlier)?.causes.into_iter().map(|cause| cause.id));
    }
    let directory =
        session.settings.optional(settings::REPORT, args.report.as_deref(), config.report.as_deref());
    let reports = directory.map(Reports::create).transpose()?;
    let mut comparisons = Comparisons {
        args,
        cassette,
        service: named,
        categories,
        selection,
        tuner,
        tally,
        reports,
        failures: 0,
        accepted,
        interrupts: Interrupts::listen(),
    };
    comparisons.begin(session)?;
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
    reports: Option<Reports>,
    /// How many recordings failed or could not be compared.
    failures: usize,
    accepted: Arc<Accepted>,
    interrupts: Interrupts,
}

impl Comparisons<'_> {
    fn begin(&mut self, session: &mut Session) -> Result<()> {
        let mut run = Run::new(self.cassette.location(), &self.categories, self.args.shard, Timestamp::now());
        (run.services, run.baselines) = self.selection.builds();
        self.report(&Line::Run(run), session)
    }

    /// Writes one line of the reports, and prints it where JSON is asked for.
    fn report(&mut self, line: &Line, session: &mut Session) -> Result<()> {
        if session.is_json() {
            session.terminal.json(line);
        }
        match &mut self.reports {
            Some(reports) => reports.line(line),
            None => Ok(()),
        }
    }

    async fn all(&mut self, session: &mut Session) -> Result<()> {
        let mut running = Abreast::new(self.args.jobs);
        session.terminal.start_endless("compared");
        loop {
            while self.goes_on() && running.has_room() {
                let next = self.selection.next(&mut self.tally).await?;
                let Some((id, equalizer)) = next else { break };
                running.begin(async move { equalizer.compare(id).await });
            }
            match running.next("the comparisons", &mut self.interrupts, session).await? {
                Next::Ended(comparison) => {
                    session.terminal.advance();
                    self.add(comparison, session)?;
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

    fn add(&mut self, comparison: Comparison, session: &mut Session) -> Result<()> {
        let is_failure = matches!(comparison.judgement.verdict, Verdict::Failed | Verdict::EqualizerFailure);
        self.failures += usize::from(is_failure && comparison.is_bad());
        self.tally.add(&comparison);
        if !session.is_json() {
            text::comparison(&comparison, session);
        }
        self.report(&Line::Comparison(Box::new(comparison)), session)
    }

    async fn end(mut self, session: &mut Session) -> Result<Exit> {
        let (is_interrupted, goes_on) = (self.interrupts.count() > 0, self.goes_on());
        let (is_empty, taken) = (self.selection.is_empty(), self.selection.taken);
        if !goes_on {
            let rest = self.selection.rest().await?;
            self.tally.skip(rest);
        }
        let summary = std::mem::take(&mut self.tally).finish(self.tuner.rule_summaries());
        // A shard may be empty by chance: whether anything was selected is told when all are merged.
        let is_empty_shard = self.args.shard.is_some() && !is_empty;
        if taken == 0 && !is_interrupted && !is_empty_shard && summary.failed_categories.is_empty() {
            return Err(nothing(is_empty, &self.cassette, &self.categories, &summary).into());
        }
        self.report(&Line::Summary(summary.clone()), session)?;
        let page = self.reports.as_ref().map(Reports::page);
        if let Some(reports) = self.reports {
            reports.finish()?;
        }
        if !session.is_json() {
            text::summary(&summary, &self.accepted, &self.service, page.as_deref(), session);
        }
        match () {
            () if is_interrupted => Ok(Exit::Interrupted),
            () if is_empty_shard && summary.verdict() == RunVerdict::NothingSelected => Ok(Exit::Success),
            () => text::exit(&summary),
        }
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
