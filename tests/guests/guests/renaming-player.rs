//! Plays a recorded `quote` as a call of `price-of-lines`.

use playback_guest::plugin::{About, Invocation};
use serde_json::json;

playback_guest::player!(plan);

fn plan(about: About, recorded: Invocation) -> Result<Invocation, String> {
    if recorded.operation != "quote" || about.operation != recorded.operation {
        return Err(format!("there is nothing else for `{}`", recorded.operation));
    }
    let [sku, quantity] = &recorded.arguments[..] else {
        return Err("`quote` takes two arguments".to_owned());
    };
    let mut arguments = vec![json!([[quantity, sku]]), json!("EUR")];
    // Two ways to plan what cannot be played.
    match quantity.as_u64() {
        Some(13) => arguments.truncate(1),
        Some(14) => arguments[1] = json!(978),
        _ => {}
    }
    Ok(Invocation { operation: "price-of-lines".to_owned(), arguments })
}
