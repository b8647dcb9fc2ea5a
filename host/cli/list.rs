//! `playback-host list`: the recordings of a cassette, newest first.

use super::Exit;
use super::cassette::CassetteArgs;
use super::exit::Stop;
use super::printable::one_line;
use super::session::Session;
use super::units::{self, duration, moment, size};
use anyhow::Result;
use clap::Args;
use futures_util::StreamExt;
use playback_host::cassette::{Access, Lookup, LookupError};
use playback_host::recording::{Category, Metadata};
use std::num::NonZeroUsize;
use std::time::Duration;

/// After how many rows the columns' widths are settled and the rows printed.
const BLOCK: usize = 200;

/// List recordings, newest first
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  playback-host list
  playback-host list --category place-order --limit 20
  playback-host list --format json | jq -r 'select(.exception).id'")]
pub(crate) struct List {
    /// Only recordings of this category. Repeat the flag or separate categories with commas
    #[arg(long, value_name = "NAME", env = "PLAYBACK_CATEGORY", hide_env = true, value_delimiter = ',')]
    category: Vec<Category>,
    /// Only the N newest recordings
    #[arg(long, value_name = "N", env = "PLAYBACK_LIMIT", hide_env = true, value_parser = units::at_least_one)]
    limit: Option<NonZeroUsize>,
    #[command(flatten)]
    cassette: CassetteArgs,
}

impl List {
    pub(crate) async fn exec(self, session: &mut Session) -> Result<Exit> {
        let cassette = self.cassette.open(session, Access::Read).await?;
        let limit = self.limit.map(NonZeroUsize::get);
        let lookup = Lookup::default().categories(self.category.clone()).limit(limit);
        let mut found = cassette.lookup(lookup);
        let mut table = Table::default();
        let (mut listed, mut unreadable) = (0usize, 0usize);
        while !session.terminal.is_closed()
            && let Some(next) = found.next().await
        {
            match next {
                Ok(metadata) => {
                    listed += 1;
                    match session.is_json() {
                        true => session.terminal.json(&metadata),
                        false => table.add(session, row(&metadata)),
                    }
                }
                Err(LookupError::Unreadable(error)) => {
                    unreadable += 1;
                    session.terminal.warn(error);
                }
                Err(error) => return Err(error.into()),
            }
        }
        table.print(session);
        match (listed, unreadable) {
            (0, 0) => Err(nothing(cassette.location(), &self.category).into()),
            (_, 0) => Ok(Exit::Success),
            _ => Ok(Exit::Failed),
        }
    }
}

/// That there is no recording, and where there is none.
pub(crate) fn nothing(location: &str, categories: &[Category]) -> Stop {
    let names: Vec<String> = categories.iter().map(|category| format!("`{category}`")).collect();
    Stop::Nothing(match names.as_slice() {
        [] => format!("there is no recording in `{location}`; `playback-host record` makes one"),
        names => format!(
            "there is no recording of category {} in `{location}`; `playback-host list` shows all",
            names.join(" or ")
        ),
    })
}

type Row = [String; 8];

const HEADINGS: [&str; 8] = ["ID", "RECORDED", "DURATION", "OPERATION", "IN", "OUT", "SIZE", "NOTES"];
/// The columns of numbers.
const RIGHT: [usize; 4] = [2, 4, 5, 6];

fn row(metadata: &Metadata) -> Row {
    let sort = metadata.limit.map_or("exception".to_owned(), |kind| format!("{kind} limit"));
    let exception = metadata.exception.as_deref().map(|reason| format!("{sort}: {}", first_line(reason)));
    let incomplete = metadata.incomplete.then(|| "incomplete".to_owned());
    let unverified = metadata.unverified.as_ref().map(|_| "unverified".to_owned());
    let sockets = metadata.sockets.then(|| "not hermetic".to_owned());
    let notes: Vec<String> = [incomplete, unverified, sockets, exception].into_iter().flatten().collect();
    // Escaped before they are measured: nothing in a cell breaks the table.
    [
        metadata.id.to_string(),
        moment(metadata.recorded_at).to_string(),
        duration(Duration::from_micros(metadata.duration_us)),
        one_line(&metadata.operation).into_owned(),
        metadata.counts.inputs.to_string(),
        metadata.counts.outputs.to_string(),
        size(metadata.size),
        one_line(&notes.join(", ")).into_owned(),
    ]
}

/// The first line of a text, cut where it is long.
pub(crate) fn first_line(text: &str) -> String {
    const LONGEST: usize = 80;
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}

/// Rows that wait for their columns' widths, which only grow.
#[derive(Debug, Default)]
struct Table {
    rows: Vec<Row>,
    widths: [usize; 8],
    headed: bool,
}

impl Table {
    fn add(&mut self, session: &mut Session, row: Row) {
        self.rows.push(row);
        if self.rows.len() >= BLOCK {
            self.print(session);
        }
    }

    fn print(&mut self, session: &mut Session) {
        let headings = HEADINGS.map(str::to_owned);
        let heading = (!self.headed && !self.rows.is_empty()).then_some(headings);
        self.headed = true;
        let rows: Vec<Row> = heading.into_iter().chain(self.rows.drain(..)).collect();
        for row in &rows {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for row in rows {
            session.terminal.line(self.aligned(&row).trim_end());
        }
    }

    fn aligned(&self, row: &Row) -> String {
        let cells = row.iter().zip(self.widths).enumerate();
        let cells = cells.map(|(column, (cell, width))| match RIGHT.contains(&column) {
            true => format!("{cell:>width$}"),
            false => format!("{cell:<width$}"),
        });
        cells.collect::<Vec<_>>().join("  ")
    }
}
