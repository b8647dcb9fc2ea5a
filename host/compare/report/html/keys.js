
// Keys and controls.

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const isTyping = event.target.matches("input, select, textarea");
  const isHandled = state.id && !$("detail").hidden ? onDetailKey(event) : onListKey(event, isTyping);
  if (isHandled) event.preventDefault();
}

function onDetailKey({ key, target }) {
  const link = { Escape: "#back", ArrowLeft: "[rel=prev]", ArrowRight: "[rel=next]" }[key];
  if (!link || (target.matches("pre") && key !== "Escape")) return false;
  $("detail").querySelector(link)?.click();
  return true;
}

function onListKey({ key, target }, isTyping) {
  if (isTyping) {
    if (key === "Escape" && target.value) return go(withState({ [target.id]: "" })), true;
    if (target.id === "q" && (key === "ArrowDown" || key === "Enter")) return applySearch(), moveTo(0), true;
    return false;
  }
  if (key === "/") return $("q").focus(), true;
  if (key === "Escape") return go("#"), $("recordings-title").focus(), true;
  const at = links().indexOf(target);
  if (at < 0) return false;
  switch (key) {
    case "ArrowDown": at + 1 < links().length ? moveTo(at + 1) : turnPage(1, true); return true;
    case "ArrowUp": at > 0 ? moveTo(at - 1) : turnPage(-1, true); return true;
    case "Home": moveTo(0); return true;
    case "End": moveTo(PAGE_SIZE); return true;
    case "PageDown": turnPage(1, true); return true;
    case "PageUp": turnPage(-1, true); return true;
    default: return false;
  }
}

let searching;
function applySearch() {
  clearTimeout(searching);
  if ($("q").value !== state.q) go(withState({ q: $("q").value }));
}

showOverview();
$("loading").remove();
$("q").addEventListener("input", () => { clearTimeout(searching); searching = setTimeout(applySearch, 150); });
for (const key of ["verdict", "state", "category", "cause"]) {
  $(key).addEventListener("change", () => go(withState({ [key]: $(key).value })));
}
$("filters").addEventListener("submit", (event) => event.preventDefault());
$("clear").addEventListener("click", () => { go("#"); $("q").focus(); });
$("previous-page").addEventListener("click", () => turnPage(-1, false));
$("next-page").addEventListener("click", () => turnPage(1, false));
$("skip").addEventListener("click", (event) => { event.preventDefault(); $("recordings-title").focus(); });
document.addEventListener("keydown", onKey);
addEventListener("hashchange", show);
show();
