//! What a service is built with to have its own functions recorded and replayed by playback-host.
