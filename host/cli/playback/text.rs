//! One playback in full, for people: printed while it is gone through.

use super::{Verdict, interception, json, written};
use crate::cli::events;
use crate::cli::printable::one_line;
use crate::cli::session::Detail;
use crate::cli::terminal::Terminal;
use crate::cli::units::{count, duration, moment};
use playback_host::recording::Outcome;
use playback_host::sandbox::Service;
use playback_host::tape::{
    Answered, Assumption, Crossing, Ending, FileComparison, OutputComparison, Playback,
};
use playback_host::value::diff::Difference;
use std::fmt::{self, Display, Formatter, from_fn};
use std::time::Duration;

/// How many lines of one section are shown where not all are asked for.
const SHOWN: usize = 20;

/// Prints the report of one playback. Its last line is the verdict.
pub(crate) fn print(playback: &Playback, service: &Service, detail: Detail, terminal: &mut Terminal) {
    head(playback, service, terminal);
    outcome(playback, detail, terminal);
    outputs(playback, detail, terminal);
    files(playback, detail, terminal);
    answers(playback, detail, terminal);
    notes(playback, detail, terminal);
    written::print(playback, detail, terminal);
    let recorded = Duration::from_micros(playback.recording.metadata.duration_us);
    terminal.line(format_args!(
        "duration   {}, {} when it was recorded",
        duration(playback.duration),
        duration(recorded)
    ));
    terminal.line(Verdict::of(playback));
}

fn head(playback: &Playback, service: &Service, terminal: &mut Terminal) {
    let (header, metadata) = (&playback.recording.header, &playback.recording.metadata);
    let build = match header.component == service.digest() {
        true => "the build that was recorded",
        false => "another build than was recorded",
    };
    let (operation, recorded) = (one_line(&header.operation.name), moment(metadata.recorded_at));
    terminal.line(format_args!("recording  {}", header.id));
    terminal.line(format_args!("operation  {operation}, recorded {recorded}"));
    terminal.line(format_args!("service    {}, {build}", service.name()));
    if header.sockets {
        terminal.line(format_args!("           the recording is not hermetic: {}", events::NOT_HERMETIC));
    }
    if metadata.incomplete {
        terminal.line("           the recording is incomplete: its operation was stopped before it ended");
    }
}

fn outcome(playback: &Playback, detail: Detail, terminal: &mut Terminal) {
    let operation = Some(&playback.recording.header.operation);
    match &playback.ending {
        Ending::Diverged(divergence) => {
            terminal.line("outcome    diverged");
            terminal.line(format_args!("  {}", divergence.to_string().replace('\n', "\n  ")));
        }
        Ending::Finished(outcome) if playback.result.is_empty() => {
            terminal.line(format_args!("outcome    equal: {}", events::outcome(outcome, operation, detail)));
        }
        Ending::Finished(replayed) => {
            match playback.limit() {
                Some(_) => terminal.line("outcome    stopped at a limit"),
                None => terminal.line("outcome    different"),
            }
            section(terminal, detail, playback.result.iter().map(|it| from_fn(move |f| write!(f, "  {it}"))));
            if detail == Detail::Full {
                match &playback.recording.outcome {
                    Some(it) => {
                        terminal.line(format_args!("  recorded: {}", events::outcome(it, operation, detail)))
                    }
                    None => terminal.line("  recorded: unknown"),
                }
                terminal.line(format_args!("  replayed: {}", events::outcome(replayed, operation, detail)));
            }
        }
    }
}

fn outputs(playback: &Playback, detail: Detail, terminal: &mut Terminal) {
    let all = &playback.outputs;
    if all.is_empty() {
        return terminal.line("outputs    none");
    }
    let equal = all.iter().filter(|output| output.is_equal()).count();
    let is_unreached = |output: &&OutputComparison| !is_reached(playback, output);
    let unreached = all.iter().filter(is_unreached).count();
    terminal.line(format_args!("outputs    {}", Counted { equal, all: all.len(), unreached }));
    let lines = all.iter().map(|output| from_fn(move |f| put_output(f, playback, output, detail)));
    section(terminal, detail, lines);
}

