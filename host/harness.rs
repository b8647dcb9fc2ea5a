//! Recordings as tests of a service's own crate.

use crate::cassette::{Access, Cassette, Location, Lookup, Order};
use crate::compare::rules::{Rule, RuleSet, Settings};
use crate::compare::{AnyError, Equalizer, Judge, Loader, Player};
use crate::recording::{Category, Recording, RecordingId};
use crate::sandbox::{Engine, Limits, Options, Replayer, Service};
use crate::tape::Rules;
use futures_util::TryStreamExt;
use libtest_mimic::{Arguments, Conclusion, Failed, Trial};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use tokio::runtime::Runtime;

/// Makes each recording of a cassette a test of `cargo test` and `cargo nextest`, with their names, filters, partitions and reports.
///
/// A file in `tests/`, with `harness = false` in `Cargo.toml`, is one line:
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     playback_host::Harness::new("./recordings", "service.wasm").run()
/// }
/// ```
#[derive(Debug, Clone)]
#[must_use = "`run` runs the tests"]
pub struct Harness {
    location: String,
    component: PathBuf,
    baseline: Option<PathBuf>,
    categories: Vec<Category>,
    rules: Rules,
    compare_rules: Vec<Rule>,
    settings: Settings,
    limits: Limits,
    cache: Option<PathBuf>,
}

/// What all tests share. It is made when the first of them runs, and not to list them.
struct Shared {
    runtime: Runtime,
    cassette: Cassette,
    replayer: Replayer,
    baseline: Option<Replayer>,
}

impl Harness {
    /// Tests a component on the recordings of a cassette. Relative paths begin at the package, as `cargo test` runs there.
    pub fn new(cassette: impl Into<String>, component: impl Into<PathBuf>) -> Self {
        Self {
            location: cassette.into(),
            component: component.into(),
            baseline: None,
            categories: Vec::new(),
            rules: Rules::default(),
            compare_rules: Vec::new(),
            settings: Settings::default(),
            limits: Limits::default(),
            cache: None,
        }
    }

    /// Compares with what this component does, instead of what was recorded.
    pub fn baseline(self, component: impl Into<PathBuf>) -> Self {
        Self { baseline: Some(component.into()), ..self }
    }

    /// Takes only recordings of these categories.
    pub fn categories(self, categories: impl IntoIterator<Item = Category>) -> Self {
        Self { categories: categories.into_iter().collect(), ..self }
    }

    /// Matches calls by these rules.
    pub fn rules(self, rules: Rules) -> Self {
        Self { rules, ..self }
    }

    /// Compares by these rules.
    pub fn compare_rules(self, rules: Vec<Rule>, settings: Settings) -> Self {
        Self { compare_rules: rules, settings, ..self }
    }

    /// Limits what each operation may use.
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Keeps compiled code in this directory, so that a runner with a process for each test compiles once.
    pub fn cache(self, directory: impl Into<PathBuf>) -> Self {
        Self { cache: Some(directory.into()), ..self }
    }

    /// Runs the tests that the command line asks for, and returns how the program is to exit. A cassette that cannot be read or has no
    /// recording is an error.
    pub fn run(self) -> ExitCode {
        self.run_with(&Arguments::from_args()).exit_code()
    }

    /// Runs the tests that `arguments` ask for.
    pub fn run_with(self, arguments: &Arguments) -> Conclusion {
        let trials = match self.ids() {
            Ok(ids) => self.trials(ids),
            // A test that fails tells the reason where the user looks for it.
            Err(error) => {
                let message = error.to_string();
                vec![Trial::test("recordings can be listed", move || Err(Failed::from(message)))]
            }
        };
        libtest_mimic::run(arguments, trials)
    }

    fn trials(self, ids: Vec<RecordingId>) -> Vec<Trial> {
        let (harness, shared) = (Arc::new(self), Arc::new(OnceLock::new()));
        let trial = |id: RecordingId| {
            let (harness, shared) = (Arc::clone(&harness), Arc::clone(&shared));
            Trial::test(id.to_string(), move || {
                let shared = shared.get_or_init(|| harness.share().map_err(|error| error.to_string()));
                harness.test(shared.as_ref().map_err(String::as_str)?, id)
            })
        };
        ids.into_iter().map(trial).collect()
    }

    /// The recordings, the oldest first.
    fn ids(&self) -> Result<Vec<RecordingId>, AnyError> {
        let runtime = Runtime::new()?;
        runtime.block_on(async {
            let cassette = self.open().await?;
            let lookup = Lookup::default().categories(self.categories.clone()).order(Order::OldestFirst);
            let ids: Vec<RecordingId> = cassette.ids(lookup).try_collect().await?;
            match ids.is_empty() {
                true => {
                    Err(format!("there is no recording in `{}`; record some first", self.location).into())
                }
                false => Ok(ids),
            }
        })
    }

    async fn open(&self) -> Result<Cassette, AnyError> {
        let location: Location = self.location.parse()?;
        Ok(Cassette::open(&location, Access::Read).await?)
    }

    fn share(&self) -> Result<Shared, AnyError> {
        let runtime = Runtime::new()?;
        let cassette = runtime.block_on(self.open())?;
        let engine = Engine::new(&Options { cache: self.cache.clone(), ..Options::default() })?;
        let replayer = |component: &PathBuf| -> Result<Replayer, AnyError> {
            let service = Service::from_file(&engine, component)?;
            Ok(Replayer::builder(&service).rules(&self.rules).limits(self.limits).build()?)
        };
        let (candidate, baseline) =
            (replayer(&self.component)?, self.baseline.as_ref().map(replayer).transpose()?);
        Ok(Shared { runtime, cassette, replayer: candidate, baseline })
    }

    fn test(&self, shared: &Shared, id: RecordingId) -> Result<(), Failed> {
        let category = id.category().clone();
        let today = jiff::Zoned::now().date();
        let rules = RuleSet::new(&self.compare_rules, &self.settings, &category, today);
        let cassette = shared.cassette.clone();
        let load = move |id: RecordingId| {
            let cassette = cassette.clone();
            async move { cassette.load(&id).await }
        };
        let mut equalizer = Equalizer::new(Loader::new(load), player(&shared.replayer), Judge::new(rules));
        if let Some(baseline) = &shared.baseline {
            equalizer = equalizer.with_baseline(player(baseline));
        }
        let comparison = shared.runtime.block_on(equalizer.compare(id));
        if !comparison.is_bad() {
            return Ok(());
        }
        let judgement = &comparison.judgement;
        let changes = judgement.changes.iter().map(ToString::to_string);
        let lines: Vec<String> = [judgement.verdict.to_string()]
            .into_iter()
            .chain(judgement.message.clone())
            .chain(changes)
            .collect();
        Err(Failed::from(lines.join("\n  ")))
    }
}

fn player(replayer: &Replayer) -> Player {
    let replayer = replayer.clone();
    Player::new(move |recording: Arc<Recording>| {
        let replayer = replayer.clone();
        async move { replayer.replay(&recording).await }
    })
}
