//! Plugins of a category: components, called with what recording and comparing hand them.

use crate::cli::config::{Config, OfCategory, PluginFiles};
use anyhow::{Context, Result, anyhow};
use playback_host::compare::AnyError;
use playback_host::compare::plugins::{
    About, Exhibit, Function, Opinion, Outputs, Plugins, Recorded, ResultValue,
};
use playback_host::recording::{Category, Recording, format, serialize};
use playback_host::sandbox::{Engine, Limits, Plugin, Replayer, Sampler, Service};
use playback_host::tape::Playback;
use playback_host::value::Value;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

mod wit;

const COMPARE: &str = "playback:plugin/comparator#compare";
const EXTRACT_RESULT: &str = "playback:plugin/result-extractor#extract";
const PLAN: &str = "playback:plugin/player#plan";
const RATE: &str = "playback:plugin/sampler#rate";
const TUNE: &str = "playback:plugin/tuner#tune";
const EXTRACT_DATA: &str = "playback:plugin/comparison-data-extractor#extract";

/// Plugins by their files. Each is compiled and linked once.
#[derive(Debug)]
pub(crate) struct Loaded {
    engine: Engine,
    limits: Limits,
    by_file: BTreeMap<PathBuf, Plugin>,
}

impl Loaded {
    /// None yet. Each call of one may use as much as `limits` say.
    pub(crate) fn new(engine: &Engine, limits: Limits) -> Self {
        Self { engine: engine.clone(), limits, by_file: BTreeMap::new() }
    }

    /// Loads the plugins of a category.
    ///
    /// # Errors
    ///
    /// A file is no plugin of its kind.
    pub(crate) fn plugins(&mut self, files: &PluginFiles) -> Result<Plugins> {
        let mut plugins = Plugins::default();
        if let Some(file) = &files.comparator {
            let plugin = self.plugin(file, COMPARE)?;
            plugins.comparator =
                Some(Function::new(move |exhibit: Exhibit| compare(plugin.clone(), exhibit)));
        }
        if let Some(file) = &files.result_extractor {
            let plugin = self.plugin(file, EXTRACT_RESULT)?;
            plugins.result_extractor =
                Some(Function::new(move |outputs: Outputs| extract(plugin.clone(), outputs)));
        }
        if let Some(file) = &files.data_extractor {
            let plugin = self.plugin(file, EXTRACT_DATA)?;
            plugins.data_extractor =
                Some(Function::new(move |recorded: Recorded| data(plugin.clone(), recorded)));
        }
        Ok(plugins)
    }

    /// Loads the plugin that says what is played on `replayer`.
    ///
    /// # Errors
    ///
    /// The file is no player.
    pub(crate) fn player(&mut self, file: &Path, replayer: &Replayer) -> Result<PlannedPlayer> {
        Ok(PlannedPlayer { plugin: self.plugin(file, PLAN)?, replayer: replayer.clone() })
    }

    /// Loads a sampler.
    ///
    /// # Errors
    ///
    /// The file is none.
    pub(crate) fn sampler(&mut self, file: &Path) -> Result<Sampler> {
        let plugin = self.plugin(file, RATE)?;
        Ok(Sampler::new(move |recording| {
            let plugin = plugin.clone();
            async move { rate(&plugin, &recording).await }
        }))
    }

    /// Asks a tuner what holds for a category.
    ///
    /// # Errors
    ///
    /// The file is no tuner, or it gives no answer.
    pub(crate) async fn tune(
        &mut self,
        file: &Path,
        category: &Category,
        config: &Config,
    ) -> Result<OfCategory> {
        let plugin = self.plugin(file, TUNE)?;
        let read = |answer: &Value| {
            let said = config.tuned(wit::read_json(answer)?);
            let said = said.map_err(|problem| format!("settings that no category has: {problem}"))?;
            match said.sampling() {
                None => Ok(said),
                Some(_) => {
                    Err("`sampling`, which counts while recording; set it in the configuration".to_owned())
                }
            }
        };
        ask(&plugin, TUNE, vec![category.as_str().into()], read).await.map_err(|error| anyhow!(error))
    }

    fn plugin(&mut self, file: &Path, function: &str) -> Result<Plugin> {
        let plugin = match self.by_file.get(file) {
            Some(plugin) => plugin.clone(),
            None => {
                let component = Service::from_file(&self.engine, file)
                    .with_context(|| format!("the plugin `{}` cannot be used", file.display()))?;
                let plugin = Plugin::new(&component, self.limits)?;
                self.by_file.insert(file.to_owned(), plugin.clone());
                plugin
            }
        };
        plugin.check(function)?;
        Ok(plugin)
    }
}

/// Plays what a plugin plans.
#[derive(Debug, Clone)]
pub(crate) struct PlannedPlayer {
    plugin: Plugin,
    replayer: Replayer,
}

impl PlannedPlayer {
    /// Replays what the plugin plans for a recording.
    pub(crate) async fn play(&self, recording: &Arc<Recording>) -> Result<Playback, AnyError> {
        let about = About::new(recording);
        let recorded = wit::invocation(&about.operation, &recording.header.arguments);
        let arguments = vec![wit::about(&about), recorded];
        let (operation, arguments) = ask(&self.plugin, PLAN, arguments, wit::read_invocation).await?;
        let played = self.replayer.replay_as(recording, &operation, arguments).await;
        let name = self.plugin.component().name();
        played.map_err(|error| format!("what plugin `{name}` plans cannot be played: {error}").into())
    }
}

async fn compare(plugin: Plugin, exhibit: Exhibit) -> Result<Opinion, AnyError> {
    let Exhibit { about, recorded, replayed, data } = exhibit;
    let arguments =
        vec![wit::about(&about), wit::result(&recorded), wit::result(&replayed), wit::json(&data)];
    ask(&plugin, COMPARE, arguments, wit::opinion).await
}

async fn extract(plugin: Plugin, side: Outputs) -> Result<ResultValue, AnyError> {
    let arguments = vec![wit::calls(&side.outputs), wit::result(&side.operation)];
    ask(&plugin, EXTRACT_RESULT, arguments, wit::read_result).await
}

async fn data(plugin: Plugin, recorded: Recorded) -> Result<Json, AnyError> {
    let arguments = vec![wit::about(&recorded.about), wit::calls(&recorded.calls)];
    ask(&plugin, EXTRACT_DATA, arguments, wit::read_json).await
}

/// Asks how likely it is that a recording is kept.
async fn rate(plugin: &Plugin, recording: &Recording) -> Result<f64, AnyError> {
    let contents: usize = recording.contents.values().map(|bytes| bytes.len()).sum();
    let size = serialize(recording, &format::Limits::default())?.len() + contents;
    let arguments = vec![wit::about(&About::new(recording)), (size as u64).into()];
    ask(plugin, RATE, arguments, wit::read_rate).await
}

/// Calls a function that returns `result<T, string>`, and reads its answer.
async fn ask<T>(
    plugin: &Plugin,
    function: &str,
    arguments: Vec<Value>,
    read: impl Fn(&Value) -> Result<T, String>,
) -> Result<T, AnyError> {
    let name = plugin.component().name();
    let answer = plugin.call(function, arguments).await?;
    match (answer.get("ok"), answer.get("err")) {
        (Some(value), _) => {
            read(value).map_err(|problem| format!("plugin `{name}` answers with {problem}").into())
        }
        (None, Some(Value::Text(reason))) => Err(format!("plugin `{name}` says: {reason}").into()),
        _ => Err(format!("plugin `{name}` answers with no result").into()),
    }
}
