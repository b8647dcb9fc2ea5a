
// The list.

function showFilters() {
  const link = (verdict, name, number) => el("li", {}, el("a",
    { href: withState({ verdict }), "aria-current": state.verdict === verdict && "true" },
    el("b", { class: verdict || undefined }, count(number)), name));
  $("verdicts").replaceChildren(link("", "All", rows.length),
    ...RANKS.map((verdict) => link(verdict, VERDICTS[verdict], summary.all.verdicts[verdict] ?? 0)));
  for (const key of ["verdict", "state", "category", "cause"]) {
    const isThere = [...$(key).options].some((option) => option.value === state[key]);
    if (!isThere) $(key).append(el("option", { value: state[key] }, titles.get(state[key]) ?? state[key]));
    $(key).value = state[key];
  }
  if ($("q").value !== state.q) $("q").value = state.q;
}

const pages = () => Math.max(1, Math.ceil(shown.length / PAGE_SIZE));
const pageNumber = () => Math.min(pages(), Math.max(1, Number.parseInt(state.page, 10) || 1));

function showList() {
  const page = pageNumber();
  const onPage = shown.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
  const time = (us) => el("td", { class: "number" }, us === undefined ? "" : duration(us));
  const line = (row) => el("tr", {},
    el("td", {}, verdictName(row.verdict)),
    el("td", { class: "id" }, el("a", { href: fragment({ ...state, id: row.id }), "data-id": row.id }, row.id)),
    el("td", {}, tags(row), el("span", { class: "what" }, whatChanged(row))),
    time(row.us?.[0]), time(row.us?.[1]));
  $("list").tBodies[0].replaceChildren(...onPage.map(line));
  $("shown").textContent = `${count(shown.length)} of ${plural(rows.length, "recording")} shown`;
  $("page").textContent = `Page ${count(page)} of ${count(pages())}`;
  $("previous-page").disabled = page === 1;
  $("next-page").disabled = page === pages();
}

function tags(row) {
  return ["accepted", "stale"].filter((name) => row[name]).map((name) => el("span", { class: "tag" }, STATES[name].toLowerCase()));
}

function whatChanged({ message, changes }) {
  if (message !== undefined) return short(message, 300);
  if (!changes.length) return "";
  return short(changes[0].title, 300) + (changes.length > 1 ? `, and ${count(changes.length - 1)} more` : "");
}

/// Shows another page and moves the focus to its first or last recording.
function turnPage(by, focus) {
  const page = pageNumber() + by;
  if (page < 1 || page > pages()) return;
  go(withState({ page: String(page) }));
  if (focus) moveTo(by > 0 ? 0 : PAGE_SIZE - 1);
  else $("recordings-title").focus();
}

const links = () => [...$("list").querySelectorAll("a[data-id]")];
const moveTo = (at) => links().at(Math.min(at, links().length - 1))?.focus();
