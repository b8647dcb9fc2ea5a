
// The parts that stay the same.

function headline() {
  const { all, verdict } = summary;
  const failures = all.verdicts["equalizer-failure"] ?? 0;
  switch (verdict) {
    case "passed": return `No change in ${plural(all.recordings, "recording")}`;
    case "changed": return `${count(all.bad - failures)} of ${plural(all.recordings, "recording")} changed`;
    case "cost-exceeded": return `No change in ${plural(all.recordings, "recording")}, and the cost increased more than it may`;
    case "nothing-selected": return "Nothing was selected";
    default: return "Not everything could be compared";
  }
}

function showOverview() {
  $("headline").append(headline());
  $("headline").className = { passed: "equal", changed: "failed", "cost-exceeded": "failed" }[summary.verdict] ?? "equalizer-failure";
  const build = ({ name, digest }) => el("div", {}, name, " ", el("code", { class: "soft" }, digest));
  $("about").append(...facts([
    ["Service", run.services.map(build)],
    ["Compared with", run.baselines ? run.baselines.map(build) : "the recordings"],
    ["Cassette", run.cassette],
    ["Categories", run.categories ? short(run.categories.join(", "), 500) : "all"],
    ["Shard", run.shard],
    ["Started", run["started-at"].replace("T", " ").replace(/\.\d+/, "")],
    ["Host", run.host],
  ]));
  showProblems();
  showCauses(MAX_CAUSES);
  showCategories();
  showCosts();
  showRules();
  const verdicts = RANKS.map((verdict) => [verdict, VERDICTS[verdict], summary.all.verdicts[verdict] ?? 0]);
  options("verdict", verdicts.map(([verdict, name, number]) => [verdict, `${name} (${count(number)})`]));
  options("state", Object.entries(STATES).map(([name, text]) => [name, `${text} (${count(rows.filter((row) => hasState(row, name)).length)})`]));
  options("category", Object.entries(summary.categories).map(([name, { recordings }]) => [name, `${name} (${count(recordings)})`]));
  options("cause", summary.causes.slice(0, MAX_OPTIONS).map(({ id, recordings }) => [id, `${short(titles.get(id), 80)} (${count(recordings)})`]));
}

function options(id, entries) {
  $(id).append(el("option", { value: "" }, "All"), ...entries.map(([value, text]) => el("option", { value }, text)));
}

function showProblems() {
  const failed = Object.entries(summary["failed-categories"] ?? {});
  const leftOut = Object.entries(summary["left-out"] ?? {});
  const skipped = summary["not-compared"];
  $("problems").hidden = !(failed.length || leftOut.length || skipped);
  const lines = [
    ...failed.map(([category, reason]) => [el("span", { class: "failed" }, `category ${category}`), reason]),
    ...leftOut.map(([operation, number]) => [plural(number, "recording"), `the service does not have the operation ${operation}`]),
    ...(skipped ? [[plural(skipped, "recording"), "the run was stopped before"]] : []),
  ];
  $("problems").lastChild.append(table([{ name: "What" }, { name: "Why" }], lines));
}

function showCauses(max) {
  const { causes } = summary;
  const line = ({ id, recordings, example, accepted, "is-new": isNew }) => [
    count(recordings),
    [isNew && el("span", { class: "tag" }, "new"), accepted !== undefined && el("span", { class: "tag" }, "accepted"),
      el("a", { href: fragment({ cause: id }) }, short(titles.get(id), 300)),
      accepted !== undefined && el("div", { class: "soft" }, `accepted: ${accepted}`)],
    el("code", {}, id),
    el("a", { href: fragment({ id: example, cause: id }), "aria-label": `Example ${example}` }, el("code", {}, example)),
  ];
  const columns = [{ name: "Recordings", number: true }, { name: "Cause", kind: "text" }, { name: "Name", kind: "id" }, { name: "Example", kind: "id" }];
  const more = el("button", { type: "button", class: "more" }, `Show all ${count(causes.length)} causes`);
  more.addEventListener("click", () => {
    showCauses(Infinity);
    $("causes").querySelectorAll("a")[max * 2]?.focus();
  });
  $("causes").replaceChildren(
    causes.length ? table(columns, causes.slice(0, max).map(line)) : el("p", {}, "Nothing changed."),
    ...(causes.length > max ? [more] : []));
}

function showCategories() {
  const columns = ["Category", "Recordings", ...RANKS.map((verdict) => VERDICTS[verdict]), "Accepted", "Stale", "Outputs compared", "Ignored"];
  const lines = Object.entries(summary.categories).map(([name, category]) => [
    el("a", { href: fragment({ category: name }) }, name), count(category.recordings),
    ...RANKS.map((verdict) => count(category.verdicts[verdict] ?? 0)),
    count(category.accepted), count(category.stale), count(category.compared), count(category.ignored),
  ]);
  $("categories").append(table(columns.map((name, at) => ({ name, number: at > 0 })), lines));
  const notes = Object.entries(summary.all.notes);
  if (!notes.length) return;
  $("categories").append(el("h3", {}, "Not as recorded, and no change"),
    table([{ name: "Recordings", number: true }, { name: "What" }], notes.map(([note, number]) => [count(number), NOTES[note] ?? note])));
}

function showCosts() {
  const percent = (change) => change === undefined ? "" : `${change > 0 ? "+" : ""}${change}%`;
  const line = (category, measure, { before, after, change, median, p99, worst, exceeded, "max-increase": bound }) => [
    el("a", { href: fragment({ category }) }, category), measure,
    before === undefined ? "" : count(before), count(after),
    el("span", { class: exceeded && "failed" }, percent(change)), percent(median), percent(p99),
    worst && [`${percent(worst.change)} `, el("a", { href: fragment({ id: worst.id }) }, el("code", {}, worst.id))],
    bound === undefined ? "" : [String(bound), exceeded && el("span", { class: "tag failed" }, "exceeded")],
  ];
  const lines = Object.entries(summary.costs ?? {}).flatMap(([category, { measures }]) => Object.entries(measures)
    .filter(([, { before, after }]) => before !== undefined || after > 0)
    .map(([measure, cost]) => line(category, measure, cost)));
  const number = (name) => ({ name, number: true });
  const columns = [{ name: "Category" }, { name: "Number" }, ...["Before", "Now", "Total", "Median", "p99"].map(number),
    { name: "Worst", kind: "id" }, { name: "May increase by" }];
  $("costs").hidden = !lines.length;
  $("costs").lastChild.append(table(columns, lines));
}

function showRules() {
  const lines = summary.rules.map(({ at, why, used, expired }) => [
    count(used), el("code", {}, at), why ?? "",
    [expired && el("span", { class: "tag" }, "expired"), used === 0 && el("span", { class: "tag" }, "not needed")],
  ]);
  const columns = [{ name: "Ignored", number: true }, { name: "Place", kind: "text" }, { name: "Why", kind: "text" }, { name: "State" }];
  $("rules").append(lines.length ? table(columns, lines) : el("p", {}, "There are no rules."));
}
