//! Plugins of a category: components, called with what the comparison hands them.

use super::wit;
use crate::cli::config::PluginFiles;
use anyhow::{Context, Result};
use playback_host::compare::AnyError;
use playback_host::compare::plugins::{Exhibit, Function, Opinion, Outputs, Plugins, Recorded, ResultValue};
use playback_host::sandbox::{Engine, Plugin, Service};
use playback_host::value::Value;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const COMPARE: &str = "playback:plugin/comparator#compare";
const EXTRACT_RESULT: &str = "playback:plugin/result-extractor#extract";
const EXTRACT_DATA: &str = "playback:plugin/comparison-data-extractor#extract";

/// Plugins by their files. Each is compiled and linked once.
#[derive(Debug, Default)]
pub(super) struct Loaded(BTreeMap<PathBuf, Plugin>);

impl Loaded {
    /// Loads the plugins of a category.
    ///
    /// # Errors
    ///
    /// A file is no plugin of its kind.
    pub(super) fn plugins(&mut self, files: &PluginFiles, engine: &Engine) -> Result<Plugins> {
        let mut plugins = Plugins::default();
        if let Some(file) = &files.comparator {
            let plugin = self.plugin(file, COMPARE, engine)?;
            plugins.comparator =
                Some(Function::new(move |exhibit: Exhibit| compare(plugin.clone(), exhibit)));
        }
        if let Some(file) = &files.result_extractor {
            let plugin = self.plugin(file, EXTRACT_RESULT, engine)?;
            plugins.result_extractor =
                Some(Function::new(move |outputs: Outputs| extract(plugin.clone(), outputs)));
        }
        if let Some(file) = &files.data_extractor {
            let plugin = self.plugin(file, EXTRACT_DATA, engine)?;
            plugins.data_extractor =
                Some(Function::new(move |recorded: Recorded| data(plugin.clone(), recorded)));
        }
        Ok(plugins)
    }

    fn plugin(&mut self, file: &Path, function: &str, engine: &Engine) -> Result<Plugin> {
        let plugin = match self.0.get(file) {
            Some(plugin) => plugin.clone(),
            None => {
                let component = Service::from_file(engine, file)
                    .with_context(|| format!("the plugin `{}` cannot be used", file.display()))?;
                let plugin = Plugin::new(&component, Plugin::default_limits())?;
                self.0.insert(file.to_owned(), plugin.clone());
                plugin
            }
        };
        plugin.check(function)?;
        Ok(plugin)
    }
}

async fn compare(plugin: Plugin, exhibit: Exhibit) -> Result<Opinion, AnyError> {
    let Exhibit { about, recorded, replayed, data } = exhibit;
    let arguments =
        vec![wit::about(&about), wit::result(&recorded), wit::result(&replayed), wit::json(&data)];
    wit::opinion(ask(&plugin, COMPARE, arguments).await?)
}

async fn extract(plugin: Plugin, side: Outputs) -> Result<ResultValue, AnyError> {
    let arguments = vec![wit::calls(&side.outputs), wit::result(&side.operation)];
    wit::read_result(ask(&plugin, EXTRACT_RESULT, arguments).await?)
}

async fn data(plugin: Plugin, recorded: Recorded) -> Result<Json, AnyError> {
    let arguments = vec![wit::about(&recorded.about), wit::calls(&recorded.calls)];
    wit::read_json(&ask(&plugin, EXTRACT_DATA, arguments).await?)
}

/// Calls a function that returns `result<T, string>`.
async fn ask(plugin: &Plugin, function: &str, arguments: Vec<Value>) -> Result<Value, AnyError> {
    let answer = plugin.call(function, arguments).await?;
    match (answer.get("ok"), answer.get("err")) {
        (Some(value), _) => Ok(value.clone()),
        (None, Some(Value::Text(reason))) => {
            Err(format!("plugin `{}` says: {reason}", plugin.component().name()).into())
        }
        _ => Err(format!("plugin `{}` answers with no result", plugin.component().name()).into()),
    }
}
