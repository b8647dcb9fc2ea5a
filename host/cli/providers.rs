//! Which components answer live calls, and what of the machine they get.

use super::config;
use super::environment;
use super::grants::{self, Folder, Variable};
use super::session::Session;
use super::settings::PROVIDERS;
use anyhow::{Result, ensure};
use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Args, Command, FromArgMatches};
use playback_host::sandbox::{Engine, Grants, ProviderComponent, Providers};
use std::path::PathBuf;

/// Flags of every command that can make live calls.
#[derive(Debug, Args)]
#[command(next_help_heading = "Providers")]
struct Flags {
    /// A component that answers the service's calls: it exports what the service imports. Repeat for several providers.
    /// `PLAYBACK_PROVIDER` separates them as `PATH` does
    #[arg(long, value_name = "FILE")]
    provider: Vec<PathBuf>,
    /// Grant a directory: `host::/guest` to read and write, `host::/guest::ro` to read. `host` alone has the same name in
    /// the provider. This flag and the next two apply to the `--provider` before them. If they come before the first
    /// `--provider`, they apply to all providers
    #[arg(long, value_name = "HOST[::GUEST[::ro]]", env = "PLAYBACK_PROVIDER_DIR", hide_env = true)]
    provider_dir: Vec<Folder>,
    /// Set an environment variable: `NAME=VALUE`, or `NAME` for its current value
    #[arg(long, value_name = "NAME=VALUE", env = "PLAYBACK_PROVIDER_ENV", hide_env = true)]
    provider_env: Vec<Variable>,
    /// Allow the provider to use the network
    #[arg(
        long, env = "PLAYBACK_PROVIDER_NETWORK", hide_env = true,
        action = ArgAction::Append, num_args = 0, default_missing_value = "true",
        value_parser = environment::yes_or_no
    )]
    provider_network: Vec<bool>,
}

/// The providers of the command line, or of the environment.
#[derive(Debug, Default)]
pub(crate) struct ProviderArgs {
    providers: Vec<PathBuf>,
    grants: Vec<Grant>,
}

/// Something that is granted, and to which of the providers; `None`: to all of them.
#[derive(Debug)]
struct Grant(Option<usize>, Granted);

#[derive(Debug)]
enum Granted {
    Folder(Folder),
    Variable(Variable),
    Network(bool),
}

impl Args for ProviderArgs {
    fn augment_args(command: Command) -> Command {
        Flags::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Flags::augment_args_for_update(command)
    }
}

impl FromArgMatches for ProviderArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let Flags { provider, provider_dir, provider_env, provider_network } =
            Flags::from_arg_matches(matches)?;
        let at = |flag: &str| match matches.value_source(flag) {
            Some(ValueSource::CommandLine) => matches.indices_of(flag).into_iter().flatten().collect(),
            _ => Vec::new(),
        };
        let providers_at = at("provider");
        // What comes of the environment has no place, and is for all.
        let owner = |place: Option<&usize>| {
            let before = providers_at.iter().filter(|provider| place.is_some_and(|place| *provider < place));
            before.count().checked_sub(1)
        };
        let mut grants = Vec::new();
        let mut add = |flag: &str, granted: Vec<Granted>| {
            let places = at(flag);
            let granted = granted.into_iter().enumerate();
            grants.extend(granted.map(|(index, granted)| Grant(owner(places.get(index)), granted)));
        };
        add("provider_dir", provider_dir.into_iter().map(Granted::Folder).collect());
        add("provider_env", provider_env.into_iter().map(Granted::Variable).collect());
        add("provider_network", provider_network.into_iter().map(Granted::Network).collect());
        let providers = match (provider.is_empty(), environment::variable(&PROVIDERS.variable())) {
            (true, Some(several)) => std::env::split_paths(&several).collect(),
            _ => provider,
        };
        Ok(Self { providers, grants })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl ProviderArgs {
    /// The providers of the command line, else those of the configuration.
    pub(crate) fn providers(&self, engine: &Engine, session: &Session) -> Result<Providers> {
        load(engine, self.in_force(session)?)
    }

    /// The same before they are loaded.
    pub(crate) fn in_force(&self, session: &Session) -> Result<Vec<config::Provider>> {
        let given = self.on_command_line()?.unwrap_or_default();
        Ok(session.settings.list(PROVIDERS, &given, &session.config.service.providers))
    }

    /// The providers of the command line alone. `None`: there is none.
    pub(crate) fn given(&self, engine: &Engine) -> Result<Option<Providers>> {
        self.on_command_line()?.map(|providers| load(engine, providers)).transpose()
    }

    fn on_command_line(&self) -> Result<Option<Vec<config::Provider>>> {
        if self.providers.is_empty() {
            ensure!(
                self.grants.iter().all(|Grant(_, granted)| matches!(granted, Granted::Network(false))),
                "`--provider-dir`, `--provider-env` and `--provider-network` are for providers given with `--provider`, \
                 and there is none; those of playback.toml have `dirs`, `env` and `network` of their own"
            );
            return Ok(None);
        }
        let providers = self.providers.iter().enumerate().map(|(index, component)| {
            let (dirs, env, network) = self.granted(index);
            config::Provider { component: component.clone(), dirs, env, network, shared: false }
        });
        Ok(Some(providers.collect()))
    }

    /// What one provider gets.
    fn granted(&self, index: usize) -> (Vec<Folder>, Vec<Variable>, bool) {
        let (mut folders, mut variables, mut network) = (Vec::new(), Vec::new(), false);
        for Grant(owner, granted) in &self.grants {
            match granted {
                _ if owner.is_some_and(|owner| owner != index) => {}
                Granted::Folder(folder) => folders.push(folder.clone()),
                Granted::Variable(variable) => variables.push(variable.clone()),
                Granted::Network(granted) => network |= granted,
            }
        }
        (folders, variables, network)
    }
}

fn load(engine: &Engine, providers: Vec<config::Provider>) -> Result<Providers> {
    let mut loaded = Providers::default();
    for config::Provider { component, dirs, env, network, shared } in providers {
        let directories = dirs.into_iter().map(|Folder(directory)| directory).collect();
        let grants = Grants::default()
            .directories(directories)
            .environment(grants::environment(&env)?)
            .network(network)
            .stderr(true);
        let provider = ProviderComponent::from_file(engine, &component, grants)?;
        loaded = loaded.component(if shared { provider.shared()? } else { provider });
    }
    Ok(loaded)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;

    fn granted(line: &str) -> Vec<(Vec<String>, Vec<String>, bool)> {
        let command = ProviderArgs::augment_args(Command::new("record"));
        let matches = command.try_get_matches_from(line.split(' ')).unwrap();
        let arguments = ProviderArgs::from_arg_matches(&matches).unwrap();
        let of = |index| {
            let (folders, variables, network) = arguments.granted(index);
            let folders = folders.into_iter().map(|Folder(folder)| folder.guest).collect();
            (folders, variables.iter().map(|variable| format!("{variable:?}")).collect(), network)
        };
        (0..arguments.providers.len()).map(of).collect()
    }

    #[test]
    fn a_grant_is_for_the_provider_that_it_follows_and_for_all_before_the_first() {
        let told = granted(
            "record --provider-env A=1 --provider a.wasm --provider-dir x::/a --provider-network \
             --provider b.wasm --provider-dir x::/b --provider-dir y::/c --provider c.wasm --provider-network",
        );
        let a = || r#"Given("A", "1")"#.to_owned();
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            told,
            [
                (names(&["/a"]), vec![a()], true),
                (names(&["/b", "/c"]), vec![a()], false),
                (names(&[]), vec![a()], true),
            ]
        );
    }
}
