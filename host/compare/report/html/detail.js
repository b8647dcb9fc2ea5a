
// One recording.

function showDetail(row) {
  const at = shown.indexOf(row);
  const near = (index, text, rel) => shown[index] && at >= 0
    && el("a", { href: fragment({ ...state, id: shown[index].id }), rel }, text);
  const page = at >= 0 ? String(Math.floor(at / PAGE_SIZE) + 1) : state.page;
  const title = el("h1", { id: "detail-title", tabindex: "-1" }, verdictName(row.verdict), " ", el("span", { class: "id" }, row.id));
  const isFailure = row.verdict === "equalizer-failure";
  const ends = row.ends ?? ["returned", "returned"];
  const rule = ({ rule, differences }) => el("div", {}, `${count(differences)} by `, el("code", {}, summary.rules[rule]?.at ?? `rule ${rule + 1}`));
  const note = ([name, number]) => el("div", {}, `${count(number)} ${NOTES[name] ?? name}`);
  const number = ([measure, [before, after]]) => el("div", {}, `${measure}: ${before === null ? "" : `${count(before)} before, `}${count(after)} now`);
  const about = facts([
    ["Operation", row.operation],
    ["Ended", isFailure ? "" : ends[0] === ends[1] ? `${ends[0]}, as recorded` : `recorded: ${ends[0]}; replayed: ${ends[1]}`],
    ["Message", row.message],
    ["State", tags(row)],
    ["Took", row.us && `recorded: ${duration(row.us[0])}; replayed: ${duration(row.us[1])}`],
    ["Cost", Object.entries(row.cost ?? {}).map(number)],
    ["Compared", plural(row.compared, "output")],
    ["Ignored", (row.ignored ?? []).map(rule)],
    ["Not as recorded", Object.entries(row.notes ?? {}).map(note)],
    ["Replay it", el("code", { class: "command" }, `playback-host replay ${row.id}`)],
  ]);
  $("detail").replaceChildren(
    el("nav", { class: "pager", "aria-label": "Recordings" },
      el("a", { href: fragment({ ...state, page: page === "1" ? "" : page, id: "" }), id: "back" }, "← All recordings"),
      near(at - 1, "Previous", "prev"), near(at + 1, "Next", "next"),
      at >= 0 && el("span", { class: "soft" }, `${count(at + 1)} of ${count(shown.length)}`)),
    title, el("dl", { class: "facts" }, about),
    row.changes.length || row.timeline.length ? columns(row) : el("p", {}, isFailure ? "Nothing is known about the service." : "Nothing changed."));
  document.title = `${VERDICTS[row.verdict]}: ${row.id}`;
  scrollTo(0, 0);
  title.focus();
}

function columns(row) {
  const changes = el("section", { "aria-labelledby": "changes-title" }, el("h2", { id: "changes-title" }, `Changes (${count(row.changes.length)})`));
  const add = (from, to) => changes.append(...row.changes.slice(from, to).map(changeView));
  add(0, MAX_CHANGES);
  if (row.changes.length > MAX_CHANGES) {
    const more = el("button", { type: "button" }, `Show all ${count(row.changes.length)} changes`);
    more.addEventListener("click", () => { more.remove(); add(MAX_CHANGES); });
    changes.append(more);
  }
  const calls = el("ol", { class: "timeline" }, row.timeline.map((call) => callView(call, row)), endView(row));
  return el("div", { class: "columns" },
    el("section", { "aria-labelledby": "calls-title" }, el("h2", { id: "calls-title" }, `Calls on replay (${count(row.timeline.length)})`), calls),
    changes);
}

function callView(call, row) {
  const isChanged = call.kind === "output"
    && row.changes.some(({ what, call: ordinal }) => what === call.alias && ordinal === call.ordinal);
  return el("li", { class: isChanged ? `${call.kind} changed` : call.kind },
    el("span", { class: "tag" }, call.kind), isChanged && el("span", { class: "tag different" }, "changed"),
    call.answered !== undefined && el("span", { class: "tag" }, `answered: ${call.answered}`),
    el("code", {}, call.alias), call.ordinal > 1 && el("span", { class: "soft" }, ` call ${count(call.ordinal)}`),
    el("pre", {}, `(${call.arguments})`), el("pre", { class: "soft" }, `→ ${call.answer}`));
}

function endView(row) {
  const isChanged = row.changes.some(({ what }) => what === "outcome");
  return el("li", { class: isChanged ? "output changed" : "output" }, el("span", { class: "tag" }, "end"),
    isChanged && el("span", { class: "tag different" }, "changed"), row.ends?.[1] ?? "returned");
}

function changeView(change) {
  const { recorded, replayed } = change;
  const [left, right] = marked(recorded, replayed);
  const side = (name, children) => children && el("div", { class: name.toLowerCase() }, el("h3", {}, name), el("pre", { tabindex: "0", "aria-label": name }, children));
  return el("article", { class: "change" },
    el("p", {}, el("a", { href: fragment({ cause: change.cause }) }, change.title), change.call !== undefined && el("span", { class: "soft" }, `, call ${count(change.call)}`)),
    change.path && !change.title.includes(change.path) && el("p", {}, el("code", {}, change.path)),
    change.accepted !== undefined && el("p", { class: "soft" }, `Accepted: ${change.accepted}`),
    recorded === undefined && replayed === undefined ? el("p", {}, change.text)
      : el("div", { class: "sides" }, side("Recorded", left ?? "(nothing)"), side("Replayed", right ?? "(nothing)")));
}

/// Both texts with what differs marked: within each line if they have the same number of lines, and else from the first line
/// that differs to the last one.
function marked(recorded, replayed) {
  if (recorded === undefined || replayed === undefined) return [recorded, replayed];
  const [a, b] = [recorded, replayed].map((text) => text.split("\n"));
  // Half of a number says nothing.
  if (a.length === 1 && b.length === 1 && !/^["{[]/.test(recorded)) return [recorded, replayed];
  if (a.length !== b.length) return markedMiddle(a, b, "\n");
  const lines = a.map((line, at) => markedMiddle(Array.from(line), Array.from(b[at]), ""));
  return [0, 1].map((side) => lines.flatMap((line, at) => [at > 0 && "\n", line[side]].flat()));
}

/// Both lists joined, each with what is between their common beginning and end marked.
function markedMiddle(a, b, separator) {
  const least = Math.min(a.length, b.length);
  let start = 0;
  while (start < least && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < least - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  return [a, b].map((items) => {
    const parts = [items.slice(0, start), items.slice(start, items.length - end), items.slice(items.length - end)];
    const [before, middle, after] = parts.map((part) => part.join(separator));
    return [before, before && parts[1].length > 0 && separator, middle && el("mark", {}, middle),
      after && (before || middle) && separator, after];
  });
}
