//! What one operation may use.

use super::session::Session;
use super::settings;
use super::units::{self, Size, Time};
use clap::Args;
use playback_host::sandbox::{Limits, Metering};
use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

/// In bytes.
const MEGABYTE: u64 = 1_000_000;

/// Flags of every command that runs a component.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// Maximum memory of the service, and of each provider: `512MiB` [default: 1GiB]
    #[arg(long, value_name = "SIZE", env = "PLAYBACK_MAX_MEMORY", hide_env = true)]
    max_memory: Option<Size>,
    /// Maximum time of one operation: `10s`, `500ms` [default: 60s]
    #[arg(long, value_name = "TIME", env = "PLAYBACK_TIMEOUT", hide_env = true)]
    timeout: Option<Time>,
    /// Maximum size of a file that is recorded with its content, in MB [default: 500]
    #[arg(long, value_name = "MB", env = "PLAYBACK_INTERCEPTED_FILE_SIZE_LIMIT", hide_env = true)]
    intercepted_file_size_limit: Option<u64>,
    /// Maximum number of core instances of the service, and of each provider [default: 1000]
    #[arg(long, value_name = "N", env = "PLAYBACK_MAX_INSTANCES", hide_env = true, value_parser = units::at_least_one)]
    max_instances: Option<NonZeroUsize>,
    /// Maximum number of table elements of the service, and of each provider [default: 1000000]
    #[arg(long, value_name = "N", env = "PLAYBACK_MAX_TABLE_ELEMENTS", hide_env = true)]
    max_table_elements: Option<usize>,
    /// Maximum number of bytes written to standard output and standard error together [default: 64MiB]
    #[arg(long, value_name = "SIZE", env = "PLAYBACK_MAX_WRITTEN", hide_env = true)]
    max_written: Option<Size>,
    /// Maximum memory for the values of one call [default: 1GiB]
    #[arg(long, value_name = "SIZE", env = "PLAYBACK_MAX_CROSSING", hide_env = true)]
    max_crossing: Option<Size>,
    /// Maximum memory for one recording, and for the calls that one replay keeps for its report [default: 512MiB]
    #[arg(long, value_name = "SIZE", env = "PLAYBACK_MAX_RECORDING", hide_env = true)]
    max_recording: Option<Size>,
    /// Approximate maximum number of instructions of the service. It always stops at the same point. Counting makes the
    /// service slower [default: no limit]
    #[arg(long, value_name = "N", env = "PLAYBACK_FUEL", hide_env = true, value_parser = units::fuel)]
    fuel: Option<NonZeroU64>,
}

impl LimitArgs {
    pub(crate) fn limits(&self, session: &Session) -> Limits {
        let (default, file, settings) = (Limits::default(), &session.config.limits, &session.settings);
        let bytes =
            |setting, said: Option<Size>, file, default| settings.value(setting, said, file, Size(default)).0;
        let megabytes = settings.value(
            settings::INTERCEPTED_FILE_SIZE,
            self.intercepted_file_size_limit,
            file.intercepted_file_size,
            default.file / MEGABYTE,
        );
        Limits::default()
            .memory(bytes(settings::MEMORY, self.max_memory, file.memory, default.memory))
            .time(
                settings
                    .value(
                        settings::TIME,
                        self.timeout,
                        file.time,
                        Time(default.time.unwrap_or(Duration::MAX)),
                    )
                    .0,
            )
            .fuel(self.fuel(session).map(NonZeroU64::get))
            .instances(settings.value(
                settings::INSTANCES,
                self.max_instances.map(NonZeroUsize::get),
                file.instances.map(NonZeroUsize::get),
                default.instances,
            ))
            .table_elements(settings.value(
                settings::TABLE_ELEMENTS,
                self.max_table_elements,
                file.table_elements,
                default.table_elements,
            ))
            .written(bytes(settings::WRITTEN, self.max_written, file.written, default.written))
            .crossing(bytes(settings::CROSSING, self.max_crossing, file.crossing, default.crossing))
            .file(megabytes.saturating_mul(MEGABYTE))
            .recording(bytes(settings::RECORDING, self.max_recording, file.recording, default.recording))
    }

    /// What the engine has to count for them.
    pub(crate) fn metering(&self, session: &Session) -> Metering {
        let of_plugins = session.config.limits.plugins.is_some_and(|limits| limits.needs_fuel());
        if of_plugins || self.fuel(session).is_some() { Metering::Fuel } else { Metering::Off }
    }

    fn fuel(&self, session: &Session) -> Option<NonZeroU64> {
        session.settings.optional(settings::FUEL, self.fuel, session.config.limits.fuel)
    }
}
