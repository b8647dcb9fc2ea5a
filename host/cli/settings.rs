//! The table of settings: what each is called wherever it can be said; and which of the places decides.

use super::environment;
use anyhow::Result;
use clap::ArgMatches;
use clap::parser::ValueSource;
use serde::Serialize;
use serde_json::Value as Json;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// A setting by its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Setting {
    /// In playback.toml, after the name of its table.
    key: &'static str,
    /// On the command line, without the dashes; the variable is `PLAYBACK_` and the same. Empty if there is neither.
    argument: &'static str,
}

macro_rules! table {
    ($($name:ident = $key:literal, $argument:literal;)*) => {
        $(pub(crate) const $name: Setting = Setting { key: $key, argument: $argument };)*
        #[cfg(test)]
        const ALL: &[Setting] = &[$($name),*];
    };
}

table! {
    CASSETTE = "cassette", "cassette";
    CACHE = "cache", "cache";
    NO_CACHE = "cache", "no-cache";
    FORMAT = "format", "format";
    VERBOSE = "verbose", "verbose";
    COMPONENT = "service.component", "service";
    PROVIDERS = "service.providers", "provider";
    DIRS = "service.dirs", "dir";
    ENV = "service.env", "env";
    ARGS = "service.args", "arg";
    STDIN = "service.stdin", "stdin";
    NETWORK = "service.network", "network";
    ALLOW_HOSTS = "service.allow-hosts", "allow-host";
    SOCKETS = "service.sockets", "sockets";
    SECRET_HEADERS = "service.secret-headers", "secret-header";
    INVOKE = "", "invoke";
    FROM = "record.from", "from";
    OPERATION = "record.operation", "operation";
    CATEGORY = "record.category", "category";
    VERIFY = "record.verify", "verify";
    FAIL_ON_EXCEPTION = "record.fail-on-exception", "fail-on-exception";
    SAMPLING_SEED = "record.sampling-seed", "";
    BASELINE = "compare.baseline", "baseline";
    STRICT = "compare.strict", "strict";
    COST = "compare.cost", "cost";
    REPORT = "compare.report", "report";
    SINCE_REPORT = "compare.since-report", "since-report";
    ACCEPTED = "compare.accepted", "accepted";
    COMPARE_STREAMS = "replay.compare-streams", "compare-streams";
    MEMORY = "limits.memory", "max-memory";
    TIME = "limits.time", "timeout";
    TABLE_ELEMENTS = "limits.table-elements", "max-table-elements";
    INSTANCES = "limits.instances", "max-instances";
    FUEL = "limits.fuel", "fuel";
    WRITTEN = "limits.written", "max-written";
    MAX_STDIN = "limits.stdin", "max-stdin";
    CROSSING = "limits.crossing", "max-crossing";
    RECORDING = "limits.recording", "max-recording";
    INTERCEPTED_FILE_SIZE = "limits.intercepted-file-size", "intercepted-file-size-limit";
}

impl Setting {
    /// The name of its environment variable.
    pub(crate) fn variable(self) -> String {
        format!("PLAYBACK_{}", self.argument.replace('-', "_").to_uppercase())
    }

    /// Its place on the command line.
    pub(crate) fn on_command_line(self) -> Place {
        match self {
            COMPONENT => Place::CommandLine("SERVICE.WASM".to_owned()),
            Self { argument, .. } => Place::CommandLine(format!("--{argument}")),
        }
    }

    /// Its place in the environment.
    pub(crate) fn in_environment(self) -> Place {
        Place::Environment(self.variable())
    }
}

/// The keys of the settings in playback.toml.
#[cfg(test)]
pub(crate) fn keys() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|setting| setting.key).filter(|key| !key.is_empty())
}

/// Where a setting was said, by its name there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "source", content = "name")]
pub(crate) enum Place {
    CommandLine(String),
    Environment(String),
    File(String),
    Default,
}

/// A setting with its value, and where that was said.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct InForce {
    #[serde(rename = "setting")]
    pub(crate) key: String,
    /// As playback.toml would say it; null where there is none.
    pub(crate) value: Json,
    #[serde(flatten)]
    pub(crate) place: Place,
}

