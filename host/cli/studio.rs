//! `playback-host studio`: comparisons of many categories, each with the component and the rules of its own.

use super::Exit;
use super::compare::{ComparisonArgs, Scope, compare};
use super::session::Session;
use anyhow::{Result, bail};
use clap::Args;

/// Compare all categories of playback.toml, each with its own component and rules
///
/// A table `[category.NAME]` in playback.toml says which component is judged and how. With a tuner, a plugin, all categories of the
/// cassette are compared. A category that cannot be compared is
/// reported, and the others go on.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  playback-host studio
  playback-host studio --config staging.toml --category place-order,refund
  playback-host studio --limit 20 --report playback-report")]
pub(crate) struct Studio {
    /// Only these recordings: ids, or unique parts of ids
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    comparison: ComparisonArgs,
}

impl Studio {
    pub(crate) async fn exec(self, session: &mut Session) -> Result<Exit> {
        let has_tuner = session.config.compare.tuner.is_some();
        // A tuner knows categories that no table names.
        let categories = if has_tuner { Vec::new() } else { session.config.categories() };
        if !has_tuner && categories.is_empty() && !self.comparison.names_categories() && self.ids.is_empty() {
            bail!(
                "no category to compare: `{}` has no table `[category.NAME]`; write one, or use `--category`",
                session.config.name()
            );
        }
        compare(Scope { service: None, ids: self.ids, categories }, &self.comparison, session).await
    }
}
