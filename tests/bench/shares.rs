//! The shares, from the medians that criterion keeps, next to what is asked for.

use std::path::Path;
use std::process::ExitCode;

/// What is asked of a figure.
enum Asked {
    /// At least this share of the floor's rate.
    Share(f64),
    /// At most so many nanoseconds more a call than the floor.
    Above(f64),
    /// At most so many times the floor.
    Times(f64),
    /// At most so many times another figure of the group.
    TimesOf(&'static str, f64),
    /// Nothing; it is shown.
    Nothing,
}

/// A mebibyte at a gigabyte a second, in nanoseconds.
const MEBIBYTE: f64 = 1_048_576.0;

/// Group, figure, calls in one measured run, and what is asked.
const FIGURES: [(&str, &str, f64, Asked); 33] = [
    ("operation 1+1", "record/memory", 1.0, Asked::Share(0.4)),
    ("operation 1+1", "replay/memory", 1.0, Asked::Share(0.5)),
    ("operation 1+1", "record/directory", 1.0, Asked::Share(0.2)),
    ("operation 1+1", "replay/directory", 1.0, Asked::Share(0.3)),
    ("operation 100+100", "record/memory", 1.0, Asked::Share(0.4)),
    ("operation 100+100", "replay/memory", 1.0, Asked::Share(0.5)),
    ("operation 100+100", "record/directory", 1.0, Asked::Share(0.2)),
    ("operation 100+100", "replay/directory", 1.0, Asked::Share(0.5)),
    ("compare 1+1", "built-in/memory", 1.0, Asked::Share(0.4)),
    ("compare 1+1", "built-in/directory", 1.0, Asked::Share(0.3)),
    ("compare 1+1", "plugin", 1.0, Asked::TimesOf("built-in/memory", 2.0)),
    ("compare 1+1 on cores", "two", 1.0, Asked::Share(1.8)),
    ("compare 100+100", "built-in/memory", 1.0, Asked::Share(0.4)),
    ("compare 100+100", "built-in/directory", 1.0, Asked::Share(0.3)),
    ("compare 100+100", "plugin", 1.0, Asked::TimesOf("built-in/memory", 2.0)),
    ("compare 100+100 on cores", "two", 1.0, Asked::Share(1.8)),
    ("small call", "record", super::CALLS as f64, Asked::Above(2_000.0)),
    ("small call", "replay", super::CALLS as f64, Asked::Above(2_000.0)),
    ("call with 1 MiB", "record", 4.0, Asked::Nothing),
    ("call with 1 MiB", "replay", 4.0, Asked::Nothing),
    ("sdk call", "off", super::CALLS as f64, Asked::Above(20.0)),
    ("sdk call", "record", super::CALLS as f64, Asked::Above(2_000.0)),
    ("sdk call", "replay", super::CALLS as f64, Asked::Above(2_000.0)),
    ("sdk call with 1 MiB", "off", 4.0, Asked::Nothing),
    ("sdk call with 1 MiB", "record", 4.0, Asked::Above(MEBIBYTE)),
    ("sdk call with 1 MiB", "replay", 4.0, Asked::Above(MEBIBYTE)),
    ("sdk call with 2 vecs", "off", 4.0, Asked::Nothing),
    ("sdk call with 2 vecs", "record", 4.0, Asked::Above(2.0 * MEBIBYTE)),
    ("sdk call with 2 vecs", "replay", 4.0, Asked::Above(2.0 * MEBIBYTE)),
    ("20 requests of 1 ms", "record", 1.0, Asked::Times(1.05)),
    ("20 requests of 1 ms", "replay", 1.0, Asked::Share(20.0)),
    ("20 requests of 0 ms", "record", 1.0, Asked::Nothing),
    ("20 requests of 0 ms", "replay", 1.0, Asked::Nothing),
];

/// Prints a line a figure. Fails where one is not what is asked, or was never measured.
pub(crate) fn print(output: &Path) -> ExitCode {
    let mut missed = 0;
    println!("\n{:<21} {:<17} {:>10} {:>10}   {:<9} asked", "", "", "each", "floor", "");
    for (group, figure, calls, asked) in &FIGURES {
        let folder = output.join(group);
        let (Some(floor), Some(own)) = (floor(&folder), median(&folder, figure)) else {
            println!("{group:<21} {figure:<17} NOT MEASURED");
            missed += 1;
            continue;
        };
        let (floor, own) = (floor / calls, own / calls);
        let (shown, wanted, met) = match asked {
            Asked::Share(share) => {
                (format!("{:.2}", floor / own), format!("at least {share}"), floor / own >= *share)
            }
            Asked::Above(more) => (
                format!("+{:.2} us", (own - floor) / 1e3),
                format!("at most +{} us", more / 1e3),
                own - floor <= *more,
            ),
            Asked::Times(times) => {
                (format!("{:.3}x", own / floor), format!("at most {times}x"), own / floor <= *times)
            }
            Asked::TimesOf(other, times) => {
                let other_time = median(&folder, other).map_or(f64::NAN, |other| other / calls);
                (
                    format!("{:.2}x", own / other_time),
                    format!("at most {times}x {other}"),
                    own <= times * other_time,
                )
            }
            Asked::Nothing => (format!("{:.2}", floor / own), String::new(), true),
        };
        missed += usize::from(!met);
        let mark = if met { "" } else { "   MISSED" };
        println!("{group:<21} {figure:<17} {} {}   {shown:<9} {wanted}{mark}", time(own), time(floor));
    }
    if let Some(files) = median(&output.join("file system"), "two files") {
        println!("\nOf a recording in a directory, the file system alone takes {}.", time(files).trim());
    }
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn time(nanoseconds: f64) -> String {
    if nanoseconds < 1e6 {
        format!("{:>7.2} us", nanoseconds / 1e3)
    } else {
        format!("{:>7.2} ms", nanoseconds / 1e6)
    }
}

/// What a group is compared with: bare wasmtime, the same functions without an attribute, this host with its tape off, or on one
/// core.
fn floor(folder: &Path) -> Option<f64> {
    ["bare", "plain", "tape off", "one"].iter().find_map(|floor| median(folder, floor))
}

/// Criterion's median of one figure, in nanoseconds.
fn median(folder: &Path, figure: &str) -> Option<f64> {
    let file = std::fs::read(folder.join(figure).join("new/estimates.json")).ok()?;
    let estimates: serde_json::Value = serde_json::from_slice(&file).ok()?;
    estimates["median"]["point_estimate"].as_f64()
}