/// How many are equal of those that the replay came to, and how many it did not come to.
struct Counted {
    equal: usize,
    all: usize,
    unreached: usize,
}

impl Display for Counted {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { equal, all, unreached } = self;
        match all - unreached {
            0 => f.write_str("none")?,
            reached => write!(f, "{equal} of {reached} equal")?,
        }
        match unreached {
            0 => Ok(()),
            1 => f.write_str("; 1 that was recorded was not reached"),
            more => write!(f, "; {more} that were recorded were not reached"),
        }
    }
}

/// Whether the replay came to where the output was sent.
fn is_reached(playback: &Playback, output: &OutputComparison) -> bool {
    output.crossing.is_some() || playback.was_reached(output.event)
}

fn put_output(
    f: &mut Formatter<'_>,
    playback: &Playback,
    output: &OutputComparison,
    detail: Detail,
) -> fmt::Result {
    let crossing = output.crossing.and_then(|at| playback.crossings.get(at));
    let event = output.event.and_then(|event| interception(&playback.recording, event));
    let verdict = match (crossing, event) {
        (Some(_), None) => "new",
        (None, Some(_)) if !is_reached(playback, output) => "unreached",
        (None, Some(_)) => "not made",
        _ if output.differences.is_empty() => "equal",
        _ => "different",
    };
    write!(f, "  {verdict:<9} {}, call {}", one_line(&output.alias), output.ordinal)?;
    match (crossing, event) {
        (Some(crossing), None) => write!(f, "\n    {}", call_arguments(crossing, detail)),
        (None, Some(call)) => {
            write!(f, "\n    {}", events::recorded_arguments(&playback.recording, call, detail))
        }
        _ => put_differences(f, &output.differences, detail),
    }
}

/// What the service left in its folders. Nothing is said where that is nothing.
fn files(playback: &Playback, detail: Detail, terminal: &mut Terminal) {
    let all = &playback.files;
    if all.is_empty() {
        return;
    }
    let equal = all.iter().filter(|file| file.is_equal()).count();
    let is_reached = |file: &FileComparison| file.replayed.is_some() || !playback.is_cut_short();
    let unreached = all.iter().filter(|file| !is_reached(file)).count();
    terminal.line(format_args!("files      {}", Counted { equal, all: all.len(), unreached }));
    let lines = all.iter().map(|file| {
        from_fn(move |f| {
            if !is_reached(file) {
                return write!(f, "  unreached {}", one_line(&file.path));
            }
            write!(f, "  {:<9} {}", json::verdict(playback, file), one_line(&file.path))?;
            if file.is_unread {
                f.write_str(", its size: what was in it was never read when it was recorded")?;
            } else if file.is_size_alone() {
                f.write_str(", its size: the content is above the limit and was not kept")?;
            }
            put_differences(f, &file.differences, detail)
        })
    });
    section(terminal, detail, lines);
}

fn put_differences(f: &mut Formatter<'_>, differences: &[Difference], detail: Detail) -> fmt::Result {
    let shown = shown(differences.len(), detail);
    differences.iter().take(shown).try_for_each(|difference| write!(f, "\n    {difference}"))?;
    match differences.len() - shown {
        0 => Ok(()),
        more => write!(f, "\n    and {more} more"),
    }
}

