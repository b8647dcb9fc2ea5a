//! `playback.toml`: what flags can say, said once, and the rules.

use super::grants::{Folder, Header, Variable};
use super::terminal::Format;
use super::units::{Size, Time};
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use playback_host::cassette::Location;
use playback_host::compare;
use playback_host::compare::cost::MaxIncrease;
use playback_host::recording::{Category, format};
use playback_host::sandbox::{Host, Sampling, Samplings};
use playback_host::tape::{MissingRule, Rule, RuleError, RuleProblem, Rules};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::hash::{BuildHasher, RandomState};
use std::io::ErrorKind;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use toml::Spanned;

mod category;
mod messages;
mod plugins;

pub(crate) use category::OfCategory;
pub(crate) use plugins::{PluginFiles, PluginLimits};

use messages::{holds_date, key, line, located, said, says};

/// The name that is looked for in the working directory.
const NAME: &str = "playback.toml";

/// The file's content, its relative paths made those of the working directory.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Config {
    /// Where it was read from.
    #[serde(skip)]
    file: Option<PathBuf>,
    /// Where recordings are kept.
    #[serde(deserialize_with = "parsed")]
    #[schemars(with = "Option<String>")]
    pub(crate) cassette: Option<Location>,
    /// Where compiled code is kept, or false: nowhere.
    pub(crate) cache: Option<Cache>,
    /// How results are printed.
    pub(crate) format: Option<Format>,
    /// Above 0: say more, and show values in full.
    pub(crate) verbose: Option<u8>,
    pub(crate) service: Service,
    pub(crate) record: Record,
    pub(crate) replay: Replay,
    pub(crate) compare: Compare,
    pub(crate) limits: Limits,
    /// `[category.NAME]`: what is particular to one.
    #[serde(deserialize_with = "by_category")]
    #[schemars(with = "BTreeMap<String, OfCategory>")]
    category: BTreeMap<Category, OfCategory>,
    /// Rules, by what they are for: an interface, or a function of one.
    #[schemars(with = "BTreeMap<String, Rule>")]
    interceptions: BTreeMap<Spanned<String>, Rule>,
    /// The rules of `interceptions`.
    #[serde(skip)]
    pub(crate) rules: Rules,
    /// Where each of them is.
    #[serde(skip)]
    lines: BTreeMap<String, usize>,
}

/// `cache = "folder"` or `cache = false`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a folder, or false")]
pub(crate) enum Cache {
    Folder(PathBuf),
    Wanted(bool),
}

/// `[service]`: what runs, and on what.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Service {
    /// The component.
    pub(crate) component: Option<PathBuf>,
    /// The components that answer its calls.
    pub(crate) providers: Vec<Provider>,
    /// Directories that it may use: `here::there`, or `here::there::ro`.
    #[serde(deserialize_with = "all_parsed")]
    #[schemars(with = "Vec<String>")]
    pub(crate) dirs: Vec<Folder>,
    /// Environment variables that it has: `NAME=VALUE`, or `NAME`.
    #[serde(deserialize_with = "all_parsed")]
    #[schemars(with = "Vec<String>")]
    pub(crate) env: Vec<Variable>,
    /// Its arguments.
    pub(crate) args: Vec<String>,
    /// The file that is its standard input, or `-`.
    pub(crate) stdin: Option<PathBuf>,
    /// Whether its HTTP requests go wherever they go.
    pub(crate) network: Option<bool>,
    /// Whether it may open sockets.
    pub(crate) sockets: Option<bool>,
    /// Where they go otherwise.
    #[serde(deserialize_with = "all_parsed")]
    #[schemars(with = "Vec<String>")]
    pub(crate) allow_hosts: Vec<Host>,
    /// HTTP headers whose values are never written.
    #[serde(deserialize_with = "all_parsed")]
    #[schemars(with = "Vec<String>")]
    pub(crate) secret_headers: Vec<Header>,
}

