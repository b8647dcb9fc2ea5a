//! Judging by plugins: results are extracted, and a comparator compares them.

use super::calls::{self, Sent};
use super::extract::part;
use super::outcome::OUTCOME;
use super::{Change, ChangeKind, Comparison, Ending, Found, Judge, Judgement, Reference};
use crate::cause::Cause;
use crate::error::AnyError;
use crate::plugins::{About, Call, Exhibit, Opinion, Outputs, Plugins, Recorded, ResultValue};
use crate::rules::Extract;
use crate::verdict::{End, Verdict};
use playback_recording::value::{Value, json};
use playback_recording::{Kind, Outcome, Recording};
use playback_tape::Playback;
use serde_json::Value as Json;

impl Judge {
    /// Compares a playback with its recording, or with the playback of a baseline, by plugins.
    ///
    /// # Errors
    ///
    /// A plugin failed.
    pub async fn judge_by(
        &self,
        plugins: &Plugins,
        baseline: Option<&Playback>,
        candidate: &Playback,
    ) -> Result<Judgement, AnyError> {
        let reference = baseline.map_or(Reference::Recording, Reference::Baseline);
        let recorded = self.result(plugins, reference_side(reference, candidate)).await?;
        let replayed = self.result(plugins, candidate_side(candidate)).await?;
        let Some(comparator) = &plugins.comparator else {
            return Ok(self.compare_results(reference, candidate, &recorded, &replayed));
        };
        let about = About::new(&candidate.recording);
        let data = match &plugins.data_extractor {
            Some(extractor) => extractor.ask(recorded_calls(about.clone(), candidate)).await?,
            None => Json::Null,
        };
        let opinion = comparator.ask(Exhibit { about, recorded, replayed, data }).await?;
        Ok(judgement(reference, candidate, opinion))
    }

    /// Extracts the result of one side.
    async fn result(&self, plugins: &Plugins, side: Outputs) -> Result<ResultValue, AnyError> {
        if let Some(extractor) = &plugins.result_extractor {
            return extractor.ask(side).await;
        }
        match &self.rules.settings.result {
            None => Ok(side.operation),
            Some(extract) => Ok(extracted(extract, side)),
        }
    }

    /// Compares results that a plugin extracted, where no plugin compares them.
    fn compare_results(
        &self,
        reference: Reference<'_>,
        candidate: &Playback,
        recorded: &ResultValue,
        replayed: &ResultValue,
    ) -> Judgement {
        let rules = &self.rules;
        let (changes, ignored) = (Vec::new(), std::collections::BTreeMap::new());
        let mut comparison = Comparison { reference, candidate, rules, changes, ignored, compared: 1 };
        let mut found = Found::default();
        comparison.scope(&[OUTCOME]).compare(&value(recorded), &value(replayed), &mut found);
        comparison.keep(OUTCOME, None, found);
        let [recorded, replayed] = [end(recorded), end(replayed)];
        comparison.judgement(recorded, replayed, None)
    }
}

/// The judgement that follows from a comparator's opinion.
fn judgement(reference: Reference<'_>, candidate: &Playback, opinion: Opinion) -> Judgement {
    let Opinion { verdict, message, differences } = opinion;
    let cause = |path: &str| Cause::new(OUTCOME, path, ChangeKind::Judged);
    let shown = |value: &Option<Json>| value.as_ref().map_or("(absent)".to_owned(), Json::to_string);
    let change = |(path, recorded, replayed): (String, Option<Json>, Option<Json>)| {
        let text = format!("{} -> {}", shown(&recorded), shown(&replayed));
        Change { path: path.clone(), recorded, replayed, ..Change::of_text(cause(&path), None, text) }
    };
    let mut changes: Vec<Change> = differences.into_iter().map(change).collect();
    if changes.is_empty() && verdict != Verdict::Equal {
        let text = message.as_deref().unwrap_or("the comparator gave no reason");
        changes.push(Change::of_text(cause(""), None, text));
    }
    let [recorded, replayed] = [reference.end(candidate), End::of_playback(candidate)];
    let (notes, compared, ignored) = (super::notes::of(candidate), 1, Vec::new());
    Judgement { verdict, recorded, replayed, message, changes, notes, compared, ignored }
}

fn reference_side(reference: Reference<'_>, candidate: &Playback) -> Outputs {
    let baseline = match reference {
        Reference::Baseline(baseline) => return candidate_side(baseline),
        Reference::Recording => candidate,
    };
    let recording = &baseline.recording;
    let outputs = calls::reference_outputs(reference, baseline).into_iter();
    let outputs = outputs.filter_map(|sent| recorded_call(baseline, sent.position, Some(&sent)));
    let operation = match &recording.outcome {
        Some(outcome) => result_value(outcome, recording),
        None => ResultValue::Trapped("it was stopped before it ended".to_owned()),
    };
    Outputs { outputs: outputs.collect(), operation }
}

