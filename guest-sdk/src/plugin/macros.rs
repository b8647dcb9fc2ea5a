//! The macros that export a function as a plugin.

/// Exports a function as the plugin's comparator: `fn(Exhibit) -> Result<Comparison, String>`.
#[macro_export]
macro_rules! comparator {
    ($function:path) => {
        const _: () = {
            struct Plugin;
            impl $crate::plugin::wit::comparator::Comparator for Plugin {
                fn compare(
                    exhibit: $crate::plugin::Exhibit,
                ) -> ::core::result::Result<$crate::plugin::Comparison, ::std::string::String> {
                    $function(exhibit)
                }
            }
            type Exported = $crate::plugin::wit::comparator::Exported<Plugin>;
            $crate::plugin::wit::comparator::__export_comparator!(Exported with_types_in $crate::plugin::wit::comparator);
        };
    };
}

/// Exports a function as the plugin's result extractor: `fn(Vec<Call>, Outcome) -> Result<Outcome, String>`. It is given the
/// outputs of one side, and how its operation ended.
#[macro_export]
macro_rules! result_extractor {
    ($function:path) => {
        const _: () = {
            struct Plugin;
            impl $crate::plugin::wit::result_extractor::ResultExtractor for Plugin {
                fn extract(
                    outputs: ::std::vec::Vec<$crate::plugin::Call>,
                    operation: $crate::plugin::Outcome,
                ) -> ::core::result::Result<$crate::plugin::Outcome, ::std::string::String> {
                    $function(outputs, operation)
                }
            }
            type Exported = $crate::plugin::wit::result_extractor::Exported<Plugin>;
            $crate::plugin::wit::result_extractor::__export_result_extractor!(Exported with_types_in $crate::plugin::wit::result_extractor);
        };
    };
}

/// Exports a function as the plugin's extractor of comparison data: `fn(About, Vec<Call>) -> Result<serde_json::Value, String>`. It
/// is given every recorded call.
#[macro_export]
macro_rules! data_extractor {
    ($function:path) => {
        const _: () = {
            struct Plugin;
            impl $crate::plugin::wit::data_extractor::DataExtractor for Plugin {
                fn extract(
                    about: $crate::plugin::About,
                    calls: ::std::vec::Vec<$crate::plugin::Call>,
                ) -> ::core::result::Result<$crate::plugin::wit::Json, ::std::string::String> {
                    $function(about, calls)
                }
            }
            type Exported = $crate::plugin::wit::data_extractor::Exported<Plugin>;
            $crate::plugin::wit::data_extractor::__export_data_extractor!(Exported with_types_in $crate::plugin::wit::data_extractor);
        };
    };
}

/// Exports a function as the plugin's player: `fn(About, Invocation) -> Result<Invocation, String>`. It is given the invocation that was
/// recorded, and returns the one that is played.
#[macro_export]
macro_rules! player {
    ($function:path) => {
        const _: () = {
            struct Plugin;
            impl $crate::plugin::wit::player::Player for Plugin {
                fn plan(
                    about: $crate::plugin::About,
                    recorded: $crate::plugin::Invocation,
                ) -> ::core::result::Result<$crate::plugin::Invocation, ::std::string::String> {
                    $function(about, recorded)
                }
            }
            type Exported = $crate::plugin::wit::player::Exported<Plugin>;
    $crate::plugin::wit::player::__export_player!(Exported with_types_in $crate::plugin::wit::player);
        };
    };
}

/// Exports a function as the plugin's tuner: `fn(String) -> Result<serde_json::Value, String>`. It is given the name of a category, and
/// returns an object with its settings, as `[category.NAME]` has them in `playback.toml`.
#[macro_export]
macro_rules! tuner {
    ($function:path) => {
        const _: () = {
            struct Plugin;
            impl $crate::plugin::wit::tuner::Tuner for Plugin {
                fn tune(
                    category: ::std::string::String,
                ) -> ::core::result::Result<$crate::plugin::wit::Json, ::std::string::String> {
                    $function(category)
                }
            }
            type Exported = $crate::plugin::wit::tuner::Exported<Plugin>;
    $crate::plugin::wit::tuner::__export_tuner!(Exported with_types_in $crate::plugin::wit::tuner);
        };
    };
}

/// Exports a function as the plugin's sampler: `fn(About, u64) -> Result<f64, String>`. It is given a recording and how many bytes it
/// takes before it is compressed, and returns how likely it is that the recording is kept, from 0 to 1.
#[macro_export]
macro_rules! sampler {
    ($function:path) => {
        const _: () = {
            struct Plugin;
            impl $crate::plugin::wit::sampler::Sampler for Plugin {
                fn rate(
                    about: $crate::plugin::About,
                    size: u64,
                ) -> ::core::result::Result<f64, ::std::string::String> {
                    $function(about, size)
                }
            }
            type Exported = $crate::plugin::wit::sampler::Exported<Plugin>;
            $crate::plugin::wit::sampler::__export_sampler!(Exported with_types_in $crate::plugin::wit::sampler);
        };
    };
}
