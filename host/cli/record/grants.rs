//! What the service itself gets of the machine while it is recorded.

use super::requests;
use crate::cli::grants::{self, Folder, Variable};
use crate::cli::session::Session;
use crate::cli::settings::{self, ARGS, DIRS, ENV, STDIN};
use crate::cli::units::{self, Size};
use anyhow::{Context, Result, ensure};
use clap::Args;
use playback_host::sandbox::{Service, ServiceGrants};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The largest standard input, in bytes. It is on the tape of each operation.
const MAX_STDIN: usize = 64 << 20;

/// What the service itself gets of the machine.
#[derive(Debug, Args)]
#[command(next_help_heading = "Grants to the service (recorded)")]
pub(crate) struct GrantArgs {
    /// Grant a directory: `host::guest` or `host::guest::rw` to read and write, `host::guest::ro` to read. `host` alone
    /// has the same name in the service. Files that the service reads are recorded. Files that it leaves behind are
    /// compared on replay. Repeat for several directories
    #[arg(long, value_name = "HOST[::GUEST[::ro]]", env = "PLAYBACK_DIR", hide_env = true)]
    dir: Vec<Folder>,
    /// Set an environment variable: `NAME=VALUE`, or `NAME` for its current value. Repeat for several variables
    #[arg(long, value_name = "NAME=VALUE", env = "PLAYBACK_ENV", hide_env = true)]
    env: Vec<Variable>,
    /// Add a command-line argument. Repeat for several arguments
    #[arg(long, value_name = "TEXT", env = "PLAYBACK_ARG", hide_env = true, allow_hyphen_values = true)]
    arg: Vec<String>,
    /// The standard input of each operation. `-` passes on the standard input of this command
    #[arg(long, value_name = "FILE", env = "PLAYBACK_STDIN", hide_env = true)]
    stdin: Option<PathBuf>,
    /// Maximum size of the `--stdin` file [default: 64MiB]
    #[arg(long, value_name = "SIZE", env = "PLAYBACK_MAX_STDIN", hide_env = true)]
    max_stdin: Option<Size>,
}

/// What of the machine is granted.
#[derive(Debug)]
pub(crate) struct Settled<'a> {
    folders: Vec<Folder>,
    variables: Vec<Variable>,
    arguments: Vec<String>,
    stdin: Option<&'a Path>,
}

impl GrantArgs {
    /// The file that is the service's standard input.
    pub(crate) fn stdin<'a>(&'a self, session: &'a Session) -> Option<&'a Path> {
        session.settings.optional(STDIN, self.stdin.as_deref(), session.config.service.stdin.as_deref())
    }

    /// The largest standard input.
    pub(crate) fn max_stdin(&self, session: &Session) -> Size {
        let file = session.config.limits.stdin;
        session.settings.value(settings::MAX_STDIN, self.max_stdin, file, Size(MAX_STDIN))
    }

    /// The grants that flags, the environment or the configuration name. They are not checked here.
    pub(crate) fn settled<'a>(&'a self, session: &'a Session) -> Settled<'a> {
        let (file, settings) = (&session.config.service, &session.settings);
        Settled {
            folders: settings.list(DIRS, &self.dir, &file.dirs),
            variables: settings.list(ENV, &self.env, &file.env),
            arguments: settings.list(ARGS, &self.arg, &file.args),
            stdin: self.stdin(session),
        }
    }

    pub(crate) fn grants(&self, service: &Service, session: &Session) -> Result<ServiceGrants> {
        let Settled { folders, variables, arguments, stdin } = self.settled(session);
        let Size(most) = self.max_stdin(session);
        let stdin = stdin.map(|file| contents(file, most));
        // The first argument is a program's own name: the file's, as `wasmtime run` gives it, without its path.
        let program = Path::new(service.name()).file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(ServiceGrants::default()
            .directories(folders.into_iter().map(|Folder(directory)| directory).collect())
            .environment(grants::environment(&variables)?)
            .arguments(program.into_iter().chain(arguments).collect())
            .stdin(stdin.transpose()?.unwrap_or_default()))
    }
}

/// Reads a file for standard input, of at most so many bytes.
fn contents(file: &Path, most: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = (most as u64).saturating_add(1);
    let read = match requests::is_stdin(file) {
        true => std::io::stdin().take(limit).read_to_end(&mut bytes),
        false => File::open(file).and_then(|opened| opened.take(limit).read_to_end(&mut bytes)),
    };
    let shown = requests::name(file);
    read.with_context(|| format!("`{shown}`, the service's standard input, cannot be read"))?;
    ensure!(
        bytes.len() <= most,
        "`{shown}`, the service's standard input, is larger than the limit of {}; raise it with `--max-stdin`",
        units::size(most as u64)
    );
    Ok(bytes)
}
