//! The exports of a plugin, and its values on their way from and to JSON.

use super::{About, Call, Comparison, Difference, Exhibit, Invocation, Kind, Outcome, Verdict};
pub use serde_json::Value as Json;

/// The types that all plugins share.
mod types {
    wit_bindgen::generate!({
        path: "wit/plugin.wit",
        inline: "package playback:guest-types; world types { import playback:plugin/types@0.1.0; }",
        world: "playback:guest-types/types",
        generate_all,
    });
}

use types::playback::plugin::types as shared;

/// The export of a comparator.
pub mod comparator {
    use super::*;
    use std::marker::PhantomData;

    wit_bindgen::generate!({
        path: "wit/plugin.wit",
        world: "comparator-plugin",
        with: { "playback:plugin/types@0.1.0": super::shared },
        pub_export_macro: true,
        export_macro_name: "__export_comparator",
        default_bindings_module: "playback_guest::plugin::wit::comparator",
    });

    /// A comparator.
    pub trait Comparator {
        /// Compares two results.
        fn compare(exhibit: Exhibit) -> Result<Comparison, String>;
    }

    /// A comparator as the component exports it.
    pub struct Exported<T>(PhantomData<T>);

    impl<T: Comparator> exports::playback::plugin::comparator::Guest for Exported<T> {
        fn compare(
            about: shared::RecordingInfo,
            recorded: shared::ResultValue,
            replayed: shared::ResultValue,
            data: shared::Json,
        ) -> Result<shared::Comparison, String> {
            let (recorded, replayed) = (read_outcome(recorded)?, read_outcome(replayed)?);
            T::compare(Exhibit { about: read_about(about)?, recorded, replayed, data: read(&data)? })
                .map(written_comparison)
        }
    }
}

/// The export of a result extractor.
pub mod result_extractor {
    use super::*;
    use std::marker::PhantomData;

    wit_bindgen::generate!({
        path: "wit/plugin.wit",
        world: "result-extractor-plugin",
        with: { "playback:plugin/types@0.1.0": super::shared },
        pub_export_macro: true,
        export_macro_name: "__export_result_extractor",
        default_bindings_module: "playback_guest::plugin::wit::result_extractor",
    });

    /// A result extractor.
    pub trait ResultExtractor {
        /// Extracts the result that is compared.
        fn extract(outputs: Vec<Call>, operation: Outcome) -> Result<Outcome, String>;
    }

    /// A result extractor as the component exports it.
    pub struct Exported<T>(PhantomData<T>);

    impl<T: ResultExtractor> exports::playback::plugin::result_extractor::Guest for Exported<T> {
        fn extract(
            outputs: Vec<shared::Crossing>,
            operation: shared::ResultValue,
        ) -> Result<shared::ResultValue, String> {
            T::extract(read_calls(outputs)?, read_outcome(operation)?).map(written_outcome)
        }
    }
}

/// The export of an extractor of comparison data.
pub mod data_extractor {
    use super::*;
    use std::marker::PhantomData;

    wit_bindgen::generate!({
        path: "wit/plugin.wit",
        world: "comparison-data-extractor-plugin",
        with: { "playback:plugin/types@0.1.0": super::shared },
        pub_export_macro: true,
        export_macro_name: "__export_data_extractor",
        default_bindings_module: "playback_guest::plugin::wit::data_extractor",
    });

    /// An extractor of comparison data.
    pub trait DataExtractor {
        /// Extracts what the comparator is given.
        fn extract(about: About, calls: Vec<Call>) -> Result<Json, String>;
    }

    /// An extractor as the component exports it.
    pub struct Exported<T>(PhantomData<T>);

    impl<T: DataExtractor> exports::playback::plugin::comparison_data_extractor::Guest for Exported<T> {
        fn extract(about: shared::RecordingInfo, crossings: Vec<shared::Crossing>) -> Result<String, String> {
            T::extract(read_about(about)?, read_calls(crossings)?).map(|data| data.to_string())
        }
    }
}

/// The export of a player.
pub mod player {
    use super::*;
    use std::marker::PhantomData;

    wit_bindgen::generate!({
        path: "wit/plugin.wit",
        world: "player-plugin",
        with: { "playback:plugin/types@0.1.0": super::shared },
        pub_export_macro: true,
        export_macro_name: "__export_player",
        default_bindings_module: "playback_guest::plugin::wit::player",
    });

    use exports::playback::plugin::player::Invocation as Written;

    /// A player.
    pub trait Player {
        /// Says what is played.
        fn plan(about: About, recorded: Invocation) -> Result<Invocation, String>;
    }

    /// A player as the component exports it.
    pub struct Exported<T>(PhantomData<T>);

