import { putIntoAddress } from "./addresses.js";
import { say } from "./live.js";

// A row, or a cell, whose link has data-panel: on a wide page it is shown in the panel beside the
// list and goes into the address under the name that the list gives in data-panel-rows; on a narrow
// one the link leads to the thing's own page.
const WIDE = "(min-width: 768px)";

function list() {
  return document.querySelector("[data-panel-rows]");
}

function panel() {
  return document.querySelector(list()?.dataset.panelTarget ?? "#side-panel");
}

function mark(key) {
  for (const one of document.querySelectorAll("[data-row]")) {
    const chosen = key !== "" && one.dataset.row === key;
    one.classList.toggle("selected", chosen);
    const told = one.matches("tr") ? "aria-selected" : "aria-current";
    if (chosen) one.setAttribute(told, "true");
    else one.removeAttribute(told);
  }
}

function keep(key) {
  const name = list().dataset.panelRows;
  const query = new URLSearchParams();
  if (key) query.set(name, key);
  putIntoAddress(query, [name], null);
}

async function show(link) {
  const chosen = link.closest("[data-row]");
  await window.htmx.ajax("GET", link.dataset.panel, { source: link, target: list().dataset.panelTarget, swap: "innerHTML" });
  const title = panel().querySelector(".lead");
  if (!title) return;
  mark(chosen.dataset.row);
  keep(chosen.dataset.row);
  say(title.textContent);
}

function close() {
  const key = new URLSearchParams(location.search).get(list().dataset.panelRows) ?? "";
  panel().replaceChildren();
  mark("");
  keep("");
  document.querySelector(`[data-row="${CSS.escape(key)}"] a[data-panel], a[data-row="${CSS.escape(key)}"]`)?.focus();
}

function plain(event) {
  return !(event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button);
}

// Cells of a matrix are many, so each says little: the key and the panel of an account's result are
// read from its address, and an OU's cell leads to its guardrail there.
function nameCell(target) {
  const cell = target.closest("table[data-cells] tbody td");
  if (!cell) return;
  const link = cell.querySelector("a");
  const at = link?.getAttribute("href").match(/^of\/([^/]+)\/accounts\/([^/]+)\/(.*)$/);
  if (at) {
    link.dataset.row = `${at[1]}:${at[2]}`;
    link.dataset.panel = `${link.pathname}panel/${at[3]}`;
  }
}

function guardrailThere(target) {
  const mark = target.closest("table[data-cells] tbody td > b");
  const cell = mark?.parentElement;
  const head = cell?.closest("table").querySelector("tr.names").cells[cell.cellIndex];
  const link = head?.querySelector("a");
  return link ? `${link.href}?under=${encodeURIComponent(cell.parentElement.id)}` : "";
}

document.addEventListener("click", (event) => {
  if (!plain(event)) return;
  const there = guardrailThere(event.target);
  if (there) {
    location.href = there;
    return;
  }
  nameCell(event.target);
});

document.addEventListener("click", (event) => {
  if (!plain(event) || !list() || !panel() || !matchMedia(WIDE).matches) return;
  if (event.target.closest("[data-close-panel]")) {
    event.preventDefault();
    close();
    return;
  }
  const chosen = event.target.closest("[data-panel-rows] [data-row]");
  const other = event.target.closest("a, button, input, label, td.tick");
  const link = chosen?.matches("a") ? chosen : chosen?.querySelector("a[data-panel]");
  if (!link || (other && other !== link)) return;
  event.preventDefault();
  show(link);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && list() && panel()?.firstElementChild && !event.defaultPrevented) close();
});

window.addEventListener("popstate", (event) => {
  if (event.state?.ow && list()) location.reload();
});