/// Decides what is in force, and notes where it comes from.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The arguments that stand on the command line.
    arguments: BTreeSet<String>,
    /// The configuration file as messages call it.
    file: String,
    decided: RefCell<Vec<InForce>>,
}

impl Settings {
    /// `matches` are those of the subcommand.
    pub(crate) fn new(matches: &ArgMatches, file: String) -> Self {
        let given = matches.ids().map(clap::Id::as_str);
        let given = given.filter(|id| matches.value_source(id) == Some(ValueSource::CommandLine));
        let arguments = given.map(|id| id.replace('_', "-")).collect();
        Self { arguments, file, decided: RefCell::default() }
    }

    /// Returns what the command line or the environment says, else what the file says, if either does.
    pub(crate) fn optional<T: Serialize>(
        &self,
        setting: Setting,
        said: Option<T>,
        file: Option<T>,
    ) -> Option<T> {
        let place = match (&said, &file) {
            (Some(_), _) => self.said(setting),
            (None, Some(_)) => self.in_file(),
            (None, None) => Place::Default,
        };
        let value = said.or(file);
        self.note(setting, &value, place);
        value
    }

    /// The same, else the default.
    pub(crate) fn value<T: Serialize>(
        &self,
        setting: Setting,
        said: Option<T>,
        file: Option<T>,
        default: T,
    ) -> T {
        match said.is_some() || file.is_some() {
            true => self.optional(setting, said, file).unwrap_or(default),
            false => {
                self.note(setting, &default, Place::Default);
                default
            }
        }
    }

    /// The same for lists, of which an empty one says nothing.
    pub(crate) fn list<T: Serialize + Clone>(&self, setting: Setting, said: &[T], file: &[T]) -> Vec<T> {
        let some = |items: &[T]| (!items.is_empty()).then(|| items.to_vec());
        self.value(setting, some(said), some(file), Vec::new())
    }

    /// The same for a flag without a value, whose variable says yes or no.
    pub(crate) fn switch(&self, setting: Setting, is_given: bool, file: Option<bool>) -> Result<bool> {
        let said = if is_given { Some(true) } else { environment::flag(&setting.variable())? };
        Ok(self.value(setting, said, file, false))
    }

    /// Where a setting was said that was said outside the file.
    pub(crate) fn said(&self, setting: Setting) -> Place {
        match self.arguments.contains(setting.argument) {
            true => setting.on_command_line(),
            false => setting.in_environment(),
        }
    }

    /// The configuration file.
    pub(crate) fn in_file(&self) -> Place {
        Place::File(self.file.clone())
    }

    /// Notes what is in force, where more than one setting decides.
    pub(crate) fn note(&self, setting: Setting, value: &impl Serialize, place: Place) {
        // Of what is not text as JSON, such as a path that is not UTF-8, this says so.
        let value = serde_json::to_value(value).unwrap_or_else(|error| Json::from(error.to_string()));
        self.decided.borrow_mut().push(InForce { key: setting.key.to_owned(), value, place });
    }

    /// Takes all that was decided, in that order.
    pub(crate) fn take(&self) -> Vec<InForce> {
        self.decided.take()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::cli::Cli;
    use clap::CommandFactory;

    #[test]
    fn each_setting_is_an_argument_of_record_or_compare_by_its_name_and_so_is_its_variable() {
        let command = Cli::command();
        let [record, compare] = ["record", "compare"].map(|name| command.find_subcommand(name).unwrap());
        for setting in ALL.iter().filter(|setting| !setting.argument.is_empty()) {
            let id = setting.argument.replace('-', "_");
            let mut arguments =
                record.get_arguments().chain(compare.get_arguments()).chain(command.get_arguments());
            let argument = arguments.find(|argument| *argument.get_id() == *id).unwrap();
            assert!(argument.get_env().is_none_or(|name| *name == *setting.variable()), "{setting:?}");
            let flag = argument.get_long().map(|flag| Place::CommandLine(format!("--{flag}")));
            assert!(flag.is_none_or(|flag| flag == setting.on_command_line()), "{setting:?}");
        }
    }
}