/// One of `providers`.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Provider {
    pub(crate) component: PathBuf,
    #[serde(default, deserialize_with = "all_parsed")]
    #[schemars(with = "Vec<String>")]
    pub(crate) dirs: Vec<Folder>,
    #[serde(default, deserialize_with = "all_parsed")]
    #[schemars(with = "Vec<String>")]
    pub(crate) env: Vec<Variable>,
    #[serde(default)]
    pub(crate) network: bool,
    /// Whether one instance answers the calls of all operations.
    #[serde(default)]
    pub(crate) shared: bool,
}

/// `[record]`: what is recorded.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Record {
    /// The file with a request a line, or `-`.
    pub(crate) from: Option<PathBuf>,
    /// The operation of the lines that name none.
    pub(crate) operation: Option<String>,
    /// The first part of the recordings' ids.
    #[serde(deserialize_with = "parsed")]
    #[schemars(with = "Option<String>")]
    pub(crate) category: Option<Category>,
    /// Whether each recording is replayed before it is saved.
    pub(crate) verify: Option<bool>,
    /// Whether an exception of an operation makes the command exit with 1.
    pub(crate) fail_on_exception: Option<bool>,
    /// What the samples of categories are drawn from.
    pub(crate) sampling_seed: Option<u64>,
}

/// `[compare]`: what is compared with what, and the rules for differences.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Compare {
    /// The component that others are compared with, instead of the recordings.
    pub(crate) baseline: Option<PathBuf>,
    /// Whether notes count as changes.
    pub(crate) strict: Option<bool>,
    /// Whether what the builds cost is compared too.
    pub(crate) cost: Option<bool>,
    /// How much more the recordings of each category together may cost: `{ instructions = "5%" }`. Judged where the cost is compared.
    max_increase: Option<MaxIncrease>,
    /// The directory for the reports.
    pub(crate) report: Option<PathBuf>,
    /// An earlier report, whose causes are known.
    pub(crate) since_report: Option<PathBuf>,
    /// The file with the changes that were accepted.
    pub(crate) accepted: Option<PathBuf>,
    /// The plugin that says what holds for each category, where this file does not.
    pub(crate) tuner: Option<PathBuf>,
    /// `[[compare.rule]]`: how places are compared.
    #[serde(rename = "rule")]
    pub(crate) rules: Vec<compare::rules::Rule>,
}

/// `[replay]`: what is compared.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Replay {
    /// The standard streams that are compared.
    pub(crate) compare_streams: Vec<StreamName>,
}

/// A standard stream by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StreamName {
    Stdout,
    Stderr,
}

/// `[limits]`: what one operation may use.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Limits {
    /// Memory of the service, and of each provider.
    pub(crate) memory: Option<Size>,
    /// Time of one operation.
    pub(crate) time: Option<Time>,
    /// Elements of their tables.
    pub(crate) table_elements: Option<usize>,
    /// Their core instances.
    pub(crate) instances: Option<NonZeroUsize>,
    /// Instructions of the service, about.
    pub(crate) fuel: Option<NonZeroU64>,
    /// What is written to standard output and standard error.
    pub(crate) written: Option<Size>,
    /// The largest standard input.
    pub(crate) stdin: Option<Size>,
    /// Memory for the values of one call.
    pub(crate) crossing: Option<Size>,
    /// Memory for one recording.
    pub(crate) recording: Option<Size>,
    /// The largest file that is recorded with its content, in MB.
    pub(crate) intercepted_file_size: Option<u64>,
    /// What one call of a plugin may use.
    pub(crate) plugins: Option<PluginLimits>,
}

