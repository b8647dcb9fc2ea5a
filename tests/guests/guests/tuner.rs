//! A tuner that knows some categories of the portfolio example.

use serde_json::{Value, json};

playback_guest::tuner!(tune);

fn tune(category: String) -> Result<Value, String> {
    Ok(match category.as_str() {
        "value" => json!({ "component": "service_regression.wasm", "ignore": ["/**/total-cents"] }),
        "judged" => json!({ "component": "service_regression.wasm", "comparator": "money.wasm" }),
        "kept" => json!({ "component": "missing.wasm" }),
        "odd" => json!({ "componnt": "service.wasm" }),
        "sampled" => json!({ "component": "service.wasm", "sampling": { "rate": 0.5 } }),
        other => return Err(format!("nobody knows `{other}`")),
    })
}