fn candidate_side(playback: &Playback) -> Outputs {
    let outputs = calls::replayed_outputs(playback).into_iter().filter_map(|sent| {
        let crossing = playback.crossings.get(sent.position)?;
        let arguments = calls::replayed(playback, &sent);
        let outcome = outcome(&crossing.answer);
        let call = call(crossing.interceptor.kind, &sent.alias, crossing.ordinal, &arguments, outcome);
        Some(Call { answered: Some(crossing.answered), ..call })
    });
    let operation = match &playback.ending {
        Ending::Finished(outcome) => result_value(outcome, &playback.recording),
        Ending::Diverged(divergence) => ResultValue::Trapped(divergence.to_string()),
    };
    Outputs { outputs: outputs.collect(), operation }
}

fn recorded_calls(about: About, playback: &Playback) -> Recorded {
    let events = 0..playback.recording.events.len();
    Recorded { about, calls: events.filter_map(|event| recorded_call(playback, event, None)).collect() }
}

fn recorded_call(playback: &Playback, event: usize, sent: Option<&Sent>) -> Option<Call> {
    let recorded = calls::recorded_call(playback, event)?;
    let names = playback.recording.function(recorded)?.parameters.iter().cloned();
    let arguments = Value::Map(names.zip(recorded.arguments.iter().cloned()).collect());
    let (alias, ordinal) = sent.map_or((&recorded.alias, 1), |sent| (&sent.alias, sent.ordinal));
    Some(call(recorded.kind, alias, ordinal, &arguments, outcome(&recorded.outcome)))
}

fn call(kind: Kind, alias: &str, ordinal: usize, arguments: &Value, outcome: Json) -> Call {
    let arguments = match arguments {
        Value::Map(fields) => {
            fields.iter().map(|(name, value)| (name.to_string(), json::to_json(value))).collect()
        }
        _ => Vec::new(),
    };
    let ordinal = u32::try_from(ordinal).unwrap_or(u32::MAX);
    Call { kind, alias: alias.to_owned(), ordinal, arguments, outcome, answered: None }
}

fn outcome(outcome: &Outcome) -> Json {
    json::to_json(&super::outcome::value(outcome))
}

/// An outcome as plugins see it. Of a `result`, the payload of its case.
fn result_value(outcome: &Outcome, recording: &Recording) -> ResultValue {
    match outcome {
        Outcome::Returned(value) => {
            let end = End::of(outcome, recording);
            let payload = |case: &str| value.get(case).map(json::to_json);
            match end {
                End::Failed => ResultValue::Failed(payload("err").unwrap_or_default()),
                _ if crate::verdict::declares_result(recording) => {
                    ResultValue::Returned(payload("ok").unwrap_or_default())
                }
                _ => ResultValue::Returned(json::to_json(value)),
            }
        }
        Outcome::Exited(0) => ResultValue::Returned(Json::Null),
        other => ResultValue::Trapped(other.exception().unwrap_or_default().into_owned()),
    }
}

/// The value that the settings name, of one side.
fn extracted(extract: &Extract, side: Outputs) -> ResultValue {
    let at = |value: &Json, path: &str| {
        let value = json::from_json(value.clone()).ok()?;
        part(&value, path).map(json::to_json)
    };
    match (extract, side.operation) {
        (_, trapped @ ResultValue::Trapped(_)) => trapped,
        (Extract::Outcome(path), ResultValue::Returned(value)) => {
            let inside = path.strip_prefix("/ok").unwrap_or(path);
            ResultValue::Returned(at(&value, inside).unwrap_or_default())
        }
        (Extract::Outcome(_), failed) => failed,
        (Extract::Output { alias, ordinal, path }, _) => {
            let is_wanted = |call: &&Call| call.alias == *alias;
            let wanted = side.outputs.iter().filter(is_wanted).nth(ordinal.saturating_sub(1));
            let arguments =
                wanted.map(|call| call.arguments.iter().cloned().collect::<serde_json::Map<_, _>>());
            let value = arguments.and_then(|arguments| at(&Json::Object(arguments), path));
            ResultValue::Returned(value.unwrap_or_default())
        }
    }
}

fn end(result: &ResultValue) -> End {
    match result {
        ResultValue::Returned(_) => End::Returned,
        ResultValue::Failed(_) => End::Failed,
        ResultValue::Trapped(_) => End::Trapped,
    }
}

/// A result as a value that is compared.
fn value(result: &ResultValue) -> Value {
    let of = |json: &Json| json::from_json(json.clone()).unwrap_or(Value::Null);
    match result {
        ResultValue::Returned(value) => of(value),
        ResultValue::Failed(error) => Value::case("err", of(error)),
        ResultValue::Trapped(reason) => Value::from(format!("trapped: {reason}")),
    }
}