impl Compare {
    /// What of it is said, by its key.
    fn of_file_alone(&self) -> Vec<(String, Json)> {
        let Self { baseline, strict, cost, max_increase, report, since_report, accepted, tuner, rules } =
            self;
        let rules = (!rules.is_empty()).then_some(rules);
        let said = [
            ("baseline", json!(baseline)),
            ("strict", json!(strict)),
            ("cost", json!(cost)),
            ("max-increase", json!(max_increase)),
            ("report", json!(report)),
            ("since-report", json!(since_report)),
            ("accepted", json!(accepted)),
            ("tuner", json!(tuner)),
            ("rule", json!(rules)),
        ];
        let said = said.into_iter().filter(|(_, value)| !value.is_null());
        said.map(|(key, value)| (format!("compare.{key}"), value)).collect()
    }
}

impl Config {
    /// Reads `file`; where none is named, `playback.toml` if there is one.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self> {
        let path = file.unwrap_or(Path::new(NAME));
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == ErrorKind::NotFound && file.is_none() => return Ok(Self::default()),
            text => text.with_context(|| format!("the configuration `{}` cannot be read", path.display()))?,
        };
        Self::parse(&text, path)
    }

    /// Reads the text of the file at `path`.
    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self> {
        let mut config: Self = toml::from_str(text).map_err(|error| located(path, text, error))?;
        for (target, rule) in &config.interceptions {
            let line = line(text, target.span().start);
            if let Some(MissingRule::Default(value)) = &rule.on_missing
                && holds_date(value)
            {
                bail!(
                    "{}:{line}: a date is not a value of a component; write it as text, in quotes",
                    path.display()
                );
            }
            config.lines.insert(target.get_ref().clone(), line);
            config.rules = std::mem::take(&mut config.rules).with(target.get_ref(), rule.clone());
        }
        Ok(config.read_from(path))
    }

    /// The file and the line of the rule that is to blame, as messages call them.
    pub(crate) fn place(&self, error: &RuleError) -> String {
        let interface = error.function.split('#').next().unwrap_or_default();
        let interface_alias = interface.split('@').next().unwrap_or_default();
        let alias = format::default_alias(&error.function);
        // As rules are looked up: the most precise first.
        let targets = [error.function.as_str(), &alias, interface, interface_alias];
        let line = targets.iter().find_map(|target| {
            let (_, rule) = self.interceptions.iter().find(|(name, _)| name.get_ref() == target)?;
            let is_shared = matches!(error.problem, RuleProblem::SharedAlias) && target.contains('#');
            self.lines.get(*target).filter(|_| says(rule, &error.problem) && !is_shared)
        });
        line.map_or(self.name(), |line| format!("{}:{line}", self.name()))
    }

    /// How much of each category is recorded; of one seed, else of another each time.
    pub(crate) fn samplings(&self, seed: Option<u64>) -> Samplings {
        let seed = seed.unwrap_or_else(|| RandomState::new().hash_one(0));
        let of = self.category.iter().filter_map(|(category, of)| Some((category.clone(), of.sampling()?)));
        of.fold(Samplings::default().seeded(seed), |samplings, (category, sampling)| {
            samplings.with(category, sampling)
        })
    }

    /// The samplers of categories, by their files.
    pub(crate) fn samplers(&self) -> impl Iterator<Item = (&Category, &Path)> {
        self.category.iter().filter_map(|(category, of)| Some((category, of.sampler.as_deref()?)))
    }

    /// The players of categories, by their files.
    pub(crate) fn players(&self) -> impl Iterator<Item = (&Category, &Path)> {
        self.category.iter().filter_map(|(category, of)| Some((category, of.player.as_deref()?)))
    }

    /// What only the file can say, by its key: what is particular to categories, and rules.
    pub(crate) fn of_file_alone(&self) -> impl Iterator<Item = (String, Json)> {
        let categories = self.category.iter();
        let categories = categories.map(|(name, of)| (format!("category.{}", key(name.as_str())), json!(of)));
        let rules = self.interceptions.iter();
        let rules =
            rules.map(|(target, rule)| (format!("interceptions.{}", key(target.get_ref())), said(rule)));
        let of_plugins = self.limits.plugins.map(|limits| ("limits.plugins".to_owned(), json!(limits)));
        categories.chain(rules).chain(self.compare.of_file_alone()).chain(of_plugins)
    }

    /// The categories that have a table, in the order of their names.
    pub(crate) fn categories(&self) -> Vec<Category> {
        self.category.keys().cloned().collect()
    }

    /// What is particular to a category; nothing where it has no table.
    pub(crate) fn of_category(&self, category: &Category) -> OfCategory {
        self.category.get(category).cloned().unwrap_or_default()
    }

    /// The rules for differences: those for all categories, then the places that single categories ignore.
    pub(crate) fn difference_rules(&self) -> Vec<compare::rules::Rule> {
        let of_categories = self.category.iter().flat_map(|(category, of)| of.ignored(category));
        self.compare.rules.iter().cloned().chain(of_categories).collect()
    }

    /// How much more a category may cost: what its table says, else what is said for all.
    pub(crate) fn max_increase(&self, of: &OfCategory) -> MaxIncrease {
        of.max_increase.unwrap_or_default().or(self.compare.max_increase.unwrap_or_default())
    }

    /// Reads what a tuner says of a category: an object with what a table `[category.NAME]` has. Its paths are taken from where the
    /// file is.
    pub(crate) fn tuned(&self, said: Json) -> Result<OfCategory, serde_json::Error> {
        let mut of: OfCategory = serde_json::from_value(said)?;
        of.files().into_iter().flatten().for_each(|path| below(self.folder(), path));
        Ok(of)
    }

    /// Where relative paths begin.
    fn folder(&self) -> &Path {
        self.file.as_deref().and_then(Path::parent).unwrap_or(Path::new(""))
    }

    /// The file as messages call it.
    pub(crate) fn name(&self) -> String {
        self.file.as_deref().unwrap_or(Path::new(NAME)).display().to_string()
    }

    /// Takes relative paths from where the file is.
    fn read_from(mut self, file: &Path) -> Self {
        self.file = Some(file.to_owned());
        let base = file.parent().unwrap_or(Path::new(""));
        let below = |path: &mut PathBuf| below(base, path);
        if let Some(Location::Directory(path)) = &mut self.cassette {
            below(path);
        }
        if let Some(Cache::Folder(path)) = &mut self.cache {
            below(path);
        }
        let Service { component, providers, dirs, stdin, .. } = &mut self.service;
        *dirs = std::mem::take(dirs).into_iter().map(|dir| dir.below(base)).collect();
        let Compare { baseline, report, since_report, accepted, tuner, .. } = &mut self.compare;
        let of_compare = [baseline, report, since_report, accepted, tuner];
        let of_categories = self.category.values_mut().flat_map(OfCategory::files);
        let others = of_compare.into_iter().chain(of_categories);
        for path in [component, stdin, &mut self.record.from].into_iter().chain(others).flatten() {
            below(path);
        }
        for provider in providers {
            below(&mut provider.component);
            provider.dirs =
                std::mem::take(&mut provider.dirs).into_iter().map(|dir| dir.below(base)).collect();
        }
        self
    }
}

/// Takes a relative path from `base`, without the `.` that would stand in the middle. `-` is not a path.
fn below(base: &Path, path: &mut PathBuf) {
    if *path != *"-" {
        *path = base.join(&*path).components().collect();
    }
}

fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(de::Error::custom)).transpose()
}

fn by_category<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<Category, OfCategory>, D::Error> {
    let by_name = BTreeMap::<String, OfCategory>::deserialize(deserializer)?;
    let parsed = by_name.into_iter().map(|(name, of)| {
        if let Some(Sampling { rate, .. }) = of.sampling()
            && !(0.0..=1.0).contains(&rate)
        {
            return Err(de::Error::custom(format!(
                "`{name}` is sampled at {rate}; write a rate from 0 to 1"
            )));
        }
        Ok((name.parse().map_err(de::Error::custom)?, of))
    });
    parsed.collect()
}

fn all_parsed<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| text.parse().map_err(de::Error::custom)).collect()
}

#[cfg(test)]
mod tests;
