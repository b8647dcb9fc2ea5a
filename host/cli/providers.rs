//! Which components answer live calls, and what of the machine they get.

use super::config;
use super::grants::{Folder, Variable, environment};
use super::session::Session;
use anyhow::{Result, ensure};
use clap::Args;
use clap::builder::FalseyValueParser;
use playback_host::sandbox::{Engine, Grants, ProviderComponent, Providers};
use std::path::{Path, PathBuf};

/// Flags of every command that can make live calls.
#[derive(Debug, Args)]
#[command(next_help_heading = "Providers")]
pub(crate) struct ProviderArgs {
    /// A component that exports what the service imports and answers its calls; repeat for several
    #[arg(long, value_name = "FILE", env = "PLAYBACK_PROVIDER", hide_env = true)]
    provider: Vec<PathBuf>,
    /// A folder that the providers above get, as `here::/there`, or `here::/there::ro` to only read it
    #[arg(long, value_name = "HOST::GUEST", env = "PLAYBACK_PROVIDER_DIR", hide_env = true)]
    provider_dir: Vec<Folder>,
    /// An environment variable that they get, as `NAME=VALUE`, or `NAME` for its value here
    #[arg(long, value_name = "NAME=VALUE", env = "PLAYBACK_PROVIDER_ENV", hide_env = true)]
    provider_env: Vec<Variable>,
    /// Let them use the network
    #[arg(long, env = "PLAYBACK_PROVIDER_NETWORK", hide_env = true, value_parser = FalseyValueParser::new())]
    provider_network: bool,
}

impl ProviderArgs {
    /// The providers of the command line, else those of the configuration.
    pub(crate) fn providers(&self, engine: &Engine, session: &Session) -> Result<Providers> {
        if let Some(providers) = self.given(engine)? {
            return Ok(providers);
        }
        let mut providers = Providers::default();
        for config::Provider { component, dirs, env, network } in &session.config.service.providers {
            providers = providers.component(load(engine, component, dirs, env, *network)?);
        }
        Ok(providers)
    }

    /// The providers of the command line alone. `None`: there is none.
    pub(crate) fn given(&self, engine: &Engine) -> Result<Option<Providers>> {
        let Self { provider, provider_dir, provider_env, provider_network } = self;
        if provider.is_empty() {
            let grants = !provider_dir.is_empty() || !provider_env.is_empty() || *provider_network;
            ensure!(
                !grants,
                "`--provider-dir`, `--provider-env` and `--provider-network` are for providers given with `--provider`, \
                 and there is none; those of playback.toml have `dirs`, `env` and `network` of their own"
            );
            return Ok(None);
        }
        let mut providers = Providers::default();
        for component in provider {
            providers =
                providers.component(load(engine, component, provider_dir, provider_env, *provider_network)?);
        }
        Ok(Some(providers))
    }
}

fn load(
    engine: &Engine,
    component: &Path,
    folders: &[Folder],
    variables: &[Variable],
    network: bool,
) -> Result<ProviderComponent> {
    let directories = folders.iter().map(|Folder(directory)| directory.clone()).collect();
    let grants = Grants { directories, environment: environment(variables)?, network, stderr: true };
    Ok(ProviderComponent::from_file(engine, component, grants)?)
}
