//! Records one operation of a service, with closures in place of its surroundings, and replays it.
//!
//! `cargo run --example embed -- portfolio_service.wasm`, with the service of `examples/portfolio`.

use playback_host::{Cassette, Engine, Options, Providers, Recorder, Replayer, Service, Value};
use std::error::Error;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("which component? give its file")?;
    let engine = Engine::new(&Options::default())?;
    let service = Service::from_file(&engine, file)?;

    // What answers the service's calls while it is recorded. An import without an answer is refused here.
    let inputs = "portfolio:valuation/inputs";
    let outputs = "portfolio:valuation/outputs";
    let month =
        |year: u16, month: u8| Value::record([("year", Value::from(year)), ("month", Value::from(month))]);
    let holding = Value::record([
        ("symbol", Value::from("IBM")),
        ("shares", Value::from(12.5)),
        ("acquired", month(2001, 3)),
    ]);
    let providers = Providers::default()
        .function(format!("{inputs}#holdings"), move |_| {
            Ok(Value::case("ok", Value::List(vec![holding.clone()])))
        })
        .function(format!("{inputs}#closing-price"), |_| Ok(Value::case("ok", Value::from(118.37))))
        .function(format!("{inputs}#exchange-rate"), |_| Ok(Value::case("ok", Value::from(0.7))))
        .function(format!("{outputs}#append"), |_| Ok(Value::case("ok", Value::from(1u64))))
        .function(format!("{outputs}#alert"), |_| Ok(Value::Null));

    // Record: the service runs for real, and what crosses its boundary is kept.
    let recorder = Recorder::builder(&service).providers(providers).build()?;
    let request = Value::record([
        ("account", Value::from("A-1001")),
        ("month", month(2008, 9)),
        ("currency", Value::from("eur")),
        ("limit", Value::Null),
        ("options", Value::List(vec![])),
    ]);
    let recorded =
        recorder.record(&"value".parse()?, service.operation(Some("value"))?, vec![request]).await?;
    println!("recorded: {:?}", recorded.outcome);

    let cassette = Cassette::memory();
    let recording = recorded.recording?;
    cassette.save(&recording).await?;

    // Replay: on this build or any other, with nothing behind the imports but the recording.
    let recording = Arc::new(cassette.load(recording.id()).await?);
    let playback = Replayer::builder(&service).build()?.replay(&recording).await?;
    for output in &playback.outputs {
        println!("{} #{}: {:?}", output.alias, output.ordinal, output.differences);
    }
    println!("equal: {}", playback.is_equal());
    Ok(())
}
