//! What the service may send requests to, and what of them is secret.

use crate::cli::environment;
use crate::cli::grants::Header;
use crate::cli::session::Session;
use crate::cli::settings::{ALLOW_HOSTS, NETWORK, Place, SECRET_HEADERS, SOCKETS};
use anyhow::{Result, ensure};
use clap::Args;
use playback_host::sandbox::{Host, Network};

/// The network as it is granted to the service.
#[derive(Debug, Args)]
#[command(next_help_heading = "Grants to the service (recorded)")]
pub(crate) struct NetworkArgs {
    /// Allow HTTP requests to any host
    #[arg(long, conflicts_with = "allow_host")]
    network: bool,
    /// Allow HTTP requests to this host, `NAME` or `NAME:PORT`, and refuse all others. Repeat the flag or separate hosts
    /// with commas
    #[arg(long, value_name = "HOST", value_delimiter = ',')]
    allow_host: Vec<Host>,
    /// Allow sockets and name lookup. Their data is not recorded, so the recording is marked as not hermetic. A replay
    /// has no sockets and reports that
    #[arg(long)]
    sockets: bool,
    /// Replace the values of this HTTP header with tokens in the recording. `authorization`, `cookie`,
    /// `proxy-authorization`, `set-cookie` and `x-api-key` are always replaced. URLs and bodies are not changed. Repeat
    /// the flag or separate headers with commas
    #[arg(long, value_name = "NAME", env = "PLAYBACK_SECRET_HEADER", hide_env = true, value_delimiter = ',')]
    secret_header: Vec<Header>,
}

impl NetworkArgs {
    /// What is granted: by flags or the environment, else by the configuration.
    pub(crate) fn network(&self, session: &Session) -> Result<Network> {
        let (network, place) = self.decided(session)?;
        let hosts: Vec<String> = match &network {
            Network::Hosts(hosts) => hosts.iter().map(ToString::to_string).collect(),
            Network::None | Network::All => Vec::new(),
        };
        session.settings.note(NETWORK, &matches!(network, Network::All), place.clone());
        session.settings.note(ALLOW_HOSTS, &hosts, place);
        Ok(network)
    }

    /// The same with the place that decides it: one that says either speaks for both.
    fn decided(&self, session: &Session) -> Result<(Network, Place)> {
        if let Some(network) = network(self.network, &self.allow_host) {
            let setting = if self.network { NETWORK } else { ALLOW_HOSTS };
            return Ok((network, setting.on_command_line()));
        }
        let (all, several) = (NETWORK.variable(), ALLOW_HOSTS.variable());
        let hosts = environment::read(&several, hosts)?.unwrap_or_default();
        let is_all = environment::flag(&all)?;
        ensure!(
            is_all != Some(true) || hosts.is_empty(),
            "`{all}` and `{several}` are both set, and one excludes the other; unset one"
        );
        match (network(is_all.unwrap_or_default(), &hosts), is_all) {
            (Some(network), Some(true)) => return Ok((network, NETWORK.in_environment())),
            (Some(network), _) => return Ok((network, ALLOW_HOSTS.in_environment())),
            // A variable that says no goes before a file that says yes.
            (None, Some(_)) => return Ok((Network::None, NETWORK.in_environment())),
            (None, None) => {}
        }
        let settings = &session.config.service;
        ensure!(
            settings.network != Some(true) || settings.allow_hosts.is_empty(),
            "{}: `network` lets requests go wherever they go, and `allow-hosts` says where; leave one of them out",
            session.config.name()
        );
        Ok(match network(settings.network.unwrap_or_default(), &settings.allow_hosts) {
            Some(network) => (network, session.settings.in_file()),
            None if settings.network.is_some() => (Network::None, session.settings.in_file()),
            None => (Network::None, Place::Default),
        })
    }

    /// Whether sockets are granted.
    pub(crate) fn sockets(&self, session: &Session) -> Result<bool> {
        session.settings.switch(SOCKETS, self.sockets, session.config.service.sockets)
    }

    /// The headers that are secret besides those that always are.
    pub(crate) fn secret_headers(&self, session: &Session) -> Vec<String> {
        let file = &session.config.service.secret_headers;
        let names = session.settings.list(SECRET_HEADERS, &self.secret_header, file);
        names.into_iter().map(|Header(name)| name).collect()
    }
}

/// What one of the places says that may say something.
fn network(all: bool, hosts: &[Host]) -> Option<Network> {
    match all {
        true => Some(Network::All),
        false => (!hosts.is_empty()).then(|| Network::Hosts(hosts.to_vec())),
    }
}

/// Hosts, separated with commas.
fn hosts(text: &str) -> Result<Vec<Host>, String> {
    text.split(',').map(|host| host.parse::<Host>().map_err(|error| error.to_string())).collect()
}
