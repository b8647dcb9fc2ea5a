//! What the service may send requests to, and what of them is secret.

use crate::cli::environment;
use crate::cli::grants::Header;
use crate::cli::session::Session;
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

const NETWORK: &str = "PLAYBACK_NETWORK";
const ALLOW_HOST: &str = "PLAYBACK_ALLOW_HOST";

impl NetworkArgs {
    /// What is granted: by flags or the environment, else by the configuration.
    pub(crate) fn network(&self, session: &Session) -> Result<Network> {
        if let Some(network) = network(self.network, &self.allow_host) {
            return Ok(network);
        }
        let (all, hosts) = (environment::flag(NETWORK)?, environment::read(ALLOW_HOST, hosts)?);
        let hosts = hosts.unwrap_or_default();
        ensure!(
            all != Some(true) || hosts.is_empty(),
            "`{NETWORK}` and `{ALLOW_HOST}` are both set, and one excludes the other; unset one"
        );
        match (network(all.unwrap_or_default(), &hosts), all) {
            (Some(network), _) => return Ok(network),
            // A variable that says no goes before a file that says yes.
            (None, Some(_)) => return Ok(Network::None),
            (None, None) => {}
        }
        let settings = &session.config.service;
        ensure!(
            !settings.network || settings.allow_hosts.is_empty(),
            "{}: `network` lets requests go wherever they go, and `allow-hosts` says where; leave one of them out",
            session.config.name()
        );
        Ok(network(settings.network, &settings.allow_hosts).unwrap_or(Network::None))
    }

    /// Whether sockets are granted.
    pub(crate) fn sockets(&self, session: &Session) -> Result<bool> {
        let is_granted = environment::flag("PLAYBACK_SOCKETS")?.unwrap_or(session.config.service.sockets);
        Ok(self.sockets || is_granted)
    }

    /// The headers that are secret besides those that always are.
    pub(crate) fn secret_headers(&self, session: &Session) -> Vec<String> {
        let settings = &session.config.service.secret_headers;
        let names = if self.secret_header.is_empty() { settings } else { &self.secret_header };
        names.iter().map(|Header(name)| name.clone()).collect()
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