/// How calls were answered: in numbers, and one by one where not exactly.
fn answers(playback: &Playback, detail: Detail, terminal: &mut Terminal) {
    let of = |answered| playback.crossings.iter().filter(|crossing| crossing.answered == answered).count();
    let labels = [Answered::Exact, Answered::Repeated, Answered::Fallback, Answered::Default, Answered::Live];
    let numbers = labels.map(|label| (label, of(label))).into_iter().filter(|(_, count)| *count > 0);
    let numbers: Vec<String> = numbers.map(|(label, count)| format!("{count} {label}")).collect();
    let numbers = if numbers.is_empty() { "no call".to_owned() } else { numbers.join(", ") };
    terminal.line(format_args!("answers    {numbers}"));
    let lenient = playback.crossings.iter().filter(|crossing| crossing.answered != Answered::Exact);
    let lines = lenient.map(|crossing| {
        from_fn(move |f| {
            write!(f, "  {:<9} {}", crossing.answered, crossing_name(crossing))?;
            if let Some(alias) = &crossing.through {
                write!(f, ", found as {}", one_line(alias))?;
            }
            write!(f, ": {}", call_arguments(crossing, detail))
        })
    });
    section(terminal, detail, lines);
}

/// What a comparison does not count, and a person may want to know.
fn notes(playback: &Playback, detail: Detail, terminal: &mut Terminal) {
    let recording = &*playback.recording;
    let not_made = playback.inputs_not_made.iter().filter_map(|event| {
        let call = interception(recording, *event)?;
        let verdict = if playback.was_reached(Some(*event)) { "not made" } else { "unreached" };
        Some(Note::NotMade(verdict, playback.position(*event), call))
    });
    let moved = playback.moved.iter().filter_map(|at| playback.crossings.get(*at)).map(Note::Moved);
    let dropped = playback.dropped.iter().map(|path| Note::Dropped(path));
    let refused = playback.not_granted.iter().map(|call| Note::Refused(call));
    let beside = playback.beside_key.iter().flat_map(|beside| {
        let crossing = playback.crossings.get(beside.crossing);
        crossing
            .into_iter()
            .flat_map(|crossing| beside.differences.iter().map(move |it| Note::Beside(crossing, it)))
    });
    let timers = playback.unrecorded_timers.iter().map(|wait| Note::Timer(*wait));
    let panic = playback.panic_moved.iter().map(|(recorded, replayed)| Note::Panic(recorded, replayed));
    let last_line = playback.last_line.iter();
    let last_line =
        last_line.map(|(recorded, replayed)| Note::LastLine(recorded.as_deref(), replayed.as_deref()));
    let assumed = playback.assumed.iter().map(|(path, assumption)| Note::Assumed(path, *assumption));
    let versions = playback.other_versions.iter().map(|(recorded, today)| Note::Version(recorded, today));
    let skipped = recording.skipped();
    let skipped = skipped.iter().map(|(sort, events)| Note::Skipped(sort, *events));
    let parted = playback.readiness_parted.iter().map(|question| Note::Parted(*question));
    let notes = skipped
        .chain(panic)
        .chain(last_line)
        .chain(versions)
        .chain(assumed)
        .chain(not_made)
        .chain(moved)
        .chain(parted)
        .chain(timers)
        .chain(beside)
        .chain(dropped)
        .chain(refused);
    let number = notes.clone().count();
    if number == 0 {
        return;
    }
    let things = count(number, "thing");
    let no_difference =
        if number == 1 { "makes no difference by itself" } else { "make no difference by themselves" };
    terminal.line(format_args!("notes      {things} that {no_difference}"));
    let lines = notes.map(|note| {
        from_fn(move |f| match note {
            Note::NotMade(verdict, number, call) => {
                let arguments = events::recorded_arguments(recording, call, detail);
                let with = if call.arguments.is_empty() { "" } else { ": " };
                write!(f, "  {verdict:<9} recorded call #{number}, {}{with}{arguments}", one_line(&call.alias))
            }
            Note::Skipped(sort, events) => {
                let events = count(events, "event");
                write!(f, "  skipped   {events} `{}` of a newer format than this build knows", one_line(sort))
            }
            Note::Moved(crossing) => {
                write!(f, "  moved     {} came in another order than recorded", crossing_name(crossing))
            }
            Note::Parted(question) => write!(
                f,
                "  waits     it asked otherwise what is ready, which showed at question {question}; from there on whatever \
                 was there counted as ready"
            ),
            Note::Timer(wait) => {
                let wait = duration(Duration::from_nanos(wait));
                write!(f, "  timer     one of {wait} is not in the recording; it came due in virtual time")
            }
            Note::Beside(crossing, difference) => {
                write!(f, "  not keyed {}: {difference}", crossing_name(crossing))
            }
            Note::Refused(call) => {
                write!(f, "  refused   {}: not granted, on a replay never", one_line(call))
            }
            Note::Assumed(path, assumption) => {
                let taken = match assumption {
                    Assumption::Absent => "absent",
                    Assumption::Directory => "a directory",
                };
                let path = one_line(path);
                write!(f, "  assumed   {path}: nobody looked there when it was recorded, taken as {taken}")
            }
            Note::Panic(recorded, replayed) => {
                let (recorded, replayed) = (one_line(recorded), one_line(replayed));
                write!(f, "  panic     at {replayed}, at {recorded} when it was recorded")
            }
            Note::LastLine(recorded, replayed) => {
                let line = |line: Option<&str>| line.map_or("nothing".to_owned(), |it| format!("\"{}\"", one_line(it)));
                let (recorded, replayed) = (line(recorded), line(replayed));
                write!(f, "  stderr    ends with {replayed}, with {recorded} when it was recorded")
            }
            Note::Version(recorded, today) => write!(
                f,
                "  version   {} was recorded, and {} is its version of today: they are not compatible",
                one_line(recorded),
                one_line(today)
            ),
            Note::Dropped(path) => {
                write!(f, "  dropped   {}: recorded, and not in the type of today", one_line(path))
            }
        })
    });
    section(terminal, detail, lines);
}

