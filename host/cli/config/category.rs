//! `[category.NAME]`: what is particular to one category.

use super::PluginFiles;
use playback_host::compare::cost::MaxIncrease;
use playback_host::compare::rules::{Extract, Order, Place, Rule, Settings};
use playback_host::recording::Category;
use playback_host::sandbox::Sampling;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// `[category.NAME]`: what is particular to one category.
#[derive(Debug, Default, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct OfCategory {
    /// The share of its operations that is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    sampling: Option<Sampling>,
    /// The component that is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) component: Option<PathBuf>,
    /// The component that it is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) baseline: Option<PathBuf>,
    /// The one value that is compared: `shop:orders/outputs#store#1/args/0`, `outcome/ok/total`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    result: Option<Extract>,
    /// Which outputs have an order among each other.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<Order>,
    /// Whether notes count as changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
    /// How much more its recordings together may cost, where `[compare]` says something else or nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_increase: Option<MaxIncrease>,
    /// Places that are not compared: `outcome /ok/at`, `/**/trace-id`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    ignore: Vec<Place>,
    /// The plugin that compares results.
    #[serde(skip_serializing_if = "Option::is_none")]
    comparator: Option<PathBuf>,
    /// The plugin that extracts the results that are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    result_extractor: Option<PathBuf>,
    /// The plugin that extracts what the comparator is given beside the results.
    #[serde(skip_serializing_if = "Option::is_none")]
    data_extractor: Option<PathBuf>,
    /// The plugin that says what is played instead of the recorded operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) player: Option<PathBuf>,
    /// The plugin that says how likely it is that a recording is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sampler: Option<PathBuf>,
}

impl OfCategory {
    /// This where it says something, else `below`.
    pub(crate) fn or(self, below: Self) -> Self {
        Self {
            sampling: self.sampling.or(below.sampling),
            component: self.component.or(below.component),
            baseline: self.baseline.or(below.baseline),
            result: self.result.or(below.result),
            order: self.order.or(below.order),
            strict: self.strict.or(below.strict),
            max_increase: self.max_increase.or(below.max_increase),
            ignore: if self.ignore.is_empty() { below.ignore } else { self.ignore },
            comparator: self.comparator.or(below.comparator),
            result_extractor: self.result_extractor.or(below.result_extractor),
            data_extractor: self.data_extractor.or(below.data_extractor),
            player: self.player.or(below.player),
            sampler: self.sampler.or(below.sampler),
        }
    }

    /// How much of it is recorded.
    pub(crate) fn sampling(&self) -> Option<Sampling> {
        self.sampling
    }

    /// The rules for the places that it ignores.
    pub(crate) fn ignored(&self, category: &Category) -> impl Iterator<Item = Rule> {
        let category = vec![category.clone()];
        self.ignore.iter().map(move |at| Rule { category: category.clone(), ..Rule::ignoring(at.clone()) })
    }

    /// The files that it names.
    pub(super) fn files(&mut self) -> [&mut Option<PathBuf>; 7] {
        let Self {
            component, baseline, comparator, result_extractor, data_extractor, player, sampler, ..
        } = self;
        [component, baseline, comparator, result_extractor, data_extractor, player, sampler]
    }

    /// The plugins that judge it.
    pub(crate) fn plugins(&self) -> PluginFiles {
        let Self { comparator, result_extractor, data_extractor, player, .. } = self.clone();
        PluginFiles { comparator, result_extractor, data_extractor, player }
    }

    /// How its recordings are compared.
    pub(crate) fn comparison(&self) -> Settings {
        let Self { result, order, strict, .. } = self.clone();
        Settings { result, order: order.unwrap_or_default(), strict: strict.unwrap_or_default() }
    }
}
