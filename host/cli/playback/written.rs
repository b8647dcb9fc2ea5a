//! What a replay wrote to the standard streams, and how that differs where it was compared.

use crate::cli::printable::one_line;
use crate::cli::session::Detail;
use crate::cli::terminal::Terminal;
use crate::cli::units::count;
use playback_host::recording::Stream;
use playback_host::tape::Playback;

/// Prints both streams: how much there is, or all of it; and, of those that were compared, the first line that differs.
pub(crate) fn print(playback: &Playback, detail: Detail, terminal: &mut Terminal) {
    for stream in [Stream::Stdout, Stream::Stderr] {
        let bytes = playback.stream(stream);
        let compared = playback.streams.iter().find(|compared| compared.stream == stream);
        let difference = compared.and_then(|compared| compared.difference.as_ref());
        let verdict = match (compared, difference) {
            (None, _) => "",
            (Some(_), None) => "equal, ",
            (Some(_), Some(_)) => "different, ",
        };
        let is_shown = compared.is_some() || !bytes.is_empty();
        if is_shown {
            terminal.line(format_args!("{stream:<10} {verdict}{}", count(bytes.len(), "byte")));
        }
        if let Some(difference) = difference {
            terminal.line(format_args!("  {difference}"));
        }
        if detail == Detail::Full {
            let text = String::from_utf8_lossy(&bytes);
            text.lines().for_each(|line| terminal.line(format_args!("  {}", one_line(line))));
        }
    }
}