    impl<T: Player> exports::playback::plugin::player::Guest for Exported<T> {
        fn plan(about: shared::RecordingInfo, recorded: Written) -> Result<Written, String> {
            let arguments = recorded.arguments.iter().map(|value| read(value)).collect::<Result<_, _>>()?;
            let recorded = Invocation { operation: recorded.operation, arguments };
            let Invocation { operation, arguments } = T::plan(read_about(about)?, recorded)?;
            Ok(Written { operation, arguments: arguments.iter().map(Json::to_string).collect() })
        }
    }
}

/// The export of a tuner.
pub mod tuner {
    use super::*;
    use std::marker::PhantomData;

    wit_bindgen::generate!({
        path: "wit/plugin.wit",
        world: "tuner-plugin",
        with: { "playback:plugin/types@0.1.0": super::shared },
        pub_export_macro: true,
        export_macro_name: "__export_tuner",
        default_bindings_module: "playback_guest::plugin::wit::tuner",
    });

    /// A tuner.
    pub trait Tuner {
        /// Returns the settings of a category.
        fn tune(category: String) -> Result<Json, String>;
    }

    /// A tuner as the component exports it.
    pub struct Exported<T>(PhantomData<T>);

    impl<T: Tuner> exports::playback::plugin::tuner::Guest for Exported<T> {
        fn tune(category: String) -> Result<String, String> {
            T::tune(category).map(|settings| settings.to_string())
        }
    }
}

/// The export of a sampler.
pub mod sampler {
    use super::*;
    use std::marker::PhantomData;

    wit_bindgen::generate!({
        path: "wit/plugin.wit",
        world: "sampler-plugin",
        with: { "playback:plugin/types@0.1.0": super::shared },
        pub_export_macro: true,
        export_macro_name: "__export_sampler",
        default_bindings_module: "playback_guest::plugin::wit::sampler",
    });

    /// A sampler.
    pub trait Sampler {
        /// Says how likely it is that a recording is kept.
        fn rate(about: About, size: u64) -> Result<f64, String>;
    }

    /// A sampler as the component exports it.
    pub struct Exported<T>(PhantomData<T>);

    impl<T: Sampler> exports::playback::plugin::sampler::Guest for Exported<T> {
        fn rate(about: shared::RecordingInfo, size: u64) -> Result<f64, String> {
            T::rate(read_about(about)?, size)
        }
    }
}

fn read(json: &str) -> Result<Json, String> {
    serde_json::from_str(json).map_err(|error| format!("the host passed no JSON: {error}"))
}

fn read_about(about: shared::RecordingInfo) -> Result<About, String> {
    let shared::RecordingInfo { id, category, operation, recorded_at, metadata } = about;
    Ok(About { id, category, operation, recorded_at, metadata: read(&metadata)? })
}

fn read_outcome(outcome: shared::ResultValue) -> Result<Outcome, String> {
    Ok(match outcome {
        shared::ResultValue::Returned(value) => Outcome::Returned(read(&value)?),
        shared::ResultValue::Failed(value) => Outcome::Failed(read(&value)?),
        shared::ResultValue::Trapped(reason) => Outcome::Trapped(reason),
    })
}

fn read_calls(calls: Vec<shared::Crossing>) -> Result<Vec<Call>, String> {
    let calls = calls.into_iter().map(|call| {
        let arguments = call.arguments.into_iter().map(|(name, value)| Ok((name, read(&value)?)));
        Ok(Call {
            kind: match call.kind {
                shared::Kind::Input => Kind::Input,
                shared::Kind::Output => Kind::Output,
            },
            alias: call.alias,
            ordinal: call.ordinal,
            arguments: arguments.collect::<Result<_, String>>()?,
            outcome: read(&call.outcome)?,
        })
    });
    calls.collect()
}

fn written_outcome(outcome: Outcome) -> shared::ResultValue {
    match outcome {
        Outcome::Returned(value) => shared::ResultValue::Returned(value.to_string()),
        Outcome::Failed(value) => shared::ResultValue::Failed(value.to_string()),
        Outcome::Trapped(reason) => shared::ResultValue::Trapped(reason),
    }
}

fn written_comparison(comparison: Comparison) -> shared::Comparison {
    let written = |value: Option<Json>| value.map(|value| value.to_string());
    let difference = |Difference { path, recorded, replayed }| shared::Difference {
        path,
        recorded: written(recorded),
        replayed: written(replayed),
    };
    shared::Comparison {
        verdict: match comparison.verdict {
            Verdict::Equal => shared::Verdict::Equal,
            Verdict::Fixed => shared::Verdict::Fixed,
            Verdict::Different => shared::Verdict::Different,
            Verdict::Failed => shared::Verdict::Failed,
        },
        message: comparison.message,
        differences: comparison.differences.into_iter().map(difference).collect(),
    }
}
