//! The command line. Each subcommand is one struct in one file, with an `exec`; what several of them take is in
//! the files named after it. Printing and exit codes are nobody else's business in this crate.

mod abreast;
mod accept;
mod cache;
mod cassette;
mod compare;
mod completions;
pub(crate) mod config;
mod environment;
mod events;
mod exchange;
mod exit;
mod grants;
mod in_force;
mod inspect;
mod interrupts;
mod json;
mod left_out;
mod limits;
mod list;
mod man;
mod playback;
mod plugins;
mod printable;
mod providers;
mod prune;
mod record;
mod replay;
mod report;
mod schema;
mod session;
mod settings;
mod show;
mod shown;
mod streams;
mod studio;
mod terminal;
mod threads;
mod units;
mod verify;

pub(crate) use exit::Exit;
pub(crate) use threads::exit_where_threads_fail;

use anyhow::Result;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};
use session::{Global, Session};
use std::time::Duration;
use terminal::{Format, Terminal};

/// How long what still runs in the background may take when the program ends.
const GRACE: Duration = Duration::from_millis(100);

/// Record the operations of a WebAssembly service, replay them on any build in a sandbox, and compare.
#[derive(Debug, Parser)]
#[command(name = "playback-host", version, max_term_width = 100, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Examples:
  playback-host inspect orders.wasm
  playback-host record orders.wasm --provider shop.wasm --invoke 'quote(\"apple\", 3)'
  playback-host replay latest orders-v2.wasm
  playback-host compare orders-v2.wasm --baseline orders-v1.wasm

Every flag has an environment variable: `PLAYBACK_CASSETTE` for `--cassette`. Most flags have a key
in `playback.toml`. A flag overrides its variable, and a variable overrides the file. A flag also
overrides each variable that conflicts with it.

Exit codes:
  0    everything succeeded and is equal
  1    a replay or a comparison found a change, or the recording has no answer for a call
  2    wrong usage or configuration
  3    the engine, the cassette or a recording failed
  4    nothing was selected
  130  interrupted";

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Work(Box<Work>),
    Config(in_force::Config),
    Completions(completions::Completions),
    Man(man::Man),
}

/// The commands that work with components and cassettes, by a configuration.
#[derive(Debug, Subcommand)]
enum Work {
    Inspect(inspect::Inspect),
    Record(Box<record::Record>),
    Replay(replay::Replay),
    Compare(Box<compare::Compare>),
    Studio(Box<studio::Studio>),
    Accept(accept::Accept),
    Report(report::Report),
    List(list::List),
    Show(show::Show),
    Verify(verify::Verify),
    Prune(prune::Prune),
}

impl Cli {
    /// Runs the command that is on the command line. What it prints is printed; what it returns is how the program is to
    /// exit. Usage that is wrong, and help, end the program here.
    pub(crate) fn run() -> Result<Exit> {
        let matches = Self::command().get_matches();
        let cli = Self::from_arg_matches(&matches);
        let cli = cli.unwrap_or_else(|error| error.format(&mut Self::command()).exit());
        // Which flags are given is known of the subcommand, and those of every command are among them.
        cli.exec(matches.subcommand().map_or(&matches, |(_, matches)| matches))
    }

    fn exec(self, matches: &ArgMatches) -> Result<Exit> {
        match self.command {
            Command::Work(work) => work.exec(self.global, matches),
            Command::Config(command) if command.is_schema() => document(schema::print),
            Command::Config(command) => {
                let mut session = Session::new(self.global, matches)?;
                let exit = command.exec(&mut session);
                session.terminal.close().and(exit)
            }
            Command::Completions(command) => document(|terminal| command.exec(terminal)),
            Command::Man(command) => document(|terminal| command.exec(terminal)),
        }
    }
}

/// Runs a command that needs no configuration, and so does not fail for a bad one.
fn document(run: impl FnOnce(&mut Terminal) -> Result<Exit>) -> Result<Exit> {
    let mut terminal = Terminal::new(Format::Text);
    let exit = run(&mut terminal);
    terminal.close().and(exit)
}

impl Work {
    fn exec(self, global: Global, matches: &ArgMatches) -> Result<Exit> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|error| threads::failed(&error))?;
        let exit = runtime.block_on(async {
            let mut session = Session::new(global, matches)?;
            let exit = match self {
                Self::Inspect(command) => command.exec(&mut session).await,
                Self::Record(command) => command.exec(&mut session).await,
                Self::Replay(command) => command.exec(&mut session).await,
                Self::Compare(command) => command.exec(&mut session).await,
                Self::Studio(command) => command.exec(&mut session).await,
                Self::Accept(command) => command.exec(&mut session),
                Self::Report(command) => command.exec(&mut session),
                Self::List(command) => command.exec(&mut session).await,
                Self::Show(command) => command.exec(&mut session).await,
                Self::Verify(command) => command.exec(&mut session).await,
                Self::Prune(command) => command.exec(&mut session).await,
            };
            // What was printed before an error is complete, too.
            session.terminal.close().and(exit)
        });
        runtime.shutdown_timeout(GRACE);
        exit
    }
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory;

    #[test]
    fn the_definitions_of_all_arguments_agree() {
        Cli::command().debug_assert();
    }
}
