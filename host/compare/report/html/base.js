"use strict";

const PAGE_SIZE = 100;
const MAX_CAUSES = 15;
const MAX_CHANGES = 200;
const MAX_OPTIONS = 300;
/// The verdicts, the gravest first.
const VERDICTS = {
  "failed": "Failed", "different": "Different", "equalizer-failure": "Equalizer failure", "fixed": "Fixed", "equal": "Equal",
};
const RANKS = Object.keys(VERDICTS);
const STATES = { "bad": "Fails the run", "accepted": "Accepted", "stale": "Stale", "new": "New cause" };
const NOTES = {
  "not-asked": "recorded inputs that the replay did not ask for",
  "repeated": "inputs asked for more often than recorded",
  "reordered": "calls in another order than recorded",
  "fallback": "calls answered under an older alias or version",
  "default": "calls answered by the default of a rule",
  "live": "calls answered by a provider",
  "other-arguments": "inputs with other arguments beside their key",
  "not-in-type": "parts of recorded values that today's types do not have",
  "assumed-file": "paths that nobody looked at when it was recorded",
  "unrecorded-timer": "timers that were not recorded",
  "not-granted": "functions that are not granted on a replay",
};
const STATE_KEYS = ["q", "verdict", "state", "category", "cause", "page", "id"];

// Elements. All text goes on screen through `el`, as text and with hidden characters escaped.

const $ = (id) => document.getElementById(id);
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\u{e0000}-\u{e0fff}]/gu;
const visible = (text) => String(text).replace(HIDDEN, (hidden) => `\\u{${hidden.codePointAt(0).toString(16)}}`);

function el(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== false)
    .map((child) => child instanceof Node ? child : visible(child)));
  return element;
}

const count = (number) => number.toLocaleString("en");
const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
const short = (text, max) => text.length > max ? text.slice(0, max) + "…" : text;
const verdictName = (verdict) => el("span", { class: `verdict ${verdict}` }, VERDICTS[verdict] || verdict);

function duration(microseconds) {
  if (microseconds < 1e3) return `${microseconds} µs`;
  if (microseconds < 1e6) return `${(microseconds / 1e3).toFixed(1)} ms`;
  return `${(microseconds / 1e6).toFixed(2)} s`;
}

function table(columns, lines) {
  const kind = ({ number, kind }) => number ? "number" : kind;
  const cell = (value, at) => el("td", { class: kind(columns[at]) }, value);
  return el("div", { class: "scroll" }, el("table", {},
    el("thead", {}, el("tr", {}, columns.map((column) => el("th", { scope: "col", class: kind(column) }, column.name)))),
    el("tbody", {}, lines.map((line) => el("tr", {}, line.map(cell))))));
}

function facts(entries) {
  return entries.filter(([, value]) => value !== undefined && value.length !== 0)
    .flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
}

// Data.

const run = JSON.parse($("run").textContent);
const summary = JSON.parse($("summary").textContent);
const titles = new Map(summary.causes.map((cause, at) => [cause.id, summary.titles[at]]));
const newCauses = new Set(summary.causes.filter((cause) => cause["is-new"]).map((cause) => cause.id));
const rows = [];
for (const script of document.querySelectorAll("script.comparisons")) {
  for (const line of script.textContent.split("\n")) {
    if (line) rows.push(prepared(JSON.parse(line)));
  }
  script.remove();
}
const byGravity = (a, b) => a.rank - b.rank || b.bad - a.bad || (a.id < b.id ? -1 : Number(a.id > b.id));
rows.sort(byGravity);

function prepared(row) {
  row.verdict ??= "equal";
  row.rank = RANKS.indexOf(row.verdict);
  row.category = row.id.slice(0, row.id.indexOf("/"));
  row.bad = Boolean(row.bad);
  row.changes ??= [];
  row.timeline ??= [];
  return row;
}

/// All that a search looks at, made when the first search asks for it.
function searchText(row) {
  const changes = row.changes.flatMap((change) =>
    [change.cause, change.title, change.path, change.text, change.recorded, change.replayed, change.accepted]);
  const calls = row.timeline.flatMap((call) => [call.alias, call.arguments, call.answer, call.answered]);
  return row.search ??= visible([row.id, row.operation, row.message, ...changes, ...calls].join("\n")).toLowerCase();
}

function hasState(row, state) {
  if (state === "new") return row.changes.some((change) => newCauses.has(change.cause));
  return Boolean(row[state]);
}

function filtered({ q, verdict, state, category, cause }) {
  const wanted = q.toLowerCase();
  return rows.filter((row) => (!verdict || row.verdict === verdict) && (!category || row.category === category)
    && (!state || hasState(row, state)) && (!cause || row.changes.some((change) => change.cause === cause))
    && (!wanted || searchText(row).includes(wanted)));
}

// The state of the page is its fragment.

function readState() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(STATE_KEYS.map((key) => [key, fragment.get(key) ?? ""]));
}

function fragment(values) {
  const used = STATE_KEYS.filter((key) => values[key]).map((key) => [key, values[key]]);
  return "#" + new URLSearchParams(used);
}

/// The fragment of this state with other values. Filters begin at the first page.
const withState = (values) => fragment({ ...state, page: "", id: "", ...values });

let state = readState();
let shown = [];

/// Shows what the fragment says. After a link was followed, the focus goes to what it shows.
function show(navigation) {
  const before = state;
  state = readState();
  shown = filtered(state);
  const row = state.id && rows.find((row) => row.id === state.id);
  $("detail").hidden = !row;
  $("overview").hidden = Boolean(row);
  if (row) {
    showDetail(row);
    return;
  }
  document.title = `${headline()} – comparison report`;
  showFilters();
  showList();
  if (!navigation) return;
  const origin = before.id && document.querySelector(`[data-id="${CSS.escape(before.id)}"]`);
  (origin || $("recordings-title")).focus();
}

function go(target) {
  history.replaceState(null, "", target);
  show();
}