enum Note<'p> {
    NotMade(&'static str, usize, &'p playback_host::recording::Interception),
    Skipped(&'p str, usize),
    Moved(&'p Crossing),
    Parted(u64),
    /// Nanoseconds.
    Timer(u64),
    Dropped(&'p str),
    Version(&'p str, &'p str),
    Assumed(&'p str, Assumption),
    Panic(&'p str, &'p str),
    LastLine(Option<&'p str>, Option<&'p str>),
    Refused(&'p str),
    Beside(&'p Crossing, &'p Difference),
}

fn crossing_name(crossing: &Crossing) -> impl Display {
    from_fn(move |f| {
        write!(f, "{}", one_line(&crossing.alias))?;
        // The first call of a key is mostly the only one.
        if crossing.ordinal > 1 { write!(f, ", call {}", crossing.ordinal) } else { Ok(()) }
    })
}

fn call_arguments(crossing: &Crossing, detail: Detail) -> impl Display {
    from_fn(move |f| {
        let names = crossing.interceptor.signature.parameters.iter().map(|field| &field.name);
        let function = Some(&crossing.interceptor.function);
        write!(f, "{}", events::arguments(function, names, &crossing.arguments, detail))?;
        match &*crossing.answer {
            Outcome::Returned(_) if detail == Detail::Short => Ok(()),
            outcome => {
                write!(f, " {}", events::outcome(outcome, Some(&crossing.interceptor.function), detail))
            }
        }
    })
}

/// Prints the lines of a section: all, or the first and how many more there are. Those are counted and not made.
fn section(terminal: &mut Terminal, detail: Detail, mut lines: impl Iterator<Item = impl Display>) {
    lines.by_ref().take(shown(usize::MAX, detail)).for_each(|line| terminal.line(line));
    match lines.count() {
        0 => {}
        more => terminal.line(format_args!("  and {more} more; `-v` shows all")),
    }
}

/// How many of so many are shown.
fn shown(all: usize, detail: Detail) -> usize {
    match detail {
        Detail::Short => all.min(SHOWN),
        Detail::Full => all,
    }
}
