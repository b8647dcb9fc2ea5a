//! Texts that are almost a configuration, as the fuzz target `configuration` of `tests/fuzz` makes them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use super::Config;
use std::path::Path;

#[path = "../../../tests/fuzz/mutations.rs"]
mod mutations;

const WHOLE: &str = r#"
cassette = "./tapes"
cache = false
format = "json"
verbose = 1
[service]
component = "orders.wasm"
providers = [{ component = "shop.wasm", dirs = ["data::/data"], env = ["A=B"], network = true, shared = true }]
dirs = ["a::/a::ro"]
env = ["TZ=UTC", "HOME"]
args = ["--fast"]
stdin = "-"
network = false
allow-hosts = ["example.com:443"]
secret-headers = ["authorization"]
[record]
from = "requests.ndjson"
operation = "place-order"
category = "orders"
verify = true
fail-on-exception = false
sampling-seed = 7
[replay]
compare-streams = ["stdout"]
[limits]
memory = "1 GiB"
time = "1m30s"
fuel = 1000
intercepted-file-size = 5
[category.orders]
sampling = { rate = 0.05, forced = true }
[interceptions."shop:orders/inputs#price-of"]
kind = "input"
alias = "price.{sku}"
fallback-aliases = ["get-price"]
key = ["sku"]
on-missing = { default = { ok = 0 } }
"#;

#[test]
fn a_changed_configuration_is_read_or_refused_with_the_name_of_its_file() {
    Config::parse(WHOLE, Path::new("playback.toml")).unwrap();
    mutations::run(&[WHOLE.as_bytes().to_vec()], 20_000, |changed| {
        if let Ok(text) = str::from_utf8(changed)
            && let Err(error) = Config::parse(text, Path::new("playback.toml"))
        {
            let told = format!("{error:#}");
            assert!(told.starts_with("playback.toml:") && !told.contains('\n'), "{told:?}");
        }
    });
}
